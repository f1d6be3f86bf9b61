import { expect, test } from 'vitest';
import { estimateStatement, linkLimits, roomForStatement } from '../../src/sql/room.js';
import { extract } from '../../src/sql/vault/index.js';
import { bundleIndex, corpusSamples, tokenizerOf } from './grammar/decoding.js';
import { diceModel } from './untrained.js';

const index = bundleIndex('mimic_iv');
const samples = corpusSamples(index, 400, 1);
const tokenizer = tokenizerOf(samples);

test('the room that values and schema suggest holds nearly every statement', () => {
  const fresh = corpusSamples(index, 300, 2);
  const tooLong = fresh.filter(({ record, values }) => {
    const tokens = tokenizer.encode(` ${record.sql}`).length + 1;
    return tokens > estimateStatement(values, index, tokenizer);
  });
  expect(tooLong.length / fresh.length).toBeLessThan(0.02);
});

test('a value needs more room, a date more than a number', () => {
  const room = (...names: string[]): number =>
    estimateStatement(
      names.map((name) => ({ name })),
      index,
      tokenizer,
    );
  expect(room('__NUM_1__')).toBeGreaterThan(room());
  expect(room('__DATE_1__')).toBeGreaterThan(room('__NUM_1__'));
});

test('what the statement needs is left free by the schema, and a given limit counts', () => {
  const model = { ...diceModel(tokenizer), context: 1024 };
  const vault = extract('How many admissions began before March 5, 2150?');
  const budget = (maxNewTokens?: number): number =>
    linkLimits(vault, { model, index, maxNewTokens }).tokenBudget!;
  const room = roomForStatement(0, vault, { model, index });
  expect(room).toBe(estimateStatement(vault.placeholders, index, tokenizer));
  expect(budget(20) - budget()).toBe(room - 20);
  expect(roomForStatement(1000, vault, { model, index })).toBe(24);
});
