import type { Catalog } from './catalog.js';
import { SKIPPED_TABLES } from './session.js';
import type { Vocabulary } from './vocabulary.js';

/** How many tokens one token can add to the way out, which has to complete what it begins. */
export interface Detour {
  /** Of a condition, a join or a sort key; not of GROUP BY. */
  clause: number;
  /** Before FROM, also of the joins that lead to the table of a new alias. */
  joins: number;
}

/** The longest condition of a way out, without its columns. */
const LONGEST_CONDITION =
  ' AND (DATEDIFF(quarter, , GETDATE()) <= 0 OR DATEADD(quarter, -0, GETDATE()) IS NOT NULL)';
const COLUMNS_OF_CONDITION = 3;
/** The seventh occurrence of a table needs joins to the first six, even if the SELECT list names only the seventh. */
const OCCURRENCES = 1 + SKIPPED_TABLES;

/** An upper bound, added up from parts: tokens that span two parts only make the whole shorter. */
export function longestDetour(catalog: Catalog, vocabulary: Vocabulary): Detour {
  const longest = (texts: Iterable<string>): number => {
    let most = 0;
    for (const text of texts) most = Math.max(most, vocabulary.tokensIn(text));
    return most;
  };
  const { tables } = catalog;
  const alias = longest(tables.map(({ stem }) => catalog.qualified(` ${stem}0`, '')));
  // A name may be cut from its blank, which costs it the tokens that begin with one.
  const name = (text: string): string[] => [text, ` ${text}`];
  const column = alias + longest(tables.flatMap(({ columns }) => columns.flatMap(({ text }) => name(text))));
  const table = longest(tables.flatMap(({ text }) => name(text)));
  const pairs = catalog.mostPairs;
  const join =
    vocabulary.tokensIn(' INNER JOIN AS ON') +
    table +
    alias +
    pairs * (2 * column + vocabulary.tokensIn(' = AND'));
  const condition = COLUMNS_OF_CONDITION * column + vocabulary.tokensIn(LONGEST_CONDITION);
  const clause = Math.max(condition, join);
  return { clause, joins: OCCURRENCES * catalog.longestDistance * join };
}
