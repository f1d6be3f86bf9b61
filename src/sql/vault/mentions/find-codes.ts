import { MAX_COLUMNS } from '../../../data/placeholder.js';
import { singularOf } from '../../../data/values/fold.js';
import type { CodeMeaning } from './code-tree.js';
import type { Line } from './line.js';
import { DEATH } from './meanings.js';
import { WORD, withoutPossessive } from './word-class.js';

/** Words on each side of a coded value among which the name of its column may stand. */
const REACH = 3;

/** Takes out words for coded values: `male`, `married`, `ER visit`. */
export function findCodes(line: Line): void {
  const { tokens, knowledge } = line;
  const wordAt = (at: number): string | undefined => {
    const part = line.parts[at];
    if (part !== 'open' && part !== 'word') return undefined;
    const { kind, word } = tokens[at]!;
    if (kind === 'quote') return undefined;
    return word.charCodeAt(word.length - 2) > 122 || word.includes("'") ? withoutPossessive(word) : word;
  };
  for (let i = 0; i < tokens.length; i++) {
    if (line.parts[i] !== 'open' && !line.has(i, WORD.code)) continue;
    const found = knowledge.codes.longest(i, wordAt);
    if (found === undefined || !isValue(line, i, found.to, found.codes)) continue;
    const columns = likeliestFirst(line, i, found.to, found.codes).slice(0, MAX_COLUMNS);
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

/** A phrase of plain words only (`number`, `hospitalization`) is a value where its column is named beside it. */
function isValue(line: Line, from: number, to: number, codes: readonly CodeMeaning[]): boolean {
  for (let i = from; i < to; i++) if (line.parts[i] === 'open') return true;
  if (DEATH.test(line.word(from))) return true;
  if (line.has(from, WORD.function | WORD.construct) && to === from + 1) return false;
  return codes.some(({ column }) => isNamedNear(line, column, from, to));
}

/** Whether a word of the column's name stands within a few words. */
export function isNamedNear(line: Line, column: string, from: number, to: number): boolean {
  const names = line.knowledge.wordsOfColumn.get(column);
  if (names === undefined) return false;
  const limit = Math.min(line.tokens.length, to + REACH);
  for (let i = Math.max(0, from - REACH); i < limit; i++) {
    if (i >= from && i < to) continue;
    if (line.parts[i] !== 'word' || line.has(i, WORD.function)) continue;
    if (names.has(singularOf(line.word(i)))) return true;
  }
  return false;
}

function likeliestFirst(line: Line, from: number, to: number, codes: readonly CodeMeaning[]): CodeMeaning[] {
  const near = codes.filter(({ column }) => isNamedNear(line, column, from, to));
  return [...near, ...codes.filter((code) => !near.includes(code))];
}
