import { MAX_COLUMNS } from '../../../data/placeholder.js';
import type { MatchedValue, PhraseMatch, ValueLookup } from '../../../data/values/longest.js';
import type { Match } from '../types.js';
import { isNamedNear } from './find-codes.js';
import type { Line } from './line.js';
import { STATUS_WORDS } from './english.js';
import { WORD } from './word-class.js';

interface Word {
  start: number;
  end: number;
}

/** Takes out names that the database has, the longest first. */
export function findValues(line: Line, lookup: ValueLookup): void {
  const words = wordsOf(line.text);
  const texts = words.map(({ start, end }) => line.text.slice(start, end));
  const found = lookup
    .longestMatches(texts, { beginnings: true })
    .flatMap((match) => {
      const place = placeOf(line, words, match);
      return place === undefined ? [] : [{ ...place, values: match.values }];
    })
    .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from);
  for (const { from, to, values } of found) {
    const fitting = acceptable(line, from, to, values);
    if (fitting.length === 0) continue;
    const match = matchOf(line, from, to, fitting);
    if (match !== undefined) line.take(from, to, match);
  }
}

function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(/\S+/g)) {
    words.push({ start: match.index, end: match.index + match[0].length });
  }
  return words;
}

/** The tokens of a phrase. A phrase that cuts a value with a form of its own, or a quotation, is none. */
function placeOf(
  line: Line,
  words: readonly Word[],
  { from, to }: PhraseMatch,
): { from: number; to: number } | undefined {
  const start = words[from]!.start;
  const end = words[to - 1]!.end;
  const { tokens } = line;
  let first = 0;
  while (first < tokens.length && tokens[first]!.start < start) first++;
  let last = first;
  while (last < tokens.length && tokens[last]!.end <= end) last++;
  if (last === first) return undefined;
  const range = line.rangeOf(first, last);
  for (let i = first; i < last; i++) {
    const cover = line.coverOf(i);
    if (cover === undefined) continue;
    if (cover.kind === 'quoted' || cover.prefix === 'DATE') return undefined;
    if (cover.start < range.start || cover.end > range.end) return undefined;
  }
  return { from: first, to: last };
}

/** Which of the values a phrase may mean in its place: the best of them by how they match. */
function acceptable(
  line: Line,
  from: number,
  to: number,
  values: readonly MatchedValue[],
): readonly MatchedValue[] {
  for (let i = from; i < to; i++)
    if (line.parts[i] === 'taken' && line.coverOf(i)?.prefix === 'TEXT') return [];
  const [best] = values;
  if (best === undefined) return [];
  const isWhole = best.how !== 'prefix';
  let open = 0;
  let plain = 0;
  for (let i = from; i < to; i++) {
    if (line.parts[i] === 'open' || (line.parts[i] === 'taken' && to > from + 1)) open++;
    else if (line.parts[i] === 'word') plain++;
  }
  const first = line.word(from);
  const isNamed = values.some(({ columns }) => columns.some((column) => isNamedNear(line, column, from, to)));
  if (best.how === 'typo') return open > 0 ? values : [];
  // The beginning of a name is only a name if its words say nothing else.
  if (!isWhole) return open > 0 && plain <= open ? values : [];
  if (open > 0) return values;
  const isSpelled = line.text.slice(line.tokens[from]!.start, line.tokens[to - 1]!.end) === best.value;
  if (isSpelled && line.isCapital(from)) return values;
  if (to - from > 1) return isExplained(line, from, to) && !isNamed ? [] : values;
  if (line.has(from, WORD.function | WORD.construct | WORD.time)) return isNamed && isSpelled ? values : [];
  return isNamed || STATUS_WORDS.has(first) ? (isNamed ? values : []) : [];
}

/** Whether every word is one of the schema or of function: `admission type`, `number of visits`. */
function isExplained(line: Line, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    if (!line.has(i, WORD.schema | WORD.function | WORD.construct | WORD.time)) return false;
  }
  return true;
}

function matchOf(line: Line, from: number, to: number, values: readonly MatchedValue[]): Match | undefined {
  const { start, end } = line.rangeOf(from, to);
  const literals = new Map<string, string>();
  for (const { value, columns } of values) {
    for (const column of columns) if (!literals.has(column)) literals.set(column, value);
  }
  const near = [...literals.keys()].filter((column) => isNamedNear(line, column, from, to));
  const columns = [...near, ...[...literals.keys()].filter((column) => !near.includes(column))];
  const kept = columns.slice(0, MAX_COLUMNS);
  // The beginning of several values names none of them: the person's own words are kept.
  const isOne = values[0]!.how !== 'prefix' || new Set(literals.values()).size === 1;
  return {
    start,
    end,
    prefix: 'TEXT',
    kind: 'value',
    type: 'varchar',
    value: isOne ? values[0]!.value : line.text.slice(start, end),
    columns: kept,
    literals: isOne ? Object.fromEntries(kept.map((column) => [column, literals.get(column)!])) : undefined,
  };
}
