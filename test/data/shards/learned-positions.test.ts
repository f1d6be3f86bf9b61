import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import { formatRecord } from '../../../src/data/record.js';
import { LearnedPositions, partMarkers } from '../../../src/data/shards/learned-positions.js';
import type { StoredRecord } from '../../../src/data/shards/reader.js';
import { encodeRecord } from '../../../src/data/shards/record-tokens.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';

const record = {
  schema: ' person: person id*, birth date@, weight#, height#\n visit: visit id*, person id>, start@',
  question: 'How many visits of people born after __DATE_1__ are there in all?',
  idMap: '__DATE_1__ date date',
  sql: 'SELECT COUNT(*) FROM visit AS t1;',
};
const tokenizer = trainTokenizer([formatRecord(record)], { vocabSize: 400 });
const markers = partMarkers(tokenizer);

function stored(
  order: 'schema-first' | 'question-first',
): StoredRecord & { schema: number; question: number } {
  const { tokens, lossStart } = encodeRecord(tokenizer, record, order);
  const found = { schema: tokens.indexOf(markers.schema), question: tokens.indexOf(markers.question) };
  return { tokens, lossStart, ...found };
}

describe.each(['schema-first', 'question-first'] as const)('in a record with %s', (order) => {
  const parts = stored(order);
  const isQuestion = (at: number): boolean =>
    order === 'schema-first' ? at >= parts.question : at < parts.schema;

  test('each part is learned as often as its weight says, every token alike', () => {
    const learned = new LearnedPositions({ question: 0.5, schema: 0.2 }, markers);
    const counts = new Float64Array(parts.lossStart);
    const draws = 4000;
    for (let i = 0; i < draws; i++) {
      for (const at of learned.ofPrompt(parts, new Random(3, i))) counts[at]!++;
    }
    expect(counts[0]).toBe(0);
    for (let at = 1; at < parts.lossStart; at++) {
      expect(Math.abs(counts[at]! / draws - (isQuestion(at) ? 0.5 : 0.2))).toBeLessThan(0.04);
    }
  });

  test('the count hardly varies, and never exceeds the most', () => {
    const learned = new LearnedPositions({ question: 0.7, schema: 0.3 }, markers);
    const most = learned.most(parts) - (parts.tokens.length - parts.lossStart);
    const counts = Array.from(
      { length: 500 },
      (_, i) => [...learned.ofPrompt(parts, new Random(4, i))].length,
    );
    expect(Math.max(...counts)).toBe(most);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(most - 2);
  });

  test('a weight of 1 learns the whole part, and 0 nothing', () => {
    const learned = new LearnedPositions({ question: 1, schema: 0 }, markers);
    const found = [...learned.ofPrompt(parts, new Random(5, 1))];
    const wanted = Array.from({ length: parts.lossStart }, (_, at) => at).filter(
      (at) => at > 0 && isQuestion(at),
    );
    expect(found).toEqual(wanted);
  });
});

test('without weights only the statement is learned', () => {
  const parts = stored('schema-first');
  const learned = new LearnedPositions(undefined, markers);
  expect([...learned.ofPrompt(parts, new Random(1, 1))]).toEqual([]);
  expect(learned.most(parts)).toBe(parts.tokens.length - parts.lossStart);
  expect(learned.describe()).toBeUndefined();
});
