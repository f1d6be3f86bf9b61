import { DeviceError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { hasTimestamps, type Clock } from '../gpu/profile.js';
import { record, type Program } from '../gpu/program.js';
import { variantName } from '../ops/choose-variant.js';
import { sumOfRows } from '../ops/column-sum.js';
import { dispatchMatmul } from '../ops/matmul/dispatch.js';
import { productName, productOn, type MatmulShape, type ProductTypes } from '../ops/matmul/product.js';
import { MATMUL_VARIANTS, matmulVariantFor } from '../ops/matmul/variants.js';
import type { DType, KernelPath } from '../tensor/dtype.js';
import { gridFor } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BenchShape } from './cases.js';
import { noise } from './inputs.js';
import { runHeader, type RunHeader } from './report.js';
import { summarise, type Timing } from './statistics.js';

/** A product that a training step computes `count` times. */
export interface StepProduct {
  problem: MatmulShape;
  types: ProductTypes;
  count: number;
}

export interface SweepResult extends Timing {
  variant: string;
  /** Parts along K. */
  splits: number;
  /** ‖result - expected‖ / ‖expected‖ */
  error: number;
  right: boolean;
  /** Whether the product uses this variant on this adapter. */
  chosen: boolean;
  /** Why it has no time, if so. */
  failed?: string | undefined;
}

/** All variants of one product, the fastest right one first. */
export interface SweptProduct {
  /** As `storeChoices` takes it. */
  use: string;
  count: number;
  flops: number;
  results: SweepResult[];
}

export interface SweepReport extends RunHeader {
  kind: 'sweep';
  clock: Clock;
  products: SweptProduct[];
  /** Products for which no time was left. */
  leftOut: string[];
}

export interface SweepOptions {
  /** After this many seconds no further product is begun. */
  seconds?: number | undefined;
  /** Besides the variant in use, only those whose name contains one of these. */
  only?: readonly string[] | undefined;
  rounds?: number | undefined;
  onProgress?: ((line: string) => void) | undefined;
  /** Called after each product: a driver may crash on the next one. */
  onProduct?: ((report: SweepReport) => Promise<void>) | undefined;
}

/** Rows of the head's logits that are in memory at once on a GPU; see `headLoss`. */
const CHUNK_ROWS = 4096;

/** The products of a training step, those with the most FLOPs first. */
export function stepProducts(
  { config: { width: C, mlpWidth: F, vocabSize: V, nLayer }, B, T }: BenchShape,
  path: KernelPath,
): StepProduct[] {
  const rows = B * T;
  const half: DType = path === 'f32' ? 'f32' : 'f16';
  const products: StepProduct[] = [];
  const add = (out: number, inner: number, M: number, count: number, result: DType): void => {
    // The gradient of a result has its dtype. Weights are f32 and read from f16 copies.
    const [forward, input, weight] = [
      { A: half, B: half, C: result },
      { A: result, B: half, C: half },
      { A: result, B: half, C: 'f32' },
    ] as const;
    const shape = { batch: 1, transposeA: false, transposeB: false };
    products.push({ problem: { ...shape, M, N: out, K: inner, transposeB: true }, types: forward, count });
    products.push({ problem: { ...shape, M, N: inner, K: out }, types: input, count });
    products.push({ problem: { ...shape, M: out, N: inner, K: M, transposeA: true }, types: weight, count });
  };
  add(3 * C, C, rows, nLayer, half);
  add(C, C, rows, nLayer, 'f32');
  add(2 * F, C, rows, nLayer, half);
  add(C, F, rows, nLayer, 'f32');
  const chunk = Math.min(rows, CHUNK_ROWS);
  add(V, C, chunk, Math.ceil(rows / chunk), 'f32');
  const work = ({ problem: { M, N, K }, count }: StepProduct): number => M * N * K * count;
  return products.sort((a, b) => work(b) - work(a));
}

/** Relative error of sums in f32 in any order, and of results in f16, which are off by up to 2⁻¹¹ of themselves. */
const TOLERANCE = { f32: 1e-5, f16: 2e-3 } as const;
/** Operands in f32 are rounded to f16 on the way into matrix units. */
const ROUNDED = 1e-3;
/** A variant this many times slower than the fastest is timed once. */
const HOPELESS = 3;
/** A variant that takes longer to compile, in seconds, is left out. */
const COMPILE_SECONDS = 15;
/** On a GPU these are only there to be read, to check others, or for few rows. */
const FOR_OTHERS = ['matmul.1-naive', 'matmul.2-tiles', 'matmul.3-rows', 'matmul.4-quads'];

/**
 * Times every variant that can compute some products, and checks each on the device against the naive kernel. One that
 * does not compile is reported and left out.
 */
export async function sweepProducts(
  gpu: Gpu,
  products: readonly StepProduct[],
  { seconds = Infinity, only, rounds = 5, onProgress = () => {}, onProduct }: SweepOptions = {},
): Promise<SweepReport> {
  const clock = hasTimestamps(gpu) ? 'timestamp-query' : 'wall';
  const report: SweepReport = { kind: 'sweep', ...runHeader(gpu), clock, products: [], leftOut: [] };
  const start = performance.now();
  for (const product of products) {
    const use = productName(productOn(gpu, product.problem, product.types));
    if (performance.now() - start > 1000 * seconds) {
      report.leftOut.push(use);
      continue;
    }
    onProgress(use);
    const swept = await sweepProduct(gpu, product, { only, rounds, clock, onProgress });
    report.products.push({ use, ...swept });
    await onProduct?.(report);
  }
  return report;
}

async function sweepProduct(
  gpu: Gpu,
  { problem, types, count }: StepProduct,
  {
    only,
    rounds,
    clock,
    onProgress,
  }: {
    only: readonly string[] | undefined;
    rounds: number;
    clock: Clock;
    onProgress: (line: string) => void;
  },
): Promise<Omit<SweptProduct, 'use'>> {
  const { M, N, K, transposeA, transposeB } = problem;
  const product = productOn(gpu, problem, types);
  const usual = matmulVariantFor(product);
  const variants = MATMUL_VARIANTS.filter((variant) => {
    if (!variant.can(product)) return false;
    // The one in use is what the others are compared with.
    if (variant === usual) return true;
    if (only) return only.some((part) => variantName(variant).includes(part));
    return gpu.adapter.kind === 'software' || !FOR_OTHERS.includes(variant.file);
  });
  const [shapeA, shapeB] = [transposeA ? [K, M] : [M, K], transposeB ? [N, K] : [K, N]];
  const inputs = [
    await noiseOnDevice(gpu, shapeA, types.A),
    await noiseOnDevice(gpu, shapeB, types.B),
    await noiseOnDevice(gpu, shapeA, types.A, -1),
    await noiseOnDevice(gpu, shapeB, types.B, 1, 'f32'),
  ];
  const [A, B, negatedA, b] = inputs as [Tensor, Tensor, Tensor, Tensor];
  const programs: Program<unknown>[] = [];
  const keep = async <T>(body: () => T): Promise<Program<T>> => {
    const program = await record(gpu, body);
    programs.push(program);
    return program;
  };
  try {
    // Adding a right product to the negated one leaves nothing.
    const negated = gpu.tensor([M, N], undefined, { label: 'negated product' });
    inputs.push(negated);
    const naive = await keep(() => {
      const variant = MATMUL_VARIANTS.find(({ file }) => file === 'matmul.1-naive')!;
      dispatchMatmul(problem, negatedA, b, { tensor: negated, accumulate: false }, { variant });
      return squares(negated);
    });
    naive.run();
    const expected = await totalOf(naive.outputs);

    const start = performance.now();
    // Dawn compiles in parallel what is asked for at once.
    const compiled = await Promise.allSettled(
      variants.map((variant) =>
        inTime(
          gpu,
          keep(() => {
            const C = recorder().tensor([M, N], 'product', types.C);
            dispatchMatmul(problem, A, B, { tensor: C, accumulate: false }, { variant });
            return C;
          }),
        ),
      ),
    );
    onProgress(
      `  ${variants.length} variants compiled in ${((performance.now() - start) / 1000).toFixed(1)} s`,
    );
    const timed: { result: SweepResult; times: number[]; program: Program<Tensor> | undefined }[] = [];
    for (const [i, variant] of variants.entries()) {
      const found = compiled[i]!;
      const result: SweepResult = {
        variant: variantName(variant),
        splits: variant.splits?.(product) ?? 1,
        error: NaN,
        right: false,
        chosen: variant === usual,
        ...summarise([NaN]),
      };
      if (found.status === 'rejected') {
        timed.push({ result: { ...result, failed: String(found.reason) }, times: [], program: undefined });
        continue;
      }
      const program = found.value;
      program.run();
      const check = await record(gpu, () => {
        const left = recorder().tensor([M, N], 'difference');
        copyInto(left, negated);
        sumOfRows(program.outputs.view([1, M * N]), { tensor: left, accumulate: true });
        return squares(left);
      });
      check.run();
      const error = Math.sqrt((await totalOf(check.outputs)) / expected);
      check.dispose();
      // f32 operands are rounded by matrix units alone.
      const rounds16 = gpu.path === 'tensor' && (types.A === 'f32' || types.B === 'f32');
      const tolerance = Math.max(
        TOLERANCE[types.C as 'f32' | 'f16'],
        rounds16 && product.mixed ? ROUNDED : 0,
      );
      timed.push({ result: { ...result, error, right: error <= tolerance }, times: [], program });
    }
    for (let round = 0; round < rounds; round++) {
      const best = Math.min(...timed.flatMap(({ times, result }) => (result.right ? times : [])));
      for (const { times, program } of timed) {
        if (!program || (round > 0 && times[0]! > HOPELESS * best)) continue;
        const dispatches = await program.profile(clock);
        times.push(dispatches.reduce((sum, { ns }) => sum + ns, 0) / 1e6);
      }
    }
    const results = timed.map(({ result, times }) => ({
      ...result,
      ...(times.length > 0 && summarise(times)),
    }));
    const rank = ({ right, medianMs }: SweepResult): number => (right ? medianMs : Infinity);
    results.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
    return { count, flops: 2 * M * N * K, results };
  } finally {
    programs.forEach((program) => program.dispose());
    inputs.forEach((tensor) => tensor.dispose());
  }
}

/** Rejects when a compiler takes too long: one variant must not use up the time of all. */
async function inTime<T>({ adapter }: Gpu, compiling: Promise<T>): Promise<T> {
  if (adapter.kind === 'software') return compiling; // where compilers are slow
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_resolve, reject) => {
    const message = `not compiled within ${COMPILE_SECONDS} s`;
    timer = setTimeout(() => reject(new DeviceError('kernel-compile', message)), 1000 * COMPILE_SECONDS);
  });
  try {
    return await Promise.race([compiling, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Elements that are noise before it repeats: no power of two, so that rows at such distances differ. */
const PERIOD = 1_000_008;

/** Noise times `factor`, as `dtype` rounds it, made by copies on the device: the host takes seconds for large tensors. */
async function noiseOnDevice(
  gpu: Gpu,
  shape: Shape,
  dtype: DType,
  factor = 1,
  stored: DType = factor === 1 ? dtype : 'f32',
): Promise<Tensor> {
  const rounded = gpu.tensor([PERIOD], noise(PERIOD), { dtype });
  const values = await rounded.read();
  rounded.dispose();
  const block = gpu.tensor(
    [PERIOD],
    values.map((value) => factor * value),
    { dtype: stored },
  );
  const tensor = gpu.tensor(shape, undefined, { dtype: stored });
  const encoder = gpu.device.createCommandEncoder();
  const { storage, bytes } = tensor;
  for (let at = 0; at < bytes; at += block.bytes) {
    const size = Math.ceil(Math.min(block.bytes, bytes - at) / 4) * 4;
    encoder.copyBufferToBuffer(
      block.storage.buffer!,
      block.storage.offset,
      storage.buffer!,
      storage.offset + at,
      size,
    );
  }
  gpu.device.queue.submit([encoder.finish()]);
  await gpu.idle();
  block.dispose();
  return tensor;
}

function copyInto(target: Tensor, X: Tensor): void {
  const kernel = X.gpu.kernels.get('copy');
  recorder().dispatch(kernel, { X, Y: target }, { N: X.size }, gridFor(kernel, X.size));
}

/** Partial sums of the squares of all elements. */
function squares(G: Tensor): Tensor {
  const kernel = G.gpu.kernels.get('grad_norm_partial');
  const workgroups = 256;
  const partials = recorder().tensor([workgroups], 'squares');
  recorder().dispatch(kernel, { G, partials }, { N: G.size / 4, first: 0 }, [workgroups]);
  return partials;
}

async function totalOf(partials: Tensor): Promise<number> {
  return (await partials.read()).reduce((sum, value) => sum + value, 0);
}
