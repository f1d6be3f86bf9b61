import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchemaError } from '../../../src/data/errors.js';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { checkBundle } from '../../../src/data/schema/check.js';
import { findJsonFault } from '../../../src/data/schema/json-position.js';
import { checkBundleFile, loadBundle } from '../../../src/data/schema/load.js';
import { clinic } from './bundles.js';

/** Damages a copy of the clinic bundle and returns its faults as `code path`. */
function faultsAfter(damage: (bundle: SchemaBundle) => void): string[] {
  const bundle = clinic();
  damage(bundle);
  return checkBundle(bundle).map((fault) => `${fault.code} ${fault.path}`);
}

describe('checkBundle', () => {
  test('finds no fault in a good bundle', () => {
    expect(checkBundle(clinic())).toEqual([]);
  });

  const planted: [string, (b: SchemaBundle) => void, string[]][] = [
    ['a duplicate table name', (b) => (b.tables[3]!.name = 'PATIENT'), ['duplicate-name tables[3].name']],
    [
      'a duplicate column name',
      (b) => (b.tables[0]!.columns[3]!.name = 'birthdate'),
      ['duplicate-name tables[0].columns[3].name', 'unknown-column tables[0].foreignKeys[1].columns[0]'],
    ],
    [
      'a name with a dot',
      (b) => (b.tables[5]!.columns[1]!.name = 'a.b'),
      ['bad-name tables[5].columns[1].name'],
    ],
    [
      'a foreign type',
      (b) => (b.tables[0]!.columns[1]!.type = 'serial'),
      ['unknown-type tables[0].columns[1].type'],
    ],
    [
      'a primary key column that does not exist',
      (b) => b.tables[0]!.primaryKey.push('x'),
      ['unknown-column tables[0].primaryKey[1]'],
    ],
    [
      'a primary key column named twice',
      (b) => b.tables[0]!.primaryKey.push('patientid'),
      ['duplicate-name tables[0].primaryKey[1]'],
    ],
    [
      'a foreign key column that does not exist',
      (b) => (b.tables[1]!.foreignKeys[0]!.columns = ['x']),
      ['unknown-column tables[1].foreignKeys[0].columns[0]'],
    ],
    [
      'a foreign key to a table that does not exist',
      (b) => (b.tables[1]!.foreignKeys[0]!.references.table = 'x'),
      ['unknown-table tables[1].foreignKeys[0].references.table'],
    ],
    [
      'a foreign key to a column that does not exist',
      (b) => (b.tables[1]!.foreignKeys[0]!.references.columns = ['x']),
      ['unknown-column tables[1].foreignKeys[0].references.columns[0]'],
    ],
    [
      'a foreign key with fewer columns than its target',
      (b) => (b.tables[3]!.foreignKeys[0]!.columns = ['VisitId']),
      ['key-length tables[3].foreignKeys[0].references.columns'],
    ],
    [
      'a foreign key between types that never compare equal',
      (b) => (b.tables[1]!.columns[1]!.type = 'date'),
      ['key-type tables[1].foreignKeys[0].columns[0]'],
    ],
    ['a join from nowhere', (b) => (b.joins![0]!.from = 'x.y'), ['unknown-join joins[0].from']],
    ['a join to no column', (b) => (b.joins![0]!.to = 'Patient.y'), ['unknown-join joins[0].to']],
    ['a join that is no pair of columns', (b) => (b.joins![0]!.to = 'Patient'), ['shape joins[0].to']],
    [
      'a join between types that never compare equal',
      (b) => (b.joins![0]!.to = 'Patient.BirthDate'),
      ['key-type joins[0].from'],
    ],
    ['a table without columns', (b) => (b.tables[0]!.columns = []), ['shape tables[0].columns']],
    ['no table at all', (b) => (b.tables = []), ['shape tables']],
    ['a missing field', (b) => delete (b as Partial<SchemaBundle>).licence, ['shape licence']],
    ['a misspelt field', (b) => Object.assign(b.tables[2]!, { foreignkeys: [] }), ['shape tables[2]']],
    [
      'a description of two lines',
      (b) => (b.tables[2]!.description = 'a\nb'),
      ['shape tables[2].description'],
    ],
  ];

  test.each(planted)('finds %s', (_what, damage, faults) => {
    expect(faultsAfter(damage)).toEqual(faults);
  });

  test('reports all faults at once', () => {
    const faults = faultsAfter((b) => {
      b.tables[0]!.columns[1]!.type = 'serial';
      b.tables[1]!.foreignKeys[0]!.references.table = 'nowhere';
    });
    expect(faults).toHaveLength(2);
  });

  test('never throws on any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => checkBundle(json).length > 0));
  });
});

describe('loadBundle', () => {
  const dir = mkdtempSync(join(tmpdir(), 'schema-load-'));
  const file = (text: string): string => {
    const path = join(dir, 'bundle.json');
    writeFileSync(path, text);
    return path;
  };
  const caught = (path: string): SchemaError => {
    try {
      loadBundle(path);
    } catch (error) {
      if (error instanceof SchemaError) return error;
      throw error;
    }
    throw new Error('it loaded');
  };

  test('returns the bundle in the file, with or without a byte order mark', () => {
    expect(loadBundle(file(JSON.stringify(clinic())))).toEqual(clinic());
    expect(loadBundle(file('\uFEFF' + JSON.stringify(clinic())))).toEqual(clinic());
  });

  test('names a missing file, and the bundles of the package', () => {
    const error = caught(join(dir, 'nowhere.json'));
    expect(error.code).toBe('schema-not-found');
    expect(error.message).toContain('nowhere.json');
    expect(error.message).toContain('i2b2, mimic_iv, omop_cdm_5_4, openmrs_2_8, pcornet_4_1, synthea');
  });

  test('finds a bundle of the package by its name', () => {
    expect(loadBundle('omop_cdm_5_4')).toEqual(loadBundle('schemas/omop_cdm_5_4.json'));
    expect(checkBundleFile('omop_cdm_5_4')).toEqual([]);
  });

  test('prefers a file to a bundle of the package with the same name', () => {
    const before = process.cwd();
    writeFileSync(join(dir, 'synthea'), JSON.stringify(clinic()));
    process.chdir(dir);
    try {
      expect(loadBundle('synthea').name).toBe(clinic().name);
    } finally {
      process.chdir(before);
    }
  });

  test('reports a folder in place of a file', () => {
    expect(caught(dir).code).toBe('schema-unreadable');
  });

  test('gives the line and column of broken JSON', () => {
    const error = caught(file('{\n  "name": "a",\n  "title": oops\n}'));
    expect(error.code).toBe('broken-json');
    expect(error.message).toMatch(/bundle\.json:3:12: /);
    expect(error.message).not.toContain('\n');
  });

  test('gives the JSON path of the first fault and the number of others', () => {
    const bundle = clinic();
    bundle.tables[1]!.foreignKeys[0]!.references.table = 'nowhere';
    bundle.tables[5]!.columns[1]!.type = 'cash';
    const path = file(JSON.stringify(bundle));
    const error = caught(path);
    expect(error.code).toBe('bad-schema');
    expect(error.field).toBe('tables[1].foreignKeys[0].references.table');
    expect(error.message).toContain('(and 1 more)');
    expect(checkBundleFile(path)).toHaveLength(2);
  });
});

describe('findJsonFault', () => {
  test.each([
    ['', 1, 1],
    ['{', 1, 2],
    ['[1,]', 1, 4],
    ['{"a":1,}', 1, 8],
    ['{"a" 1}', 1, 6],
    ['{"a":1}\n]', 2, 1],
    ['["a\nb"]', 1, 2],
    ['[tru]', 1, 2],
    ['[01]', 1, 3],
  ])('%j breaks at %i:%i', (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonFault(text)).toEqual({ line, column });
  });

  test('a truncated document is at fault at its end', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().map((v) => JSON.stringify([v])),
        fc.nat(),
        (text, n) => {
          const cut = n % text.length;
          const { line, column } = findJsonFault(text.slice(0, cut));
          expect(line).toBe(1);
          // The fault is where an unfinished string or word starts, where a number becomes invalid, or else at the cut.
          expect(column - 1).toBeLessThanOrEqual(cut);
          expect(text.slice(column - 1, cut)).toMatch(/^("|-|[tfn]|\d|[.eE]|$)/);
        },
      ),
    );
  });

  test('handles deep nesting', () => {
    expect(findJsonFault('['.repeat(200_000))).toEqual({ line: 1, column: 200_001 });
  });
});
