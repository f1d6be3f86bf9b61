import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { singularOf } from '../../data/values/fold.js';
import { GROUP_CONDITIONS } from './groups.js';
import { beforeEnd, headOf, isPlural, nounIn, nounsOf, type SchemaNouns } from './nouns.js';
import { asksMoment, placeInOrder, rollingIn, rowOfEach } from './places.js';
import { ofOthers, twoInOne } from './others.js';
import { shorten, upTo } from './phrases.js';

/** A construct that no statement of ours has, and the words that ask for it. */
export interface OtherShape {
  code: 'needs-having' | 'needs-window' | 'needs-subquery' | 'needs-union';
  message: string;
}

const COUNT_WORD = `two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|several`;
const NUMBER = String.raw`(?:__(?:NUM|ID)_\d+__|\d+|${COUNT_WORD})`;
const BOUND = String.raw`(?:more than|greater than|over|fewer than|less than|at least|at most|no more than|no fewer than|exactly|above|under|upwards of|an? (?:minimum|maximum) of|as (?:many|few) as)`;
const EXTREME = `most|highest|lowest|largest|smallest|biggest|greatest|longest|shortest|oldest|youngest|latest|earliest|last|newest|fewest|best|worst|common`;
const RANKED = `(?:${EXTREME})`;
const PLACE = `(?:first|last|latest|earliest|newest|oldest|(?:most|least) recent|initial|final|previous|prior|next|second|third|subsequent)`;
const EACH = String.raw`(?:each|every|per|any given|the respective)`;
const HAVE = String.raw`(?:with|have|has|had|having|made|make|took|take|taking|got|get|received?|receiving|saw|seen|underwent|undergone|attended|completed|given|prescribed)`;
const ALIKE = String.raw`(?:(?:different|distinct|separate|unique|other|such|recorded)\s+)?`;
const NOUN = String.raw`((?:[a-z]+\s+){0,2}[a-z]+)`;

/** `more than three visits`, `three or more visits`, `at least two different drugs`: the noun is checked apart. */
const COUNTED = new RegExp(
  String.raw`\b(?:${BOUND} (?:${NUMBER}|one|once)|between ${NUMBER} and ${NUMBER}|${NUMBER} or (?:more|fewer|less)|${NUMBER}(?:\+| plus)|multiple|repeated|${HAVE} [<>≥≤]=? ?${NUMBER}|(?:by|with|from|at|in|on) several)` +
    String.raw`\s+${ALIKE}${NOUN}`,
  'gi',
);
/** `four admissions or more` */
const OR_MORE = new RegExp(String.raw`\b${NUMBER} ${ALIKE}${NOUN} or (?:more|fewer|less)\b`, 'gi');
/** `patients with two visits`, `with only one visit`: as many as that, and no more. */
const EXACT = new RegExp(
  String.raw`\b(?:${HAVE} (?:(?:just |only |exactly |precisely |a total of )?${NUMBER}|(?:just|only|exactly|precisely|no more than) (?:one|an?|a single)|a single)|(?:and|but) (?:just|only|exactly) (?:one|a single))\s+(?:(?:different|distinct|separate|unique)\s+)?${NOUN}`,
  'gi',
);
const OFTEN = new RegExp(
  String.raw`\bon (?:${BOUND} )?(?:${NUMBER}|multiple)(?: or more)? (?:different |separate )?occasions\b|\b(?:more than once|(?:only|just|exactly) once|multiple times|several times|repeatedly|over and over|every (?:time|single (?:year|month|week|day)))\b` +
    String.raw`|\b(?:(?:${BOUND} )?${NUMBER} (?:or more )?times|(?:${BOUND} )?(?:twice|thrice))\b(?! (?:a|an|per|each|every|daily|weekly|as|the|higher|lower|more|less|greater)\b| __NUM_)`,
  'i',
);
/** A row by its place in an order. */
const PLACED = new RegExp(
  String.raw`\b(?:second|third|fourth|fifth|2nd|3rd|4th|5th|next)[ -](?:to[ -])?(?:the[ -])?${RANKED}\b` +
    String.raw`|\bpenultimate\b|\bsecond to last\b|\blast but one\b`,
  'i',
);
/** A number that depends on the rows around, or on the order of all. */
const WINDOW = new RegExp(
  String.raw`\b(?:running|rolling) (?:total|sum|average|count)|\bmoving average|\bgrowth rates?\b|\brank of (?:each|every)\b` +
    String.raw`|\b(?:top|bottom|upper|lower|highest|lowest) ${NUMBER} ?(?:%|percent\b)` +
    String.raw`|\b(?:differences?|changes?|increases?|decreases?|delta) (?:to|from|since|against|over|versus) (?:the |their |its |his |her )?(?:previous|prior|preceding)\b` +
    String.raw`|\bcumulative (?:count|number|total|sum|share|percentage)|\bcumulative [a-z]+(?: [a-z]+)? (?:by|per|over|each|every) (?:the )?(?:day|week|month|quarter|year|date|time)|\bdense ranks?\b|\bcumulative\b.*\bover time\b|\bconsecutive\b|\bin a row\b|\bback[- ]to[- ]back\b` +
    String.raw`|\brank(?:ed|ing)? (?:[a-z]+ )?within (?:each|every)\b` +
    String.raw`|\b(?:difference|change|increase|decrease|drop|rise) (?:between|from) (?:the |their |his |her )?first (?:and|to) (?:the |their )?(?:last|second|latest|final|most recent)\b(?! (?:date|visit|admission|stay|encounter|time))` +
    String.raw`|\b(?:which|what) .*\b(?:most|least) (?:often|frequently|commonly)\b.* (?:in|per|for|by|at|within|of) (?:each|every)\b` +
    String.raw`|\bwhich (?!is\b|are\b|was\b|were\b)\w+\b[^?.;]*\b(?:most|least|longest|shortest|highest|lowest|oldest|youngest|largest|smallest)\b[^?.;]* (?:in|of|at|for|within|on|by) (?:each|every)(?: [a-z]+){1,3}\W*$` +
    String.raw`|\b(?:median|percentiles?|quartiles?|deciles?|quantiles?|interquartile)\b|\bmode of (?:the )?\b` +
    String.raw`|\b(?:year|month|week|quarter|day)[ -](?:over|on|to)[ -](?:year|month|week|quarter|day)\b` +
    String.raw`|\b(?:compared?|relative) (?:with|to) (?:the )?(?:previous|prior|preceding|last) (?:year|month|week|quarter|day|one|visit|stay)\b` +
    String.raw`|\b(?:time|days?|hours?|weeks?|months?|gaps?|lags?|delays?|intervals?|distance) (?:between|from one) (?:[a-z]+ )?(?:successive|subsequent|their|one|two|visits|stays|admissions|encounters|doses|tests)\b`,
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
const SOMEBODY = `patient|person|client|member|subject|doctor|physician|provider|practitioner|nurse`;
const SUBQUERY = new RegExp(
  String.raw`\b(?:above|below|over|under|exceed(?:s|ing)?|(?:(?:[a-z]+er |more |less )?than|to)) (?:the |their |its )?(?:overall |own |hospital |general )?(?:average|mean|median|typical)\b` +
    String.raw`|\b(?:than|as) (?:the )?(?:average|mean|median|oldest|youngest|maximum|minimum|others?)\b` +
    String.raw`|\bthan (?:his|her|their|its) (?:own |first|last|previous|prior|next|second|earlier)` +
    String.raw`|\b(?:(?:of|after|before|since|from) (?:the|their|his|her|a|any|an|each)|(?:since|from)) (?:previous|prior|preceding|earlier|subsequent) (?:visit|stay|admission|encounter|discharge|dose|test|one|prescription|procedure|appointment|claim|result)s?\b` +
    String.raw`|\b(?:share|shares|sharing|with|have|has|having) the same [a-z]+(?: [a-z]+)?\W*$|\ball (?:${NUMBER}) of (?:their|the|his|her)\b` +
    String.raw`|\b(?:increased|decreased|rose|fell|dropped|improved|worsened|gone up|gone down) (?:since|from|between|after) (?:the|their|his|her) (?:last|previous|prior|first)\b` +
    String.raw`|\bthe same [a-z ]{0,30}\bas (?:the )?(?:${SOMEBODY}|__)|\bthan (?:any|all) (?:other|of)\b` +
    String.raw`|\b(?:does|do|did|would|has|is) (?:an?|the) (?:average|typical|mean) (?:patient|person|doctor|provider|physician|hospital|visit|stay)\b` +
    String.raw`|\b(?:older|younger|heavier|taller|longer|shorter|higher|lower|larger|smaller|earlier|later) than (?:that of )?(?:${SOMEBODY}|visit|stay|encounter)\b`,
  'i',
);
/** `given more often than aspirin`, `more patients than doctors`: two counts are compared. */
const OFTENER =
  /\b(?:(?:more|less) (?:often|frequently|commonly)|(?:as|more|fewer) (?:often|frequently|many)(?: [a-z]+){0,2}|(?:more|fewer) (?!than)[a-z]+(?: [a-z]+)?) (?:than|as) (?!(?:__(?:NUM|DATE)_|\d|one\b|once\b|twice\b|an? (?:year|month|week|day)|(?:two|three|four|five|six|seven|eight|nine|ten)\b))/i;
/** `patients who took every drug`: one row of each kind must exist. */
const EVERY = new RegExp(
  String.raw`\b(?:who|that|which) (?:have |has |had )?(?:ever )?(?:been )?(?:had|have|has|took|taken|received|tried|given|saw|seen|visited|underwent|treated by|attended|treated|been (?:to|in)) (?:every(?: single)?|all (?:of )?(?:the )?(?:(?:available|possible|different|kinds of|types of|other)|(?=(?:doctor|physician|provider|practitioner|nurse|ward|department|hospital|clinic)s\b))) ?${NOUN}`,
  'i',
);
/** `the drugs that every patient got`, `given to every patient` */
const BY_EVERYBODY =
  /\b(?:that|which) every(?: single)? (?:patient|person|doctor|provider) (?:has |had |have )?(?:ever )?(?:had|got|gotten|took|taken|received|tried|been given|was given|stayed|visited)\b|\b(?:given|prescribed|administered|assigned|billed|sent|common) to every(?: single)? (?:patient|person|doctor|provider)\b|\bin which (?:all|every)(?: the)? (?:patients?|persons?|doctors?|providers?) (?:stayed|were|was|have|has|worked)\b/i;
/** `took only aspirin`, `were only ever given aspirin`: no other row may exist. */
const ONLY =
  /\b(?:given|took|taken|taking|takes?|had|have|has|having|received?|receiving|prescribed|using|used|on|with|diagnosed with|treated with) (?:only|just|exclusively|solely|nothing but|nothing except|nothing other than) (?:the )?__TEXT_|\b(?:only|exclusively|solely|always) (?:ever )?(?:been )?(?:given|took|taken|taking|received|prescribed|treated|diagnosed)\b/i;
const UNION =
  /\b(?:union of|combined? (?:list|with)|merged? (?:list|with)|in one list|together in (?:a|one) list|(?:a|one|into a|as a) single list|\blist (?:all )?[a-z]+ and (?:then )?list\b|(?:list|names?) of .* (?:plus|__TEXT_\d+__|and|together with|followed by) (?:an?|the|another) (?:list|names) of)\b/i;

/** What a question may need, in the order in which it is looked for: the words that ask for it, and why they do. */
const NEEDS: readonly {
  code: OtherShape['code'];
  find: (text: string, nouns: SchemaNouns, index: SchemaIndex) => string | undefined;
  why: string;
}[] = [
  {
    code: 'needs-having',
    find: (text) => OFTEN.exec(text)?.[0],
    why: 'is a condition on how often something happened, which needs HAVING',
  },
  {
    code: 'needs-having',
    find: countedRows,
    why: 'is a condition on how many rows each group has, which needs HAVING',
  },
  ...GROUP_CONDITIONS.map(({ find, of }) => ({
    code: 'needs-having' as const,
    find,
    why: `is a condition on ${of}, which needs HAVING`,
  })),
  {
    code: 'needs-subquery',
    find: meanOfCounts,
    why: 'is an average of counts, which needs a subquery that counts first',
  },
  {
    code: 'needs-window',
    find: (text, nouns) => perGroup(text, nouns) ?? rowOfEach(text, nouns),
    why: 'asks for certain rows of each group, which needs a window function',
  },
  {
    code: 'needs-window',
    find: cameAgain,
    why: 'compares a row with an earlier row of the same patient, which needs a window function',
  },
  {
    code: 'needs-window',
    find: (text, nouns) => PLACED.exec(text)?.[0] ?? placeInOrder(text, nouns),
    why: 'asks for a place in an order other than the first, which needs a window function or OFFSET',
  },
  {
    code: 'needs-window',
    find: (text) => WINDOW.exec(text)?.[0] ?? rollingIn(text),
    why: 'depends on the order of the rows or on the rows around, which needs a window function',
  },
  {
    code: 'needs-subquery',
    find: (text, nouns) => SUBQUERY.exec(text)?.[0] ?? OFTENER.exec(text)?.[0] ?? ofOthers(text, nouns),
    why: 'compares rows with the result of another query, which needs a subquery',
  },
  {
    code: 'needs-subquery',
    find: (text) => ONLY.exec(text)?.[0],
    why: 'asks that nothing else happened, which needs a subquery',
  },
  {
    code: 'needs-subquery',
    find: oneOfEveryKind,
    why: 'asks for one row of every kind, which needs a subquery',
  },
  {
    code: 'needs-union',
    find: (text, nouns) => UNION.exec(text)?.[0] ?? twoLists(text, nouns) ?? twoInOne(text, nouns),
    why: 'puts two lists into one, which needs UNION',
  },
];

/**
 * What a question needs that one flat SELECT has not: a condition on the size of a group (HAVING), a rank within rows
 * (a window function), a comparison with another query's result (a subquery), or two lists in one (UNION). The message
 * names the words that ask for it.
 *
 * @param question with placeholders for its values
 */
export function otherShapeOf(question: string, index: SchemaIndex): OtherShape | undefined {
  const text = question.replace(/\s+/g, ' ');
  const nouns = nounsOf(index);
  const grouped = withoutCountOfAll(text);
  for (const { code, find, why } of NEEDS) {
    const phrase = find(code === 'needs-having' ? grouped : text, nouns, index);
    if (phrase !== undefined)
      return { code, message: `one flat SELECT cannot answer this: '${shorten(phrase)}' ${why}` };
  }
  return undefined;
}

/** `Were there more than 100 visits` */
const COUNT_OF_ALL = new RegExp(
  String.raw`^\W*(?:is|are|was|were|have|has|had) there (?:been )?(?:${BOUND} (?:${NUMBER}|one)|${NUMBER} or (?:more|fewer|less))\b`,
  'i',
);
/** `Did patient __ID_1__ have more than two visits`, `check whether person __ID_1__ was admitted twice` */
const COUNT_OF_ONE =
  /(?:^\W*(?:did|does|do|was|were|has|have|had|is)|\b(?:whether|if)) (?:the )?(?:patient|person|subject|individual|member|client)s?(?: (?:with )?(?:the )?(?:id|mrn|number))? __ID_\d+__(?! or |,| and )/i;

/** Without a yes or no about how many rows there are, in all or of one patient: a CASE over COUNT(*) says that. */
function withoutCountOfAll(text: string): string {
  const all = COUNT_OF_ALL.exec(text)?.[0];
  if (all !== undefined) return text.slice(all.length);
  return COUNT_OF_ONE.test(text) ? '' : text;
}

/** What came back, unless within so many days: that is a join of stays with stays. */
function cameAgain(text: string, _nouns: SchemaNouns, index: SchemaIndex): string | undefined {
  const again = AGAIN.exec(text)?.[0];
  if (again !== undefined && !isSoon(text) && !isNamed(AGAIN, text, index)) return again;
  return RETURNED.exec(text)?.[0];
}

function oneOfEveryKind(text: string, { tables }: SchemaNouns): string | undefined {
  const [phrase, noun] = EVERY.exec(text) ?? [];
  if (noun !== undefined && nounIn(noun, tables) !== undefined) return phrase;
  return BY_EVERYBODY.exec(text)?.[0];
}

/** Whether a table or column is called so: a flag `readmitted` is no comparison of rows. */
function isNamed(pattern: RegExp, text: string, index: SchemaIndex): boolean {
  const found = pattern.exec(text)?.[0].toLowerCase().replace('-', '').slice(0, 6) ?? '';
  const names = index.tables.flatMap(({ name, columns }) => [name, ...columns.map((column) => column.name)]);
  return names.some((name) => name.toLowerCase().replace(/[_ ]/g, '').includes(found));
}

/** A count per group of a table's rows, never of a column of numbers or of a unit of time. */
function countedRows(text: string, nouns: SchemaNouns): string | undefined {
  for (const pattern of [COUNTED, OR_MORE]) {
    for (const { 0: match, 1: phrase = '', index } of text.matchAll(pattern)) {
      const before = text.slice(0, index);
      const isPatients = SUBJECT.test(before);
      const numbers = isPatients ? nouns.patientNumbers : nouns.numbers;
      const known = headOf(phrase, { ...nouns, tables: nouns.counted, numbers });
      if (known === undefined || !isPlural(known) || isCountColumn(before, known, nouns)) continue;
      return pattern === OR_MORE ? match : upTo(match, known);
    }
  }
  for (const [match, phrase = ''] of text.matchAll(EXACT)) {
    const isOne = /\b(?:one|an?|single) /.test(match);
    const isOnly = isOne && /\b(?:just|only|exactly|precisely) /i.test(match);
    const known = headOf(phrase, isOne ? { ...nouns, numbers: NONE } : nouns);
    if (known === undefined) continue;
    if (isPlural(known) || (isOne && (isOnly ? nouns.tables : nouns.events).has(singularOf(known))))
      return upTo(match, known);
  }
  return undefined;
}

const WHOSE = /\b((?:[a-z]+ )?[a-z]+) (?:that |which |who )?(?:with|having|have|has|had) $/i;

/** Whether the rows before the number keep the count in a column: `drug eras with at least two exposures`. */
function isCountColumn(before: string, counted: string, { counts }: SchemaNouns): boolean {
  const subject = WHOSE.exec(before)?.[1]?.toLowerCase() ?? '';
  return [subject, subject.split(' ').at(-1)!].some((noun) =>
    counts.get(singularOf(noun))?.has(singularOf(counted)),
  );
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
    for (const [match, first, second] of text.matchAll(pattern)) {
      const phrase = beforeEnd(first ?? second ?? '');
      const noun = nounIn(phrase, tables);
      // `how many days visits lasted on average` averages a length.
      const isLength = /^(?:day|hour|week|month|year|minute)s /i.test(phrase);
      const areMany = noun !== undefined && !isLength && isPlural(noun);
      // In `average drug cost per patient` the rows are not what is averaged.
      const isCounted = areMany && phrase.toLowerCase().endsWith(noun) && !numbers.has(singularOf(phrase));
      if (isCounted || (areMany && pattern === ROWS_ON_AVERAGE)) return upTo(match, noun);
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

const TOP_OF_EACH =
  /\b(?:each|every) [a-z]+(?: [a-z]+)?['’]s? (?:top|main|favou?rite|most (?:common|frequent|recent)) [a-z]+/i;

/** `the first diagnosis of every patient`, `the most common drug per gender`; the first date of each is a MIN. */
function perGroup(text: string, { tables, events }: SchemaNouns): string | undefined {
  const common = COMMON_OF_EACH.exec(text)?.[0] ?? TOP_OF_EACH.exec(text)?.[0];
  if (common !== undefined) return common;
  for (const pattern of [FIRST_OF_EACH, EACH_FIRST]) {
    for (const { 0: match, 1: words = '', index } of text.matchAll(pattern)) {
      if (pattern === FIRST_OF_EACH && asksMoment(text.slice(0, index), match)) continue;
      const phrase = beforeEnd(words);
      const noun = nounIn(phrase, pattern === EACH_FIRST ? events : tables);
      const isRow =
        noun !== undefined && phrase.toLowerCase().split(' ').slice(0, 3).join(' ').endsWith(noun);
      if (isRow) return pattern === EACH_FIRST ? upTo(match, noun) : match;
    }
  }
  return undefined;
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
function twoLists(text: string, { events }: SchemaNouns): string | undefined {
  const two = TWO.exec(text);
  if (two) {
    const [one, other] = [two[1]!, two[2]!].map((phrase) => [phrase, phrase.split(' ')[0]!].find((part) => events.has(singularOf(part)) && isPlural(part))); // prettier-ignore
    if (one !== undefined && other !== undefined && one !== other) return two[0];
  }
  const [phrase, either] = EITHER.exec(text) ?? [];
  const noun =
    either === undefined
      ? undefined
      : [either, either.split(' ')[0]!].find((part) => events.has(singularOf(part)));
  const isOther = noun !== undefined && !new RegExp(String.raw`\b${noun}\b.*\bor\b`, 'i').test(text);
  return isOther && isPlural(noun) ? phrase : undefined;
}
