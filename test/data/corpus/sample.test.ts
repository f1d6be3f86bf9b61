import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIdMap, PLACEHOLDER_PATTERN } from '../../../src/data/placeholder.js';
import { FAMILIES } from '../../../src/data/corpus/families.js';
import { loadKnobs, withoutSynthetic } from '../../../src/data/corpus/knobs.js';
import { normaliseQuestion } from '../../../src/data/corpus/question/phrase.js';
import { columnsOf, valuesOfProgram } from '../../../src/data/corpus/statement/program.js';
import { generateSamples, SampleSource, type Sample } from '../../../src/data/corpus/sample.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { quoteIdentifier } from '../../../src/tsql/identifier.js';
import { miniIndex } from './mini-bundle.js';

// The first record format spells names as the schema does, so that they can be compared.
const knobs = { ...withoutSynthetic(loadKnobs('configs/corpus.json')), format: undefined };
const source = new SampleSource([miniIndex], knobs);
const anySample = fc
  .tuple(fc.integer(), fc.nat({ max: 1_000_000 }))
  .map(([seed, index]) => source.sample(seed, index));

function placeholdersIn(text: string): Set<string> {
  return new Set(text.match(PLACEHOLDER_PATTERN) ?? []);
}

function check(property: (sample: Sample) => void): void {
  fc.assert(fc.property(anySample, property), { numRuns: 1000 });
}

describe('a sample', () => {
  test('depends only on seed and number', () => {
    const all = [...generateSamples({ schemas: [miniIndex], knobs, seed: 7, count: 60 })];
    const late = [...generateSamples({ schemas: [miniIndex], knobs, seed: 7, count: 20, start: 40 })];
    expect(late).toEqual(all.slice(40));
    const other = [...generateSamples({ schemas: [miniIndex], knobs, seed: 8, count: 60 })];
    expect(other.map((s) => s.record.question)).not.toEqual(all.map((s) => s.record.question));
  });

  test('does not depend on other sources in the process', () => {
    const again = new SampleSource([new SchemaIndex(structuredClone(miniIndex.bundle))], knobs);
    for (let i = 0; i < 500; i++) expect(again.sample(3, i)).toEqual(source.sample(3, i));
  });

  test('has the same placeholders in question, ID map and statement', () => {
    check(({ record, values }) => {
      const names = values.map((value) => value.name);
      expect([...placeholdersIn(record.question)]).toEqual(names);
      expect(placeholdersIn(record.sql)).toEqual(new Set(names));
      expect(record.idMap).toBe(formatIdMap(values));
    });
  });

  test('numbers the placeholders of each prefix in the order of the question', () => {
    check(({ values }) => {
      for (const prefix of ['ID', 'DATE', 'TEXT', 'NUM']) {
        const numbers = values.filter((v) => v.prefix === prefix).map((v) => v.name);
        expect(numbers).toEqual(numbers.map((_, i) => `__${prefix}_${i + 1}__`));
      }
    });
  });

  test('gives the masked question when placeholders replace the values of the raw question', () => {
    check(({ record, rawQuestion, values }) => {
      let masked = '';
      let rest = rawQuestion;
      for (const { text, name } of values) {
        const at = rest.indexOf(text);
        expect(at).toBeGreaterThanOrEqual(0);
        masked += rest.slice(0, at) + name;
        rest = rest.slice(at + text.length);
      }
      expect(masked + rest).toBe(record.question);
    });
  });

  test('is one SELECT with one final semicolon and no comment', () => {
    check(({ record: { sql } }) => {
      expect(sql).toMatch(/^SELECT [^;]+;$/);
      expect(sql).not.toMatch(/--|\/\*|\b(HAVING|UNION|WITH|OVER|INTO)\b|\( ?SELECT/);
      expect(sql.match(/SELECT/g)).toHaveLength(1);
    });
  });

  test('uses only tables and columns of the schema', () => {
    check(({ program }) => {
      for (const [table, columns] of columnsOf(program)) {
        for (const column of columns) expect(miniIndex.column(table, column)).toBeDefined();
      }
    });
  });

  test('joins only along foreign keys, in either direction', () => {
    const references = (from: string, column: string, table: string, target: string): boolean =>
      miniIndex
        .table(from)!
        .foreignKeys.some(
          (key) =>
            key.columns[0] === column &&
            key.references.table === table &&
            key.references.columns[0] === target,
        );
    check(({ program }) => {
      for (const { table, join } of program.from.slice(1)) {
        expect(join!.on).toHaveLength(1);
        const { left, right } = join!.on[0]!;
        const leftTable = program.from[left.source]!.table;
        const isForwards = references(leftTable, left.column, table, right.column);
        const isBackwards = references(table, right.column, leftTable, left.column);
        expect(isForwards || isBackwards).toBe(true);
      }
    });
  });

  test('shows every table and column of the statement in the prompt', () => {
    check(({ program, record }) => {
      for (const [table, columns] of columnsOf(program)) {
        const line = record.schema.split('\n').find((text) => text.startsWith(`${quoteIdentifier(table)}(`));
        for (const column of columns) expect(line).toMatch(new RegExp(`[(, ]${column}\\b`));
      }
    });
  });

  test('uses each value, and no other', () => {
    check(({ program, values }) => {
      expect(new Set(valuesOfProgram(program))).toEqual(new Set(values));
    });
  });
});

describe('the corpus', () => {
  const samples = [...generateSamples({ schemas: [miniIndex], knobs, seed: 3, count: 40_000 })];

  test('never gives one question two statements', () => {
    const statements = new Map<string, string>();
    for (const { record } of samples) {
      const key = `${normaliseQuestion(record.question)}|${record.idMap}`;
      const known = statements.get(key) ?? record.sql;
      expect(record.sql, record.question).toBe(known);
      statements.set(key, known);
    }
    expect(statements.size).toBeLessThan(samples.length);
  });

  test('draws from every family that has a weight, and from questions about events', () => {
    const families = Object.fromEntries([...FAMILIES.keys()].map((name) => [name, 1]));
    const even = generateSamples({
      schemas: [miniIndex],
      knobs: { ...knobs, families, eventShare: 0 },
      seed: 3,
      count: 20_000,
    });
    expect(new Set([...even].map((sample) => sample.family))).toEqual(new Set(FAMILIES.keys()));
    const drawn = new Set(samples.map((sample) => sample.family));
    expect([...drawn].filter((family) => family.startsWith('event.')).length).toBeGreaterThan(5);
    expect([...drawn].filter((family) => knobs.families[family] === 0)).toEqual([]);
  });
});
