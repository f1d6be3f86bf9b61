import { kernelFolder } from '../../base/paths.js';
import { DeviceError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { KernelLibrary } from '../gpu/kernel.js';
import { hasTimestamps, type Clock } from '../gpu/profile.js';
import { record, type Program } from '../gpu/program.js';
import type { Race } from '../gpu/race-check.js';
import { attentionBackwardReference, attentionReference } from '../ops/attention/attention.js';
import { dispatchAttention } from '../ops/attention/dispatch.js';
import type { AttentionShape } from '../ops/attention/shape.js';
import {
  ATTENTION_PASSES,
  attentionUseName,
  attentionVariantFor,
  type AttentionPassName,
  type AttentionProblem,
  type AttentionVariant,
} from '../ops/attention/variants.js';
import { dispatchMatmul } from '../ops/matmul/dispatch.js';
import { variantName } from '../ops/choose-variant.js';
import { productName, productOn, type MatmulVariant } from '../ops/matmul/product.js';
import { MATMUL_VARIANTS, matmulVariantFor } from '../ops/matmul/variants.js';
import type { DType } from '../tensor/dtype.js';
import { recorder } from '../tensor/recorder.js';
import type { Tensor } from '../tensor/tensor.js';
import { workerCpuMs } from './cpu-time.js';
import { noiseTensor, recordSpans } from './inputs.js';
import { runHeader, type RunHeader } from './report.js';
import { relativeDifference, summarise, type Timing } from './statistics.js';

export type VariantOp = 'matmul' | 'attention';

/** One variant at the shape of the report. */
export interface VariantResult extends Timing {
  /** Its name in the table of variants. */
  variant: string;
  /** What it computes, with its shape, as `storeChoices` takes it. */
  use: string;
  /** The kernel's file, its flags and constants. */
  kernel: string;
  flops: number;
  /** Median CPU time of all cores together; only on software adapters, and if the system reports it. */
  cpuMs?: number | undefined;
  /** ‖result - expected‖ / ‖expected‖ */
  error: number;
  /** Whether the error is within the tolerance. */
  right: boolean;
  /** Whether the op uses this variant for this shape on this adapter. */
  chosen: boolean;
}

export interface VariantReport extends RunHeader {
  kind: 'variants';
  op: VariantOp;
  clock: Clock;
  /** Extents by name. */
  shape: Record<string, number>;
  /** What results are compared with. */
  expected: string;
  tolerance: number;
  results: VariantResult[];
}

export interface VariantBenchOptions {
  /** M, N, K of matmul; B, T, nHead, headDim of attention. */
  extents?: readonly number[] | undefined;
  /** Layout of matmul (default: `forward`). */
  layout?: MatmulLayout | undefined;
  /** Mean length of the records in a row of attention, as packed rows of training have them; 0 for none (default 150). */
  record?: number | undefined;
  /** Repetitions of each variant, in turn with the others, so that a busy machine slows all of them alike. */
  rounds?: number | undefined;
  onProgress?: ((line: string) => void) | undefined;
}

/**
 * The products of a linear layer: C = A · Bᵀ; towards the input, C = A · B; towards the weight, C = Aᵀ · B, always in f32.
 */
export const MATMUL_LAYOUTS = ['forward', 'input', 'weight'] as const;
export type MatmulLayout = (typeof MATMUL_LAYOUTS)[number];

/** One variant, recorded and ready to run. */
interface Candidate {
  variant: string;
  use: string;
  program: Program<Tensor>;
  chosen: boolean;
  /** Compares the result of `program` with the expected one. */
  error(output: Float32Array): number;
}

interface Candidates {
  shape: Record<string, number>;
  expected: string;
  tolerance: number;
  /** Share of the FLOPs that the dispatch counts which the inputs need: spans hide keys (default 1). */
  neededFlops?: number | undefined;
  candidates: Candidate[];
  dispose(): void;
}

/** Relative error of sums in f32 in any order; results stored in f16 are off by up to 2⁻¹¹ of themselves. */
const TOLERANCE = { f32: 1e-5, f16: 2e-3 } as const;

/**
 * Times every variant of an op that can serve one shape on this adapter, and compares each result with the
 * definition. Inputs are random numbers in the dtype of the device's path.
 *
 * @throws DeviceError `wrong-extents` when the extents do not describe a shape of the op; errors of the op itself
 */
export async function benchVariants(
  gpu: Gpu,
  op: VariantOp,
  options: VariantBenchOptions = {},
): Promise<VariantReport> {
  const { rounds = 7, onProgress = () => {} } = options;
  const clock = hasTimestamps(gpu) ? 'timestamp-query' : 'wall';
  const found = await candidatesOf(gpu, op, options);
  const { shape, expected, tolerance, neededFlops = 1, candidates, dispose } = found;
  try {
    const times = candidates.map((): number[] => []);
    const cpuTimes = candidates.map((): number[] => []);
    const errors: number[] = [];
    for (const { program, error } of candidates) {
      onProgress(`${program.dispatches[0]!.label}: first run`);
      program.run(); // compiles, and warms caches
      errors.push(error(await program.outputs.read()));
    }
    for (let round = 0; round < rounds; round++) {
      onProgress(`round ${round + 1}/${rounds}`);
      for (const [i, { program }] of candidates.entries()) {
        const before = workerCpuMs() ?? NaN;
        // Parts of a product are added by dispatches of their own.
        const dispatches = await program.profile(clock);
        times[i]!.push(dispatches.reduce((sum, { ns }) => sum + ns, 0) / 1e6);
        cpuTimes[i]!.push((workerCpuMs() ?? NaN) - before);
      }
    }
    const results = candidates.map(({ program, chosen, variant, use }, i): VariantResult => {
      const { label: kernel, flops = 0 } = program.dispatches[0]!;
      const error = errors[i]!;
      const cpu = summarise(cpuTimes[i]!).medianMs;
      const cpuMs = gpu.adapter.kind === 'software' && cpu > 0 ? cpu : undefined;
      return {
        variant,
        use,
        kernel,
        flops: neededFlops * flops,
        ...summarise(times[i]!),
        cpuMs,
        error,
        right: error <= tolerance,
        chosen,
      };
    });
    return { kind: 'variants', op, ...runHeader(gpu), clock, shape, expected, tolerance, results };
  } finally {
    candidates.forEach(({ program }) => program.dispose());
    dispose();
  }
}

type VariantInputs = Pick<VariantBenchOptions, 'extents' | 'layout' | 'record'>;

function candidatesOf(gpu: Gpu, op: VariantOp, inputs: VariantInputs): Promise<Candidates> {
  return op === 'matmul' ? matmulCandidates(gpu, inputs) : attentionCandidates(gpu, inputs);
}

/** One variant, looked through for races. */
export interface VariantRaces {
  /** The kernel's file, its flags and constants. */
  kernel: string;
  /** Why the kernel cannot be checked, if so. */
  unchecked?: string | undefined;
  races: Race[];
}

/**
 * Looks for races in workgroup memory in every variant that `benchVariants` would time; see `findRaces`.
 *
 * @throws DeviceError `wrong-extents` as `benchVariants`; errors of the op itself
 */
export async function findVariantRaces(
  gpu: Gpu,
  op: VariantOp,
  inputs: VariantInputs = {},
): Promise<VariantRaces[]> {
  const { candidates, dispose } = await candidatesOf(gpu, op, inputs);
  const found: VariantRaces[] = [];
  try {
    for (const { program } of candidates) {
      const kernel = program.dispatches[0]!.label;
      try {
        found.push({ kernel, races: (await program.findRaces()).races });
      } catch (error) {
        if (!(error instanceof DeviceError && error.code === 'race-check')) throw error;
        found.push({ kernel, unchecked: error.message, races: [] });
      }
    }
  } finally {
    candidates.forEach(({ program }) => program.dispose());
    dispose();
  }
  return found;
}

/** One product of a linear layer. */
async function matmulCandidates(
  gpu: Gpu,
  { layout = 'forward', extents }: VariantInputs,
): Promise<Candidates> {
  const size = gpu.adapter.kind === 'software' ? 512 : 4096;
  const [M, N, K] = named('matmul', ['M', 'N', 'K'], extents ?? [size, size, size]);
  const problem = { batch: 1, M, N, K, transposeA: layout === 'weight', transposeB: layout === 'forward' };
  const dtype = gpu.path === 'f32' ? 'f32' : 'f16';
  const types = { A: dtype, B: dtype, C: layout === 'weight' ? 'f32' : dtype } as const;
  const [shapeA, shapeB] = [problem.transposeA ? [K, M] : [M, K], problem.transposeB ? [N, K] : [K, N]];
  const A = noiseTensor(gpu, shapeA, { dtype });
  const B = noiseTensor(gpu, shapeB, { dtype });
  const product = productOn(gpu, problem, types);
  const recordOf = (
    variant: MatmulVariant,
    a: Tensor,
    b: Tensor,
    { C: dtypeC }: { C: DType },
    kernels?: KernelLibrary,
  ): Promise<Program<Tensor>> =>
    record(gpu, () => {
      const C = recorder().tensor([M, N], 'product', dtypeC);
      dispatchMatmul(problem, a, b, { tensor: C, accumulate: false }, { variant, kernels });
      return C;
    });

  // The package's naive kernel, even if it is overridden, multiplies f32 copies of the same numbers.
  const naive = MATMUL_VARIANTS.find(({ file }) => file === 'matmul.1-naive')!;
  const [a, b] = [gpu.tensor(shapeA, await A.read()), gpu.tensor(shapeB, await B.read())];
  const definition = await recordOf(naive, a, b, { C: 'f32' }, new KernelLibrary(kernelFolder));
  definition.run();
  const expected = await definition.outputs.read();
  definition.dispose();

  const candidates: Candidate[] = [];
  for (const variant of MATMUL_VARIANTS.filter((one) => one.can(product))) {
    candidates.push({
      variant: variantName(variant),
      use: productName(product),
      program: await recordOf(variant, A, B, types),
      chosen: variant === matmulVariantFor(product),
      error: (output) => relativeDifference(output, expected),
    });
  }
  return {
    shape: { M, N, K },
    expected: naive.file,
    tolerance: TOLERANCE[types.C],
    candidates: candidates.reverse(), // the naive one comes first, if there is one
    dispose: () => [A, B, a, b].forEach((tensor) => tensor.dispose()),
  };
}

/** Tokens of a usual record: a question, its prompt and its statement. */
const RECORD = 150;

/** All variants of all passes. The backward passes start from the results of the chosen forward pass. */
async function attentionCandidates(
  gpu: Gpu,
  { extents, record: recordLength = RECORD }: VariantInputs,
): Promise<Candidates> {
  const usual = gpu.adapter.kind === 'software' ? [8, 128, 4, 32] : [8, 1024, 12, 64];
  const [B, T, nHead, headDim] = named('attention', ['B', 'T', 'nHead', 'headDim'], extents ?? usual);
  const shape: AttentionShape = { B, T, nHead, headDim };
  const C = nHead * headDim;
  const dtype = gpu.path === 'f32' ? 'f32' : 'f16';
  const QKV = noiseTensor(gpu, [B, T, 3 * C], { dtype });
  const dO = noiseTensor(gpu, [B, T, C], { dtype });
  const spanValues = recordLength > 0 ? recordSpans(B, T, recordLength) : undefined;
  const spans = spanValues && gpu.tensor([B, T, 2], spanValues);
  const use: AttentionProblem = { device: gpu, dtype, headDim, T, spans: spans !== undefined };
  // Sequences do not see each other, so checking the last one is enough: the definition in float64 is slow.
  const lastOf = <Values extends Float32Array | Uint32Array>(values: Values): Values =>
    values.subarray(values.length - values.length / B) as Values;
  const last = { ...shape, B: 1 };
  const qkv = lastOf(await QKV.read());
  const lastSpans = spanValues && lastOf(spanValues);
  const expectedO = attentionReference(last, qkv, lastSpans).O;
  const expectedDQKV = attentionBackwardReference(last, qkv, lastOf(await dO.read()), lastSpans);
  /** Of each row, the columns that a pass writes: queries, or keys and values. */
  const columns = (values: ArrayLike<number>, from: number, to: number): Float64Array =>
    Float64Array.from(values).filter((_, i) => i % (3 * C) >= from && i % (3 * C) < to);
  const [fromQ, toQ, toV] = [0, C, 3 * C];
  const errors: Record<AttentionPassName, (output: Float32Array) => number> = {
    forward: (output) => relativeDifference(lastOf(output), expectedO),
    dq: (output) =>
      relativeDifference(columns(lastOf(output), fromQ, toQ), columns(expectedDQKV, fromQ, toQ)),
    dkv: (output) => relativeDifference(columns(lastOf(output), toQ, toV), columns(expectedDQKV, toQ, toV)),
  };

  const saved = await record(gpu, () => {
    const O = recorder().tensor([B, T, C], 'attention', dtype);
    const L = recorder().tensor([B, nHead, T], 'log-sum-exp');
    const delta = recorder().tensor([B, nHead, T], 'delta');
    const dQKV = recorder().tensor([B, T, 3 * C], 'd qkv', dtype);
    dispatchAttention('forward', shape, { QKV, O, L }, { spans });
    dispatchAttention('dq', shape, { QKV, O, L, dO, delta, dQKV }, { spans });
    return { O, L, delta, dQKV };
  });
  saved.run();
  const { O, L, delta } = saved.outputs;
  const recordOf = (pass: AttentionPassName, variant: AttentionVariant): Promise<Program<Tensor>> =>
    record(gpu, () => {
      if (pass === 'forward') {
        const output = recorder().tensor([B, T, C], 'attention', dtype);
        const logSums = recorder().tensor([B, nHead, T], 'log-sum-exp');
        dispatchAttention(pass, shape, { QKV, O: output, L: logSums }, { spans, variant });
        return output;
      }
      const dQKV = recorder().tensor([B, T, 3 * C], 'd qkv', dtype);
      if (pass === 'dkv') dispatchAttention(pass, shape, { QKV, L, dO, delta, dQKV }, { spans, variant });
      else {
        const ownDelta = recorder().tensor([B, nHead, T], 'delta');
        dispatchAttention(pass, shape, { QKV, O, L, dO, delta: ownDelta, dQKV }, { spans, variant });
      }
      return dQKV;
    });

  const candidates: Candidate[] = [];
  for (const pass of Object.keys(ATTENTION_PASSES) as AttentionPassName[]) {
    for (const variant of ATTENTION_PASSES[pass].variants.filter((one) => one.can(use))) {
      candidates.push({
        variant: variantName(variant),
        use: attentionUseName(pass, use),
        program: await recordOf(pass, variant),
        chosen: variant === attentionVariantFor(pass, use),
        error: errors[pass],
      });
    }
  }
  return {
    shape: { ...shape, record: recordLength },
    expected: 'the definition in float64',
    tolerance: TOLERANCE[dtype],
    neededFlops: spanValues && pairsIn(spanValues) / ((B * T * (T + 1)) / 2),
    candidates,
    dispose: () => {
      saved.dispose();
      [QKV, dO, spans].forEach((tensor) => tensor?.dispose());
    },
  };
}

/** Pairs of a query and a key that it sees. */
function pairsIn(spans: Uint32Array): number {
  let pairs = 0;
  // A query sees the keys of its record up to its own: over a record of n tokens, (n + 1) / 2 on average.
  for (let at = 0; at < spans.length; at += 2) pairs += (spans[at + 1]! - spans[at]! + 1) / 2;
  return pairs;
}

/** @throws DeviceError `wrong-extents` */
function named<Names extends readonly string[]>(
  op: VariantOp,
  names: readonly [...Names],
  extents: readonly number[],
): { [Name in keyof Names]: number } {
  const valid =
    extents.length === names.length && extents.every((extent) => Number.isInteger(extent) && extent > 0);
  if (!valid) {
    throw new DeviceError(
      'wrong-extents',
      `${op} has the extents ${names.join('×')}, not ${extents.join('×')}`,
    );
  }
  return extents as unknown as { [Name in keyof Names]: number };
}
