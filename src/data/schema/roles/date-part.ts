import type { Datepart } from '../../../tsql/dateparts.js';

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Parts that columns of numbers are called after. */
const PARTS: ReadonlySet<string> = set('year quarter month week day hour minute');

/** Events and calendars: their years, months and days are those of the calendar. `month of treatment` counts months. */
const DATED = set(
  `birth death admission admit admitted discharge discharged diagnosis diagnosed onset service procedure event index anchor
  calendar fiscal financial report reporting enrolment enrollment expiry expiration start end begin graduation claim
  payment registration publication`,
);

/** Parts that one name is not enough for: `day of week`. */
const OF_PARTS: Readonly<Record<string, Datepart>> = {
  'month of year': 'month',
  'quarter of year': 'quarter',
  'week of year': 'week',
  'day of year': 'dayofyear',
  'day of month': 'day',
  'day of week': 'weekday',
  'hour of day': 'hour',
  'minute of hour': 'minute',
};

/** Parts that need no event beside them if the table has a year as well. */
const BESIDE_YEAR = set('quarter month');

/**
 * The part of a date that a column of whole numbers holds, by its name: `month of birth`, `admit year`. A count of months
 * or days is none.
 *
 * @param words of the column's name, lower case and in full
 * @param hasYear whether another column of the table is a year
 */
export function datePartNamed(words: readonly string[], hasYear = false): Datepart | undefined {
  const named = words.filter((word) => PARTS.has(word));
  if (named.length === 2) return OF_PARTS[words.slice(-3).join(' ')];
  const [part] = named as Datepart[];
  if (named.length !== 1 || part === undefined) return undefined;
  const others = words.filter((word) => word !== part && word !== 'of');
  if (others.length === 0) return part === 'year' || (hasYear && BESIDE_YEAR.has(part)) ? part : undefined;
  const isAtAnEnd = words[0] === part || words.at(-1) === part;
  return isAtAnEnd && others.every((word) => DATED.has(word)) ? part : undefined;
}
