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
  String.raw`\b(?:double|twice|triple|half|__NUM_\d+__ times) the (?:average|mean|median|maximum|minimum)\b`,
  String.raw`\b(?:average|mean|sum|maximum|minimum) of (?:the )?(?:${EXTREME}|averages?|counts|sums|totals)\b`,
  String.raw`\b${EXTREME} (?:number|count) of (?:[a-z]+ ){1,3}?(?:per (?:patient|person)\b|(?:that )?(?:any|a single|one)(?: [a-z]+)? (?:has|had|have|got|made)\b|(?:of|for|by) (?:any|a single)\b)`,
].map((pattern) => new RegExp(pattern, 'i'));
const WHOSE_LAST = new RegExp(
  String.raw`\bwhose (?:very )?${EVENT} ([a-z]+(?: [a-z]+)?) (?:was|is|were|had|took|lasted|happened|ended|began|cost)\b`,
  'i',
);

/** Whether rows are compared with what another query finds: a total, an extreme, the last row of the same patient. */
export function ofOthers(text: string, { events }: SchemaNouns): boolean {
  if (SUBQUERY.some((pattern) => pattern.test(text))) return true;
  const last = WHOSE_LAST.exec(text)?.[1]?.toLowerCase();
  return last !== undefined && [last, last.split(' ').at(-1)!].some((noun) => events.has(singularOf(noun)));
}

const NAMES = String.raw`(?:names?|lists?) of (?:the |all )*[a-z]+`;
const TOGETHER = new RegExp(
  String.raw`\b${NAMES} (?:together with|along with|as well as|plus|followed by) (?:the )?${NAMES}`,
  'i',
);
const PAIR =
  /\b([a-z]+)(,)? (and|plus|as well as|together with|or) (?:all |the )?([a-z]+)(?: (?:in|into|as|on) (?:an? |the )?(?:single|one|same|common|combined|joint) (list|column|table|result|set))?/gi;

/** Whether the rows of two tables are put into one list, or counted together. */
export function twoInOne(text: string, { tables }: SchemaNouns): boolean {
  if (TOGETHER.test(text)) return true;
  return [...text.matchAll(PAIR)].some(({ 1: one = '', 3: link = '', 4: other = '', 5: list, index }) => {
    const isPair = [one, other].every(
      (noun) => tables.has(singularOf(noun.toLowerCase())) && isPlural(noun.toLowerCase()),
    );
    if (!isPair || singularOf(one) === singularOf(other)) return false;
    if (list !== undefined || link.toLowerCase() === 'plus') return true;
    return (
      link.toLowerCase() === 'as well as' &&
      /\b(?:all people|everyone|everybody|all persons),? $/i.test(text.slice(0, index))
    );
  });
}
