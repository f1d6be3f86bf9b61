import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBundle } from '../../../src/data/schema/check.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { rolesOf } from '../../../src/data/schema/roles/infer.js';
import { splitWords } from '../../../src/data/schema/words.js';
import {
  HELD_OUT_INVENTED,
  HELD_OUT_SCHEMAS,
  heldOutSchema,
  inventedByName,
  inventedSchema,
  SYNTHETIC_TABLES,
  syntheticSchema,
} from '../../../src/data/synthetic/schema.js';
import { linkSchema } from '../../../src/data/schema/link/link.js';
import { renderSchema } from '../../../src/data/schema/render.js';

const numbers = fc.nat(1_000_000);

describe('a synthetic schema', () => {
  test('has no faults', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        expect(checkBundle(syntheticSchema(n))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('depends only on its number', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        expect(syntheticSchema(n)).toEqual(syntheticSchema(n));
      }),
      { numRuns: 20 },
    );
  });

  test('is connected by its keys', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        const bundle = syntheticSchema(n);
        const { graph } = new SchemaIndex(bundle);
        expect(graph.connect(bundle.tables.map(({ name }) => name)).apart).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('can be linked to a question and shown in a prompt', () => {
    fc.assert(
      fc.property(numbers, (n) => {
        const index = new SchemaIndex(syntheticSchema(n));
        expect(renderSchema(linkSchema('how many are there per name', index))).not.toBe('');
      }),
      { numRuns: 20 },
    );
  });

  const many = Array.from({ length: 300 }, (_, n) => syntheticSchema(n));

  test('comes in all sizes', () => {
    const sizes = many.map(({ tables }) => tables.length);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(SYNTHETIC_TABLES[0]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(SYNTHETIC_TABLES[1]);
    expect(sizes.filter((size) => size < 8).length).toBeGreaterThan(20);
    expect(sizes.filter((size) => size > 30).length).toBeGreaterThan(20);
  });

  test('comes with every kind of key and naming style', () => {
    const tables = many.flatMap((bundle) => bundle.tables);
    const has = (test: (table: (typeof tables)[number]) => boolean): number => tables.filter(test).length;
    expect(has((table) => table.primaryKey.length > 1)).toBeGreaterThan(10);
    expect(
      has((table) => table.foreignKeys.some((key) => key.references.table === table.name)),
    ).toBeGreaterThan(20);
    const twice = has((table) => {
      const targets = table.foreignKeys.map((key) => key.references.table);
      return new Set(targets).size < targets.length;
    });
    expect(twice).toBeGreaterThan(20);
    expect(many.filter(({ joins }) => joins !== undefined).length).toBeGreaterThan(3);
    for (const style of [
      /^[a-z]+_[a-z_]+$/,
      /^[A-Z][a-z]+[A-Z]/,
      /^[a-z]+[A-Z]/,
      /^[A-Z]+_[A-Z]+/,
      /^tbl/i,
      /^fact|^fct/i,
      /^dim/i,
      /^cdm\./,
      /^[a-z]{10,}$/,
    ]) {
      expect(
        has(({ name }) => style.test(name)),
        String(style),
      ).toBeGreaterThan(10);
    }
  });
});

/** The bundle as a stranger's: without the roles that its making knows. */
function withoutRoles(bundle: SchemaBundle): SchemaBundle {
  const tables = bundle.tables.map((table) => {
    const columns = table.columns.map((column) => {
      const bare = { ...column };
      delete bare.role;
      return bare;
    });
    const bare = { ...table, columns };
    delete bare.role;
    return bare;
  });
  return { ...bundle, tables };
}

describe('what an invented schema knows of itself', () => {
  const many = Array.from({ length: 200 }, (_, n) => inventedSchema(n));

  test('it has no synonyms, as a stranger\u2019s has none, but people have words for what it names otherwise', () => {
    let different = 0;
    let columns = 0;
    for (const { bundle, speech } of many) {
      for (const table of bundle.tables) {
        expect(table.synonyms).toBeUndefined();
        for (const column of table.columns) {
          expect(column.synonyms).toBeUndefined();
          const said = speech.words(table, column);
          if (said === '') continue;
          columns++;
          const written = splitWords(column.name).join(' ');
          if (!written.includes(said.replace(/ id$/, ''))) different++;
        }
      }
    }
    expect(different / columns).toBeGreaterThan(0.3);
  });

  test('roles inferred from its names are those it was made with, for 95 columns of 100', () => {
    let known = 0;
    let right = 0;
    for (const { bundle } of many) {
      const bare = withoutRoles(bundle);
      const roles = rolesOf(bare);
      bundle.tables.forEach((table, i) =>
        table.columns.forEach((column, j) => {
          if (column.role === undefined) return;
          known++;
          if (roles.ofColumn(bare.tables[i]!.columns[j]!) === column.role) right++;
        }),
      );
    }
    expect(right / known).toBeGreaterThan(0.95);
  });
});

describe('a held-out schema', () => {
  const heldOut = HELD_OUT_INVENTED.map((_, i) => heldOutSchema(i + 1));

  test('has no faults and can be found by its name', () => {
    for (const { bundle } of heldOut) {
      expect(checkBundle(bundle)).toEqual([]);
      expect(inventedByName(bundle.name)?.bundle).toEqual(bundle);
      expect(HELD_OUT_SCHEMAS).toContain(bundle.name);
    }
    expect(inventedByName('synthetic_12')?.bundle).toEqual(syntheticSchema(12));
    expect(inventedByName('held_out_99')).toBeUndefined();
  });

  test('has names that no schema for training has', () => {
    const trained = new Set(
      Array.from({ length: 1500 }, (_, n) => syntheticSchema(n)).flatMap(({ tables }) =>
        tables.flatMap((table) => [table.name, ...table.columns.map(({ name }) => name)]),
      ),
    );
    for (const { bundle } of heldOut) {
      const names = bundle.tables.flatMap((table) => [table.name, ...table.columns.map(({ name }) => name)]);
      const unseen = names.filter((name) => !trained.has(name)).length;
      expect(unseen / names.length, bundle.name).toBeGreaterThan(0.25);
    }
  });
});
