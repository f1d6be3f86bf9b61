import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBundle } from '../../../src/data/schema/check.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { SYNTHETIC_TABLES, syntheticSchema } from '../../../src/data/synthetic/schema.js';
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
    expect(has((table) => table.primaryKey.length > 1)).toBeGreaterThan(20);
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
    ]) {
      expect(
        has(({ name }) => style.test(name)),
        String(style),
      ).toBeGreaterThan(10);
    }
  });
});
