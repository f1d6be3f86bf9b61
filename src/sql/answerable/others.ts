import { singularOf } from '../../data/values/fold.js';
import { isPlural, type SchemaNouns } from './nouns.js';

const SHARE = String.raw`(?:shares?|percent(?:age)?s?|proportions?|fractions?|portions?)`;
const EXTREME = String.raw`(?:highest|lowest|largest|smallest|greatest|maximum|minimum|max|min|longest|shortest)`;
const EVENT = String.raw`(?:last|latest|first|most recent|earliest|newest|final|previous)`;

const SUBQUERY = [
  // A share of all that each group has: the total is another query's.
  String.raw`\b${SHARE} of (?:the |our )?(?:grand |overall )?total (?:per|by|for|each|every|of each|that each|does)\b`,
  String.raw`\b${SHARE} of (?:the |all )?(?:the )?(?:total |overall )?[a-z]+(?: [a-z]+){0,2} (?:does|do|did|that) (?:each|every)\b`,
  String.raw`\bwhat ${SHARE} (?:does|do|did) (?:each|every) [a-z]+(?: [a-z]+)? (?:have|make up|account for|represent|contribute)\b`,
  String.raw`\b(?:each|every) [a-z]+(?: [a-z]+)?['’]s? ${SHARE} of\b`,
  String.raw`\b(?:as|equal to|the same as) (?:the )?${EXTREME}\b`,
  String.raw`\bcompared? (?:with|to) (?:all(?: (?:the )?(?:others?|rest))?|everyone(?: else)?|the (?:others|rest|overall [a-z]+))(?=\W*$)`,
  String.raw`\b(?:double|twice|triple|half|__NUM_\d+__ times) the (?:average|mean|median|maximum|minimum)\b`,
  String.raw`\b(?:average|mean|sum|maximum|minimum) of (?:the )?(?:${EXTREME}|averages?|counts|sums|totals)\b`,
  String.raw`\b${EXTREME} (?:number|count) of (?:[a-z]+ ){1,3}?(?:per (?:patient|person)\b|(?:that )?(?:any|a single|one)(?: [a-z]+)? (?:has|had|have|got|made)\b|(?:of|for|by) (?:any|a single)\b)`,
  // `bigger than the biggest invoice of 2020`
  String.raw`\b(?:[a-z]+er|more|less|as [a-z]+) (?:[a-z]+ )?(?:than|as) (?:the |his |her |their |its |any )?(?:single )?(?:${EXTREME}|biggest|heaviest|tallest|costliest|cheapest|most expensive|(?:very )?${EVENT})\b(?! (?:__NUM_\d+__|year|month|week|day|quarter|two|three|four|five|six)\b)`,
  // A share of all rows for each group, without a condition on the rows that are counted.
  String.raw`\b${SHARE} of (?:all |the |total )*([a-z]+) (?:per|by|for each|for every|in each|in every|of each|of every|at each|on each) [a-z]+(?: [a-z]+)?\W*$`,
  String.raw`\b${SHARE} of (?:each|every) [a-z]+(?: [a-z]+)? (?:in|of|among|out of) (?:all|the total|total)\b`,
].map((pattern) => new RegExp(pattern, 'i'));
const WHOSE_LAST = new RegExp(
  String.raw`\bwhose (?:very )?${EVENT} ([a-z]+(?: [a-z]+)?) (?:was|is|were|had|took|lasted|happened|ended|began|cost)\b`,
  'i',
);

/**
 * Rows of the group that comes first by how many it has: `patients in the ward with the most stays`. A number that a column
 * keeps is an ORDER BY with ties.
 */
const OF_FIRST_GROUP =
  /\b([a-z]+) (?:[a-z]+ed |born |seen )?(?:on|in|at|of|from|by|during) the ([a-z]+) (?:with|that (?:has|had)|having) the (?:most|fewest|(?:highest|lowest|largest|smallest) number of) ([a-z]+)/gi;

function ofFirstGroup(text: string, { tables, numbers }: SchemaNouns): string | undefined {
  return [...text.matchAll(OF_FIRST_GROUP)].find(
    ([, rows = '', group = '', counted = '']) =>
      !numbers.has(singularOf(counted.toLowerCase())) &&
      isPlural(rows) &&
      tables.has(singularOf(rows.toLowerCase())) &&
      singularOf(rows) !== group,
  )?.[0];
}

/** The words that compare rows with what another query finds: a total, an extreme, the last row of the same patient. */
export function ofOthers(text: string, nouns: SchemaNouns): string | undefined {
  const { events } = nouns;
  const first = ofFirstGroup(text, nouns);
  if (first !== undefined) return first;
  for (const pattern of SUBQUERY) {
    const phrase = pattern.exec(text)?.[0];
    if (phrase !== undefined) return phrase;
  }
  const [phrase, words] = WHOSE_LAST.exec(text) ?? [];
  const last = words?.toLowerCase();
  const isEvent =
    last !== undefined && [last, last.split(' ').at(-1)!].some((noun) => events.has(singularOf(noun)));
  return isEvent ? phrase : undefined;
}

const NAMES = String.raw`(?:names?|lists?) of (?:the |all )*[a-z]+`;
const TOGETHER = new RegExp(
  String.raw`\b${NAMES} (?:together with|along with|as well as|plus|followed by) (?:the )?${NAMES}`,
  'i',
);
const PAIR =
  /\b([a-z]+)(,)? (and|plus|as well as|together with|followed by|or) (?:all |the )?([a-z]+)(?: (alike|combined|merged|together(?! with)))?(?: (?:in|into|as|on) (?:an? |the )?(?:single|one|same|common|combined|joint) (list|column|table|result|set))?/gi;

const MERGED = new RegExp(
  String.raw`\b(?:(?:merge|combine|join|concatenate|unite|put together)(?: the| all)*(?: lists? of)?|(?:an? |the )?unions? of|(?:one|a single|a combined|a joint|a common|the same) list (?:of|with))(?: the| all)* ([a-z]+)(?: lists?| tables?| rows| records)? (?:and|with|plus)(?: the| all)* ([a-z]+)(?: lists?| tables?| rows| records)?(?= (?:in|into|as|to)\b|\W*$)`,
  'i',
);

/** Words that put the rows of two tables into one list: `merge the patients and the doctors`. */
export function mergedIn(text: string, nouns: SchemaNouns): string | undefined {
  const [phrase, one, other] = MERGED.exec(text) ?? [];
  const isListed = / (?:lists?|tables?|rows|records)\b/i.test(phrase ?? '');
  return one !== undefined && areTwoTables(one, other!, nouns, isListed) ? phrase : undefined;
}

function areTwoTables(one: string, other: string, { tables }: SchemaNouns, isListed = false): boolean {
  const nouns = [one, other].map((noun) => noun.toLowerCase());
  return (
    nouns.every((noun) => tables.has(singularOf(noun)) && (isPlural(noun) || isListed)) &&
    singularOf(nouns[0]!) !== singularOf(nouns[1]!)
  );
}

/** The words that put the rows of two tables into one list, or count them together. */
export function twoInOne(text: string, nouns: SchemaNouns): string | undefined {
  const merged = TOGETHER.exec(text)?.[0] ?? mergedIn(text, nouns);
  if (merged !== undefined) return merged;
  return [...text.matchAll(PAIR)].find(
    ({ 1: one = '', 3: link = '', 4: other = '', 5: alike, 6: list, index }) => {
      if (!areTwoTables(one, other, nouns)) return false;
      if (list !== undefined || alike !== undefined || /^(?:plus|followed by)$/i.test(link)) return true;
      return (
        link.toLowerCase() === 'as well as' &&
        /\b(?:all people|everyone|everybody|all persons),? $/i.test(text.slice(0, index))
      );
    },
  )?.[0];
}
