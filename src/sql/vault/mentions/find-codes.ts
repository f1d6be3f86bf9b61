import { MAX_COLUMNS } from '../../../data/placeholder.js';
import { singularOf } from '../../../data/values/fold.js';
import type { CodeMeaning } from './code-tree.js';
import type { Line } from './line.js';
import { DEATH } from './meanings.js';
import { WORD } from './word-class.js';

/** Words on each side of a coded value among which the name of its column may stand. */
const REACH = 3;

/** Takes out words for coded values: `male`, `married`, `ER visit`. */
export function findCodes(line: Line): void {
  const { tokens, knowledge } = line;
  for (let i = 0; i < tokens.length; i++) {
    if (line.parts[i] !== 'open' && !line.has(i, WORD.code)) continue;
    const found = knowledge.codes.longest(i, line);
    if (found === undefined) continue;
    const near = wordsNear(line, i, found.to);
    if (!isValue(line, i, found.to, found.codes, near)) continue;
    const columns = likeliestFirst(line, found.codes, near).slice(0, MAX_COLUMNS);
    const { start, end } = line.rangeOf(i, found.to);
    line.take(i, found.to, {
      start,
      end,
      prefix: 'TEXT',
      kind: 'code',
      type: 'varchar',
      value: line.text.slice(start, end),
      columns: columns.map(({ column }) => column),
      literals: Object.fromEntries(columns.map(({ column, value }) => [column, value])),
    });
    i = found.to - 1;
  }
}

/**
 * A phrase of plain words only (`number`, `hospitalization`) is a value where its column is named beside it, or in its own
 * last word: `laboratory visit` of `visit_concept_id`.
 */
function isValue(
  line: Line,
  from: number,
  to: number,
  codes: readonly CodeMeaning[],
  near: readonly string[],
): boolean {
  for (let i = from; i < to; i++) if (line.parts[i] === 'open') return true;
  if (DEATH.test(line.word(from))) return true;
  if (line.has(from, WORD.function | WORD.construct) && to === from + 1) return false;
  // `hispanic patients`, of a column that is called `hispanic`
  const isTrait = to - from === 1 && PEOPLE.test(line.word(to)) && line.isSpaced(from);
  if (isTrait && codes.some(({ column }) => isNamedBy(line, column, [line.word(from)]))) return true;
  const own = to - from > 1 ? [singularOf(line.word(to - 1))] : [];
  return codes.some(({ column }) => isNamedBy(line, column, [...near, ...own]));
}

const PEOPLE = /^(?:patient|person|client|member|subject|participant|individual)s?$|^people$/;

/** The plain words within a few words of tokens `from` to `to`, in the singular. */
export function wordsNear(line: Line, from: number, to: number): string[] {
  const near: string[] = [];
  const limit = Math.min(line.tokens.length, to + REACH);
  for (let i = Math.max(0, from - REACH); i < limit; i++) {
    if (i >= from && i < to) continue;
    if (line.parts[i] === 'word' && !line.has(i, WORD.function)) near.push(singularOf(line.word(i)));
  }
  return near;
}

/** Whether one of the words is in the column's name. */
export function isNamedBy(line: Line, column: string, near: readonly string[]): boolean {
  const names = line.knowledge.wordsOfColumn.get(column);
  if (names === undefined) return false;
  for (const word of near) if (names.has(word)) return true;
  return false;
}

function likeliestFirst(
  line: Line,
  codes: readonly CodeMeaning[],
  near: readonly string[],
): readonly CodeMeaning[] {
  if (codes.length === 1 || near.length === 0) return codes;
  const named = codes.filter(({ column }) => isNamedBy(line, column, near));
  return [...named, ...codes.filter((code) => !named.includes(code))];
}
