import type { ColumnRole } from './roles.js';

/**
 * What kind of thing a text or a key names, where its column's name says so: a system of codes or of IDs (`icd`, `mrn`),
 * what a code is of (`diagnosis`), whose key it is (`patient`), what is numbered (`article`: a lot, a device), or something
 * that is no ID (`sex`, `unit`, `name`).
 */
export type ColumnDomain =
  | ('mrn' | 'npi' | 'ssn' | 'phone' | 'document')
  | ('icd' | 'cpt' | 'loinc' | 'ndc' | 'snomed' | 'rxnorm' | 'atc')
  | ('diagnosis' | 'procedure' | 'lab' | 'drug' | 'zip')
  | ('patient' | 'encounter' | 'provider' | 'article')
  | ('sex' | 'marital' | 'race' | 'language' | 'religion' | 'class' | 'unit' | 'time')
  | ('person' | 'city' | 'region' | 'name' | 'text');

/** The kinds of ID that people write, by what they may be compared with. Any other kind counts as a `key`. */
export const ID_CLASSES = [
  ...['patient', 'encounter', 'key', 'mrn', 'npi', 'ssn', 'phone', 'uuid'],
  ...['icd', 'cpt', 'loinc', 'ndc', 'snomed', 'rxnorm', 'atc'],
] as const;
export type IdClass = (typeof ID_CLASSES)[number];

const ALIASES: Readonly<Record<string, IdClass | undefined>> = {
  visit: 'encounter',
  icd9: 'icd',
  icd10: 'icd',
};

/** The class of a kind of ID, as the vault names it. */
export function idClassOf(kind: string): IdClass {
  return ALIASES[kind] ?? ID_CLASSES.find((one) => one === kind) ?? 'key';
}

/** The columns that may hold an ID; any column may whose name says nothing. */
const HOMES: Readonly<Record<Exclude<IdClass, 'key'>, readonly ColumnDomain[]>> = {
  patient: ['patient', 'mrn', 'ssn', 'document'],
  encounter: ['encounter'],
  uuid: ['patient', 'encounter', 'provider', 'article'],
  mrn: ['mrn', 'patient'],
  npi: ['npi', 'provider'],
  ssn: ['ssn', 'patient', 'provider'],
  phone: ['phone'],
  icd: ['icd', 'diagnosis', 'procedure'],
  cpt: ['cpt', 'procedure', 'lab', 'drug'],
  loinc: ['loinc', 'lab'],
  ndc: ['ndc', 'drug'],
  snomed: ['snomed', 'diagnosis', 'procedure', 'lab', 'drug'],
  rxnorm: ['rxnorm', 'drug'],
  atc: ['atc', 'drug'],
};

/** Classes of IDs of persons and stays. A code that says nothing of whose it is holds none, but of a row of its own table. */
const OF_PERSONS: ReadonlySet<IdClass> = new Set<IdClass>([
  'patient',
  'encounter',
  'mrn',
  'npi',
  'ssn',
  'phone',
]);

export function isOfPerson(idClass: IdClass): boolean {
  return OF_PERSONS.has(idClass);
}

/** What names call: none is the same as another, although some name may spell it. */
const WORDS = [
  'sex',
  'marital',
  'race',
  'language',
  'religion',
  'class',
  'unit',
  'person',
  'city',
  'region',
] as const;
/**
 * What no ID is compared with, of whatever kind. A name or a text may be: `D5W`, `T4` and people called `Abe604` are spelled
 * as keys are.
 */
const WITHOUT_IDS: ReadonlySet<ColumnDomain> = new Set<ColumnDomain>([
  ...WORDS.filter((word) => word !== 'class' && word !== 'person'),
  'time',
]);

/** Whether a column of that domain can hold an ID of that class. */
export function mayHold(idClass: IdClass, domain: ColumnDomain | undefined): boolean {
  if (domain === undefined) return true;
  return idClass === 'key' ? !WITHOUT_IDS.has(domain) : HOMES[idClass].includes(domain);
}

/** Domains whose values may be the same. */
const ALIKE: readonly ReadonlySet<ColumnDomain>[] = [
  ['diagnosis', 'icd', 'snomed'],
  ['procedure', 'cpt', 'icd', 'snomed'],
  ['lab', 'loinc', 'cpt', 'snomed', 'procedure'],
  ['drug', 'ndc', 'rxnorm', 'atc', 'snomed', 'cpt'],
  ['patient', 'mrn', 'ssn', 'document'],
  ['provider', 'npi', 'ssn', 'document'],
  ['name', 'text', 'drug', 'lab'],
  ...WORDS.map((word) => ['name', word]),
].map((list) => new Set(list as ColumnDomain[]));

/** Whether an ID may be looked for in texts of that domain: a note may speak of a code. */
export function maySpell(domain: ColumnDomain | undefined): boolean {
  return domain === 'text';
}

/** What a number may be written beside as an amount: a result, a class, a note; none of what names or numbers a thing. */
const COUNTABLE: ReadonlySet<ColumnDomain> = new Set<ColumnDomain>(['text', 'class', 'name', 'lab', 'time']);

/** Whether a column of that domain can hold an amount. */
export function mayCount(domain: ColumnDomain | undefined): boolean {
  return domain === undefined || COUNTABLE.has(domain);
}

/** Whether values of the two domains can name the same thing. */
export function mayEqual(a: ColumnDomain | undefined, b: ColumnDomain | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return true;
  return ALIKE.some((domains) => domains.has(a) && domains.has(b));
}

const SYSTEMS: readonly (readonly [RegExp, ColumnDomain])[] = [
  [/\bmedical record\b|\bhospital number\b|\bmrn\b/, 'mrn'],
  [/\bnational provider\b|\bnpi\b/, 'npi'],
  [/\bsocial security\b|\bssn\b/, 'ssn'],
  [/\bpassport\b|\bdrivers?\b|\bdea number\b|\blicen[cs]e number\b/, 'document'],
  [/\bicd/, 'icd'],
  [/\bloinc\b/, 'loinc'],
  [/\bnational drug code\b|\bndc\b/, 'ndc'],
  [/\bsnomed\b/, 'snomed'],
  [/\brx ?norm\b|\brxcui\b/, 'rxnorm'],
  [/\batc\b/, 'atc'],
  [/\b(?:cpt4?|hcpcs)\b/, 'cpt'],
];

/** What codes are of, in names of columns (`diagnosis code`, `dx`) and of the tables that keys refer to. */
const TOPICS: readonly (readonly [RegExp, ColumnDomain])[] = [
  [/^(?:raw )?(?:\w+ )?diagnos[ie]s(?: codes?)?(?: \d+)?$/, 'diagnosis'],
  [/^(?:raw )?(?:\w+ )?procedures?(?: codes?)?(?: \d+)?$/, 'procedure'],
  [/^(?:raw )?(?:lab|laboratory)(?: test)? codes?$/, 'lab'],
  [/^(?:raw )?(?:\w+ )?(?:drug|medication|generic sequence) (?:codes?|number)$/, 'drug'],
];

/** What names are of: the name of a drug is no name of a person. */
const NAMED: readonly (readonly [RegExp, ColumnDomain])[] = [
  [/^(?:\w+ )?(?:drug|medication|medicine|brand)(?: name)?$/, 'drug'],
  [/^(?:\w+ )?(?:lab|laboratory|test|analyte)(?: name)?$/, 'lab'],
];

const DEMOGRAPHICS: readonly (readonly [RegExp, ColumnDomain])[] = [
  [/\b(?:sex|gender)\b/, 'sex'],
  [/\bmarital\b/, 'marital'],
  [/\b(?:race|ethnicity|ethnic|hispanic)\b/, 'race'],
  [/\blanguage\b/, 'language'],
  [/\breligion\b/, 'religion'],
];

/** Whose key a column is, by the noun that its name ends with. */
const KEYS: readonly (readonly [RegExp, ColumnDomain])[] = [
  [/\b(?:patient|person)$/, 'patient'],
  [/\b(?:encounter|visit|visit occurrence|admission|hospital stay)$/, 'encounter'],
  [/\b(?:provider|doctor|physician|practitioner|clinician|nurse)$/, 'provider'],
];

/** Things that have numbers of their own. */
const ARTICLE = /\b(?:serial|lot|batch|barcode|stock)\b/;
const ARTICLES =
  /\b(?:specimen|sample|order|prescription|facility|organi[sz]ation|location|site|payer|plan|device|room|bed|ward|department|invoice|claim|bill|policy|document|image|form|note)$/;

/** What stands after the noun of a key. */
const KEY_ENDS = / (?:id|identifier|key|code|number|source value)$/;
/** What codes that classify are called: none of them tells one row from another. */
const CLASSES = new RegExp(
  String.raw`\b(?:type|class|category|group|version|status|priority|severity|route|frequency|source|origin|kind|outcome|mode|method|grade|level|subtype|state|specialty|speciality|profession|occupation|education|classification|vocabulary|domain|modality|laterality|certainty|confidence|position|side|ownership|interpretation|urgency|operator|behavior|fluid|transport|rhythm|interval|smoking|tobacco|locale|currency|format|basis|management|orientation|qualifier|scale|flag|system)$`,
);
const IDENTIFYING = /\b(?:id|identifier|code|number|key|no|nbr)\b/;
const PERSON =
  /^(?:first|last|middle|maiden|prefix|suffix)$|\b(?:first|last|middle|maiden|full|family|given) name\b|\bsurname\b|\bforename\b/;
const CITY = /\b(?:city|town|village)$/;
const REGION = /\b(?:county|country|province|street|state)$/;
const PROSE =
  /\b(?:name|title|description|label|text|comments?|notes?|remarks?|narrative|address|payer|insurer|employer|product|organism|antibiotic|degree|abbreviation|term|birthplace)\b/;

/** The first of a list whose pattern fits. */
function first(rows: readonly (readonly [RegExp, ColumnDomain])[], words: string): ColumnDomain | undefined {
  return rows.find(([pattern]) => pattern.test(words))?.[1];
}

/** The domain of a column. @param words the readable words of its name, abbreviations expanded */
export function domainOfColumn(words: string, role: ColumnRole): ColumnDomain | undefined {
  switch (role) {
    case 'unit':
      return 'unit';
    case 'status':
    case 'flag':
      return 'class';
    case 'start':
    case 'end':
    case 'time':
      return 'time';
    case 'name':
      return domainOfWords(words, role);
    case 'text':
      return domainOfWords(words, role) ?? (IDENTIFYING.test(words) ? undefined : 'text');
    case 'value':
      return 'text';
    case 'key':
    case 'foreign-key':
      return first(SYSTEMS, words) ?? domainOfKey(words);
    case 'code':
      return domainOfCode(words);
    default:
      return undefined;
  }
}

function domainOfWords(words: string, role: 'name' | 'text'): ColumnDomain | undefined {
  if (/\b(?:phone|telephone|fax)\b/.test(words)) return 'phone';
  if (IDENTIFYING.test(words)) return undefined;
  if (PERSON.test(words)) return 'person';
  if (CITY.test(words)) return 'city';
  if (REGION.test(words)) return 'region';
  const named = role === 'name' ? first(NAMED, words) : undefined;
  if (named !== undefined) return named;
  return PROSE.test(words) ? role : undefined;
}

function domainOfCode(words: string): ColumnDomain | undefined {
  const demographic = first(DEMOGRAPHICS, words);
  if (demographic !== undefined) return demographic;
  if (CLASSES.test(words.replace(/(?<!\bsource) codes?$/, ''))) return 'class';
  if (words.endsWith('source value')) return domainOfKey(words);
  if (/\b(?:zip|postal|post ?code)\b/.test(words)) return 'zip';
  return first(SYSTEMS, words) ?? first(TOPICS, words) ?? first(KEYS, words.replace(KEY_ENDS, ''));
}

function domainOfKey(words: string): ColumnDomain | undefined {
  const noun = words.replace(KEY_ENDS, '');
  if (ARTICLE.test(words) || (noun !== words && ARTICLES.test(noun))) return 'article';
  return first(KEYS, noun);
}

/** The domain of a key that refers to a table, by what the table's rows are, or by its name. */
export function domainOfTable(words: string, role: string): ColumnDomain | undefined {
  if (role === 'patient' || role === 'encounter') return role;
  return role === 'catalogue' ? (first(SYSTEMS, words) ?? first(TOPICS, words)) : undefined;
}
