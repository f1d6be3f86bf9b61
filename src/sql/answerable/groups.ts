import { singularOf } from '../../data/values/fold.js';
import { beforeEnd, headOf, type SchemaNouns } from './nouns.js';
import { upTo } from './phrases.js';

const NUMBER = String.raw`(?:[$€£] ?)?(?:__NUM_\d+__|\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a dozen|an? (?:hour|day|week|month|year))`;
const THAN = String.raw`(?:(?:is|are|was|were|be|of|lies?|stays?(?! exceed| surpass)|reach(?:es|ed)?|comes? to) )?(?:exceed(?:s|ed|ing)?|surpass(?:es|ed|ing)?|above|below|over|under|at least|at most|between|no more than|no less than|(?:more|less|fewer|greater|higher|lower|longer|shorter|older|younger|larger|smaller|bigger) than|[<>]=?)`;
/** Words of what is averaged or added up; people end it: `average stay of patients over 60` compares an age. */
const WHAT = String.raw`(?:(?!(?:patients?|people|persons?|men|women|adults|children|those|who|that|which|by|per|for|among|where|whose|with|and|or)\b)[a-z_']+ ){0,5}?`;
const GROUP = String.raw`(?:whose|where|with|having|have|has|had)(?: (?:an?|the|their|its|his|her))?`;

const MORE_THAN_ONE =
  /\b(?:more than|over|above) one (?:(?:different|distinct|separate|single) )?((?:[a-z]+ ){0,2}[a-z]+)/gi;
const SEVERAL_TIMES =
  /\b(?:in|on|during|across) (?:more than (?:one|__NUM_\d+__)|at least (?:two|three|__NUM_\d+__)|(?:two|three|four|five|several|multiple|__NUM_\d+__) (?:or more |different |distinct |separate )+)(?: ?(?:different|distinct|separate|calendar))* ?(?:years?|months?|weeks?|days|quarters?)\b/i;
const DIFFERENT =
  /\b(?:in|at|by|from|on|to|across) (?:one|two|three|four|five|six|several|multiple|__NUM_\d+__)(?: or more)? (?:different|distinct|separate) ([a-z]+(?: [a-z]+)?)/gi;
const MEAN_OF_GROUP = [
  new RegExp(
    String.raw`\b${GROUP} (?:[a-z]+['’]s? )?(?:average|avg|mean)(?! (?:arterial|corpuscular|cell|platelet|airway|gradient|pulmonary|blood pressure|pressure)) ${WHAT}${THAN} ${NUMBER}`,
    'i',
  ),
  new RegExp(
    String.raw`\b(?:whose|who|that|which|where|with)\b (?:(?!people\b)[a-z_]+ ){0,5}?on average (?:(?!patients\b|people\b)[a-z_]+ ){0,4}?${THAN} ${NUMBER}`,
    'i',
  ),
  new RegExp(String.raw`\baverag(?:es|ed|ing) (?:[a-z_]+ ){0,2}?${THAN} ${NUMBER}`, 'i'),
];
const SUM_OF_GROUP = new RegExp(
  String.raw`\b${GROUP} (?:sum of(?: the| all)?|summed|combined|aggregate|overall|total) (${WHAT})${THAN} ${NUMBER}`,
  'i',
);
const SUMMED = new RegExp(
  String.raw`\b(?:whose|with|having|have|has|had) [a-z]+(?: [a-z]+)? (?:that )?(?:(?<=s (?:that )?)total|total(?:s|ing|ling|ed|led)|sum(?:s|ming|med)?(?: up)? to|add(?:s|ing|ed)? up to|amount(?:s|ing|ed)? (?:in total )?to) (?:${THAN} |up to )?${NUMBER}` +
    String.raw`|\b(?:who|that|which) (?:[a-z]+ ){1,3}a total of ${THAN} ${NUMBER}` +
    String.raw`|\b(?:paid|spent|costs?|billed|owed?|owes|received|charged|claims?|invoices?|charges) ${THAN} ${NUMBER}(?: [a-z]+)? (?:in total|altogether|all in all|all told|combined|overall)\b`,
  'i',
);
const IN_TOTAL = new RegExp(
  String.raw`\b${GROUP} ${THAN} ${NUMBER}(?: [a-z]+)? in (?:total|combined|overall) ((?:[a-z]+ ?){1,2})`,
  'i',
);
/** `wards with more patients than beds`, where the ward keeps its number of beds. */
const MORE_THAN_COLUMN =
  /\b(?:(?:more|fewer) ([a-z]+) than|number of ([a-z]+) (?:exceeds|surpasses|is (?:above|below|over|under|higher than|lower than|larger than|smaller than|greater than|less than))) (?:the |their |its )?(?:number of )?([a-z]+)/gi;
/** `taken by just one patient`, `that only one person takes` */
const JUST_ONE =
  /\b(?:by|that|which) (?:just|only|exactly) (?:one|a single|two|three|__NUM_\d+__) ([a-z]+)/gi;
/** `whose visits number at least four` */
const NUMBERED = new RegExp(
  String.raw`\bwhose ([a-z]+) (?:number|count|are) (?:${THAN} )?${NUMBER}(?= in number\b|\W*$)`,
  'i',
);
/** `diagnoses that occur in over 1% of patients` */
const SHARE_OF_ALL = new RegExp(
  String.raw`\b(?:in|among|by|for|to) ${THAN} ${NUMBER} ?(?:%|percent) of (?:all |the )?[a-z]+`,
  'i',
);
/** All rows must lie on one side of the number; `whose highest value is above 5` is true if one does. */
const ABOVE = String.raw`(?:is|was|are|were) (?:above|over|at least|more than|greater than|higher than|[>]=?)`;
const BELOW = String.raw`(?:is|was|are|were|stayed|remained) (?:below|under|at most|less than|lower than|[<]=?)`;
const EXTREME_OF_GROUP = [
  new RegExp(
    String.raw`\bwhose (?:lowest|minimum|min|smallest|shortest) (?:[a-z0-9_'’]+ ){1,4}?${ABOVE} ${NUMBER}`,
    'i',
  ),
  new RegExp(
    String.raw`\bwhose (?:highest|maximum|max|peak|largest|longest) (?:[a-z0-9_'’]+ ){1,4}?${BELOW} ${NUMBER}`,
    'i',
  ),
];
const DUPLICATES =
  /(?<!\b(?:no|not|without|remove|removing|removed|exclude|excluding|ignore|ignoring|avoid|avoiding|drop|dropping|eliminate|eliminating) (?:any |the |all )?)\b(?:duplicated? [a-z]+|duplicates (?:in|of|among|by|for) [a-z]+)/i;
const COUNT_OF_GROUP = new RegExp(
  String.raw`\b(?:whose|where|with|having|have|has|had)(?: (?:an?|the|their|its))?(?: total| overall)? (?:number|count) of (?:different |distinct )?((?:[a-z]+ ){0,2}[a-z]+) (?:[a-z]+ )?${THAN} ${NUMBER}`,
  'i',
);

const PATIENTS = /\b(?:patients?|persons?|people|anyone|anybody|someone|who|women|men)\b[^,;]{0,40}$/i;

/** What a question compares for each group of rows, which needs HAVING: the words that do, and what they compare. */
export const GROUP_CONDITIONS: readonly {
  of: string;
  find: (text: string, nouns: SchemaNouns) => string | undefined;
}[] = [
  { of: 'how many rows each group has', find: rowsOfGroup },
  { of: 'how many periods each group has rows in', find: (text) => SEVERAL_TIMES.exec(text)?.[0] },
  { of: 'values that occur more than once', find: repeatedIn },
  { of: 'an average of each group', find: (text) => firstOf(MEAN_OF_GROUP, text) },
  { of: 'a sum of each group', find: sumOfGroup },
  { of: 'a share of each group', find: (text) => SHARE_OF_ALL.exec(text)?.[0] },
  { of: 'an extreme of each group', find: (text) => firstOf(EXTREME_OF_GROUP, text) },
];

const NONE: ReadonlySet<string> = new Set();

function rowsOfGroup(text: string, nouns: SchemaNouns): string | undefined {
  for (const { 0: match, 1: phrase = '', index } of text.matchAll(MORE_THAN_ONE)) {
    const ofPatients = PATIENTS.test(text.slice(0, index));
    const known = headOf(phrase, ofPatients ? { ...nouns, numbers: nouns.patientNumbers } : nouns);
    if (known !== undefined && beforeEnd(phrase).endsWith(known)) return upTo(match, known);
  }
  for (const [match, phrase = ''] of text.matchAll(DIFFERENT))
    if (headOf(phrase, nouns) !== undefined) return match;
  for (const [match, some, all, number = ''] of text.matchAll(MORE_THAN_COLUMN)) {
    const isRows = nouns.tables.has(singularOf((some ?? all)!.toLowerCase()));
    if (isRows && nouns.numbers.has(singularOf(number.toLowerCase()))) return match;
  }
  for (const [match, counted = ''] of text.matchAll(JUST_ONE))
    if (headOf(counted, { ...nouns, numbers: NONE }) !== undefined) return match;
  const [numbered, rows] = NUMBERED.exec(text) ?? [];
  if (rows !== undefined && headOf(rows, nouns) !== undefined) return numbered;
  const [match, counted] = COUNT_OF_GROUP.exec(text) ?? [];
  return counted !== undefined && headOf(counted, nouns) !== undefined ? match : undefined;
}

/** `duplicate MRNs`, but not `without duplicate rows` or a column of that name. */
function repeatedIn(text: string, { numbers }: SchemaNouns): string | undefined {
  return [...numbers].some((name) => name.includes('duplicate')) ? undefined : DUPLICATES.exec(text)?.[0];
}

function sumOfGroup(text: string, nouns: SchemaNouns): string | undefined {
  const summed = SUMMED.exec(text)?.[0];
  if (summed !== undefined) return summed;
  for (const pattern of [SUM_OF_GROUP, IN_TOTAL]) {
    const [match, words] = pattern.exec(text) ?? [];
    if (words !== undefined && isSummed(words, nouns)) return match;
  }
  return undefined;
}

function firstOf(patterns: readonly RegExp[], text: string): string | undefined {
  return patterns.map((pattern) => pattern.exec(text)?.[0]).find((phrase) => phrase !== undefined);
}

/** `with total invoices above 500`; a column `total_cost` is a number of one row, and `total cholesterol` is a test. */
function isSummed(words: string, { tables, numbers }: SchemaNouns): boolean {
  const noun = singularOf(words.trim().toLowerCase());
  if (tables.has(noun)) return !numbers.has(`total ${noun}`);
  const isMoney = /(?:cost|charge|amount|payment|price|bill|spending|expense)$/.test(noun);
  if (!isMoney && !/(?:stay|duration|dose|quantity)$/.test(noun)) return false;
  const head = noun.split(' ').at(-1)!;
  return ![...numbers].some((column) => column.includes('total') && (isMoney || column.includes(head)));
}
