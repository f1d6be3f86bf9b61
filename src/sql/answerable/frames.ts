import { rolesOf } from '../../data/schema/roles/infer.js';
import { scorerOf } from '../../data/schema/link/link.js';
import { singularOf } from '../../data/values/fold.js';
import { isBodyPart } from '../vault/mentions/anatomy.js';
import { isMedicalTerm } from '../vault/mentions/word-class.js';
import { CLINICAL } from './words.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';

/** What a question is about by its construction, where no word names a table. */
export interface QuestionFrames {
  /** Whether people, a measured value or an event of care are asked for, and the schema has such rows. */
  isPlaced: boolean;
  /** Whether the schema has events of care. */
  isCare: boolean;
  /** Placeholders that stand for what was measured, given, done or found. */
  objects: ReadonlySet<string>;
  /** Those of them that were done to somebody, if the schema has procedures: `had a colonoscopy`. */
  done: ReadonlySet<string>;
}

/** Human beings, by age, sex or part in care. */
const HUMAN = String.raw`(?:patients?|pts?|persons?|people|individuals?|humans?|men|man|males?|wom[ae]n|females?|boys?|girls?|kids?|child(?:ren)?|infants?|newborns?|neonates?|bab(?:y|ies)|toddlers?|teens?|teenagers?|adolescents?|youths?|adults?|seniors?|elderly|minors?|(?:octo|nona|septua|sexa|cente)genarians?|inpatients?|outpatients?|smokers?|non-?smokers?|drinkers?|survivors?|diabetics?|asthmatics?|epileptics?|alcoholics?|hypertensives?|schizophrenics?|ha?emophiliacs?|anyone|anybody|someone|somebody|everyone|everybody|nobody|caucasians|asians|hispanics|latin[oa]s|whites|blacks|veterans|widows|widowers|immigrants|refugees)`;
const HUMANS = new RegExp(String.raw`\b${HUMAN}\b`, 'i');
const ONLY_HUMAN = new RegExp(String.raw`^${HUMAN}$`, 'i');

/** Whether a word that the vault took for a name says who is asked for: `toddlers`. */
export function isHuman(text: string): boolean {
  return ONLY_HUMAN.test(text);
}

/**
 * Whether a name has a word for what is found, measured or done in care: `blood cultures`, `chest x-rays`, `appendectomies`.
 */
export function isClinical(words: readonly string[]): boolean {
  return words.some((word) => {
    const one = singularOf(word);
    return CLINICAL.has(one) || isBodyPart(word) || isMedicalTerm(one, '');
  });
}

/** Degrees and kinds that only an illness has. */
const OF_DEGREE =
  /^(?:(?:first|second|third|fourth|1st|2nd|3rd|4th)[ -](?:degree|trimester)|(?:stage|grade) (?:\d|one|two|three|four|five|i{1,3}v?|iv)[abc]?|(?:single|double|triple|multi|one|two|three)[ -]vessel)\b/i;
const ILLNESS =
  /\w[ -](?:diseases?|disorders?|syndromes?|injur(?:y|ies)|infections?|fractures?|cancers?|burns?|sprains?|pals(?:y|ies)|(?:heart|av|branch|nerve) blocks?)$/i;

/** Whether a name of several words is that of an illness, whatever its other words are: `two-vessel disease`. */
export function isIllness(text: string): boolean {
  return OF_DEGREE.test(text) || ILLNESS.test(text);
}

const NAME = String.raw`__TEXT_\d+__`;
const NUMBER = String.raw`__NUM_\d+__`;
/** `INR between 2 and 3`, `pH below 7.35`, `BP 120/80`, `temperature of 98.6`. */
const MEASURED = new RegExp(
  String.raw`(${NAME})(?: (?:value|level|result|reading|count|test|score)s?)?(?: (?:is|was|are|were|of|at|over|under|above|below|between|from|exceed(?:s|ing|ed)?|equals?|to|than|or|least|most|more|less|greater|higher|lower|at|about|around|reach(?:es|ed|ing)?|no|not|up|exactly))* ?(?:[<>]=?|=|≥|≤|:)? ?${NUMBER}`,
  'gi',
);
const VERB = String.raw`(?:given|gave|got|get|gets|getting|had|has|have|having|received?|receives|receiving|took|takes?|taken|taking|prescribed|prescriptions? (?:for|of)|administered|started on|put on|infused|injected|vaccinated (?:with|against|for)|immuni[sz]ed (?:with|against|for)|treated (?:with|for)|diagnosed (?:with|as)|diagnos[ei]s of|suffer(?:s|ed|ing)?(?: from)?|history of|case of|cases of|allergic to|allergy to|positive for|negative for|tested (?:for|positive for|negative for)|screened for|underwent|undergo(?:es|ne|ing)?|used|uses?|using|on|with|for|without|of)`;
/** `given aspirin`, `with fever`, `underwent a hip replacement`. */
const CARED = new RegExp(
  String.raw`\b${VERB} (?:an? |the |any |some |both |either |no |known |only )*(${NAME})`,
  'gi',
);
/** `Has Bob had pneumonia?`: somebody, and what happened to him. */
const SOMEBODY = new RegExp(
  String.raw`^\W*(?:has|had|have|did|does|do|is|was|were|when (?:was|did|is|has)|what (?:was|did|is|has)|how (?:often|many times) (?:was|did|has)) ${NAME} (?:[a-z]+ ){0,2}(?:${VERB}|die|dead|deceased|born|admitted|discharged|hospitali[sz]ed|tested|seen|treated|vaccinated|alive)\b`,
  'i',
);
/** `aspirin users`, `codeine takers`. */
const USERS = new RegExp(
  String.raw`(${NAME}) (?:users?|takers?|recipients?|sufferers?|carriers?|survivors?|doses?|shots?|injections?|infections?|transfusions?|cases?|episodes?|surger(?:y|ies)|levels?)\b`,
  'gi',
);
const DONE = new RegExp(
  String.raw`\b(?:no|not|without|never|had|have had|has had|had had|underwent|undergone|undergo|undergoing|undergoes) (?:an? |the |any )?(${NAME})(?! (?:results?|readings?|tests?|scans?))`,
  'gi',
);
/** `how often was colonoscopy performed`, `a biopsy was done` */
const PERFORMED = new RegExp(String.raw`(${NAME}) (?:(?:was|were|is|are|been|being|ever|not|never) )*(?:performed|done|carried out|ordered)\b`, 'gi'); // prettier-ignore
/** An event of care, with something that it was about. */
const STRONG =
  /\b(?:given|received?|prescribed|administered|vaccinated|immuni[sz]ed|diagnosed|underwent|undergone|suffer(?:s|ed|ing)?|allergic|allergy|tested (?:positive|negative)|infused|injected|taking|took)\b/i;

/** Of whom a question without a word for people asks: `who had a bypass?` */
const WHO_HAD = /\bwho (?:ever |all )?(?:has|have|had|got|gets|is|was|were|are|underwent|needed) /i;

/** `mean ferritin in 2017`: a value of what was measured. */
const STATISTIC = new RegExp(
  String.raw`\b(?:average|avg|mean|max(?:imum)?|min(?:imum)?|highest|lowest) (?:of )?(?:the )?(${NAME})(?= (?:in|of|for|on|during|since|by|per|among|before|after|between)\b|\W*$)`,
  'gi',
);

/** `pacemakers 2012-2014`, `MRSA screens since 2015`: events of one kind in a period. */
const IN_PERIOD = new RegExp(
  String.raw`^\W*(?:(?:how many|number of|count of|count|list|show|all|the|any|total) )*(${NAME})(?: (?:tests?|screens?|screenings?|scans?|results?|orders?|cases))?(?: (?:in|from|since|between|during|before|after|by|per))* ?(?:__DATE_\d+__|${NUMBER}[-–]${NUMBER}|(?:year|month)s?\b)`,
  'gi',
);

/** What nearly every record of care has, whatever its tables are called. */
const CARE =
  /\b(?:hospitali[sz](?:ations?|ed)|(?:still|currently|now|presently) in (?:the )?hospital|(?:most|least) (?:common|frequent) (?:problems?|illness(?:es)?|diseases?))\b/i;

/** `how much is still owed?`, `money paid by Acme` */
const MONEY =
  /\bhow much\b.*\b(?:owed?|owes|owing|outstanding|unpaid|overdue|due|billed|invoiced|charged?|charges|paid|pays?|spent|spend|costs?|earned?|refunded|reimbursed)\b|\b(?:money|owes?|owed|owing|unpaid)\b/i;
const MONEY_COLUMN = /(?:amount|cost|charge|price|paid|payment|balance|fee|bill|expense|reimburse|invoice)/i;

/** Whether money is asked for, and the schema keeps sums of it. */
function isOfMoney(question: string, index: SchemaIndex): boolean {
  if (!MONEY.test(question)) return false;
  return index.tables.some(({ columns }) => columns.some(({ name }) => MONEY_COLUMN.test(name)));
}

export function framesOf(question: string, index: SchemaIndex): QuestionFrames {
  const roles = rolesOf(index.bundle);
  const isCare = index.tables.some((table) => roles.ofTable(table).role === 'event');
  if (!isCare) return { isPlaced: false, isCare, objects: new Set(), done: new Set() };
  const all = (pattern: RegExp): string[] => [...question.matchAll(pattern)].map(([, name]) => name!);
  const measured = all(MEASURED);
  const objects = new Set([...measured, ...all(CARED), ...all(USERS)]);
  const isPlaced =
    all(USERS).length > 0 ||
    isOfMoney(question, index) ||
    CARE.test(question) ||
    HUMANS.test(question) ||
    measured.length > 0 ||
    all(STATISTIC).length > 0 ||
    all(IN_PERIOD).length > 0 ||
    SOMEBODY.test(question) ||
    ((STRONG.test(question) || WHO_HAD.test(question)) && objects.size > 0);
  const done = new Set(
    scorerOf(index).explains('procedure') >= 0.5 ? [...all(DONE), ...all(PERFORMED), ...all(IN_PERIOD)] : [],
  );
  return { isPlaced, isCare, objects, done };
}
