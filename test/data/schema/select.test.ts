import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { renderSchema } from '../../../src/data/schema/render.js';
import { selectSchema, type Chance } from '../../../src/data/schema/select.js';
import { covers } from '../../../src/data/schema/selection.js';
import { anyBundle } from './arbitrary.js';
import { clinic } from './bundles.js';
import { isConnected } from './connected.js';

function seeded(seed: number): Chance {
  const generator = xoroshiro128plus(seed);
  return { int: (n) => (generator.next() >>> 0) % n };
}

const index = new SchemaIndex(clinic());
const none = { tables: 0, columns: 0 };

describe('selectSchema', () => {
  test('shows what is needed, with keys and the tables in between', () => {
    const needed = new Map([
      ['LabResult', ['Value']],
      ['Patient', ['BirthDate']],
    ]);
    expect(renderSchema(selectSchema(index, needed, none, seeded(1)))).toBe(
      [
        'Patient(PatientId int pk, BirthDate date)',
        'Visit(VisitId int pk, PatientId int -> Patient)',
        'LabResult(VisitId int pk -> Visit, Seq int pk, Value decimal)',
      ].join('\n'),
    );
  });

  test('adds as many distractor columns as asked for, and tables that stay connected', () => {
    const needed = [['Patient', ['BirthDate']]] as const;
    const plain = selectSchema(index, needed, none, seeded(1));
    const columns = selectSchema(index, needed, { tables: 0, columns: 2 }, seeded(1));
    expect(columns.tables[0]!.columns).toHaveLength(plain.tables[0]!.columns.length + 2);
    const tables = selectSchema(index, needed, { tables: 2, columns: 0 }, seeded(1));
    expect(tables.tables.length).toBeGreaterThanOrEqual(3);
  });

  test('the same seed gives the same selection, another seed another one', () => {
    const needed = [['Visit', ['StartTime']]] as const;
    const text = (seed: number) =>
      renderSchema(selectSchema(index, needed, { tables: 2, columns: 3 }, seeded(seed)));
    expect(text(5)).toBe(text(5));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(text)).size).toBeGreaterThan(1);
  });

  test('asking for more distractors than there are gives the whole schema', () => {
    const all = selectSchema(index, [['Visit', []]], { tables: 100, columns: 1000 }, seeded(1));
    expect(all.tables.map(({ table }) => table.name)).toEqual(index.tables.map((table) => table.name));
    expect(all.tables.every(({ table, columns }) => columns.length === table.columns.length)).toBe(true);
  });

  test('whatever the schema: needed columns are there, joins too where the schema has them', () => {
    fc.assert(
      fc.property(anyBundle, fc.nat(), fc.nat(3), fc.nat(5), (bundle, seed, tables, columns) => {
        const any = new SchemaIndex(bundle);
        const needed = bundle.tables.slice(0, 2).map((t) => [t.name, [t.columns.at(-1)!.name]] as const);
        const selection = selectSchema(any, needed, { tables, columns }, seeded(seed));
        expect(covers(selection, needed)).toBe(true);
        if (any.graph.connect(bundle.tables.map((t) => t.name)).apart.length === 0) {
          expect(isConnected(selection)).toBe(true);
        }
      }),
    );
  });
});
