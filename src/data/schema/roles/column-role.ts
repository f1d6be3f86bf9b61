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
  /** True if the table has other parts of an address: a city, a postal code. */
  hasAddress: boolean;
  /** True if its own table is small and called as the column is, and another column identifies the rows. */
  namesOwnTable: boolean;
  /** True if another table of the schema is called as the column is. */
  namesTable: boolean;
}

const set = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const START = set(
  `start starts started begin begins began from admit admission admitted effective in enrolled activated onset login since arrival
  arrived opened opening scheduled`,
);
const END =
  set(`end ends ended stop stopped discharge discharged to thru through until expiration expiry expire expires expired out
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
  coverage deduction adjustments transfers billing tax`);
const MONEY_HERE = set('amount total approved adjustment discount value');
/** Sums of money even where they are whole numbers. */
const MONEY_ALWAYS = set('income cost price salary revenue expense expenses');
const FLAG =
  set(`flag indicator is has deleted voided active retired locked dead hidden required enabled disabled lock included
  include allow allowed blocked preferred published yes given cancelled canceled`);
const NOT_FLAG = set('number date time by reason count id type');
const CODE =
  set(`code type category class group level sex gender race ethnicity language religion marital icd icd9 icd10 snomed
  loinc ndc cpt hcpcs version priority mode method zip postal locale modifier grade kind severity route frequency specialty speciality
  source origin nationality currency profession occupation hispanic smoking tobacco modality region education classification
  laterality certainty position management system insurance ownership datatype format interpretation urgency operator action
  behavior fluid transport rhythm path diagnosis procedure condition reaction location site interval mortality impute`);
const NAME =
  set(`name label title surname abbreviation city county country town village description medication drug product brand
  forename prefix suffix first last middle maiden test tag term word organism antibiotic string province`);
const TEXT =
  set(`comment comments note notes remark remarks text message instructions instruction directions reason address phone
  telephone fax email history narrative explanation justification complaint detail details error allergies answer question
  usage link criteria template coded snippet anamnesis allergy surgery therapy findings impression symptoms signs
  conclusion advice observations tooltip`);
const OTHER = set(
  `password folder configuration config url sql xml xsd xslt handler salt icon photo image thumbnail port host secret ip blob hash picture namespace`,
);
const ORDINAL = set('sequence order rank index position ordinal sort line priority page lock rn number');
const VALUE =
  set(`value result quantity amount count number score rate dose dosage total minimum maximum average age height weight
  temperature pressure percent ratio latitude longitude volume duration length days hours minutes strength low high range
  balance size limit level saturation pain utilization frequency interval
  flow peep fio2 spo2 tidal pulse bmi creatinine glucose hemoglobin hematocrit sodium potassium albumin bilirubin platelets
  lactate oxygen`);
const STATUS = set('status state disposition stage');
const ADDRESS = set('address city zip county country street province postal village');
const PERSONAL_NUMBERS = set('security passport license drivers npi dea mrn tax accession');
/** Systems whose identifiers are codes. */
const CODE_SYSTEMS = set('rxnorm snomed loinc icd icd9 icd10 umls cpt hcpcs ndc atc');
/** Last words of measures, which are no money even if they are about it: `cost index`. */
const MEASURES = set(
  'index ratio rate score count number day days month year percent percentage probability rank quantity weight period limit',
);
/** What stands before the ID that a row has in another system. */
const ELSEWHERE = set('legacy external old original alternate row global');
/** Short words that end in `id` and are no abbreviation of an ID. */
const NO_ID = set(
  'paid void valid fluid covid avoid rapid aid bid mid grid said acid lipid solid braid bdid tid qid',
);
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
  return (
    (has(words, FLAG) && !CODE.has(last(words))) ||
    /^as needed$/.test(own.join(' ')) ||
    /[^e]ed$/.test(last(words))
  );
}

/** `hfid` and `dbid` are IDs of something that its abbreviation does not tell. */
function isIdentifier(words: readonly string[]): boolean {
  const end = last(words);
  if (['id', 'identifier', 'uid', 'key'].includes(end)) return true;
  return end.length <= 5 && /[a-z]id$/.test(end) && !NO_ID.has(end);
}

/** The role of a column that identifies something. */
function identifierRole(words: readonly string[]): ColumnRole {
  if (has(words, PERSONAL_NUMBERS) || (ELSEWHERE.has(words[0]!) && words.length === 2)) return 'key';
  return has(words, CODE_SYSTEMS) ? 'code' : 'foreign-key';
}

/** A trailing number counts columns of one kind: `diagnosis 3` is a diagnosis. */
function withoutCounter(words: readonly string[]): readonly string[] {
  return words.length > 1 && /^\d+$/.test(last(words)) ? words.slice(0, -1) : words;
}

/**
 * A last word that was not taken apart, such as `loadingdose`: the longest word that says what a column is and ends it.
 */
function withKnownEnd(words: readonly string[]): readonly string[] {
  const end = last(words);
  if (KNOWN_ENDS.has(end)) return words;
  for (let at = 3; at <= end.length - SHORTEST_END; at++) {
    const known = end.slice(at);
    if (KNOWN_ENDS.has(known) && !AMBIGUOUS_ENDS.has(known)) return [...words, known];
  }
  return words;
}

const KNOWN_ENDS: ReadonlySet<string> = new Set(
  [CODE, NAME, TEXT, VALUE, STATUS, TIME, MONEY, OTHER].flatMap((list) => [...list]),
);
const SHORTEST_END = 4;
/** Words that other words end with by chance: `candidate`, `estate`, `corporate`, `centime`, `reward`. */
const AMBIGUOUS_ENDS = set('date time state rate line word sort pain host salt port sing rank tag term test');

function numberRole(facts: ColumnFacts): ColumnRole {
  const words = withKnownEnd(withoutCounter(facts.own));
  if (isIdentifier(words)) return identifierRole(words);
  if (words.includes('npi')) return 'key';
  const isWhole = /int/.test(facts.type.base);
  if (isWhole && words.includes('id')) return 'foreign-key';
  if (OTHER.has(last(words))) return 'other';
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
  if (/^(number|count|total) of\b/.test(words.join(' '))) return 'value';
  if (facts.namesTable) return 'foreign-key';
  if (words.includes('sequence') || words.includes('sort')) return 'other';
  if (!isWhole && (MEASURES.has(last(words)) || words[0] === 'quantity')) return 'value';
  if (has(words, MONEY_ALWAYS) || (!isWhole && has(words, MONEY))) return 'money';
  if (facts.isAboutMoney && facts.type.scale === 2 && !has(words, MEASURES)) return 'money';
  const ends = [words[0]!, last(words)];
  if (!isWhole && facts.isAboutMoney && !has(words, MEASURES) && has(ends, MONEY_HERE)) {
    return 'money';
  }
  const measured = last(words) === 'number' ? words.slice(0, -1) : words;
  if (isWhole && (has(words, ORDINAL) || measured !== words) && !has(measured, VALUE)) return 'other';
  // What has decimals is measured; it stands for nothing.
  const canBeCode = !/float|real/.test(facts.type.base) && (facts.type.scale ?? 0) === 0;
  return canBeCode && has(words, CODE) && !has(words, VALUE) ? 'code' : 'value';
}

function stringRole(facts: ColumnFacts): ColumnRole {
  const words = withKnownEnd(withoutCounter(facts.own));
  const phrase = words.join(' ');
  const end = last(words);
  if (OTHER.has(end) || /\b(password|xml|sql|namespace)\b/.test(phrase)) return 'other';
  if (words.includes('email')) return 'text';
  if (/\b(private|public|secret|api|activation|encryption) key$/.test(phrase)) return 'other';
  if (facts.namesOwnTable && end !== 'code' && end !== 'number') return 'name';
  if (end === 'identifier' || end === 'key') return 'key';
  if (isIdentifier(words)) return identifierRole(words);
  if (end === 'by' || end === 'user') return 'foreign-key';
  if (has(words, PERSONAL_NUMBERS) && !has(words, NAME) && phrase !== 'accession code') return 'key';
  if (isFlag(facts)) return 'flag';
  if (phrase.endsWith('source value') || phrase.startsWith('generic sequence')) return withoutSource(words);
  if (/^(sequence|ordinal|rank)$/.test(end)) return 'other';
  if (words[0] === 'reason' && end !== 'code' && end !== 'description' && facts.length > SHORT) return 'text';
  if (/\bvalue as string$/.test(phrase)) return 'value';
  if (/\bunits? (code|name)$/.test(phrase)) return 'unit';
  if (phrase.endsWith('care unit') || phrase.endsWith('dose form')) return 'code';
  if (end === 'reference' && facts.length >= LONG) return 'text';
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
/** A reference that may be longer is prose. */
const LONG = 100;

function roleOfWord(word: string, facts: ColumnFacts): ColumnRole | undefined {
  const { own, length } = facts;
  const phrase = own.join(' ');
  if (word === 'date' || word === 'time') return pointInTime(own);
  if ((word === 'unit' || word === 'units') && !phrase.includes('care unit')) return 'unit';
  if (phrase.endsWith('unit of measure') || phrase.endsWith('unit name')) return 'unit';
  if (/\b(status|stage)\b/.test(phrase) && !phrase.includes('marital')) return 'status';
  if (/\b(category|component type) (name|description)$/.test(phrase)) return 'code';
  if (word === 'state' && facts.hasAddress) return length <= 3 ? 'code' : 'name';
  if (word === 'state' && length <= 100)
    return /province|headquartered|license/.test(phrase) ? 'name' : 'status';
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
