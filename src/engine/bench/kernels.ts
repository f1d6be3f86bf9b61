import { DeviceError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { hasTimestamps, type Clock, type DispatchTime } from '../gpu/profile.js';
import { record, type Program } from '../gpu/program.js';
import type { Tensor } from '../tensor/tensor.js';
import { benchCases, benchShape, type BenchCase, type BenchShape } from './cases.js';
import { runHeader, type RunHeader } from './report.js';
import { measureCeilings, type Ceilings } from './roofline.js';
import { summarise, type Timing } from './statistics.js';

/** One kernel at one size. */
export interface KernelResult extends Timing {
  /** `case: kernel flags constants (sizes)`: the same work has the same name in every run. */
  name: string;
  case: string;
  kernel: string;
  grid: string;
  flops: number;
  bytes: number;
  /**
   * The least time that the ceilings allow, divided by the median. Above 1 if the data come from a cache, which the
   * memory ceiling ignores.
   */
  ofCeiling: number;
  /** The ceiling that limits the kernel. */
  bound: 'compute' | 'memory' | 'none';
}

export interface KernelReport extends RunHeader {
  kind: 'kernels';
  clock: Clock;
  shape: { preset: string; B: number; T: number };
  ceilings: Ceilings;
  results: KernelResult[];
  /** Kernel files that were not dispatched: they are for other adapters, or --only left them out. */
  notReached: string[];
}

export interface KernelBenchOptions {
  /** Only kernels and cases with this in their name. */
  only?: string | undefined;
  shape?: BenchShape;
  clock?: Clock;
  /** Measured if missing. */
  ceilings?: Ceilings;
  /** Passes over all cases; several passes show drift of the machine. */
  rounds?: number;
  /** Repetitions of each case per pass. */
  repetitions?: number;
  onProgress?: (line: string) => void;
  /** Receives the first timed run of each case. */
  onProfile?: (name: string, times: readonly DispatchTime[]) => void;
}

/** The kernels that measure the ceilings. */
const CEILING_KERNELS = ['roofline_copy', 'roofline_fma', 'roofline_matrix'];

/**
 * Times every kernel that training and decoding dispatch. Each runs among the other kernels of its op, so
 * the caches are in a realistic state. Inputs are random numbers; results are checked to be finite.
 *
 * @throws DeviceError `wrong-numbers` when a result is not finite, `no-such-kernel` when `only` fits nothing
 */
export async function benchKernels(gpu: Gpu, options: KernelBenchOptions = {}): Promise<KernelReport> {
  const { only, rounds = 3, repetitions = 4, onProgress = () => {} } = options;
  const shape = options.shape ?? benchShape(gpu.adapter.kind);
  const clock = options.clock ?? (hasTimestamps(gpu) ? 'timestamp-query' : 'wall');
  const ceilings = options.ceilings ?? (await measureCeilings(gpu));
  const cases = benchCases(shape);
  const samples = new Map<string, { timesMs: number[]; of: string; dispatch: DispatchTime }>();
  const reached = new Set(CEILING_KERNELS);
  for (let round = 0; round < rounds; round++) {
    for (const one of cases) {
      onProgress(`${one.name} (${round + 1}/${rounds})`);
      await timeCase(gpu, one, { repetitions, clock, only }, (times, repetition) => {
        if (round === 0 && repetition === 0) options.onProfile?.(one.name, times);
        for (const dispatch of times) {
          const name = resultName(one.name, dispatch);
          reached.add(kernelOf(dispatch));
          if (only !== undefined && !name.includes(only)) continue;
          const known = samples.get(name) ?? { timesMs: [], of: one.name, dispatch };
          known.timesMs.push(dispatch.ns / 1e6);
          samples.set(name, known);
        }
      });
    }
  }
  if (samples.size === 0) {
    const known = `cases: ${cases.map(({ name }) => name).join(', ')}; kernels: the files of kernels/`;
    throw new DeviceError('no-such-kernel', `no kernel or case has "${only}" in its name; ${known}`);
  }
  return {
    kind: 'kernels',
    ...runHeader(gpu),
    clock,
    shape: { preset: shape.preset, B: shape.B, T: shape.T },
    ceilings,
    results: [...samples].map(([name, { timesMs, of, dispatch }]) =>
      kernelResult(name, of, dispatch, summarise(timesMs), ceilings),
    ),
    notReached: gpu.kernels.names().filter((name) => !reached.has(name)),
  };
}

function kernelResult(
  name: string,
  of: string,
  dispatch: DispatchTime,
  timing: Timing,
  ceilings: Ceilings,
): KernelResult {
  const { flops = 0, bytes = 0, label: kernel, grid } = dispatch;
  return { name, case: of, kernel, grid, flops, bytes, ...timing, ...roofline(dispatch, timing, ceilings) };
}

/** How close a time is to the least time that both ceilings allow. */
function roofline(
  { flops = 0, bytes = 0, label }: DispatchTime,
  { medianMs }: Timing,
  ceilings: Ceilings,
): Pick<KernelResult, 'ofCeiling' | 'bound'> {
  const peak = peakFor(label, ceilings);
  const computeMs = (1000 * flops) / peak;
  const memoryMs = (1000 * bytes) / ceilings.bytesPerSecond;
  if (flops === 0 && bytes === 0) return { ofCeiling: 0, bound: 'none' };
  return {
    ofCeiling: Math.max(computeMs, memoryMs) / medianMs,
    bound: computeMs > memoryMs ? 'compute' : 'memory',
  };
}

/** The FLOP/s ceiling of the units that a kernel uses, as its label shows. */
function peakFor(label: string, { f32FlopsPerSecond, matrixFlopsPerSecond }: Ceilings): number {
  if (/[.-]matrix\b/.test(label) && matrixFlopsPerSecond) return matrixFlopsPerSecond;
  return f32FlopsPerSecond;
}

/** File name of a dispatched kernel, without `.wgsl`. */
export function kernelOf({ label }: { label: string }): string {
  return label.split(' ')[0]!;
}

/** Sizes distinguish the uses of a kernel; scales and rates do not. */
function resultName(of: string, { label, params }: Pick<DispatchTime, 'label' | 'params'>): string {
  const extents = Object.entries(params)
    .filter(([, value]) => Number.isInteger(value))
    .map(([name, value]) => `${name}=${value}`);
  return `${of}: ${label} (${extents.join(' ')})`;
}

async function timeCase(
  gpu: Gpu,
  one: BenchCase,
  { repetitions, clock, only }: { repetitions: number; clock: Clock; only: string | undefined },
  onTimes: (times: readonly DispatchTime[], repetition: number) => void,
): Promise<void> {
  const prepared = one.prepare(gpu);
  let program: Program<Tensor[]> | undefined;
  try {
    program = await record(gpu, () => prepared.body());
    if (
      only !== undefined &&
      !program.dispatches.some((dispatch) => resultName(one.name, dispatch).includes(only))
    )
      return;
    program.run(); // warm-up: compiles, and warms caches and clocks
    await gpu.idle();
    for (let i = 0; i < repetitions; i++) onTimes(await program.profile(clock), i);
    for (const output of program.outputs) await assertUsable(one.name, output);
  } finally {
    program?.dispose();
    prepared.dispose();
  }
}

/** @throws DeviceError `wrong-numbers` */
async function assertUsable(name: string, output: Tensor): Promise<void> {
  const values = await output.read();
  const fault = values.findIndex((value) => !Number.isFinite(value));
  if (fault >= 0)
    throw new DeviceError('wrong-numbers', `${name}: ${output.label}[${fault}] is ${values[fault]}`);
  if (values.every((value) => value === 0)) {
    throw new DeviceError('wrong-numbers', `${name}: all of ${output.label} is zero`);
  }
}
