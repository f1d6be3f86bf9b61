import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { column, type QueryProgram } from '../../../src/data/corpus/statement/program.js';
import { PromptSchemas } from '../../../src/data/corpus/prompt-schema.js';
import { Random } from '../../../src/base/random.js';
import { MAX_COLUMNS_PER_TABLE, MAX_TABLES } from '../../../src/data/schema/link/pack.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { renderSchema } from '../../../src/data/schema/render.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { covers } from '../../../src/data/schema/selection.js';
import { packageRoot } from '../../../src/base/paths.js';
import { anyBundle } from '../schema/arbitrary.js';
import { clinic } from '../schema/bundles.js';
import { isConnected } from '../schema/connected.js';

const index = new SchemaIndex(clinic());
const prompts = new PromptSchemas(index);

function distractors(tables: number, columns: number) {
  return {
    distractorTables: [tables, tables] as [number, number],
    distractorColumns: [columns, columns] as [number, number],
  };
}
const none = distractors(0, 0);

function listOf(table: string, ...columns: string[]): QueryProgram {
  return {
    distinct: false,
    select: columns.map((name) => column(0, name)),
    from: [{ table }],
    where: [],
    groupBy: [],
    orderBy: [],
  };
}

describe('the schema of a training prompt', () => {
  test('shows the needed columns, keys and join columns', () => {
    const program: QueryProgram = {
      ...listOf('LabResult', 'Value'),
      from: [
        { table: 'LabResult' },
        {
          table: 'Visit',
          join: {
            kind: 'INNER',
            on: [{ left: { source: 0, column: 'VisitId' }, right: { source: 1, column: 'VisitId' } }],
          },
        },
      ],
    };
    expect(renderSchema(prompts.select(program, new Random(1, 1), none))).toBe(
      ['Visit(VisitId int pk)', 'LabResult(VisitId int pk -> Visit, Seq int pk, Value decimal)'].join('\n'),
    );
  });

  test('has the requested number of distractor columns, and connected tables', () => {
    const program = listOf('Patient', 'BirthDate');
    const count = (tables: number, columns: number) =>
      prompts.select(program, new Random(1, 1), distractors(tables, columns));
    expect(count(0, 2).tables[0]!.columns).toHaveLength(count(0, 0).tables[0]!.columns.length + 2);
    expect(isConnected(count(2, 0))).toBe(true);
  });

  test('depends on the random seed', () => {
    const text = (seed: number) =>
      renderSchema(prompts.select(listOf('Visit', 'StartTime'), new Random(seed, 1), distractors(2, 3)));
    expect(text(5)).toBe(text(5));
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(text)).size).toBeGreaterThan(1);
  });

  test('shows whole tables if they have too few columns', () => {
    const { tables } = prompts.select(listOf('Visit'), new Random(1, 1), distractors(100, 1000));
    expect(tables.every(({ table, columns }) => columns.length === table.columns.length)).toBe(true);
  });

  test('when filled, has as many connected tables as the linker allows, none with too many columns', () => {
    const omop = new SchemaIndex(loadBundle(join(packageRoot, 'schemas', 'omop_cdm_5_4.json')));
    const filling = new PromptSchemas(omop);
    const columns = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      const program = listOf('visit_occurrence', 'visit_start_date');
      const selection = filling.select(program, new Random(seed, 1), { ...none, filledShare: 1 });
      expect(selection.tables).toHaveLength(MAX_TABLES);
      expect(isConnected(selection)).toBe(true);
      const counts = selection.tables.map((table) => table.columns.length);
      expect(Math.max(...counts)).toBeLessThanOrEqual(MAX_COLUMNS_PER_TABLE);
      columns.add(counts.reduce((sum, count) => sum + count, 0));
    }
    expect(Math.min(...columns)).toBeLessThan(60);
    expect(Math.max(...columns)).toBeGreaterThan(90);
  });

  test('shows everything needed, even beyond the limits', () => {
    const openmrs = new SchemaIndex(loadBundle(join(packageRoot, 'schemas', 'openmrs_2_8.json')));
    const wide = openmrs.tables.find(({ columns }) => columns.length > MAX_COLUMNS_PER_TABLE)!;
    const needed = wide.columns.map(({ name }) => name);
    const { tables } = new PromptSchemas(openmrs).select(
      listOf(wide.name, ...needed),
      new Random(1, 1),
      distractors(3, 50),
    );
    expect(covers({ index: openmrs, tables }, [[wide.name, needed]])).toBe(true);
  });

  test('shows distractor columns with the same name as a needed one', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { tables } = prompts.select(listOf('Visit', 'PatientId'), new Random(seed, 1), distractors(2, 0));
      for (const { table, columns } of tables) {
        const isHere = ({ name }: { name: string }): boolean => name === 'PatientId';
        expect(columns.some(isHere)).toBe(table.columns.some(isHere));
      }
    }
  });

  test('does not depend on earlier prompts', () => {
    const pick = (from: PromptSchemas, table: string, column: string, seed: number): string =>
      renderSchema(from.select(listOf(table, column), new Random(seed, 1), distractors(2, 3)));
    const used = new PromptSchemas(index);
    for (const { name, columns } of index.tables)
      for (const column of columns) pick(used, name, column.name, 3);
    for (let seed = 0; seed < 20; seed++) {
      const fresh = pick(new PromptSchemas(index), 'Visit', 'PatientId', seed);
      expect(pick(used, 'Visit', 'PatientId', seed)).toBe(fresh);
    }
  });

  test('shows needed columns and available joins for any schema', () => {
    fc.assert(
      fc.property(anyBundle, fc.nat(), fc.nat(3), fc.nat(5), (bundle, seed, tables, columns) => {
        const any = new SchemaIndex(bundle);
        const [first] = bundle.tables;
        const needed = first!.columns.at(-1)!.name;
        const selection = new PromptSchemas(any).select(
          listOf(first!.name, needed),
          new Random(seed, 1),
          distractors(tables, columns),
        );
        expect(covers(selection, [[first!.name, [needed]]])).toBe(true);
        if (any.graph.connect(bundle.tables.map((t) => t.name)).apart.length === 0) {
          expect(isConnected(selection)).toBe(true);
        }
      }),
    );
  });
});
