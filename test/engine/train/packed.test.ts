import { describe, expect, test } from 'vitest';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import type { Batch } from '../../../src/engine/train/batch.js';
import { decoderStep, planStep, type StepShape } from '../../../src/engine/train/decoder-step.js';
import { Gpu as Device } from '../../../src/engine/gpu/device.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu, testPaths } from '../test-gpu.js';
import { TINY, TRAINING } from '../tiny-model.js';

const CONFIG = { ...TINY, vocabSize: 16 };
const PAD = 15;
const T = 24;

/** A text of tokens, learned from `lossStart` on. */
interface Text {
  tokens: number[];
  lossStart: number;
}

const random = new Random(12);
/** Rows of texts; a text of n + 1 tokens takes n positions. The last text of the second row is padding's neighbour. */
const ROWS: readonly (readonly Text[])[] = [[9, 14], [7, 5, 8], [23]].map((lengths) =>
  lengths.map((positions) => ({
    tokens: Array.from({ length: positions + 1 }, () => random.integer(0, 14)),
    // Some have a learned end, as records have; one stops being learned before its end.
    lossStart: random.integer(1, positions),
  })),
);

/** Texts in the rows given; with `isPacked` the batch has spans. */
function batchOf(rows: readonly (readonly Text[])[], isPacked: boolean): Batch {
  const inputs = new Uint32Array(rows.length * T).fill(PAD);
  const targets = new Uint32Array(rows.length * T).fill(IGNORE_INDEX);
  const spans = Uint32Array.from({ length: 2 * rows.length * T }, (_, i) => ((i >> 1) % T) + (i & 1));
  rows.forEach((texts, row) => {
    let first = 0;
    for (const { tokens, lossStart } of texts) {
      const positions = tokens.length - 1;
      for (let k = 0; k < positions; k++) {
        const at = row * T + first + k;
        inputs[at] = tokens[k]!;
        if (k + 1 >= lossStart && (k + 1) % 7 !== 0) targets[at] = tokens[k + 1]!;
        spans.set([first, first + positions], 2 * at);
      }
      first += positions;
    }
  });
  return { inputs, targets, ...(isPacked && { spans }) };
}

interface Result {
  loss: number;
  /** Gradients by parameter. */
  grads: Map<string, Float32Array>;
}

async function stepOnce(gpu: Gpu, shape: StepShape, batches: Batch[]): Promise<Result> {
  const decoder = new Decoder(gpu, CONFIG, { seed: 3 });
  const step = await decoderStep(decoder, TRAINING, shape);
  step.submit(batches, 0, 1e-3);
  const grads = new Map<string, Float32Array>();
  for (const [name, tensor] of decoder.parameters.tensors) grads.set(name, await tensor.grad!.read());
  const loss = await step.loss();
  step.dispose();
  decoder.dispose();
  return { loss, grads };
}

/** Three rows of several records, of which at most 40 positions are learned. */
const PACKED: StepShape = { batchSize: 3, context: T, microBatches: 1, packed: true, learnedRows: 40 };
const ALONE = ROWS.flat().map((text) => [text]);

describe('packed rows give the loss and the gradients of one record per row', () => {
  const expectEqual = (name: string, packed: Result, alone: Result, tolerance: number): void => {
    expect(Math.abs(packed.loss / alone.loss - 1), `${name}: loss`).toBeLessThan(tolerance / 10);
    expect(packed.grads.size).toBeGreaterThan(10);
    for (const [parameter, gradient] of packed.grads) {
      const error = relativeError(gradient, alone.grads.get(parameter)!);
      expect(error, `${name}: gradient of ${parameter}`).toBeLessThan(tolerance);
    }
  };

  test('on every kernel path', async () => {
    const paths = [{ name: 'f32', gpu: await testGpu() }, ...(await testPaths())];
    for (const { name, gpu } of paths) {
      const alone = await stepOnce(gpu, { batchSize: ALONE.length, context: T, microBatches: 1 }, [
        batchOf(ALONE, false),
      ]);
      const packed = await stepOnce(gpu, PACKED, [batchOf(ROWS, true)]);
      expectEqual(name, packed, alone, name === 'f32' ? 1e-5 : 3e-3);
    }
  });

  test('over micro-batches with different numbers of learned targets', async () => {
    const gpu = await testGpu();
    const alone = await stepOnce(gpu, { batchSize: ALONE.length, context: T, microBatches: 1 }, [
      batchOf(ALONE, false),
    ]);
    const shape = { ...PACKED, batchSize: 1, microBatches: 3 };
    const parts = ROWS.map((row) => batchOf([row], true));
    expectEqual('three micro-batches', await stepOnce(gpu, shape, parts), alone, 1e-5);
  });

  test('with one record per row too, if the step gathers learned rows or has spans', async () => {
    const gpu = await testGpu();
    const shape = { batchSize: ALONE.length, context: T, microBatches: 1 };
    const plain = await stepOnce(gpu, shape, [batchOf(ALONE, false)]);
    const gathered = await stepOnce(gpu, { ...shape, learnedRows: 64 }, [batchOf(ALONE, false)]);
    expectEqual('learnedRows', gathered, plain, 1e-5);
    const spanned = await stepOnce(gpu, { ...shape, packed: true }, [batchOf(ALONE, true)]);
    expectEqual('spans', spanned, plain, 1e-5);
    // A packed step whose batch has no spans takes each row as a record.
    const whole = await stepOnce(gpu, { ...shape, packed: true }, [batchOf(ALONE, false)]);
    expect(whole).toEqual(plain);
  });
});

describe('a record in a packed row', () => {
  /** Hidden states [B, T, C] of a batch. */
  async function hiddenOf(gpu: Gpu, batch: Batch): Promise<Float32Array> {
    const decoder = new Decoder(gpu, CONFIG, { seed: 3 });
    await decoder.parameters.refreshHalves();
    const B = batch.inputs.length / T;
    const place = decoder.tokenBatch([B, T], { packed: true });
    place.write(batch.inputs, { spans: batch.spans });
    const program = await record(gpu, () => decoder.hidden(place));
    program.run();
    const hidden = await program.outputs.read();
    program.dispose();
    place.dispose();
    decoder.dispose();
    return hidden;
  }

  test('has the same hidden states, to the bit, whatever else is in the row', async () => {
    for (const { name, gpu } of [{ name: 'f32', gpu: await testGpu() }, ...(await testPaths())]) {
      const batch = batchOf(ROWS, true);
      const before = await hiddenOf(gpu, batch);
      const C = before.length / batch.inputs.length;
      // The middle record of the second row: positions 7 to 12.
      const changed = new Set([7, 8, 9, 10, 11].map((t) => T + t));
      const inputs = batch.inputs.map((token, at) => (changed.has(at) ? (token + 5) % 15 : token));
      const after = await hiddenOf(gpu, { ...batch, inputs });
      for (let at = 0; at < inputs.length; at++) {
        const [a, b] = [before, after].map((states) => states.slice(at * C, (at + 1) * C));
        if (changed.has(at)) expect(a, `${name}, position ${at}`).not.toEqual(b);
        else expect(a, `${name}, position ${at}`).toEqual(b);
      }
    }
  });

  test('has the hidden states that it has alone: its positions count from its first', async () => {
    const gpu = await testGpu();
    const packed = await hiddenOf(gpu, batchOf(ROWS, true));
    const alone = await hiddenOf(gpu, batchOf(ALONE, true));
    const C = packed.length / (ROWS.length * T);
    let row = 0;
    ROWS.forEach((texts, at) => {
      let first = 0;
      for (const { tokens } of texts) {
        const positions = tokens.length - 1;
        const own = packed.slice((at * T + first) * C, (at * T + first + positions) * C);
        expect(relativeError(own, alone.slice(row * T * C, (row * T + positions) * C))).toBeLessThan(1e-5);
        first += positions;
        row++;
      }
    });
  });
});

describe('a packed step refuses', () => {
  const batch = batchOf(ROWS, true);
  const learned = batch.targets.filter((target) => target !== IGNORE_INDEX).length;
  const changed = (at: number, value: number): Batch => ({
    ...batch,
    spans: batch.spans!.map((number, i) => (i === at ? value : number)),
  });

  test.each<[string, Partial<StepShape>, Batch, RegExp]>([
    [
      'more learned targets than it was recorded for',
      { learnedRows: learned - 1 },
      batch,
      new RegExp(
        `batch: ${learned} targets are learned, and the step was recorded for learnedRows = ${learned - 1}`,
      ),
    ],
    [
      'spans that it was not recorded for',
      { packed: false },
      batch,
      /it has spans, and the step was recorded for one/,
    ],
    [
      'spans of another size',
      {},
      { ...batch, spans: batch.spans!.slice(2) },
      /spans hold 142 numbers: they must be \[B,T,2\] \(144\)/,
    ],
    [
      'a record that begins after one of its positions',
      {},
      changed(2 * 3, 4),
      /position 3 in row 0 is 4 to 9/,
    ],
    [
      'a record that ends before one of its positions',
      {},
      changed(2 * T * 2 + 1, 0),
      /position 0 in row 2 is 0 to 0/,
    ],
    ['a record beyond its row', {}, changed(2 * T * 2 + 1, 25), /position 0 in row 2 is 0 to 25/],
    ['positions that disagree on their record', {}, changed(2 * 5 + 1, 10), /position 5 in row 0 is 0 to 10/],
    ['a record within another', {}, changed(2 * 5, 5), /position 5 in row 0 is 5 to 9/],
  ])('%s', async (_name, shape, wrong, message) => {
    const decoder = new Decoder(await testGpu(), CONFIG, { seed: 3 });
    const step = await decoderStep(decoder, TRAINING, { ...PACKED, ...shape });
    expect(() => step.submit(wrong, 0, 1e-3)).toThrow(message);
    expect(step.stepsDone).toBe(0);
    step.submit(
      shape.packed === false
        ? { ...batch, spans: undefined }
        : { ...batch, targets: batch.targets.map(() => IGNORE_INDEX) },
      0,
      1e-3,
    );
    step.dispose();
    decoder.dispose();
  });
});

test('a packed step uses the memory that its plan predicts, less than a step whose head reads all positions', async () => {
  const gpu = await testGpu();
  const planned = planStep(CONFIG, PACKED, Device.planning({}, gpu.adapter.kind, gpu.path));
  const decoder = new Decoder(gpu, CONFIG, { seed: 3 });
  (await decoderStep(decoder, TRAINING, PACKED)).dispose(); // makes the device's rotary tables
  const before = gpu.buffers.liveBytes;
  const step = await decoderStep(decoder, TRAINING, PACKED);
  const taken = gpu.buffers.liveBytes - before;
  const own = planned.total - planned.weights - planned.gradients - planned.halves;
  expect(Math.abs(taken / own - 1)).toBeLessThan(0.02);
  const plain = { ...PACKED, packed: false, learnedRows: undefined };
  expect(planned.flops).toBeLessThan(planStep(CONFIG, plain).flops);
  step.dispose();
  decoder.dispose();
});
