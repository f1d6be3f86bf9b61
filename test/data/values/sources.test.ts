import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { chooseColumns } from '../../../src/data/values/build.js';
import { ColumnFilter, isIndexable } from '../../../src/data/values/column-filter.js';
import { csvSource } from '../../../src/data/values/csv-source.js';
import { serverSource } from '../../../src/data/values/server-source.js';
import type { ValueColumn, ValueSource } from '../../../src/data/values/source.js';
import { excluder } from '../../../src/data/values/value-column.js';
import { itemBundle, temporaryFolder } from './build-index.js';

interface ReadOut {
  values: string[];
  notes: string[];
}

async function readOut(source: ValueSource): Promise<ReadOut> {
  const values: string[] = [];
  const notes: string[] = [];
  await source.read({
    value: (column, text) => values.push(`${source.columns[column]!.column}=${text}`),
    table: () => {},
    progress: () => {},
    note: (line) => notes.push(line),
  });
  return { values, notes };
}

let temporary: ReturnType<typeof temporaryFolder>;
beforeEach(() => (temporary = temporaryFolder()));
afterEach(() => temporary.remove());

function write(name: string, text: string): string {
  const path = join(temporary.folder, name);
  writeFileSync(path, text);
  return path;
}

const COLUMNS: ValueColumn[] = [
  { table: 'item', column: 'label' },
  { table: 'item', column: 'name' },
];

const inSchemas = (...names: string[]): SchemaBundle => ({
  ...itemBundle(),
  tables: names.map((name) => ({ ...itemBundle().tables[0]!, name })),
});

describe('CSV files', () => {
  const source = (bundle = itemBundle()): ValueSource => csvSource(temporary.folder, bundle, COLUMNS);

  test('columns are found by name in any case, and nulls and blanks at the end are dropped', async () => {
    write('ITEM.csv', 'Name,id,LABEL\nx  ,1,\n" y",2,z\n');
    expect(await readOut(source())).toEqual({
      values: ['name=x', 'name= y', 'label=z'],
      notes: [expect.stringMatching(/ITEM\.csv: 1 of 3 columns are not in the bundle/)],
    });
  });

  test('folders below are read, and a file may carry the schema of its table', async () => {
    mkdirSync(join(temporary.folder, 'sub'));
    write('sub/cdm.item.csv', 'label\nx\n');
    const bundle = inSchemas('cdm.item', 'hosp.item');
    const columns = [{ table: 'cdm.item', column: 'label' }];
    expect((await readOut(csvSource(temporary.folder, bundle, columns))).values).toEqual(['label=x']);
  });

  test.each([
    ['csv-no-table', 'other.csv', 'label\nsecret\n', /names no table of the bundle clinic/],
    ['csv-header', 'item.csv', 'Ann Secret,F\n', /none of the 2 names in its first line is a column of item/],
    [
      'csv-broken',
      'item.csv',
      'label,name\na,b\nsecret\n',
      /item\.csv:3: has 1 fields, and the header has 2/,
    ],
    ['csv-broken', 'item.csv', 'label\n"secret\n', /item\.csv:3: the file ends within quotes/],
  ])('%s: one line that quotes no content', async (code, name, text, message) => {
    write(name, text);
    const error: unknown = await Promise.resolve()
      .then(() => readOut(source()))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/secret|\n/i);
  });

  test('a name that fits tables of two schemas, two files of one table, no file, and no folder', () => {
    const path = write('item.csv', 'label\n');
    expect(() => source(inSchemas('cdm.item', 'hosp.item'))).toThrow(
      /names several tables: cdm.item, hosp.item/,
    );
    write('Item.tsv', 'label\n');
    expect(() => source()).toThrow(/holds the table item, and so does/);
    expect(() => csvSource(path, itemBundle(), COLUMNS)).toThrow(/is not a folder/);
    mkdirSync(join(temporary.folder, 'empty'));
    expect(() => csvSource(join(temporary.folder, 'empty'), itemBundle(), COLUMNS)).toThrow(
      /has no CSV file/,
    );
  });
});

describe('a server', () => {
  test('is asked for the different values of each column, at most the limit', async () => {
    const asked: string[] = [];
    const rows = (statement: string): Promise<Record<string, unknown>[]> => {
      asked.push(statement);
      const values = statement.includes('[order]') ? ['a', 'b', 'c'] : ['x ', '', null, Buffer.from('y')];
      return Promise.resolve(values.map((value) => ({ value })));
    };
    const columns = [
      { table: 'item', column: 'label' },
      { table: 'cdm.item', column: 'order' },
    ];
    expect(await readOut(serverSource({ rows }, columns, 2))).toEqual({
      values: ['label=x', 'order=a', 'order=b'],
      notes: [
        'item.label: has more than 2 values; the first are taken',
        'cdm.item.order: has more than 2 values; the first are taken',
      ],
    });
    expect(asked).toEqual([
      'SELECT DISTINCT TOP (3) label AS [value] FROM item WHERE label IS NOT NULL ORDER BY label;',
      'SELECT DISTINCT TOP (3) [order] AS [value] FROM cdm.item WHERE [order] IS NOT NULL ORDER BY [order];',
    ]);
  });
});

describe('columns', () => {
  const chosen = (schema: string, ...exclude: string[]): string[] =>
    chooseColumns(loadBundle(schema), exclude).map(({ table, column }) => `${table}.${column}`);

  test('labels, names, states and codes are taken; keys, identifiers, addresses and prose are not', () => {
    const synthea = chosen('synthea');
    for (const name of [
      'patients.first',
      'patients.gender',
      'patients.city',
      'conditions.description',
      'conditions.code',
    ])
      expect(synthea).toContain(name);
    for (const name of [
      'patients.id',
      'patients.ssn',
      'patients.address',
      'patients.zip',
      'conditions.patient',
      'claims_transactions.notes',
    ])
      expect(synthea).not.toContain(name);
    const mimic = chosen('mimic_iv');
    for (const name of [
      'd_icd_diagnoses.long_title',
      'd_labitems.label',
      'prescriptions.drug',
      'pharmacy.medication',
    ])
      expect(mimic).toContain(name);
    for (const name of ['labevents.comments', 'emar.emar_id', 'poe.order_provider_id'])
      expect(mimic).not.toContain(name);
    const omop = chosen('omop_cdm_5_4');
    expect(omop).toContain('concept.concept_name');
    for (const name of ['note.note_text', 'person.gender_concept_id', 'provider.npi'])
      expect(omop).not.toContain(name);
  });

  test('patterns exclude columns, ignoring case', () => {
    expect(chosen('synthea', '*NAME*', 'patients.*').filter((name) => /name|^patients\./.test(name))).toEqual(
      [],
    );
    const isExcluded = excluder(['FIRST', 'a.b*', 'x+y']);
    expect(isExcluded('patients', 'first')).toBe(true);
    expect(isExcluded('first', 'last')).toBe(false);
    expect(isExcluded('a', 'bcd')).toBe(true);
    expect(isExcluded('axb', 'c')).toBe(false);
    expect(isExcluded('t', 'xxy')).toBe(false);
    expect(isExcluded('t', 'x+y')).toBe(true);
  });
});

test.each([
  ['Type 2 diabetes', true],
  ['E11.9', true],
  ['O+', true],
  ['250.00', false],
  ['2024-01-05T10:00:00Z', false],
  ['5-Jan-2024', false],
  ['2f1b3c4d-0000-4000-8000-00000000abcd', false],
  ['a\tb', false],
  ['a\u0000b', false],
  ['broken \ud800', false],
  ['x'.repeat(201), false],
])('indexable: %j %s', (value, expected) => {
  expect(isIndexable(value)).toBe(expected);
});

describe('a column is left out by what it holds:', () => {
  function decide(name: string, values: readonly string[]): string | undefined | number {
    const filter = new ColumnFilter(name);
    let passed = 0;
    for (const value of values) filter.add(value, () => passed++);
    filter.end(() => passed++);
    return filter.reason ?? passed;
  }
  const many = (make: (i: number) => string, count = 1500): string[] =>
    Array.from({ length: count }, (_, i) => make(i));
  const sentence = (i: number): string =>
    `Patient ${i} was seen today and reports that the pain has become worse`;

  test.each([
    ['value', many((i) => `${i}`), 'numbers, dates or identifiers'],
    ['value', many((i) => `P${100000 + i}`), 'numbers, dates or identifiers'],
    ['code', many((i) => `P${100000 + i}`), 1500],
    ['remark', many(sentence), 'free text'],
    ['long_title', many(sentence), 1500],
    ['remark', many((i) => sentence(i % 30)), 30],
    ['title', many((i) => sentence(i).repeat(2)), 'free text'],
    ['value', many((i) => (i % 2 ? 'positive' : `${i}`)), 'numbers, dates or identifiers'],
    ['value', [], 'no values'],
    ['marital', ['M', 'S', 'M'], 2],
  ])('%s', (name, values, expected) => {
    expect(decide(name, values)).toBe(expected);
  });
});
