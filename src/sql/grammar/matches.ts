import type { SaidCondition } from './said-condition.js';

/** What the joins so far say of which columns have a value, as text. */
export interface Matches {
  /** Columns that INNER JOINs compare, and their other conditions: they hold in every row. */
  filled: readonly string[];
  /** Columns that a LEFT JOIN compares, of the table that it joins, and the table's place in FROM. */
  optional: ReadonlyMap<string, number>;
  /** What the joins say. */
  said: readonly SaidCondition[];
}

export const NO_MATCHES: Matches = { filled: [], optional: new Map(), said: [] };

/** The conditions of a join. */
export interface Joined {
  kind: 'INNER' | 'LEFT';
  /** The columns that it compares, and its other conditions, as text. */
  equated: readonly string[];
  others: readonly string[];
  said: readonly SaidCondition[];
  /** The place of its table, and what stands before each of the table's columns. */
  position: number;
  prefix: string;
}

export function withJoin(
  { filled, optional, said: before }: Matches,
  { kind, equated, others, said: own, position, prefix }: Joined,
): Matches {
  const said = [...before, ...own.map((one) => ({ ...one, isOptional: kind === 'LEFT' }))];
  if (kind === 'INNER') return { optional, said, filled: [...new Set([...filled, ...equated, ...others])] };
  const keys = equated.filter((text) => text.startsWith(prefix));
  const found = keys.map((key) => [key, position] as const);
  return { filled, said, optional: new Map([...optional, ...found]) };
}

/** @param prefix what stands before each column of a table */
export function namesTable(text: string, prefix: string): boolean {
  for (let at = text.indexOf(prefix); at >= 0; at = text.indexOf(prefix, at + 1))
    if (at === 0 || /[^\w\]]/.test(text[at - 1]!)) return true;
  return false;
}

/** Columns that are empty together. */
export interface EmptyColumns {
  columns: readonly string[];
  /** Of the columns of one table: what stands before each. */
  prefix?: string | undefined;
  /** Whether an INNER JOIN needs one of them. */
  isNeeded: boolean;
}

export function emptyColumns({ filled }: Matches, prefix: string, columns: readonly string[]): EmptyColumns {
  return { columns, prefix, isNeeded: filled.some((text) => namesTable(text, prefix)) };
}
