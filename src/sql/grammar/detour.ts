import type { Catalog } from './catalog.js';
import type { Vocabulary } from './vocabulary.js';

/** By how many tokens one token can lengthen the way out: what it begins has to be ended. */
export interface Detour {
  /** By a condition, a join or a sort key; GROUP BY aside. */
  clause: number;
  /** Before FROM also by the joins that reach the table of a new alias. */
  joins: number;
}

/** The longest condition that a way out writes, without its columns. */
const LONGEST_CONDITION =
  ' AND (DATEDIFF(quarter, , GETDATE()) <= 0 OR DATEADD(quarter, -0, GETDATE()) IS NOT NULL)';
const COLUMNS_OF_CONDITION = 3;
/** An alias may leave two occurrences of its table unnamed, which have to be joined as well. */
const OCCURRENCES = 3;

/** Bounds from above, taken together from parts: tokens that span two parts make the whole shorter. */
export function longestDetour(catalog: Catalog, vocabulary: Vocabulary): Detour {
  const longest = (texts: Iterable<string>): number => {
    let most = 0;
    for (const text of texts) most = Math.max(most, vocabulary.tokensIn(text));
    return most;
  };
  const { tables } = catalog;
  const alias = longest(tables.map(({ stem }) => ` ${stem}0.`));
  const column = alias + longest(tables.flatMap(({ columns }) => columns.map(({ text }) => text)));
  const table = longest(tables.map(({ text }) => ` ${text}`));
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
