import { DeviceError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import type { MatrixSize } from '../gpu/path.js';
import { record, type Program } from '../gpu/program.js';
import { recorder } from '../tensor/recorder.js';
import { gridFor } from '../tensor/grid.js';
import { noise, noiseTensor } from './inputs.js';
import { quantile } from './statistics.js';

/** The ceilings of an adapter, each measured by kernels that do nothing else. */
export interface Ceilings {
  /** Bytes read and written per second. */
  bytesPerSecond: number;
  /** f32 FLOPs per second; a multiply-add counts as two. */
  f32FlopsPerSecond: number;
  /** f16 FLOPs per second, on adapters that have f16. */
  f16FlopsPerSecond?: number;
  /** FLOPs per second of matrix units with f16 operands and f32 sums, on adapters that have them. */
  matrixFlopsPerSecond?: number;
}

const REPETITIONS = 5;
/** Long enough that starting and ending a kernel do not matter. */
const ENOUGH_MS = 20;

/**
 * Measures the ceilings (Williams, Waterman and Patterson 2009, Roofline: an insightful visual performance model):
 * the best of several kernels, each timed as the median over repetitions and checked for correct results.
 */
export async function measureCeilings(gpu: Gpu): Promise<Ceilings> {
  const copies = [await copyRate(gpu, { SCALAR: false }), await copyRate(gpu, { SCALAR: true })];
  const f32: number[] = [];
  for (const FUSED of [true, false]) {
    for (const SCALAR of [true, false]) f32.push(await multiplyAddRate(gpu, { FUSED, SCALAR, F16: false }));
  }
  const ceilings: Ceilings = { bytesPerSecond: Math.max(...copies), f32FlopsPerSecond: Math.max(...f32) };
  const { features } = gpu.device;
  if (features.has('shader-f16')) {
    ceilings.f16FlopsPerSecond = await multiplyAddRate(gpu, { FUSED: true, SCALAR: false, F16: true });
  }
  if (gpu.matrixUnits) ceilings.matrixFlopsPerSecond = await matrixRate(gpu, gpu.matrixUnits);
  return ceilings;
}

/** Median time of a one-dispatch program in milliseconds, after one warm-up run. */
async function medianMs(program: Program<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i <= REPETITIONS; i++) {
    const [time] = await program.profile();
    if (i > 0) times.push(time!.ns / 1e6);
  }
  return quantile(
    times.sort((a, b) => a - b),
    0.5,
  );
}

async function copyRate(gpu: Gpu, flags: { SCALAR: boolean }): Promise<number> {
  const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
  // Larger than the caches: some 30 MB per core group on CPUs, 50 MB on GPUs.
  const wanted = gpu.adapter.kind === 'software' ? 2 ** 26 : 2 ** 30;
  const bytes = Math.min(wanted, maxStorageBufferBindingSize, maxBufferSize) & ~255;
  const X = noiseTensor(gpu, [bytes / 4]);
  const kernel = gpu.kernels.get('roofline_copy', { flags });
  const program = await record(gpu, () => {
    const Y = recorder().tensor(X.shape, 'copy');
    const N = bytes / (flags.SCALAR ? 4 : 16);
    recorder().dispatch(kernel, { X, Y }, { N }, gridFor(kernel, N), { bytes: 2 * bytes });
    return Y;
  });
  try {
    const ms = await medianMs(program);
    const tail = noise(bytes / 4).subarray(-1024);
    const copied = await gpu.readBuffer(program.buffers[0]!, bytes - 4096, 4096);
    if (!new Float32Array(copied).every((value, i) => value === tail[i])) wrong('roofline_copy');
    return (2 * bytes) / (ms / 1000);
  } finally {
    program.dispose();
    X.dispose();
  }
}

async function multiplyAddRate(
  gpu: Gpu,
  flags: { FUSED: boolean; SCALAR: boolean; F16: boolean },
): Promise<number> {
  const kernel = gpu.kernels.get('roofline_fma', { flags });
  const N = gpu.adapter.kind === 'software' ? 4096 : 2 ** 19;
  const [a, b] = [0.75, 0.5];
  const columns = flags.SCALAR ? 1 : 4;
  const X = noiseTensor(gpu, [N, columns]);
  try {
    for (let rounds = 16; ; rounds *= 4) {
      const program = await record(gpu, () => {
        const Y = recorder().tensor([N, columns], 'sums');
        recorder().dispatch(kernel, { X, Y }, { N, rounds, a, b }, gridFor(kernel, N));
        return Y;
      });
      try {
        const [first] = await program.profile();
        if (first!.ns / 1e6 < ENOUGH_MS && rounds < 2 ** 18) continue;
        const ms = await medianMs(program);
        // After this many rounds every chain is at the fixed point b / (1 - a), up to rounding.
        const expected = (8 * b) / (1 - a);
        const tolerance = flags.F16 ? 0.05 : 1e-4;
        const sums = await program.outputs.read();
        if (!sums.every((sum) => Math.abs(sum - expected) <= tolerance * expected)) wrong(kernel.label);
        return (64 * columns * rounds * N) / (ms / 1000);
      } finally {
        program.dispose();
      }
    }
  } finally {
    X.dispose();
  }
}

/** @throws DeviceError `wrong-numbers` */
async function matrixRate(gpu: Gpu, S: MatrixSize): Promise<number> {
  const { MATRIX_8 } = gpu.matrixFlags;
  const kernel = gpu.kernels.get('roofline_matrix', { flags: { MATRIX_8 } });
  const SUMS = 4;
  const subgroups = gpu.adapter.kind === 'software' ? 2 ** 8 : 2 ** 14;
  const subgroupSize = S ** 2 / 8;
  // 1/8 and 1/4 in turn, two per word.
  const X = gpu.tensor([(S * S) / 2], new Uint32Array((S * S) / 2).fill(0x34003000));
  const Y = gpu.tensor([subgroups * SUMS * S * S], undefined, { label: 'sums' });
  try {
    for (let rounds = 64; ; rounds *= 4) {
      const program = await record(gpu, () =>
        recorder().dispatch(kernel, { X, Y }, { rounds }, [
          subgroups / (kernel.workgroupSize[0] / subgroupSize),
        ]),
      );
      try {
        const [first] = await program.profile();
        if (first!.ns / 1e6 < ENOUGH_MS && rounds < 2 ** 16) continue;
        const ms = await medianMs(program);
        // A row of X sums to 3S/16; the columns of a product are that times 1/8 and 1/4 in turn.
        const sums = await Y.read();
        const expected = [1 / 8, 1 / 4].map((column) => ((3 * S) / 16) * column * rounds);
        if (!sums.every((sum, i) => Math.abs(sum - expected[i % 2]!) <= 1e-3 * expected[1]!))
          wrong(kernel.label);
        return (2 * S ** 3 * SUMS * rounds * subgroups) / (ms / 1000);
      } finally {
        program.dispose();
      }
    }
  } finally {
    X.dispose();
    Y.dispose();
  }
}

function wrong(kernel: string): never {
  throw new DeviceError('wrong-numbers', `${kernel} computed wrong numbers, so its time is meaningless`);
}
