import type { JoinPlanner } from './join-plan.js';
import { MOST_ITEMS } from './session.js';
import type { Vocabulary } from './vocabulary.js';

/** How many tokens one token can add to the way out, which has to complete what it begins. */
export interface Detour {
  /** Of a condition, a join, an item or a sort key; not of GROUP BY. */
  clause: number;
  /** For each placeholder that is still unused: it may have to be compared with another column, in another way. */
  use: number;
  /** While FROM is open: the way out may have to name other tables, and lead to them by other joins. */
  joins: number;
  /** Before FROM: the keys of a GROUP BY that was not needed. */
  keys: number;
}

/** The longest condition and the longest item of a way out, without their columns. */
const LONGEST_CONDITION =
  ' AND (DATEDIFF(quarter, , GETDATE()) <= 0 OR DATEADD(quarter, -0, GETDATE()) IS NOT NULL)';
const COLUMNS_OF_CONDITION = 3;
const LONGEST_ITEM = ', 100.0 * SUM(CASE WHEN IS NOT NULL THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0) DESC';
/** The longest condition that a way out has for a placeholder, without its column. */
const LONGEST_USE = ' AND <= DATEADD(quarter, -__NUM_1__, GETDATE())';
const LONGEST_KEY = ', DATEDIFF(quarter, ,)';

/** An upper bound, added up from parts: tokens that span two parts only make the whole shorter. */
export function longestDetour({ catalog, maxTables }: JoinPlanner, vocabulary: Vocabulary): Detour {
  const longest = (texts: Iterable<string>): number => {
    let most = 0;
    for (const text of texts) most = Math.max(most, vocabulary.tokensIn(text));
    return most;
  };
  const { tables } = catalog;
  const alias = longest(tables.map(({ stem }) => catalog.qualified(` ${stem}${maxTables}`, '')));
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
  const item = column + vocabulary.tokensIn(LONGEST_ITEM);
  const clause = Math.max(condition, item, join);
  return {
    clause,
    use: column + vocabulary.tokensIn(LONGEST_USE),
    joins: maxTables * join,
    keys: MOST_ITEMS * (2 * column + vocabulary.tokensIn(LONGEST_KEY)),
  };
}
