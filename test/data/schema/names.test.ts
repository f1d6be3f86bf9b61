import { describe, expect, test } from 'vitest';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../src/data/corpus/sample.js';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { namesOf } from '../../../src/data/schema/names.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { shippedNames } from '../../../src/data/schema/shipped.js';
import { WORDS_FORMAT } from '../formats.js';

function bundleOf(tables: Record<string, string[]>): SchemaBundle {
  return {
    name: 'names',
    title: '',
    version: '1',
    source: '',
    licence: '',
    tables: Object.entries(tables).map(([name, columns]) => ({
      name,
      description: '',
      primaryKey: [],
      foreignKeys: [],
      columns: columns.map((column) => ({ name: column, type: 'int', nullable: true })),
    })),
  };
}

const odd = new SchemaIndex(
  bundleOf({
    VisitStart: ['visit_id', 'VisitID2', 'Order', 'tb result', 'StartDate', 'start_date', 'Größe', '1st'],
    tb: ['ta'],
    'cdm.Visit': ['visit', 'visit_type'],
  }),
);

describe('names in words', () => {
  const words = namesOf(odd, 'words');

  test('are the words of the name, whatever its style', () => {
    expect(words.table('VisitStart')).toBe('visit start');
    expect(words.table('cdm.Visit')).toBe('cdm visit');
    expect(words.column('visitstart', 'VISITID2')).toBe('visit id2');
    expect(words.column('VisitStart', 'Order')).toBe('order');
  });

  test('stay identifiers where words would not tell them apart, or are not ASCII', () => {
    expect(words.column('VisitStart', 'StartDate')).toBe('[StartDate]');
    expect(words.column('VisitStart', 'start_date')).toBe('[start_date]');
    expect(words.column('VisitStart', 'Größe')).toBe('[Größe]');
    expect(words.column('VisitStart', '1st')).toBe('[1st]');
  });

  test.each([
    [
      'SELECT ta tb result, tb ta, ta [StartDate] FROM visit start AS ta LEFT JOIN tb AS tb ON ta visit id = tb ta;',
      'SELECT t1.[tb result], t2.ta, t1.StartDate FROM VisitStart AS t1 LEFT JOIN tb AS t2 ON t1.visit_id = t2.ta;',
    ],
    [
      'SELECT ta.* FROM cdm visit AS ta WHERE ta visit IS NULL AND ta visit type IN (__ID_1__);',
      'SELECT t1.* FROM cdm.Visit AS t1 WHERE t1.visit IS NULL AND t1.visit_type IN (__ID_1__);',
    ],
    [
      'SELECT ta [Größe], ta order FROM visit start AS ta ORDER BY ta order ASC;',
      'SELECT t1.[Größe], t1.[Order] FROM VisitStart AS t1 ORDER BY t1.[Order] ASC;',
    ],
  ])('become T-SQL: %s', (written, sql) => {
    expect(words.toSql(written)).toBe(sql);
  });

  test('that the schema does not have reach the validator as they are', () => {
    expect(words.toSql('SELECT ta nothing here FROM no table AS ta;')).toBe(
      'SELECT t1.nothing here FROM [no table] AS t1;',
    );
  });

  test('every name of the shipped schemas can be told from its spelling', () => {
    for (const name of shippedNames()) {
      const index = new SchemaIndex(loadBundle(name));
      const spelled = namesOf(index, 'words');
      const tables = index.tables.map((table) => spelled.table(table.name));
      expect(new Set(tables).size).toBe(tables.length);
      for (const table of index.tables) {
        const columns = table.columns.map((column) => spelled.column(table.name, column.name));
        expect(new Set(columns).size).toBe(columns.length);
      }
    }
  });

  test('statements of the corpus come back as they were', () => {
    const indexes = shippedNames().map((name) => new SchemaIndex(loadBundle(name)));
    const source = new SampleSource(indexes, { ...loadKnobs('configs/corpus.json'), format: WORDS_FORMAT });
    for (let i = 0; i < 400; i++) {
      const { record, schemaName } = source.sample(2, i);
      const names = namesOf(source.schemaNamed(schemaName)!, 'words');
      expect(names.toSql(record.written!)).toBe(record.sql);
    }
  });
});

test('names as identifiers are T-SQL already', () => {
  const names = namesOf(odd, 'identifiers');
  expect(names.column('VisitStart', 'Order')).toBe('[Order]');
  expect(names.table('cdm.Visit')).toBe('cdm.Visit');
  expect(names.toSql('SELECT ta x')).toBe('SELECT ta x');
});
