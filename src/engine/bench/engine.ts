import { setTimeout as sleep } from 'node:timers/promises';
import { DecodeSession } from '../decode/session.js';
import type { Gpu } from '../gpu/device.js';
import { record, type Program } from '../gpu/program.js';
import { recorder } from '../tensor/recorder.js';
import { preset } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import { attention } from '../ops/attention/attention.js';
import { layernorm } from '../ops/layernorm.js';
import { matmul } from '../ops/matmul/matmul.js';
import { gridFor } from '../tensor/grid.js';
import { noise, noiseTensor, noiseTokens } from './inputs.js';
import { runHeader, type RunHeader } from './report.js';
import { summarise, type Timing } from './statistics.js';
import { ADAMW_DEFAULTS } from '../train/adamw.js';
import { decoderStep } from '../train/decoder-step.js';

export interface BenchResult extends Timing {
  name: string;
  value: number;
  unit: 'GFLOP/s' | 'GB/s' | 'tok/s';
}

export interface BenchReport extends RunHeader {
  results: BenchResult[];
}

const REPETITIONS = 5;

/** Times matmul, attention, layernorm, AdamW, a training step and decoding, on random inputs. */
export async function benchEngine(
  gpu: Gpu,
  onProgress: (line: string) => void = () => {},
): Promise<BenchReport> {
  const results: BenchResult[] = [];
  const keep = (result: BenchResult): void => {
    results.push(result);
    onProgress(`${result.name}: ${result.value.toFixed(2)} ${result.unit}`);
  };
  for (const size of [512, 1024]) keep(await benchMatmul(gpu, size));
  keep(await benchAttention(gpu));
  keep(await benchLayernorm(gpu));
  keep(await benchAdamW(gpu));
  keep(await benchTraining(gpu));
  keep(await benchDecoding(gpu));
  return { ...runHeader(gpu), results };
}

/** Times `run` with the device idle before and after. Sleeps through most of the wait, because `idle` polls and takes a core. */
async function time(gpu: Gpu, run: () => void): Promise<Timing> {
  const times: number[] = [];
  let expected = 0;
  for (let i = 0; i <= REPETITIONS; i++) {
    const start = performance.now();
    run();
    if (expected > 20) await sleep(expected * 0.9);
    await gpu.idle();
    const took = performance.now() - start;
    if (i > 0) times.push(took);
    expected = i === 0 ? took * 0.5 : Math.min(expected * 1.5, took);
  }
  return summarise(times);
}

async function benchProgram(
  gpu: Gpu,
  name: string,
  program: Program<unknown>,
  work: number,
  unit: 'GFLOP/s' | 'GB/s',
): Promise<BenchResult> {
  const timing = await time(gpu, () => program.run());
  program.dispose();
  return { name, ...timing, value: work / timing.medianMs / 1e6, unit };
}

async function benchMatmul(gpu: Gpu, size: number): Promise<BenchResult> {
  const a = noiseTensor(gpu, [size, size]);
  const b = noiseTensor(gpu, [size, size]);
  const program = await record(gpu, () => matmul(a, b, { transposeB: true }));
  const result = await benchProgram(gpu, `matmul ${size}`, program, 2 * size ** 3, 'GFLOP/s');
  a.dispose();
  b.dispose();
  return result;
}

async function benchAttention(gpu: Gpu): Promise<BenchResult> {
  const [B, T, nHead, headDim] = [8, 128, 4, 32];
  const qkv = noiseTensor(gpu, [B, T, 3 * nHead * headDim]);
  const program = await record(gpu, () => attention(qkv, { nHead }));
  const flops = 2 * B * nHead * T * (T + 1) * headDim;
  const result = await benchProgram(
    gpu,
    `attention forward ${B}×${T}×${nHead}×${headDim}`,
    program,
    flops,
    'GFLOP/s',
  );
  qkv.dispose();
  return result;
}

async function benchLayernorm(gpu: Gpu): Promise<BenchResult> {
  const [N, C] = [4096, 256];
  const x = noiseTensor(gpu, [N, C]);
  const gamma = noiseTensor(gpu, [C]);
  const beta = noiseTensor(gpu, [C]);
  const program = await record(gpu, () => layernorm(x, gamma, beta));
  const result = await benchProgram(gpu, `layernorm forward ${N}×${C}`, program, 8 * N * C, 'GB/s');
  [x, gamma, beta].forEach((tensor) => tensor.dispose());
  return result;
}

async function benchAdamW(gpu: Gpu): Promise<BenchResult> {
  const N = 1 << 20;
  const [W, G, m] = [0, 1, 2].map(() => noiseTensor(gpu, [N]));
  const v = gpu.tensor([N], noise(N).map(Math.abs));
  const { beta1, beta2, eps, clipNorm, weightDecay } = ADAMW_DEFAULTS;
  const hyper = gpu.tensor([7], Float32Array.of(1e-3, beta1, beta2, eps, 1.1, 1.1, clipNorm));
  const clip = gpu.tensor([2], Float32Array.of(1, 1));
  const kernel = gpu.kernels.get('adamw', { flags: { F16: false } });
  const program = await record(gpu, () => {
    recorder().dispatch(
      kernel,
      { W: W!, G: G!, m: m!, v, hyper, clip },
      { N: N / 4, decay: weightDecay },
      gridFor(kernel, N / 4),
    );
  });
  const result = await benchProgram(gpu, `AdamW ${N}`, program, 28 * N, 'GB/s');
  [W!, G!, m!, v, hyper, clip].forEach((tensor) => tensor.dispose());
  return result;
}

async function benchTraining(gpu: Gpu): Promise<BenchResult> {
  const [B, T] = [8, 80];
  const config = preset('tiny');
  const decoder = new Decoder(gpu, config, { trainable: true });
  decoder.parameters.initialise(1);
  const step = await decoderStep(decoder, ADAMW_DEFAULTS, { batchSize: B, context: T, microBatches: 1 });
  const inputs = noiseTokens(B * T, config.vocabSize);
  const targets = inputs.map((token) => (token + 1) % config.vocabSize);
  const batch = { inputs, targets, tokens: B * T, lossTokens: B * T };
  const timing = await time(gpu, () => step.submit([batch], 0, 1e-4));
  step.dispose();
  decoder.dispose();
  return {
    name: `training step, tiny, ${B}×${T}`,
    ...timing,
    value: (1000 * B * T) / timing.medianMs,
    unit: 'tok/s',
  };
}

async function benchDecoding(gpu: Gpu): Promise<BenchResult> {
  const decoder = new Decoder(gpu, preset('tiny'), { trainable: false });
  decoder.parameters.initialise(1);
  const session = await DecodeSession.create(decoder);
  await session.open(Uint32Array.from({ length: 64 }, (_, i) => i));
  const step = async (token: number): Promise<void> => {
    session.write([token]);
    await session.pick([{}]);
  };
  await step(1);
  const times: number[] = [];
  for (let token = 0; token < 32; token++) {
    const start = performance.now();
    await step(token);
    times.push(performance.now() - start);
  }
  session.dispose();
  decoder.dispose();
  const timing = summarise(times);
  return { name: 'decoding, tiny, after 64 tokens', ...timing, value: 1000 / timing.medianMs, unit: 'tok/s' };
}
