import { typeOfSpelling, type PlaceholderPrefix, type PlaceholderType } from '../../placeholder.js';
import { parseSqlType } from '../../../tsql/types.js';
import type { Attribute } from '../topics/entities.js';
import type { QueryValue } from '../statement/program.js';
import type { Random } from '../../../base/random.js';
import type { NumberRange } from './numbers.js';

/**
 * Invented values as people spell them. The model never sees them. They let the vault be tested on the corpus:
 * `vault(raw question)` must give the masked question.
 */

/** Formats of full dates. */
export const DATE_FORMATS = [
  'iso',
  'long',
  'dayFirst',
  'short',
  'us',
  'ordinal',
  'dayOrdinal',
  'dayShort',
  'dashed',
  'slashed',
  'usShort',
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];
export type Period = 'month' | 'quarter' | 'year';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

function makeValue(
  prefix: PlaceholderPrefix,
  kind: string,
  type: PlaceholderType,
  text: string,
  value?: string,
): QueryValue {
  const made: QueryValue = { prefix, name: '', kind, type, text };
  if (value !== undefined) made.value = value;
  return made;
}

const KIND_OF_NOUN: Record<string, string> = {
  patient: 'patient',
  person: 'patient',
  visit: 'visit',
  encounter: 'encounter',
  order: 'order',
  claim: 'claim',
  mrn: 'mrn',
  npi: 'npi',
  ndc: 'ndc',
  loinc: 'loinc',
  ssn: 'ssn',
  cpt: 'cpt',
  hcpcs: 'cpt',
};

const idKinds = new Map<string, string>();
const MAX_REMEMBERED = 1 << 16;

/** The kind that the noun before an ID implies: `patient id` → patient; `key` for any other noun. */
function idKindOf(noun: string): string {
  let kind = idKinds.get(noun);
  if (kind === undefined) {
    const words = noun.split(' ').filter((word) => !/^(id|key|number|code|occurrence)$/.test(word));
    kind = /\bmedical record number$/.test(noun)
      ? 'mrn'
      : (KIND_OF_NOUN[words[words.length - 1] ?? ''] ?? 'key');
    if (idKinds.size >= MAX_REMEMBERED) idKinds.clear();
    idKinds.set(noun, kind);
  }
  return kind;
}

/**
 * An ID for the attribute, which the question calls `noun`.
 * @param like another ID of the column: all of them look alike
 */
export function idValue(
  random: Random,
  attribute: Pick<Attribute, 'column'>,
  noun: string,
  like?: QueryValue,
): QueryValue {
  const type = parseSqlType(attribute.column.type);
  // The server often stores UUIDs as text. As in the vault, a UUID is one whatever its noun.
  const isUuid =
    type?.family === 'uuid' || (type?.family === 'string' && /uuid$/i.test(attribute.column.name));
  const kind = isUuid ? 'uuid' : idKindOf(noun);
  let text: string;
  const isFirst = like === undefined ? random.chance(0.5) : /^(00|\d{11})/.test(like.text);
  if (type?.base === 'bigint' && isFirst) {
    text = String(random.between(2, 9)) + digits(random, 10);
  } else if (type?.family === 'number') {
    text = String(random.between(1000, type.base === 'smallint' ? 30000 : 9_999_999));
  } else if (isUuid) {
    text = uuid(random);
  } else if (kind === 'npi') {
    text = `1${digits(random, 9)}`;
  } else {
    text = isFirst ? `00${digits(random, 6)}` : `${letters(random, 2)}${digits(random, 6)}`;
  }
  return makeValue('ID', kind, typeOfSpelling(text), text);
}

export function dateValue(random: Random, formats: readonly DateFormat[], earliest = 2010): QueryValue {
  const year = random.between(earliest, earliest + 6);
  const month = random.between(1, 12);
  const day = random.between(1, 28);
  const iso = spellDate('iso', year, month, day);
  const text = spellDate(random.pick(formats), year, month, day);
  return makeValue('DATE', 'date', 'date', text, text === iso ? undefined : iso);
}

function spellDate(format: DateFormat, year: number, month: number, day: number): string {
  const name = MONTHS[month - 1]!;
  switch (format) {
    case 'iso':
      return `${year}-${two(month)}-${two(day)}`;
    case 'long':
      return `${name} ${day}, ${year}`;
    case 'dayFirst':
      return `${day} ${name} ${year}`;
    case 'short':
      return `${name.slice(0, 3)} ${day}, ${year}`;
    case 'us':
      return `${two(month)}/${two(day)}/${year}`;
    case 'ordinal':
      return `${name} ${ordinal(day)}, ${year}`;
    case 'dayOrdinal':
      return `${ordinal(day)} of ${name} ${year}`;
    case 'dayShort':
      return `${day} ${name.slice(0, 3)} ${year}`;
    case 'dashed':
      return `${day}-${name.slice(0, 3)}-${year}`;
    case 'slashed':
      return `${year}/${two(month)}/${two(day)}`;
    case 'usShort':
      return `${month}/${day}/${year}`;
  }
}

/**
 * @param like how the question spells days, so that months and quarters are spelled alike: `March 2015` beside
 * `April 2, 2015`, `2015-03` beside `2015-04-02`
 */
export function periodValue(
  random: Random,
  period: Period,
  earliest = 2010,
  like: DateFormat = random.pick(DATE_FORMATS),
): QueryValue {
  const year = random.between(earliest, earliest + 6);
  if (period === 'year') return makeValue('DATE', 'year', 'date', String(year));
  if (period === 'quarter') {
    const quarter = random.between(1, 4);
    const value = `${year}-Q${quarter}`;
    const text = spellQuarter(like, year, quarter, value);
    return makeValue('DATE', 'quarter', 'date', text, text === value ? undefined : value);
  }
  const month = random.between(1, 12);
  const value = `${year}-${two(month)}`;
  const text = spellMonth(like, year, month, value);
  return makeValue('DATE', 'month', 'date', text, text === value ? undefined : value);
}

function spellQuarter(like: DateFormat, year: number, quarter: number, iso: string): string {
  switch (like) {
    case 'iso':
      return iso;
    case 'slashed':
      return `${year} Q${quarter}`;
    default:
      return `Q${quarter} ${year}`;
  }
}

function spellMonth(like: DateFormat, year: number, month: number, iso: string): string {
  const name = MONTHS[month - 1]!;
  switch (like) {
    case 'iso':
      return iso;
    case 'us':
    case 'usShort':
      return `${two(month)}/${year}`;
    case 'short':
    case 'dayShort':
    case 'dashed':
      return `${name.slice(0, 3)} ${year}`;
    default:
      return `${name} ${year}`;
  }
}

/** 1st, 2nd, 3rd, 4th, …, 21st. */
function ordinal(n: number): string {
  const isTeen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

/** A number to compare a column with; now and then a decimal, if the column is no integer. */
export function thresholdValue(
  random: Random,
  attribute: Pick<Attribute, 'column'>,
  { low, high, step }: NumberRange,
): QueryValue {
  const whole = low + step * random.int(Math.floor((high - low) / step) + 1);
  const base = parseSqlType(attribute.column.type)?.base ?? 'int';
  const fractional = step === 1 && !base.endsWith('int') && random.chance(0.3);
  const text = fractional ? `${whole}.${random.between(1, 9)}` : String(whole);
  return makeValue('NUM', 'threshold', typeOfSpelling(text), text);
}

export function ageValue(random: Random): QueryValue {
  return makeValue('NUM', 'threshold', 'int', String(random.between(16, 90)));
}

/** A number of days to compare a span with. */
export function daysValue(random: Random, most = 120): QueryValue {
  return makeValue('NUM', 'threshold', 'int', String(random.between(2, most)));
}

const NUMBER_WORDS = 'two three four five six seven eight nine ten'.split(' ');

/** A number of structure, in figures or in words: `top three`, `the last 30 days`. */
export function countValue(random: Random, low: number, high: number): QueryValue {
  const n = random.between(low, high);
  const word = random.chance(0.25) ? NUMBER_WORDS[n - 2] : undefined;
  return makeValue('NUM', 'count', 'int', word ?? String(n), word === undefined ? undefined : String(n));
}

/** How many rows people ask to see. */
export function topValue(random: Random): QueryValue {
  const n = random.chance(0.7) ? random.between(2, 10) : random.pick([12, 15, 20, 20, 25, 30, 50, 100]);
  return countValue(random, n, n);
}

/** A value that no quotes mark, and the columns that are known to hold it. */
export function nameValue(text: string, columns?: readonly string[]): QueryValue {
  const value = makeValue('TEXT', columns === undefined ? 'mention' : 'value', 'varchar', text);
  if (columns !== undefined) value.columns = columns;
  return value;
}

/** Words for a coded value of the first column. */
export function codeValue(
  text: string,
  literal: string,
  type: PlaceholderType,
  columns: readonly string[],
): QueryValue {
  return { ...makeValue('TEXT', 'code', type, text, literal), columns };
}

/** A code of a coding system that the words name, as people type it: `E11.9`, `410.71`, `99213`. */
export function codedId(random: Random, words: string): QueryValue {
  const pick = (): [string, string] => {
    if (/icd 9|icd9/.test(words))
      return [
        'icd9',
        random.chance(0.5)
          ? String(random.between(10, 999))
          : `${random.between(10, 999)}.${random.between(0, 99)}`,
      ];
    if (/icd/.test(words))
      return [
        'icd10',
        `${letters(random, 1)}${random.between(10, 99)}${random.chance(0.6) ? `.${random.between(0, 99)}` : ''}`,
      ];
    if (/cpt|hcpcs/.test(words)) return ['cpt', `9${digits(random, 4)}`];
    if (/loinc/.test(words)) return ['loinc', `${random.between(100, 99999)}-${random.int(10)}`];
    return [
      'key',
      random.chance(0.5)
        ? String(random.between(1000, 999999))
        : `${letters(random, 3)}${random.between(1, 99)}`,
    ];
  };
  const [kind, text] = pick();
  return makeValue('ID', kind, typeOfSpelling(text), text);
}

/** A code of a coding system, of the vault's kind for it. */
export function givenCode(kind: string, text: string): QueryValue {
  return makeValue('ID', kind, typeOfSpelling(text), text);
}

/** An age in years, or an end of a range of ages. */
export function ageInYears(years: number, text = String(years)): QueryValue {
  return makeValue('NUM', 'age', 'int', text, text === String(years) ? undefined : String(years));
}

/** The text in quotes of one kind or the other. */
export function quotedValue(random: Random, text: string): QueryValue {
  const quote = random.chance(0.8) ? "'" : '"';
  return makeValue('TEXT', 'quoted', 'varchar', `${quote}${text}${quote}`, text);
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function digits(random: Random, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += String(random.int(10));
  return text;
}

function letters(random: Random, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += String.fromCharCode(65 + random.int(26));
  return text;
}

function uuid(random: Random): string {
  let hex = '';
  for (let i = 0; i < 32; i++) hex += '0123456789abcdef'[random.int(16)]!;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
