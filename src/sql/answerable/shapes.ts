import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { singularOf } from '../../data/values/fold.js';
import { conditionOnGroup } from './groups.js';
import { beforeEnd, headOf, isPlural, nounIn, nounsOf, type SchemaNouns } from './nouns.js';
import { asksMoment, placeInOrder, rowOfEach } from './places.js';
import { ofOthers, twoInOne } from './others.js';

/** A construct that no statement of ours has, and the words that ask for it. */
export interface OtherShape {
  code: 'needs-having' | 'needs-window' | 'needs-subquery' | 'needs-union';
  message: string;
}

const COUNT_WORD = `two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|several`;
const NUMBER = String.raw`(?:__(?:NUM|ID)_\d+__|\d+|${COUNT_WORD})`;
const BOUND = String.raw`(?:more than|over|fewer than|less than|at least|at most|no more than|no fewer than|exactly|above|under)`;
const EXTREME = `most|highest|lowest|largest|smallest|biggest|greatest|longest|shortest|oldest|youngest|latest|earliest|last|newest|fewest|best|worst|common`;
const RANKED = `(?:${EXTREME})`;
const PLACE = `(?:first|last|latest|earliest|newest|oldest|(?:most|least) recent|initial|final|previous|prior|next|second|third|subsequent)`;
const EACH = String.raw`(?:each|every|per|any given|the respective)`;
const HAVE = String.raw`(?:with|have|has|had|having|made|make|took|take|taking|got|get|received?|receiving|saw|seen|underwent|undergone|attended|completed|given|prescribed)`;
const NOUN = String.raw`((?:[a-z]+\s+){0,2}[a-z]+)`;

/** `more than three visits`, `three or more visits`, `at least two different drugs`: the noun is checked apart. */
const COUNTED = new RegExp(
  String.raw`\b(?:${BOUND} (?:${NUMBER}|one|once)|between ${NUMBER} and ${NUMBER}|${NUMBER} or (?:more|fewer|less)|${NUMBER}\+|multiple|repeated)` +
    String.raw`\s+(?:(?:different|distinct|separate|unique|other|such|recorded)\s+)?${NOUN}`,
  'gi',
);
/** `patients with two visits`, `with only one visit`: as many as that, and no more. */
const EXACT = new RegExp(
  String.raw`\b${HAVE} (?:(?:just |only |exactly |precisely )?${NUMBER}|(?:just|only|exactly|precisely|no more than) (?:one|an?|a single)|a single)\s+(?:(?:different|distinct|separate|unique)\s+)?${NOUN}`,
  'gi',
);
const OFTEN = new RegExp(
  String.raw`\b(?:more than once|(?:only|just|exactly) once|multiple times|several times|repeatedly|over and over|every (?:time|single (?:year|month|week|day)))\b` +
    String.raw`|\b(?:(?:${BOUND} )?${NUMBER} (?:or more )?times|(?:${BOUND} )?(?:twice|thrice))\b(?! (?:a|an|per|each|every|daily|weekly|as|the|higher|lower|more|less|greater)\b)`,
  'i',
);
const WINDOW = new RegExp(
  String.raw`\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|next)[ -](?:to[ -])?(?:the[ -])?${RANKED}\b` +
    String.raw`|\bpenultimate\b|\bsecond to last\b|\blast but one\b|\b(?:running|rolling) (?:total|sum|average|count)|\bmoving average` +
    String.raw`|\bcumulative (?:count|number|total|sum|share|percentage)|\bcumulative\b.*\bover time\b|\bconsecutive\b|\bin a row\b|\bback[- ]to[- ]back\b` +
    String.raw`|\brank(?:ed|ing)? (?:[a-z]+ )?within (?:each|every)\b` +
    String.raw`|\b(?:difference|change|increase|decrease|drop|rise) (?:between|from) (?:the |their |his |her )?first (?:and|to) (?:the |their )?(?:last|second|latest|final|most recent)\b(?! (?:date|visit|admission|stay|encounter|time))` +
    String.raw`|\b(?:which|what) .*\b(?:most|least) (?:often|frequently|commonly)\b.* (?:in|per|for|by|at|within|of) (?:each|every)\b` +
    String.raw`|\b(?:median|percentiles?|quartiles?|deciles?|quantiles?|interquartile)\b|\bmode of (?:the )?\b` +
    String.raw`|\b(?:year|month|week|quarter|day)[ -](?:over|on|to)[ -](?:year|month|week|quarter|day)\b` +
    String.raw`|\b(?:compared?|relative) (?:with|to) (?:the )?(?:previous|prior|preceding|last) (?:year|month|week|quarter|day|one|visit|stay)\b` +
    String.raw`|\b(?:time|days?|hours?|weeks?|months?|gaps?|intervals?|distance) (?:between|from one) (?:[a-z]+ )?(?:successive|subsequent|their|one|two|visits|stays|admissions|encounters|doses|tests)\b`,
  'i',
);
/** What comes back: a row that is compared with an earlier one of the same patient. */
const AGAIN =
  /\b(?:re-?admi(?:ts?|tted|ssions?|tting)|re-?hospitali[sz](?:ed|ations?)|re-?operat(?:ed|ions?)|re-?intubat(?:ed|ions?)|re-?(?:visit|present|test|vaccinat|infect|transfer)(?:s|ed|ions?)|bounce-?backs?)\b/i;
/** An average over such a join would count a stay once for each that follows it. */
const SUMMARY = /\b(?:average|mean|total|sum|median|typical|how (?:long|much|old))\b/i;

function isSoon(text: string): boolean {
  return SOON.test(text) && !SUMMARY.test(text);
}

/** Two stays within so many days of each other are a join of stays with stays. */
const SOON = /\b(?:within|in less than|less than) (?:__NUM_\d+__|[a-z]+) (?:days?|hours?|weeks?|months?)\b/i;
const RETURNED =
  /\b(?:came|come|comes|coming|went|returned|returning|return) (?:back|again)\b|\breturn(?:s|ed|ing)? (?:to (?:the )?(?:hospital|clinic|er|ed|icu)|within)\b/i;
const SUBQUERY = new RegExp(
  String.raw`\b(?:above|below|over|under|exceed(?:s|ing)?|(?:than|to)) (?:the |their |its )?(?:overall |own |hospital |general )?(?:average|mean|median|typical)\b` +
    String.raw`|\b(?:than|as) (?:the )?(?:average|mean|median|oldest|youngest|maximum|minimum|others?)\b` +
    String.raw`|\bthan (?:his|her|their|its) (?:own |first|last|previous|prior|next|second|earlier)` +
    String.raw`|\b(?:of|after|before|since|from) (?:the|their|his|her|a|any|an|each) (?:previous|prior|preceding|earlier|subsequent) (?:visit|stay|admission|encounter|discharge|dose|test|one|prescription|procedure|appointment|claim|result)s?\b` +
    String.raw`|\b(?:share|shares|sharing|with|have|has|having) the same [a-z]+(?: [a-z]+)?\W*$|\ball (?:${NUMBER}) of (?:their|the|his|her)\b` +
    String.raw`|\b(?:increased|decreased|rose|fell|dropped|improved|worsened|gone up|gone down) (?:since|from|between|after) (?:the|their|his|her) (?:last|previous|prior|first)\b` +
    String.raw`|\bthe same [a-z ]{0,30}\bas (?:the )?(?:patient|person|__)|\bthan (?:any|all) (?:other|of)\b` +
    String.raw`|\b(?:does|do|did|would|has|is) (?:an?|the) (?:average|typical|mean) (?:patient|person|doctor|provider|physician|hospital|visit|stay)\b` +
    String.raw`|\b(?:older|younger|heavier|taller|longer|shorter|higher|lower|larger|smaller|earlier|later) than (?:that of )?(?:patient|person|visit|stay|encounter)\b`,
  'i',
);
/** `given more often than aspirin`, `more patients than doctors`: two counts are compared. */
const OFTENER =
  /\b(?:(?:more|less) (?:often|frequently|commonly)|(?:as|more|fewer) (?:often|frequently|many)(?: [a-z]+){0,2}|(?:more|fewer) (?!than)[a-z]+(?: [a-z]+)?) (?:than|as) (?!(?:__(?:NUM|DATE)_|\d|one\b|once\b|twice\b|an? (?:year|month|week|day)|(?:two|three|four|five|six|seven|eight|nine|ten)\b))/i;
/** `patients who took every drug`: one row of each kind must exist. */
const EVERY = new RegExp(
  String.raw`\b(?:who|that|which) (?:have |has |had )?(?:ever )?(?:been )?(?:had|have|has|took|taken|received|tried|given|saw|seen|visited|underwent|treated by|attended|been (?:to|in)) (?:every(?: single)?|all (?:of )?(?:the )?(?:available|possible|different|kinds of|types of|other)) ${NOUN}`,
  'i',
);
/** `took only aspirin`, `were only ever given aspirin`: no other row may exist. */
const ONLY =
  /\b(?:given|took|taken|taking|takes?|had|have|has|having|received?|receiving|prescribed|using|used|on|with|diagnosed with|treated with) (?:only|just|exclusively|solely|nothing but|nothing except|nothing other than) (?:the )?__TEXT_|\b(?:only|exclusively|solely|always) (?:ever )?(?:been )?(?:given|took|taken|taking|received|prescribed|treated|diagnosed)\b/i;
const UNION =
  /\b(?:union of|combined? (?:list|with)|merged? (?:list|with)|in one list|together in (?:a|one) list|(?:a|one|into a|as a) single list|\blist (?:all )?[a-z]+ and (?:then )?list\b|(?:list|names?) of .* (?:plus|__TEXT_\d+__|and|together with|followed by) (?:an?|the|another) (?:list|names) of)\b/i;

/**
 * What a question needs that one flat SELECT has not: a condition on the size of a group (HAVING), a rank within rows
 * (a window function), a comparison with another query's result (a subquery), or two lists in one (UNION).
 *
 * @param question with placeholders for its values
 */
export function otherShapeOf(question: string, index: SchemaIndex): OtherShape | undefined {
  const text = question.replace(/\s+/g, ' ');
  const nouns = nounsOf(index);
  const counted = countedNoun(text, nouns);
  if (counted !== undefined) {
    return shape('needs-having', `it keeps groups by how many ${counted} they have, which needs HAVING`);
  }
  const group = conditionOnGroup(text, nouns);
  if (group !== undefined) {
    return shape('needs-having', `it keeps groups by ${group}, which needs HAVING`);
  }
  const mean = meanOfCounts(text, nouns);
  if (mean !== undefined) {
    return shape('needs-subquery', `it averages how many ${mean} there are, which needs a subquery that counts them first`); // prettier-ignore
  }
  if (perGroup(text, nouns) || rowOfEach(text, nouns)) return shape('needs-window', 'it picks rows within each group, which needs a window function'); // prettier-ignore
  if (AGAIN.test(text) && !isSoon(text) && !isNamed(AGAIN, text, index))
    return shape('needs-window', 'it compares a row with an earlier one of the same patient, which needs a window function'); // prettier-ignore
  if (RETURNED.test(text)) return shape('needs-window', 'it compares a row with an earlier one of the same patient, which needs a window function'); // prettier-ignore
  if (WINDOW.test(text) || placeInOrder(text, nouns)) return shape('needs-window', 'it asks for a place in an order other than the first, or for a value that depends on other rows, which needs a window function or OFFSET'); // prettier-ignore
  if (SUBQUERY.test(text) || OFTENER.test(text) || ofOthers(text, nouns)) return shape('needs-subquery', 'it compares rows with the result of another query, which needs a subquery'); // prettier-ignore
  if (ONLY.test(text)) return shape('needs-subquery', 'it asks that nothing else happened, which needs a subquery'); // prettier-ignore
  const every = EVERY.exec(text)?.[1];
  if (every !== undefined && nounIn(every, nouns.tables) !== undefined) return shape('needs-subquery', 'it asks for one row of every kind, which needs a subquery'); // prettier-ignore
  if (UNION.test(text) || twoLists(text, nouns) || twoInOne(text, nouns)) return shape('needs-union', 'it puts two lists into one, which needs UNION'); // prettier-ignore
  return undefined;
}

function shape(code: OtherShape['code'], why: string): OtherShape {
  return { code, message: `the question cannot be answered by one flat SELECT: ${why}` };
}

/** Whether a table or column is called so: a flag `readmitted` is no comparison of rows. */
function isNamed(pattern: RegExp, text: string, index: SchemaIndex): boolean {
  const found = pattern.exec(text)?.[0].toLowerCase().replace('-', '').slice(0, 6) ?? '';
  const names = index.tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]);
  return names.some((name) => name.toLowerCase().replace(/[_ ]/g, '').includes(found));
}

/** What is counted per group: a table's rows, never a column of numbers or a unit of time. */
function countedNoun(text: string, nouns: SchemaNouns): string | undefined {
  if (OFTEN.test(text)) return 'times something happened';
  for (const { 1: phrase = '', index = 0 } of text.matchAll(COUNTED)) {
    const isPatients = SUBJECT.test(text.slice(0, index));
    const known = headOf(phrase, isPatients ? { ...nouns, numbers: nouns.patientNumbers } : nouns);
    if (known !== undefined && isPlural(known)) return known;
  }
  for (const [match, phrase = ''] of text.matchAll(EXACT)) {
    const isOne = /\b(?:one|an?|single) /.test(match);
    const known = headOf(phrase, isOne ? { ...nouns, numbers: NONE } : nouns);
    if (known === undefined) continue;
    if (isPlural(known) || (isOne && nouns.events.has(singularOf(known)))) return known;
  }
  return undefined;
}

const NONE: ReadonlySet<string> = new Set();

/** Whom the events are counted for: a number that another table keeps is not theirs. */
const SUBJECT = /\b(?:patients?|persons?|people|who|women|men)\b[^,;]{0,40}$/i;

const MEAN = String.raw`(?:average|mean|typical|expected|standard deviation of(?: the)?|variance of(?: the)?)`;
const MEAN_OF_COUNT = new RegExp(
  String.raw`\b${MEAN} (?:daily |weekly |monthly |yearly |annual )?(?:number|count) of (?:different |distinct )?${NOUN}`,
  'gi',
);
const MEAN_OF_ROWS = new RegExp(
  String.raw`\b${MEAN} (?:daily |weekly |monthly |yearly |annual )?${NOUN} (?:per|by|for each|for every|in each|each)\b`,
  'gi',
);
const ROWS_ON_AVERAGE = new RegExp(
  String.raw`\bhow many ${NOUN}\b.*\bon average\b|\bon average\b.*\bhow many ${NOUN}`,
  'gi',
);

/** What is counted for each group before an average of the counts is taken. */
function meanOfCounts(text: string, { tables, numbers }: SchemaNouns): string | undefined {
  for (const pattern of [MEAN_OF_COUNT, MEAN_OF_ROWS, ROWS_ON_AVERAGE]) {
    for (const [, first, second] of text.matchAll(pattern)) {
      const phrase = beforeEnd(first ?? second ?? '');
      const noun = nounIn(phrase, tables);
      // `how many days visits lasted on average` averages a length.
      const isLength = /^(?:day|hour|week|month|year|minute)s /i.test(phrase);
      const areMany = noun !== undefined && !isLength && isPlural(noun);
      // In `average drug cost per patient` the rows are not what is averaged.
      if (areMany && phrase.toLowerCase().endsWith(noun) && !numbers.has(singularOf(phrase))) return noun;
      if (areMany && pattern === ROWS_ON_AVERAGE) return noun;
    }
  }
  return undefined;
}

const FIRST_OF_EACH = new RegExp(
  String.raw`\b${PLACE} ${NOUN} (?:of|for|in|on|at|by|from|within|that|which)? ?${EACH} [a-z]+`,
  'gi',
);
const EACH_FIRST = new RegExp(String.raw`\b(?:each|every) [a-z ]{1,30}?['’]s? ${PLACE} ${NOUN}`, 'gi');
const COMMON_OF_EACH = new RegExp(
  String.raw`\b(?:most|least) (?:common|frequent|popular|often|frequently|commonly|[a-z]+ed)(?: [a-z]+)? ${NOUN} (?:per|by|for each|for every|in each|in every|of each|of every|within each)\b(?! (?:the )?(?:number|count|total|amount|frequency|volume))`,
  'i',
);

/** `the first diagnosis of every patient`, `the most common drug per gender`; the first date of each is a MIN. */
function perGroup(text: string, { tables, events }: SchemaNouns): boolean {
  if (COMMON_OF_EACH.test(text)) return true;
  return [FIRST_OF_EACH, EACH_FIRST].some((pattern) =>
    [...text.matchAll(pattern)].some(({ 1: words = '', index }) => {
      if (pattern === FIRST_OF_EACH && asksMoment(text.slice(0, index))) return false;
      const phrase = beforeEnd(words);
      const noun = nounIn(phrase, pattern === EACH_FIRST ? events : tables);
      return noun !== undefined && phrase.toLowerCase().split(' ').slice(0, 3).join(' ').endsWith(noun);
    }),
  );
}

const TWO = new RegExp(
  String.raw`\b(?:list|show|give|display|return|get|find|fetch)(?: me| us)?(?: both)?(?: all| every| the)*\s([a-z]+(?: [a-z]+)?)(?: and|,| as well as| plus)(?: all| every| the)*\s([a-z]+(?: [a-z]+)?)`,
  'i',
);
const EITHER = new RegExp(
  String.raw`\beither\b.*\bor (?:all |the |any )?([a-z]+(?: [a-z]+)?) (?:in|of|on|that|since|before|after|where|during|from)\b`,
  'i',
);

/** `all drugs and all procedures together`: rows of two events, which no join makes one list of. */
function twoLists(text: string, { events }: SchemaNouns): boolean {
  const two = TWO.exec(text);
  if (two) {
    const [one, other] = [two[1]!, two[2]!].map((phrase) => [phrase, phrase.split(' ')[0]!].find((part) => events.has(singularOf(part)) && isPlural(part))); // prettier-ignore
    if (one !== undefined && other !== undefined && one !== other) return true;
  }
  const either = EITHER.exec(text)?.[1];
  const noun =
    either === undefined
      ? undefined
      : [either, either.split(' ')[0]!].find((part) => events.has(singularOf(part)));
  return noun !== undefined && isPlural(noun) && !new RegExp(String.raw`\b${noun}\b.*\bor\b`, 'i').test(text);
}
