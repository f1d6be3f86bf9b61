import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../../src/base/random.js';
import type { Batch } from '../../../src/engine/train/batch.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import {
  BatchReader,
  type BatchReaderOptions,
  type BatchReaderState,
} from '../../../src/data/shards/batch-reader.js';
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

function reader(options: Partial<BatchReaderOptions> = {}): BatchReader {
  return new BatchReader(shards, { batchSize: 4, context: CONTEXT, padId: PAD, seed: 5, ...options });
}

const CONTEXT = 12;

interface Placed {
  number: number;
  row: number;
  first: number;
  end: number;
}

/** The records of a batch, by their spans: record i starts with token i. */
function placedIn({ inputs, spans }: Batch, context = CONTEXT): Placed[] {
  const found: Placed[] = [];
  for (let at = 0; at < inputs.length; at++) {
    const [first, end] = [spans![2 * at]!, spans![2 * at + 1]!];
    const t = at % context;
    if (t === first && inputs[at] !== PAD) {
      found.push({ number: inputs[at]!, row: Math.floor(at / context), first, end });
    }
  }
  return found;
}

const numbersIn = (batch: Batch): number[] => placedIn(batch).map(({ number }) => number);

function drawRecords(from: BatchReader, batches: number): number[] {
  return Array.from({ length: batches }, () => numbersIn(from.next())).flat();
}

const timesEach = (numbers: readonly number[]): number[] =>
  records.map((_, number) => numbers.filter((other) => other === number).length);

describe('a batch', () => {
  test('has whole records with their spans, targets shifted by one and learned from lossStart on, and padding', () => {
    const source = reader({ batchSize: 3 });
    for (let n = 0; n < 20; n++) {
      const batch = source.next();
      const expected: Batch = {
        inputs: new Uint32Array(3 * CONTEXT).fill(PAD),
        targets: new Uint32Array(3 * CONTEXT).fill(IGNORE_INDEX),
        spans: Uint32Array.from({ length: 6 * CONTEXT }, (_, i) => (Math.floor(i / 2) % CONTEXT) + (i % 2)),
        tokens: 0,
        lossTokens: 0,
      };
      for (const { number, row, first } of placedIn(batch)) {
        const { tokens, lossStart } = records[number]!;
        const positions = tokens.length - 1;
        for (let k = 0; k < positions; k++) {
          const at = row * CONTEXT + first + k;
          expected.inputs[at] = tokens[k]!;
          if (k + 1 >= lossStart) expected.targets[at] = tokens[k + 1]!;
          expected.spans!.set([first, first + positions], 2 * at);
        }
        expected.tokens! += positions;
        expected.lossTokens! += tokens.length - lossStart;
      }
      expect(batch).toEqual(expected);
      expect(batch.lossTokens).toBeLessThanOrEqual(source.learnedRows);
      expect(batch.lossTokens).toBeGreaterThan(0);
    }
  });

  test('unpacked, has one record per row and no spans', () => {
    const source = reader({ batchSize: 23, packed: false });
    const { inputs, spans, tokens } = source.next();
    const numbers = Array.from({ length: 23 }, (_, row) => inputs[row * CONTEXT]!);
    expect(numbers.sort((a, b) => a - b)).toEqual(records.map((_, i) => i));
    expect(spans).toBeUndefined();
    expect(tokens).toBe(records.reduce((sum, record) => sum + record.tokens.length - 1, 0));
    expect(source.learnedRows).toBe(23 * CONTEXT);
  });

  test('leaves out and counts records that do not fit', () => {
    const source = reader({ batchSize: 1, context: 8 });
    const long = records.filter(({ tokens }) => tokens.length > 9).length;
    expect(long).toBeGreaterThan(0);
    expect(source.dropped).toBe(long);
    expect(source.recordsPerEpoch).toBe(23 - long);
    expect(source.sizes.longest).toBe(10);
    for (let n = 0; n < 50; n++) {
      for (const { number } of placedIn(source.next(), 8)) {
        expect(records[number]!.tokens.length).toBeLessThan(10);
      }
    }
  });

  test('never learns more than learnedRows, whatever the records', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 5 }),
        (extents, batchSize) => {
          const sizes = extents.map(([positions, learned]) => ({
            positions,
            learned: Math.min(positions, learned),
          }));
          const source = new BatchReader(fakeShards(sizes), { batchSize, context: 30, padId: 0, seed: 1 });
          for (let n = 0; n < 30; n++) {
            const { lossTokens, tokens } = source.next();
            expect(lossTokens).toBeLessThanOrEqual(source.learnedRows);
            expect(tokens).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('of a corpus with lengths as ours is more than 95% full, and uses most of its learned rows', () => {
    const random = new Random(3, 0);
    // Mostly short records, some as long as the context, a fifth of each learned.
    const sizes = Array.from({ length: 5000 }, () => {
      const positions = random.chance(0.15) ? random.between(300, 512) : random.between(80, 260);
      return { positions, learned: Math.ceil((positions * random.between(10, 35)) / 100) };
    });
    for (const batchSize of [1, 4, 16]) {
      const source = new BatchReader(fakeShards(sizes), { batchSize, context: 512, padId: 0, seed: 1 });
      let [tokens, learned, batches] = [0, 0, 0];
      for (; source.state().epoch === 0; batches++) {
        const batch = source.next();
        tokens += batch.tokens;
        learned += batch.lossTokens;
      }
      expect(tokens / (batches * batchSize * 512)).toBeGreaterThan(0.95);
      expect(learned / (batches * source.learnedRows)).toBeGreaterThan(0.5);
      expect(source.learnedRows % 64).toBe(0);
    }
  });
});

/** Shards that hold only the lengths of their records. */
function fakeShards(sizes: readonly { positions: number; learned: number }[]): ShardSet {
  const shards: Pick<ShardSet, 'records' | 'fingerprint' | 'length' | 'lossStart' | 'read'> = {
    records: sizes.length,
    fingerprint: 'none',
    length: (record) => sizes[record]!.positions + 1,
    lossStart: (record) => sizes[record]!.positions + 1 - sizes[record]!.learned,
    read: (record) => ({
      tokens: new Uint16Array(sizes[record]!.positions + 1),
      lossStart: sizes[record]!.positions + 1 - sizes[record]!.learned,
    }),
  };
  return shards as ShardSet;
}

describe('the order of records', () => {
  test.each([1, 4, 50])('has every record once per epoch, with %i rows per batch', (batchSize) => {
    const source = reader({ batchSize });
    const placed: number[] = [];
    const epochs = new Set<number>();
    for (let n = 0; n < 40; n++) {
      placed.push(...numbersIn(source.next()));
      const { epoch, position, pending } = source.state();
      epochs.add(epoch);
      // What was drawn is placed or pending: each record once for every epoch before, the epoch's own at most once more.
      const drawn = timesEach([...placed, ...pending]);
      expect(drawn.every((times) => times === epoch || times === epoch + 1)).toBe(true);
      expect(drawn.filter((times) => times === epoch + 1)).toHaveLength(position);
    }
    expect(epochs.size).toBeGreaterThan(2);
  });

  test('every batch begins with the record that has waited longest', () => {
    const source = reader({ batchSize: 2 });
    source.next();
    for (let n = 0; n < 100; n++) {
      const [oldest] = source.state().pending;
      expect(numbersIn(source.next())[0]).toBe(oldest);
    }
  });

  test('depends on the seed and the epoch', () => {
    expect(drawRecords(reader({ seed: 5 }), 5)).toEqual(drawRecords(reader({ seed: 5 }), 5));
    expect(drawRecords(reader({ seed: 5 }), 5)).not.toEqual(drawRecords(reader({ seed: 6 }), 5));
    const drawn = drawRecords(reader({ batchSize: 1 }), 60);
    expect(drawn.slice(0, 23)).not.toEqual(drawn.slice(23, 46));
  });

  test('every record is equally likely to come first', () => {
    const runs = 1000;
    const first = new Map<number, number>();
    for (let seed = 0; seed < runs; seed++) {
      const number = numbersIn(reader({ batchSize: 1, seed }).next())[0]!;
      first.set(number, (first.get(number) ?? 0) + 1);
    }
    // About 43 are expected for each record; six standard deviations are 39.
    for (let i = 0; i < 23; i++) expect(Math.abs((first.get(i) ?? 0) - runs / 23)).toBeLessThan(39);
  });
});

describe('state and restore', () => {
  test('a restored reader continues with the same batches, in any epoch', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (steps, batchSize, packed) => {
          const first = reader({ batchSize, packed });
          for (let n = 0; n < steps; n++) first.next();
          const state = JSON.parse(JSON.stringify(first.state())) as BatchReaderState;
          const second = reader({ batchSize, packed });
          second.next();
          second.restore(state);
          for (let n = 0; n < 20; n++) expect(second.next()).toEqual(first.next());
        },
      ),
      { numRuns: 30 },
    );
  });

  test.each<[string, Partial<BatchReaderState>]>([
    ['seed', { seed: 6 }],
    ['context', { context: 13 }],
    ['batchSize', { batchSize: 5 }],
    ['packed', { packed: false }],
    ['position', { position: 24 }],
    ['position', { epoch: -1 }],
    ['position', { position: 0.5 }],
    ['pending', { pending: [23] }],
    ['pending', { pending: new Array<number>(257).fill(1) }],
    ['pending', { pending: null as unknown as number[] }],
  ])('a state with another %s is rejected', (field, change) => {
    const source = reader();
    const expected = reader().next();
    expect(() => source.restore({ ...source.state(), ...change })).toThrow(
      expect.objectContaining({ code: 'batch-state', field }),
    );
    expect(source.next()).toEqual(expected);
  });

  test('a state of a reader without packed rows is rejected, saying what to do', () => {
    const { corpus, seed, context, epoch, position } = reader().state();
    expect(() => reader().restore({ corpus, seed, context, epoch, position } as BatchReaderState)).toThrow(
      /version: the state was saved before rows were packed.*; train into another folder/,
    );
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
