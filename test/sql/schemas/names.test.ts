import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { checkBundle } from '../../../src/data/schema/check.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { Sampler } from '../../../src/engine/decode/sampler.js';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { render } from '../../../src/sql/renderer/render.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { foldName, nameFault, quoteIdentifier, RESERVED_WORDS } from '../../../src/tsql/identifier.js';
import { tokenize } from '../../../src/tsql/lexer.js';

/** Names of every kind that a database may hold, most of which can be used. */
const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('_', 'x', 'ID', 'NUM', '1', '-', ' ', "'", 'ß', 'я'), minLength: 1, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('a', 'Ж', '9', '_'), minLength: 120, maxLength: 130 }),
  fc.constantFrom(...RESERVED_WORDS),
  fc.constantFrom('Größe', 'имя', 'Fälle', 'x__', '__x', '__', '____', 'visit-date', '__ID_1__', 'a__num_1', 'N', 'n', 'GO'),
); // prettier-ignore

const usable = name.filter((text) => nameFault(text) === undefined);

/** What the validator says about the statement, as text. */
const faults = (sql: string, index: SchemaIndex): string =>
  validate(sql, index)
    .errors.map(({ code, message }) => `${code}: ${message} in ${sql}`)
    .join();

function bundleOf(schema: string | undefined, table: string, columns: readonly string[]): SchemaBundle {
  const named = (text: string): string => (schema === undefined ? text : `${schema}.${text}`);
  return {
    name: 'invented',
    title: 'Invented',
    version: '1',
    source: 'tests',
    licence: 'MIT',
    tables: [
      {
        name: named(table),
        description: 'Invented.',
        primaryKey: [columns[0]!],
        columns: columns.map((one) => ({ name: one, type: 'int', nullable: one !== columns[0] })),
        foreignKeys: [],
      },
      {
        name: named(`${table.slice(0, 100)} 2`),
        description: 'Invented.',
        primaryKey: [],
        columns: columns.map((one) => ({ name: one, type: 'int', nullable: true })),
        foreignKeys: [
          { columns: [columns[0]!], references: { table: named(table), columns: [columns[0]!] } },
        ],
      },
    ],
  };
}

describe('for any invented name', () => {
  test('the bundle is refused with a reason, or the statement reads the name back', () => {
    fc.assert(
      fc.property(name, name, (table, column) => {
        const bundle = bundleOf(undefined, 't', [column]);
        const fault = nameFault(column);
        const found = checkBundle(bundle).filter(({ code }) => code === 'bad-name' || code === 'shape');
        expect(found.length > 0).toBe(fault !== undefined);
        if (fault !== undefined || nameFault(table) !== undefined) return;
        const [token, dot, second] = tokenize(`${quoteIdentifier(table)}.${quoteIdentifier(column)}`);
        expect([token!.text, dot!.text, second!.text]).toEqual([table, '.', column]);
      }),
      { numRuns: 3000 },
    );
  });

  test('what the grammar writes, the validator accepts and the renderer writes unchanged', () => {
    const columns = fc.uniqueArray(usable, { minLength: 1, maxLength: 4, selector: foldName });
    fc.assert(
      fc.property(
        fc.option(
          usable.filter((text) => !/^(sys|information_schema|dbo)$/i.test(text)),
          { nil: undefined },
        ),
        usable,
        columns,
        fc.nat(),
        (schema, table, names, seed) => {
          const bundle = bundleOf(schema, table, names);
          fc.pre(checkBundle(bundle).length === 0);
          const index = new SchemaIndex(bundle);
          const text = `SELECT DISTINCT COUNT(*) FROM ${names.map(quoteIdentifier).join()} ${quoteIdentifier(table)}`;
          const tokenizer = trainTokenizer([text, text], { vocabSize: 560 });
          const value = { name: '__NUM_1__', kind: 'threshold', type: 'int', text: '7', value: '7' } as const;
          const mask = createGrammar(index, tokenizer).start([value], { maxTokens: 1500 });
          const sampler = new Sampler({ temperature: 1, seed });
          const random = new Random(seed, 0);
          const tokens: number[] = [];
          while (tokens.at(-1) !== tokenizer.endId) {
            const logits = Float32Array.from({ length: tokenizer.vocabSize }, () => random.int(1000) / 100);
            const { token } = sampler.sample(logits, mask.allowed());
            mask.advance(token);
            tokens.push(token);
          }
          const sql = tokenizer.decode(tokens.slice(0, -1)).trim();
          const values = new Map([[value.name, value]]);
          const { ok, errors } = validate(sql, index, values);
          expect(ok ? '' : `${errors[0]!.code}: ${errors[0]!.message} in ${sql}`).toBe('');
          const rendered = render(sql, index, values).sql;
          expect(faults(rendered, index)).toBe('');
          const before = sql.slice(0, sql.indexOf('__NUM_1__'));
          expect(rendered.slice(0, before.length)).toBe(before);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test.each([
  ['x__ID_1__y', 'reads like a placeholder'],
  ['a.b', 'contains a dot'],
  ['a]b', 'contains a bracket'],
  ['a"b', 'contains a quote'],
  [' a', 'begins or ends with a blank'],
  ['\u212Aey', "contains U+212A, which is invisible or not in Unicode's composed form (NFC)"],
  ['Gro\u0308ße', "contains U+0308, which is invisible or not in Unicode's composed form (NFC)"],
  ['zero\u200Bwidth', "contains U+200B, which is invisible or not in Unicode's composed form (NFC)"],
  ['x'.repeat(129), 'has 129 characters; SQL Server allows 128'],
])('a name that statements cannot use has a reason: %j', (text, reason) => {
  expect(nameFault(text)).toBe(reason);
});
