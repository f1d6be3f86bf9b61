import { join } from 'node:path';
import { writeFileAtomic, writeJsonAtomic } from '../../src/base/files.js';
import { runHeader, type RunHeader } from '../../src/engine/bench/report.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { record } from '../../src/engine/gpu/program.js';
import { preset, type DecoderConfig } from '../../src/engine/nn/config.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import { IGNORE_INDEX } from '../../src/engine/ops/ignore-index.js';
import type { KernelPath } from '../../src/engine/tensor/dtype.js';
import { ADAMW_DEFAULTS, type AdamWOptions } from '../../src/engine/train/adamw.js';
import type { Batch } from '../../src/engine/train/batch.js';
import { decoderStep } from '../../src/engine/train/decoder-step.js';
import { learningRateAt } from '../../src/engine/train/schedule.js';

/** Where a tensor lies in `tensors.bin`. */
interface Entry {
  /** In bytes. */
  offset: number;
  shape: readonly number[];
  dtype: 'f32' | 'u32';
}

/** `index.json` of a run; `tensors.bin` beside it holds the numbers, little-endian. */
export interface RunIndex {
  header: RunHeader;
  /** What multiplied: the adapter's matrix units, their emulation, or neither. */
  matrices: string;
  config: DecoderConfig;
  B: number;
  T: number;
  learningRates: number[];
  optimizer: AdamWOptions;
  losses: number[];
  /** Of the gradients before clipping. */
  norms: number[];
  /**
   * `w0.NAME` weights before the first step, `wK.NAME` after K steps, `gK.NAME` gradients of step K (counted from 0,
   * before clipping), `tokens.K` and `targets.K` the batches, `logits` of the first batch before the first step.
   */
  tensors: Record<string, Entry>;
}

export const STEPS = 10;
const [B, T] = [4, 128];
const SCHEDULE = { learningRate: 3e-3, minLearningRate: 3e-4, warmupSteps: 3, steps: STEPS };

/** Runs ten steps on one kernel path and writes all that they read and made into `folder`. */
export async function runOurs(folder: string, adapter: string, kernels: KernelPath): Promise<RunIndex> {
  const gpu = await openPath(adapter, kernels);
  try {
    return await runSteps(gpu, folder);
  } finally {
    gpu.close();
  }
}

async function hasMatrixUnits(adapter: string): Promise<boolean> {
  const gpu = await Gpu.open({ adapter, kernels: 'f32' });
  gpu.close();
  return gpu.matrixUnits !== undefined;
}

/** The kernel paths that an adapter runs without emulation. */
export async function pathsOf(adapter: string): Promise<KernelPath[]> {
  return (await hasMatrixUnits(adapter)) ? ['f32', 'f16', 'tensor'] : ['f32', 'f16'];
}

/** The path on matrix units is emulated where there are none. */
async function openPath(adapter: string, kernels: KernelPath): Promise<Gpu> {
  const isEmulated = kernels === 'tensor' && !(await hasMatrixUnits(adapter));
  return Gpu.open({ adapter, kernels, emulateMatrices: isEmulated ? 16 : undefined });
}

async function runSteps(gpu: Gpu, folder: string): Promise<RunIndex> {
  const tensors: Record<string, Entry> = {};
  const content: Uint8Array[] = [];
  let offset = 0;
  const put = (name: string, values: Float32Array | Uint32Array, shape: readonly number[]): void => {
    tensors[name] = { offset, shape, dtype: values instanceof Uint32Array ? 'u32' : 'f32' };
    content.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice());
    offset += values.byteLength;
  };

  const config = preset('tiny');
  const decoder = new Decoder(gpu, config, { seed: 5 });
  const { parameters } = decoder;
  const random = uniformNumbers(12345);
  for (const { name, shape } of parameters.specs) {
    // Norms start at 1 and 0. Other numbers show that both are used.
    if (shape.length === 1) {
      const centre = name.endsWith('gamma') ? 1 : 0;
      parameters
        .get(name)
        .write(Float32Array.from({ length: shape[0]! }, () => centre + 0.2 * (random() - 0.5)));
    }
    put(`w0.${name}`, await parameters.get(name).read(), shape);
  }
  const batches = Array.from({ length: STEPS }, (_, k) => makeBatch(k, config.vocabSize, random));
  batches.forEach(({ inputs, targets }, k) => {
    put(`tokens.${k}`, inputs, [B, T]);
    put(`targets.${k}`, targets, [B, T]);
  });
  put('logits', await firstLogits(decoder, batches[0]!), [B, T, config.vocabSize]);

  const step = await decoderStep(decoder, ADAMW_DEFAULTS, { batchSize: B, context: T, microBatches: 1 });
  const learningRates = batches.map((_, k) => learningRateAt(k, SCHEDULE));
  const losses: number[] = [];
  const norms: number[] = [];
  for (const [k, batch] of batches.entries()) {
    const { optimizer } = step;
    const scale = optimizer.scalesLoss ? (await optimizer.lossScale.read())[0]! : 1;
    step.submit([batch], k, learningRates[k]!);
    losses.push(await step.loss());
    norms.push((await optimizer.clip.read())[0]!);
    for (const { name, shape } of parameters.specs) {
      const gradient = await parameters.get(name).grad!.read();
      put(
        `g${k}.${name}`,
        gradient.map((value) => value / scale),
        shape,
      );
      if (k === 0 || k === STEPS - 1) put(`w${k + 1}.${name}`, await parameters.get(name).read(), shape);
    }
  }
  const matrices =
    gpu.path !== 'tensor'
      ? 'none'
      : gpu.matrixUnits === undefined
        ? 'emulated, 16×16×16'
        : `${gpu.matrixUnits}×${gpu.matrixUnits}×${gpu.matrixUnits}`;
  const index: RunIndex = {
    header: runHeader(gpu),
    matrices,
    config,
    B,
    T,
    learningRates,
    optimizer: ADAMW_DEFAULTS,
    losses,
    norms,
    tensors,
  };
  await writeFileAtomic(join(folder, 'tensors.bin'), content);
  await writeJsonAtomic(join(folder, 'index.json'), index);
  step.dispose();
  decoder.dispose();
  return index;
}

async function firstLogits(decoder: Decoder, { inputs }: Batch): Promise<Float32Array> {
  await decoder.parameters.refreshHalves();
  const tokens = decoder.tokenBatch([B, T]);
  tokens.write(inputs);
  const program = await record(decoder.gpu, () => decoder.logits(decoder.hidden(tokens)));
  program.run();
  const logits = await program.outputs.read();
  program.dispose();
  tokens.dispose();
  return logits;
}

/**
 * Numbers in [0, 1): the linear congruential generator of Numerical Recipes. The bars were measured on its numbers, so it
 * is written out here, where no other change can alter it.
 */
function uniformNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sequences that can partly be predicted. In every second batch half of the targets and a whole row are ignored. */
function makeBatch(k: number, vocabSize: number, random: () => number): Batch {
  const inputs = new Uint32Array(B * T);
  for (let row = 0; row < B; row++) {
    let token = Math.floor(random() * vocabSize);
    for (let t = 0; t < T; t++) {
      inputs[row * T + t] = token;
      token = random() < 0.6 ? (token * 5 + 7 + k) % vocabSize : Math.floor(random() ** 3 * vocabSize);
    }
  }
  const targets = inputs.map((_, i) => {
    const isLast = i % T === T - 1;
    const isDropped = !isLast && k % 2 === 1 && (random() < 0.5 || Math.floor(i / T) === 2);
    return isLast || isDropped ? IGNORE_INDEX : inputs[i + 1]!;
  });
  return { inputs, targets };
}
