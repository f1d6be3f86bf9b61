import { describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../../src/data/schema/bundle.js';
import { linkSchema } from '../../../../src/data/schema/link/link.js';
import { rolesOf } from '../../../../src/data/schema/roles/infer.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { wordsOf } from '../../../../src/data/schema/words/derive.js';
import {
  formatOwnOverlay,
  mergeOwnOverlay,
  parseOwnOverlay,
} from '../../../../src/data/schema/words/own-overlay.js';
import { clinic } from '../bundles.js';

const merge = (overlay: object) =>
  mergeOwnOverlay(clinic(), parseOwnOverlay(JSON.stringify(overlay), 'mine.json'), 'mine.json');

describe('a person’s own overlay', () => {
  test('its words replace those of the bundle, and the rest stays', () => {
    const merged = merge({
      columns: { wardname: { synonyms: ['station'] } },
      tables: { patient: { synonyms: ['guest'], columns: { BirthDate: { role: 'start' } } } },
    });
    const [patient, visit] = merged.tables;
    expect(patient!.synonyms).toEqual(['guest']);
    expect(patient!.columns[1]).toMatchObject({ role: 'start', synonyms: ['date of birth'] });
    expect(visit!.columns.at(-1)).toMatchObject({ name: 'WardName', synonyms: ['station'] });
    expect(visit!.synonyms).toEqual(['encounter', 'appointment']);
    const found = linkSchema('how many guests?', new SchemaIndex(merged), { maxTables: 1 });
    expect(found.tables[0]!.table.name).toBe('Patient');
  });

  test('its coded values replace those of the bundle, an empty list takes them away, and it is written with them', () => {
    const codes = [{ value: '3', words: ['isolation'] }];
    const merged = merge({ columns: { WardName: { codes } } });
    const coded = (bundle: SchemaBundle) => bundle.tables[1]!.columns.at(-1)!.codes;
    expect(coded(merged)).toEqual(codes);
    const written = parseOwnOverlay(formatOwnOverlay(merged), 'all.json');
    expect(written.tables['Visit']!.columns['WardName']).toMatchObject({ codes });
    const without = parseOwnOverlay('{"columns":{"WARDNAME":{"codes":[]}}}', 'mine.json');
    expect(coded(mergeOwnOverlay(merged, without, 'mine.json'))).toBeUndefined();
  });

  test('its roles are kept over what would be inferred', () => {
    const merged = merge({
      tables: { Invoice: { role: 'catalogue', columns: { Total: { role: 'code' } } } },
    });
    const invoice = merged.tables.find((table) => table.name === 'Invoice')!;
    expect(rolesOf(merged).ofTable(invoice).role).toBe('catalogue');
    expect(rolesOf(merged).ofColumn(invoice.columns[1]!)).toBe('code');
  });

  test('the one written for editing states what is inferred', () => {
    const bundle = clinic();
    const merged = mergeOwnOverlay(bundle, parseOwnOverlay(formatOwnOverlay(bundle), 'all.json'), 'all.json');
    bundle.tables.forEach((table, i) => {
      const same = merged.tables[i]!;
      expect(same.role).toBe(rolesOf(bundle).ofTable(table).role);
      table.columns.forEach((column, j) => {
        const words = wordsOf(bundle).ofColumn(column);
        const listed = wordsOf(merged).ofColumn(same.columns[j]!);
        const texts = words.synonyms.map(({ text }) => text);
        expect(listed.synonyms.map(({ text }) => text)).toEqual(texts.length > 0 ? texts : [words.words]);
        expect(same.columns[j]!.role).toBe(rolesOf(bundle).ofColumn(column));
      });
    });
  });

  test.each([
    ['an unknown table', { tables: { Person: {} } }, 'tables.Person'],
    ['an unknown column', { tables: { Patient: { columns: { Age: {} } } } }, 'tables.Patient.columns.Age'],
    ['a column that no table has', { columns: { Age: {} } }, 'columns.Age'],
    [
      'a coded value that the type cannot hold',
      { tables: { Patient: { columns: { BirthDate: { codes: [{ value: '1', words: ['young'] }] } } } } },
      'tables[0].columns[1].codes[0].value',
    ],
    ['an unknown role', { tables: { Patient: { role: 'people' } } }, 'tables.Patient.role'],
    ['a misspelled field', { tables: { Patient: { synonym: ['x'] } } }, 'tables.Patient'],
  ])('%s is named', (_what, overlay, field) => {
    expect(() => merge(overlay)).toThrow(expect.objectContaining({ code: 'bad-overlay', field }) as Error);
  });

  test('broken JSON is located', () => {
    expect(() => parseOwnOverlay('{\n "tables": {,', 'mine.json')).toThrow(
      expect.objectContaining({ code: 'broken-json', file: 'mine.json:2:13' }) as Error,
    );
  });
});
