import { DeviceError } from '../errors.js';
import type { ReadyDispatch } from './bind.js';
import type { Gpu } from './device.js';
import type { Kernel } from './kernel.js';
import { agentName, RACE_LOG } from './race-log.js';
import { checkedText, functionsWith, hasWorkgroupMemory, type CheckedText } from './race-text.js';

/** Two accesses to one element of workgroup memory with no barrier between them, of which at least one writes. */
export interface Race {
  /** The kernel's file, its flags and constants. */
  kernel: string;
  variable: string;
  kind: 'two writes' | 'a write and a read';
  /** `FILE:LINE` of both accesses, in the order in which this adapter made them. */
  places: readonly [first: string, second: string];
  /** Who made them: `invocation 3`, or `a matrix operation of invocation 3's subgroup`. */
  by: readonly [first: string, second: string];
  /** `variable [element], workgroup 0, after barrier 2` */
  where: string;
}

export interface RaceReport {
  /** Each pair of places once. */
  races: Race[];
  /** The kernels with workgroup memory that ran under the check. */
  checked: Kernel[];
  /** Pairs of accesses that race, each element and time counted. */
  count: number;
}

export interface RaceOptions {
  /** The text to check instead of a kernel's own; undefined checks no dispatch of this kernel. */
  textOf?: ((kernel: Kernel) => string | undefined) | undefined;
}

/** Workgroups of a dispatch that are checked. The others run the same text on other numbers. */
const WORKGROUPS = 32;

interface CheckedPipeline {
  pipeline: GPUComputePipeline;
  checked: CheckedText;
}

/**
 * Runs the dispatches once. Kernels with workgroup memory run with every access to it noted, and accesses that only a
 * missing barrier orders are reported, whether or not this adapter computes wrong numbers because of them. Only what
 * the dispatches do is checked, so choose shapes that fill more than one tile and loops that turn at least twice.
 *
 * @throws DeviceError `race-check` for a kernel that cannot be followed, `kernel-compile` for a text that does not compile
 */
export async function findRaces(
  gpu: Gpu,
  dispatches: readonly ReadyDispatch[],
  { textOf = (kernel) => kernel.source }: RaceOptions = {},
): Promise<RaceReport> {
  const { device } = gpu;
  // The smallest elements are f16.
  const elements = Math.ceil(device.limits.maxComputeWorkgroupStorageSize / 2);
  const layout = device.createBindGroupLayout({
    label: 'races',
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } }],
  });
  const texts = new Map<Kernel, CheckedText>();
  for (const { kernel } of dispatches) {
    if (texts.has(kernel)) continue;
    const text = textOf(kernel);
    if (text === undefined || !hasWorkgroupMemory(text)) continue;
    const options = { label: kernel.label, workgroups: WORKGROUPS, elements };
    texts.set(kernel, checkedText(text, { ...options, matrixFunctions: matrixFunctionsOf(gpu, kernel) }));
  }
  const pipelines = new Map<Kernel, CheckedPipeline>();
  await Promise.all(
    [...texts].map(async ([kernel, checked]) => {
      pipelines.set(kernel, { pipeline: await compile(device, kernel, checked.text, layout), checked });
    }),
  );
  const log = device.createBuffer({
    label: 'races',
    size: 4 * (RACE_LOG.shadow + WORKGROUPS * elements * RACE_LOG.shadowWords),
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  const logGroup = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: log } }] });
  const report: RaceReport = { races: [], checked: [...texts.keys()], count: 0 };
  try {
    for (const { kernel, pipeline, bindGroup, grid } of dispatches) {
      const own = pipelines.get(kernel);
      const encoder = device.createCommandEncoder();
      if (own) encoder.clearBuffer(log);
      const pass = encoder.beginComputePass();
      pass.setPipeline(own?.pipeline ?? pipeline);
      pass.setBindGroup(0, bindGroup);
      if (own) pass.setBindGroup(1, logGroup);
      pass.dispatchWorkgroups(grid[0], grid[1] ?? 1, grid[2] ?? 1);
      pass.end();
      device.queue.submit([encoder.finish()]);
      if (!own) continue;
      const words = new Uint32Array(await gpu.readBuffer(log, 0, 4 * RACE_LOG.shadow));
      report.count += words[0]!;
      for (const race of racesIn(words, kernel, own.checked)) {
        const isKnown = report.races.some(
          ({ kernel: label, places }) => label === race.kernel && String(places) === String(race.places),
        );
        if (!isKnown) report.races.push(race);
      }
    }
  } finally {
    log.destroy();
  }
  return report;
}

/** One line for people. */
export function describeRace({ kernel, variable, kind, places, by, where }: Race): string {
  const [first, second] = places;
  return (
    `${kernel}: ${kind} of ${variable} with no barrier between: ${first} (${by[0]}) and ` +
    `${second} (${by[1]}); ${where}`
  );
}

/**
 * Where matrix units are emulated, the functions that stand for a subgroup's matrix operations: those that are one in the
 * text for real units.
 */
function matrixFunctionsOf(gpu: Gpu, { file, variant: { flags, constants } }: Kernel): Set<string> {
  if (flags?.['MATRIX'] !== false) return new Set();
  const real = gpu.kernels.get(file.replace(/\.wgsl$/, ''), { flags: { ...flags, MATRIX: true }, constants });
  return functionsWith(real.source, /\bsubgroupMatrix(Load|Store)\b/);
}

async function compile(
  device: GPUDevice,
  kernel: Kernel,
  code: string,
  logLayout: GPUBindGroupLayout,
): Promise<GPUComputePipeline> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: `${kernel.label}, checked for races`, code });
  // The pipeline reports the fault, too.
  void device.popErrorScope();
  try {
    return await device.createComputePipelineAsync({
      label: kernel.label,
      layout: device.createPipelineLayout({ bindGroupLayouts: [kernel.layout(device), logLayout] }),
      compute: { module, constants: { ...kernel.variant.constants } },
    });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const fault = messages.find(({ type }) => type === 'error');
    const reason = fault ? `line ${fault.lineNum}: ${fault.message}` : (error as Error).message;
    throw new DeviceError(
      'kernel-compile',
      `${kernel.label}: the text that notes accesses does not compile: ${reason}`,
    );
  }
}

/** The races in the log's records. */
function racesIn(words: Uint32Array, kernel: Kernel, { sites }: CheckedText): Race[] {
  const races: Race[] = [];
  const count = Math.min(words[0]!, RACE_LOG.records);
  for (let slot = 0; slot < count; slot++) {
    const from = 1 + slot * RACE_LOG.recordWords;
    const [site, otherSite, agent, other, kind, element, group, barrier] = words.subarray(
      from,
      from + RACE_LOG.recordWords,
    );
    const [first, second] = [sites[otherSite!]!, sites[site!]!];
    races.push({
      kernel: kernel.label,
      variable: second.variable,
      kind: kind === 0 ? 'two writes' : 'a write and a read',
      places: [kernel.place(first.line), kernel.place(second.line)],
      by: [agentName(other!), agentName(agent!)],
      where: `element ${element!} of workgroup memory, workgroup ${group!}, after ${barrier! - 1} barriers`,
    });
  }
  return races;
}
