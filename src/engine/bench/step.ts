import { execFileSync } from 'node:child_process';
import { DeviceError } from '../errors.js';
import { Gpu } from '../gpu/device.js';
import { hasTimestamps } from '../gpu/profile.js';
import type { Program } from '../gpu/program.js';
import type { Recompute } from '../nn/block.js';
import { parameterCount } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import { ADAMW_DEFAULTS } from '../train/adamw.js';
import { planStep, decoderStep } from '../train/decoder-step.js';
import type { Batch } from '../train/batch.js';
import type { BenchShape } from './cases.js';
import { workerCpuMs } from './cpu-time.js';
import { noiseTokens } from './inputs.js';
import { runHeader, type RunHeader } from './report.js';
import { quantile, summarise, type Timing } from './statistics.js';
import { profilePrograms, type StepProfile } from './step-profile.js';

/** Times of a whole training step: forward, backward, clipping, AdamW. */
export interface StepBenchmark extends RunHeader, Timing {
  kind: 'step';
  engine: 'openward';
  shape: { preset: string; B: number; T: number; recompute: Recompute };
  parameters: number;
  tokensPerSecond: number;
  /** Processor time of a step on software adapters; hardly longer on a busy machine. */
  cpuMs?: number | undefined;
  /** FLOPs of a step, as the ops count them. */
  flopsPerSecond: number;
  /** Host time to submit a recorded step again. */
  host: { dispatches: number; encodeUsPerDispatch: number; submitUs: number; shareOfStep: number };
  memory: {
    /** Bytes that `engine model` predicts for this shape. */
    predictedBytes: number;
    /** The most bytes that the engine had allocated at once. */
    peakBytes: number;
    /** (peak - predicted) / predicted. */
    deviation: number;
    /** Growth of the device's used memory since before the device was opened, according to nvidia-smi. */
    deviceBytes?: number | undefined;
    /** Growth of this process, on software adapters: their memory is the process's. */
    processBytes?: number | undefined;
  };
  /** Loss of the first and the last step. A falling loss shows that the steps did their work. */
  loss: { first: number; last: number };
  /** With `profile`: where the time of a step goes. */
  profile?: StepProfile | undefined;
}

export interface StepBenchOptions {
  /** Whether to time every dispatch of a step by itself as well (default false). */
  profile?: boolean | undefined;
  /** See `BlockOptions.recompute`. */
  recompute?: Recompute | undefined;
  /** Number of timed groups of steps. */
  samples?: number | undefined;
  /** Least duration of a group. */
  sampleMs?: number | undefined;
  onProgress?: ((line: string) => void) | undefined;
}

/** After this time no group beyond the third is started. */
const LONGEST_MS = 20_000;

/** The batch that all engines of a comparison train on: random tokens, where each token's target is the next one. */
export function stepBatch({ config: { vocabSize }, B, T }: BenchShape): Batch {
  const tokens = noiseTokens(B * T + 1, vocabSize, 11);
  return { inputs: tokens.slice(0, -1), targets: tokens.slice(1), tokens: B * T, lossTokens: B * T };
}

/**
 * Times a training step and its encoding on the host, and compares its memory with the prediction of `engine model`.
 *
 * @param open opens the device; used memory is measured before that
 * @throws DeviceError `wrong-numbers` when the loss is not finite or does not fall
 */
export async function benchStep(
  open: () => Promise<Gpu>,
  shapeFor: (gpu: Gpu) => BenchShape,
  options: StepBenchOptions = {},
): Promise<StepBenchmark> {
  const { samples = 7, sampleMs = 200, recompute = 'none', onProgress = () => {} } = options;
  const deviceBefore = deviceBytes();
  const gpu = await open();
  const processBefore = process.memoryUsage().rss;
  const shape = shapeFor(gpu);
  const { config, B, T } = shape;
  const stepShape = { batchSize: B, context: T, microBatches: 1 };
  gpu.buffers.resetPeak();
  const liveBefore = gpu.buffers.liveBytes;

  const decoder = new Decoder(gpu, config, { trainable: true, recompute });
  decoder.parameters.initialise(1);
  const step = await decoderStep(decoder, ADAMW_DEFAULTS, stepShape);
  const batch = stepBatch(shape);
  let done = 0;
  const run = (): void => step.submit([batch], done++, 3e-4);
  const lossNow = async (): Promise<number> => (await step.lossTensor.read())[0]!;
  try {
    run();
    const first = await lossNow();
    let start = performance.now();
    run();
    await gpu.idle();
    const group = Math.max(1, Math.ceil(sampleMs / (performance.now() - start)));
    const times: number[] = [];
    const begin = performance.now();
    const [cpuBefore, doneBefore] = [workerCpuMs(), done];
    for (let i = 0; i < samples && (i < 3 || performance.now() - begin < LONGEST_MS); i++) {
      start = performance.now();
      for (let k = 0; k < group; k++) run();
      await gpu.idle();
      times.push((performance.now() - start) / group);
      onProgress(`step ${done}: ${times.at(-1)!.toFixed(1)} ms`);
    }
    const cpu = workerCpuMs();
    const cpuMs =
      cpu === undefined || cpuBefore === undefined ? undefined : (cpu - cpuBefore) / (done - doneBefore);
    const last = await lossNow();
    if (!(Number.isFinite(last) && last < first)) {
      throw new DeviceError(
        'wrong-numbers',
        `the loss went from ${first} to ${last}: the steps do not train`,
      );
    }
    const timing = summarise(times);
    const device = deviceBytes();
    const memory = {
      ...memoryAgainstPlan(gpu.buffers.peakBytes - liveBefore, shape, gpu, recompute),
      deviceBytes: device === undefined || deviceBefore === undefined ? undefined : device - deviceBefore,
      processBytes: gpu.adapter.kind === 'software' ? process.memoryUsage().rss - processBefore : undefined,
    };
    return {
      kind: 'step',
      engine: 'openward',
      ...runHeader(gpu),
      shape: { preset: shape.preset, B, T, recompute },
      ...timing,
      parameters: parameterCount(config),
      tokensPerSecond: (1000 * B * T) / timing.medianMs,
      cpuMs: gpu.adapter.kind === 'software' ? cpuMs : undefined,
      flopsPerSecond: (1000 * step.programs.microBatch.flops) / timing.medianMs,
      host: await hostTime(gpu, step.programs.microBatch, timing.medianMs),
      memory,
      loss: { first, last },
      // With one micro-batch the program is the whole step.
      profile: options.profile
        ? await profilePrograms([step.programs.microBatch], hasTimestamps(gpu) ? 'timestamp-query' : 'wall')
        : undefined,
    };
  } finally {
    step.dispose();
    decoder.dispose();
    gpu.close();
  }
}

function memoryAgainstPlan(
  peakBytes: number,
  { config, B, T }: BenchShape,
  gpu: Gpu,
  recompute: Recompute,
): Pick<StepBenchmark['memory'], 'predictedBytes' | 'peakBytes' | 'deviation'> {
  const planner = Gpu.planning({}, gpu.adapter.kind, gpu.path, gpu.choices);
  const stepShape = { batchSize: B, context: T, microBatches: 1 };
  const plan = planStep({ ...config, context: T }, stepShape, planner, recompute);
  const deviation = (peakBytes - plan.total) / plan.total;
  return { predictedBytes: plan.total, peakBytes, deviation };
}

/** Warm-up encodings: a training run encodes the same program thousands of times, with JIT-compiled code. */
const WARM_UP = 100;

/** Median times of encoding and submitting a program while the device is idle: a software adapter uses the host's cores. */
async function hostTime(gpu: Gpu, program: Program<unknown>, stepMs: number): Promise<StepBenchmark['host']> {
  const encode: number[] = [];
  const submit: number[] = [];
  for (let i = 0; i < WARM_UP; i++) program.encode();
  await gpu.idle();
  for (let i = 0; i < 100; i++) {
    const start = performance.now();
    program.encode();
    encode.push(performance.now() - start);
  }
  for (let i = 0; i < 3; i++) {
    const commands = program.encode();
    const start = performance.now();
    gpu.device.queue.submit([commands]);
    submit.push(performance.now() - start);
    await gpu.idle();
  }
  const median = (times: number[]): number =>
    quantile(
      times.sort((a, b) => a - b),
      0.5,
    );
  const [encodeMs, submitMs] = [median(encode), median(submit)];
  const dispatches = program.dispatchCount;
  return {
    dispatches,
    encodeUsPerDispatch: (1000 * encodeMs) / dispatches,
    submitUs: 1000 * submitMs,
    shareOfStep: (encodeMs + submitMs) / stepMs,
  };
}

/** Used memory of the first NVIDIA GPU, by all processes; undefined without one. */
function deviceBytes(): number | undefined {
  try {
    const options = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '--id=0'];
    const text = execFileSync('nvidia-smi', options, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const mebibytes = Number.parseInt(text, 10);
    return Number.isNaN(mebibytes) ? undefined : mebibytes * 2 ** 20;
  } catch {
    return undefined;
  }
}
