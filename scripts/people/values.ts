import type { SchemaIndex } from '../../src/data/schema/schema-index.js';
import type { VaultEntry } from '../../src/sql/vault/index.js';
import type { Literal } from './cases.js';

/** What became of a statement's literal in the question. */
export type Fate =
  /** A placeholder holds it. */
  | 'out'
  /** The question has it word by word, but no placeholder holds it. */
  | 'kept'
  /** A placeholder holds a part of it, or it with more. */
  | 'cut'
  /** The question means it in other words, and no placeholder knows. */
  | 'reworded'
  /** The schema alone asks for it: it is the name of a table. */
  | 'implied';

export interface LiteralFate {
  literal: Literal;
  fate: Fate;
  entry?: VaultEntry | undefined;
}

export interface ValuesOut {
  literals: LiteralFate[];
  /** Placeholders that hold something the statement uses. */
  right: Set<VaultEntry>;
  /** Placeholders that hold something else. */
  wrong: VaultEntry[];
}

/**
 * Compares the placeholders of a question with the literals of its statement.
 *
 * @param sql the statement, whose numbers of structure (`TOP (5)`, `DATEADD(day, -90, …)`) are no literals
 */
export function compareValues(
  question: string,
  { sql, literals }: { sql: string; literals: readonly Literal[] },
  entries: readonly VaultEntry[],
  index: SchemaIndex,
): ValuesOut {
  const right = new Set<VaultEntry>();
  const fates = literals.map((literal): LiteralFate => {
    const entry = entries.find((one) => holds(one, literal));
    if (entry) {
      right.add(entry);
      return { literal, fate: 'out', entry };
    }
    return { literal, fate: fateOf(question, literal, entries, index) };
  });
  const structure = new Set(sql.match(/\d+(\.\d+)?/g)?.map(Number));
  for (const entry of entries) {
    if (!right.has(entry) && numbersOf(entry).some((n) => structure.has(n))) right.add(entry);
  }
  return { literals: fates, right, wrong: entries.filter((entry) => !right.has(entry)) };
}

function fateOf(
  question: string,
  literal: Literal,
  entries: readonly VaultEntry[],
  index: SchemaIndex,
): Fate {
  if (literal.kind === 'text' && index.table(literal.value)) return 'implied';
  const words = foldText(literal.value);
  if (literal.kind === 'text' && !isDay(literal.value)) {
    const isCut = entries.some((entry) => textsOf(entry).some((text) => overlaps(foldText(text), words)));
    if (isCut) return 'cut';
  }
  const isThere = ` ${foldText(question)} `.includes(` ${words} `);
  return isThere || isDay(literal.value) ? 'kept' : 'reworded';
}

/** Whether one text is a part of the other, word by word. */
function overlaps(a: string, b: string): boolean {
  if (a.length < 3 || b.length < 3) return false;
  return ` ${a} `.includes(` ${b} `) || ` ${b} `.includes(` ${a} `);
}

/** Letters and digits without case and accents; everything else separates words. */
export function foldText(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function holds(entry: VaultEntry, { kind, value }: Literal): boolean {
  if (isDay(value)) return dayForms(entry).has(value.slice(0, 10));
  if (kind === 'number' || /^-?\d+(\.\d+)?$/.test(value)) {
    if (numbersOf(entry).includes(Number(value))) return true;
  }
  const words = foldText(value);
  return textsOf(entry).some((text) => foldText(text) === words);
}

function isDay(value: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(value);
}

/** Every text of an entry, those that it would be written as included; not its name, kind and columns. */
function textsOf(entry: VaultEntry): string[] {
  const texts: string[] = [];
  const visit = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part);
    else if (typeof part === 'number') texts.push(String(part));
    else if (part instanceof Map) [...part.values()].forEach(visit);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  for (const [key, part] of Object.entries(entry)) if (!NOT_TEXT.has(key)) visit(part);
  return texts;
}

const NOT_TEXT = new Set(['name', 'kind', 'type', 'columns', 'start', 'end', 'spans']);

const PERIOD = /^(\d{4})(?:-(?:Q([1-4])|(\d\d)(?:-(\d\d))?))?/;

/** The numbers that an entry can be written as: itself, or year, month and day of a date. */
function numbersOf(entry: VaultEntry): number[] {
  if (entry.name.startsWith('__DATE_')) {
    const whole = PERIOD.exec(entry.value)?.slice(1) ?? entry.value.match(/\d+/g) ?? [];
    return whole.filter((part) => part !== undefined).map(Number);
  }
  return textsOf(entry)
    .filter((text) => /^-?\d+(\.\d+)?$/.test(text))
    .map(Number);
}

/** The days that a date stands for: its first, its last, and the day after. */
function dayForms(entry: VaultEntry): Set<string> {
  const [, year, quarter, month, day] = PERIOD.exec(entry.value) ?? [];
  if (year === undefined) return new Set();
  const first = quarter === undefined ? Number(month ?? 1) : 3 * Number(quarter) - 2;
  const months = month === undefined ? (quarter === undefined ? 12 : 3) : 1;
  const start = new Date(Date.UTC(Number(year), first - 1, Number(day ?? 1)));
  const next = new Date(start);
  if (day === undefined) next.setUTCMonth(next.getUTCMonth() + months);
  else next.setUTCDate(next.getUTCDate() + 1);
  const last = new Date(next.getTime() - 86_400_000);
  return new Set([start, next, last].map((date) => date.toISOString().slice(0, 10)));
}
