import fc from 'fast-check';
import { formatRecord } from '../../../src/data/record.js';
import { SPECIAL_TOKENS } from '../../../src/data/tokenizer/special-tokens.js';

const NOUNS = [
  'patients',
  'visits',
  'drug exposures',
  'measurements',
  'conditions',
  'care sites',
  'providers',
];
const TABLES = [
  'person',
  'visit_occurrence',
  'DrugExposure',
  'MEASUREMENT',
  'conditionOccurrence',
  'care_site',
];
const COLUMNS = [
  'person_id',
  'BirthDate',
  'value_as_number',
  'ICD10Code',
  'start_datetime',
  'PATIENT_KEY',
  'npi',
];

/** Training records that repeat words as a corpus does, and a few unrelated lines. */
export function sampleRecords(count: number): string[] {
  const records = Array.from({ length: count }, (_, i) => {
    const pick = (list: readonly string[], step: number): string =>
      list[(i * step + (i >> 3)) % list.length]!;
    const table = pick(TABLES, 1);
    const column = pick(COLUMNS, 3);
    return formatRecord({
      schema: `${table}(${column} int pk, ${pick(COLUMNS, 5)} varchar(${i % 97}), concept_id int -> concept)`,
      question: `How many ${pick(NOUNS, 2)} since __DATE_1__ have ${column.toLowerCase()} above __NUM_${1 + (i % 16)}__?`,
      idMap: `__DATE_1__ date date, __NUM_${1 + (i % 16)}__ threshold int`,
      sql: `SELECT COUNT(*) FROM ${table} AS t WHERE t.${column} > __NUM_${1 + (i % 16)}__ AND t.x = ${i};`,
    });
  });
  return [
    ...records,
    'aaaaaaaa aaaa aaa aaaaa',
    'naïve café – ärztliche Übersicht 東京 😀😀',
    'x\r\n\r\n\t y   z ',
  ];
}

/** Difficult texts: any Unicode, control characters, white space, near misses of special tokens. */
export const arbitraryText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary-ascii', maxLength: 12 }),
      fc.string({
        unit: fc.constantFrom(' ', '\n', '\t', '\r', '\u00a0', '\u0085', '\u2028', '\ufeff', '\v'),
        maxLength: 5,
      }),
      fc.string({ unit: fc.constantFrom('a', 'A', 'é', 'ß', '_', ' ', '1', '.', '(', '\n'), maxLength: 12 }),
      fc.constantFrom(...SPECIAL_TOKENS),
      fc.constantFrom(
        '__ID_1_',
        '_ID_1__',
        '__ID_17__',
        '__id_1__',
        '__ID_ 1__',
        '__ID_1____ID_2__',
        '___ID_1___',
      ),
      fc.constantFrom(
        'SQL :',
        'sql:',
        'SQL',
        'QSQL:',
        'SCHEMA::',
        '<|end|',
        '<|<|pad|>|>',
        '__DATE_1',
        '1__',
        '😀',
      ),
      fc.constantFrom(...sampleRecords(8)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));
