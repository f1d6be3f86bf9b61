import type { SqlType } from '../../../tsql/types.js';
import type { ColumnRole } from './roles.js';

/** What is known of a column before its role is. */
export interface ColumnFacts {
  /** Its readable words: abbreviations are expanded. */
  words: readonly string[];
  /** The words after the prefix that the columns of its table share, if they share one. */
  own: readonly string[];
  type: SqlType;
  /** Most characters of a string; infinite for `max`. */
  length: number;
  isOnlyKey: boolean;
  isForeignKey: boolean;
  /** True if no key is declared and the name says that the column identifies the table's rows. */
  looksLikeKey: boolean;
  /** True if the name is the number of a patient or an encounter. */
  isReference: boolean;
  /** True if the table is about money: bills, claims, payments. */
  isAboutMoney: boolean;
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const START = set(
  `start started begin began from admit admission admitted effective in enrolled activated onset login since arrival
  arrived opened opening scheduled`,
);
const END =
  set(`end ended stop stopped discharge discharged to thru through until expiration expiry expire expires expired out
  termination terminated completed logout resolve resolved resolution due validity departure departed closed closing
  completion finish finished`);
/** Times of the record and of a life are neither start nor end of what the row is about. */
const NEITHER =
  set(`created creation modified changed update updated birth death voided retired deleted refresh store stored
  entered enter import upload download last`);
const TIME = set('date time datetime timestamp day offset stamp when');
const MONEY =
  set(`cost charge price paid payment payments fee balance copay coinsurance deductible premium revenue income expense
  expenses billed outstanding claimed money currency sum salary reimbursement remunerated lump price totalcost debt credit
  coverage deduction adjustments transfers`);
const MONEY_HERE = set('amount total approved adjustment discount value');
/** Sums of money even where they are whole numbers. */
const MONEY_ALWAYS = set('income cost price salary revenue expense expenses');
const FLAG =
  set(`flag indicator is has deleted voided active retired locked dead hidden required enabled disabled lock included
  include allow allowed blocked preferred published yes given cancelled canceled`);
const NOT_FLAG = set('number date time by reason count id type');
const CODE =
  set(`code type category class group level sex gender race ethnicity language religion marital icd icd9 icd10 snomed
  loinc ndc cpt hcpcs version priority mode method zip postal locale modifier grade kind severity route frequency specialty
  source origin nationality currency profession occupation hispanic smoking tobacco modality region education classification
  laterality certainty position management system insurance ownership datatype format interpretation urgency operator action
  behavior fluid transport rhythm path diagnosis procedure condition reaction location site interval mortality impute`);
const NAME =
  set(`name label title surname abbreviation city county country town village description medication drug product brand
  forename prefix suffix first last middle maiden test tag term word organism antibiotic string province`);
const TEXT =
  set(`comment comments note notes remark remarks text message instructions instruction directions reason address phone
  telephone fax email history narrative explanation justification complaint detail details error allergies answer question
  usage link criteria template coded narrative`);
const OTHER = set(
  `password folder configuration sql xml xsd xslt handler salt icon photo image thumbnail port host secret ip blob hash picture namespace`,
);
const ORDINAL = set('sequence order rank index position ordinal sort line priority page lock rn number');
const VALUE =
  set(`value result quantity amount count number score rate dose dosage total minimum maximum average age height weight
  temperature pressure percent ratio latitude longitude volume duration length days hours minutes strength low high range
  balance size limit level saturation pain utilization frequency interval`);
const STATUS = set('status state disposition stage');
const ADDRESS = set('address city zip county country street province postal village');
const PERSONAL_NUMBERS = set('social passport license drivers npi dea mrn tax accession');
/** Conditions and therapies; a small whole number beside one says whether the patient has it. */
const CONDITIONS =
  set(`aids hiv lymphoma leukemia cirrhosis diabetes hepatitis cancer failure asthma hypertension stroke infarction
  hepaticfailure dialysis ventilator intubated thrombolytics transplant immunosuppression pregnant smoker died surgery readmit
  electivesurgery metastaticcancer arthritis dementia depression obesity sepsis pneumonia`);
/** Verbs and adverbs with which names of yes-or-no columns begin. */
const ASKING = set('is has was will can defines');

/** The role of a column, from its keys, its type and its words, in that order. */
export function columnRole(facts: ColumnFacts): ColumnRole {
  const { words, type } = facts;
  const phrase = words.join(' ');
  if (facts.isForeignKey) return 'foreign-key';
  if (facts.isOnlyKey || facts.looksLikeKey) return 'key';
  if (type.base === 'uniqueidentifier' || /\bunique (device )?id$/.test(phrase)) return 'key';
  if (type.base === 'bit') return 'flag';
  if (/binary|image|xml|rowversion|^timestamp$/.test(type.base)) return 'other';
  if (type.family === 'date' || type.base === 'time') return pointInTime(facts.own);
  if (facts.isReference || /\bid( [a-z]| \d+| from| to)+$/.test(phrase)) return 'foreign-key';
  return type.family === 'number' ? numberRole(facts) : stringRole(facts);
}

const last = (words: readonly string[]): string => words.at(-1) ?? '';
const has = (words: readonly string[], list: ReadonlySet<string>): boolean =>
  words.some((word) => list.has(word));

/** What comes last in an English name is what the column is: `discharge date of admission` aside. */
function pointInTime(words: readonly string[]): ColumnRole {
  if (has(words, NEITHER)) return 'time';
  for (const word of [...words].reverse()) {
    if (END.has(word)) return 'end';
    if (START.has(word)) return 'start';
  }
  return 'time';
}

function isFlag({ words, own, length, type }: ColumnFacts): boolean {
  if (ASKING.has(own[0]!) && last(words) !== 'by') return true;
  if (/^(include|included|daily|exists)$/.test(last(words)) && type.family === 'number') return true;
  if (length > 6 || has(words, NOT_FLAG) || has(words, STATUS)) return false;
  if (type.family === 'number' && has(words, CONDITIONS)) return true;
  return has(words, FLAG) || /^as needed$/.test(own.join(' ')) || /[^e]ed$/.test(last(words));
}

function isIdentifier(words: readonly string[]): boolean {
  return ['id', 'identifier', 'uid', 'key'].includes(last(words));
}

/** A trailing number counts columns of one kind: `diagnosis 3` is a diagnosis. */
function withoutCounter(words: readonly string[]): readonly string[] {
  return words.length > 1 && /^\d+$/.test(last(words)) ? words.slice(0, -1) : words;
}

function numberRole(facts: ColumnFacts): ColumnRole {
  const words = withoutCounter(facts.own);
  if (isIdentifier(words)) return 'foreign-key';
  if (last(facts.words) === 'by' || last(facts.words) === 'creator') return 'foreign-key';
  if (last(words) === 'offset') return pointInTime(words);
  if (isFlag(facts)) return 'flag';
  if (/money/.test(facts.type.base)) return 'money';
  if (has(words, STATUS)) return 'status';
  if (
    last(words) === 'code' ||
    last(words) === 'type' ||
    last(words) === 'category' ||
    last(words) === 'version'
  )
    return 'code';
  if (words.includes('year') || (has(words, TIME) && has(words, NEITHER))) return 'time';
  const isWhole = /int/.test(facts.type.base);
  if (has(words, MONEY_ALWAYS) || (!isWhole && has(words, MONEY))) return 'money';
  const ends = [words[0]!, last(words)];
  if (
    !isWhole &&
    (ends.includes('amount') || facts.isAboutMoney) &&
    facts.isAboutMoney &&
    has(ends, MONEY_HERE)
  ) {
    return 'money';
  }
  const measured = last(words) === 'number' ? words.slice(0, -1) : words;
  if (isWhole && (has(words, ORDINAL) || measured !== words) && !has(measured, VALUE)) return 'other';
  if (words.includes('sequence') || words.includes('sort')) return 'other';
  return has(words, CODE) && !has(words, VALUE) ? 'code' : 'value';
}

function stringRole(facts: ColumnFacts): ColumnRole {
  const words = withoutCounter(facts.own);
  const phrase = words.join(' ');
  const end = last(words);
  if (OTHER.has(end) || /\b(password|xml|sql|namespace)\b/.test(phrase)) return 'other';
  if (end === 'identifier' || end === 'key') return 'key';
  if (isIdentifier(words)) return has(words, PERSONAL_NUMBERS) ? 'key' : 'foreign-key';
  if (end === 'by' || end === 'user') return 'foreign-key';
  if (has(words, PERSONAL_NUMBERS) && !has(words, NAME)) return 'key';
  if (isFlag(facts)) return 'flag';
  if (phrase.endsWith('source value') || phrase.startsWith('generic sequence')) return withoutSource(words);
  if (/^(sequence|ordinal|rank)$/.test(end)) return 'other';
  if (words[0] === 'reason' && end !== 'code' && end !== 'description' && facts.length > SHORT) return 'text';
  if (/\bvalue as string$/.test(phrase)) return 'value';
  if (/\bunits? (code|name)$/.test(phrase)) return 'unit';
  if (phrase.endsWith('care unit')) return 'code';
  const byLast = roleOfWord(end, facts);
  if (byLast) return byLast;
  for (const word of [...words].reverse()) {
    if (word === 'date' || word === 'time') continue;
    const role = roleOfWord(word, facts);
    if (role) return role;
  }
  if (words.includes('date')) return pointInTime(words);
  if (facts.length <= 30) return 'code';
  return facts.length <= 300 ? 'name' : 'text';
}

/** The original form of a coded value is a code, and that of a unit a unit. */
function withoutSource(words: readonly string[]): ColumnRole {
  return words.includes('unit') ? 'unit' : 'code';
}

/** No free text is shorter. */
const SHORT = 10;

function roleOfWord(word: string, { own, length }: ColumnFacts): ColumnRole | undefined {
  const phrase = own.join(' ');
  if (word === 'date' || word === 'time') return pointInTime(own);
  if ((word === 'unit' || word === 'units') && !phrase.includes('care unit')) return 'unit';
  if (phrase.endsWith('unit of measure') || phrase.endsWith('unit name')) return 'unit';
  if (/\b(status|stage)\b/.test(phrase) && !phrase.includes('marital')) return 'status';
  if (/\b(category|component type) (name|description)$/.test(phrase)) return 'code';
  if (word === 'state' && length <= 100)
    return /^state$|province|headquartered|license/.test(phrase) ? 'name' : 'status';
  if (word === 'status') return 'code';
  if (STATUS.has(word)) return 'status';
  if (word === 'description' || word === 'information') {
    return length > 1000 && !/\b(long|short|full)\b/.test(phrase) ? 'text' : 'name';
  }
  if (ADDRESS.has(word) && word !== 'address' && word !== 'street') return NAME.has(word) ? 'name' : 'code';
  if (TEXT.has(word)) return length <= SHORT ? 'code' : 'text';
  if (NAME.has(word)) return 'name';
  if (CODE.has(word)) return 'code';
  if (word === 'number' && length > 1) return /phone|fax/.test(phrase) ? 'text' : 'key';
  return VALUE.has(word) ? 'value' : undefined;
}
