import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/engine/train/batch.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { BatchReader, type BatchReaderState } from '../../../src/data/shards/batch-reader.js';
import { openShards, type ShardSet } from '../../../src/data/shards/reader.js';
import { numberedRecords, temporaryFolder, writeCorpus } from './corpus.js';

const records = numberedRecords(23);
const PAD = 999;
let shards: ShardSet;
let others: ShardSet;
beforeAll(async () => {
  const open = async (list: typeof records): Promise<ShardSet> => {
    const folder = await temporaryFolder();
    await writeCorpus(folder, list);
    return openShards(folder);
  };
  shards = await open(records);
  others = await open(records.slice(1));
  return () => {
    shards.close();
    others.close();
  };
});

function reader(options: { batchSize?: number; context?: number; seed?: number } = {}): BatchReader {
  return new BatchReader(shards, { batchSize: 4, context: CONTEXT, padId: PAD, seed: 5, ...options });
}

const CONTEXT = 12;

/** The numbers of a batch's records: record i starts with token i. */
function recordNumbers({ inputs }: Batch): number[] {
  return Array.from({ length: inputs.length / CONTEXT }, (_, row) => inputs[row * CONTEXT]!);
}

function drawRecords(from: BatchReader, batches: number): number[] {
  return Array.from({ length: batches }, () => recordNumbers(from.next())).flat();
}

describe('a batch', () => {
  test('has one record per row, with targets shifted by one and learned from lossStart on', () => {
    const source = reader({ batchSize: 3 });
    for (let n = 0; n < 20; n++) {
      const batch = source.next();
      let lossTokens = 0;
      let tokens = 0;
      recordNumbers(batch).forEach((number, row) => {
        const record = records[number]!;
        for (let t = 0; t < CONTEXT; t++) {
          const at = row * CONTEXT + t;
          const isInput = t < record.tokens.length - 1;
          expect(batch.inputs[at]).toBe(isInput ? record.tokens[t] : PAD);
          const learned = isInput && t + 1 >= record.lossStart;
          expect(batch.targets[at]).toBe(learned ? record.tokens[t + 1] : IGNORE_INDEX);
          lossTokens += Number(learned);
          tokens += Number(isInput);
        }
      });
      expect([batch.tokens, batch.lossTokens]).toEqual([tokens, lossTokens]);
      expect(lossTokens).toBeGreaterThanOrEqual(3);
    }
  });

  test('drops and counts records that do not fit', () => {
    const source = reader({ batchSize: 1, context: 8 });
    const long = records.filter(({ tokens }) => tokens.length > 9).length;
    expect(long).toBeGreaterThan(0);
    expect(source.dropped).toBe(long);
    const batches = Array.from({ length: source.recordsPerEpoch }, () => source.next());
    expect(Math.max(...batches.map((batch) => batch.tokens))).toBe(8);
  });
});

describe('the order of records', () => {
  test('each record comes once per epoch, even if batches span epochs', () => {
    const drawn = drawRecords(reader({ batchSize: 4 }), 23);
    for (let epoch = 0; epoch < 4; epoch++) {
      const seen = drawn.slice(23 * epoch, 23 * epoch + 23);
      expect([...seen].sort((a, b) => a - b)).toEqual(records.map((_, i) => i));
    }
    expect(drawn.slice(0, 23)).not.toEqual(drawn.slice(23, 46));
  });

  test('a batch larger than the corpus spans several epochs', () => {
    expect(new Set(recordNumbers(reader({ batchSize: 50 }).next())).size).toBe(23);
  });

  test('depends on the seed but not on the batch size', () => {
    expect(drawRecords(reader({ batchSize: 4 }), 6)).toEqual(drawRecords(reader({ batchSize: 8 }), 3));
    expect(drawRecords(reader({ seed: 5 }), 5)).not.toEqual(drawRecords(reader({ seed: 6 }), 5));
  });

  test('every record is equally likely to come first', () => {
    const runs = 1000;
    const first = new Map<number, number>();
    for (let seed = 0; seed < runs; seed++) {
      const number = recordNumbers(reader({ batchSize: 1, seed }).next())[0]!;
      first.set(number, (first.get(number) ?? 0) + 1);
    }
    // About 43 are expected for each record; six standard deviations are 39.
    for (let i = 0; i < 23; i++) expect(Math.abs((first.get(i) ?? 0) - runs / 23)).toBeLessThan(39);
  });
});

describe('state and restore', () => {
  test('a restored reader continues with the same batches', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 9 }), (steps, batchSize) => {
        const first = reader({ batchSize });
        for (let n = 0; n < steps; n++) first.next();
        const state = JSON.parse(JSON.stringify(first.state())) as BatchReaderState;
        const second = reader({ batchSize });
        second.next();
        second.restore(state);
        for (let n = 0; n < 8; n++) expect(second.next()).toEqual(first.next());
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, Partial<BatchReaderState>]>([
    ['seed', { seed: 6 }],
    ['context', { context: 13 }],
    ['position', { position: 24 }],
    ['position', { epoch: -1 }],
    ['position', { position: 0.5 }],
  ])('a state with another %s is rejected', (field, change) => {
    const source = reader();
    const expected = reader().next();
    expect(() => source.restore({ ...source.state(), ...change })).toThrow(
      expect.objectContaining({ code: 'batch-state', field }),
    );
    expect(source.next()).toEqual(expected);
  });

  test('a state of another corpus is rejected', () => {
    const elsewhere = new BatchReader(others, { batchSize: 4, context: 12, padId: PAD, seed: 5 });
    expect(() => reader().restore(elsewhere.state())).toThrow(expect.objectContaining({ field: 'corpus' }));
  });
});

test.each([
  ['batchSize', { batchSize: 0 }],
  ['context', { context: 1.5 }],
  ['context', { context: 1 }],
])('a bad %s is rejected', (field, options) => {
  expect(() => reader(options)).toThrow(expect.objectContaining({ code: 'batch-options', field }));
});
