import type { Command } from 'commander';
import { EXIT } from './errors.js';
import type { PathInfo } from '../engine/gpu/path.js';
import type { ProbeResult } from '../engine/gpu/probe.js';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { formatAdapter, formatShare } from './format.js';
import { withDevice, type DeviceOptions } from './options.js';
import { note, printJson, printRows } from './output.js';

const KERNEL_PATHS: readonly KernelPath[] = ['tensor', 'f16', 'f32'];

/** The limits that decide what fits and how kernels are split; --json prints all of them. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

export function doctorCommand(command: Command): void {
  withDevice(command)
    .option(
      '--probe',
      'prove every kernel path again, each in a process of its own; takes up to a minute each',
    )
    .option('--json', 'print JSON')
    .action(run);
}

type Options = DeviceOptions & { json?: true; probe?: true };

async function run({ adapter: request, kernels, json, probe: again }: Options): Promise<void> {
  const { listAdapters } = await import('../engine/gpu/vulkan.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { selfTest } = await import('../engine/gpu/self-test.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const found = await listAdapters();
  // Before this process opens a device: a driver that crashes must not take the report with it.
  if (again) await probeAll(request);
  const gpu = await Gpu.open({ adapter: request, kernels });
  const { adapter, device, path, matrixUnits } = gpu;
  const limits: Record<string, number> = {};
  for (const name in Object.getPrototypeOf(device.limits)) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  const test = await selfTest(gpu);
  gpu.close();
  const { kernelOverrides } = await import('../base/paths.js');
  const { remembered } = await import('../engine/gpu/probe.js');
  const subject = { adapter: adapter.name, driver: adapter.description, kernelFolder: kernelOverrides };
  const paths = Object.values(await remembered(subject));
  const allRight = paths.every(({ verdict }) => verdict === 'right');
  if (!test.ok || (again && !allRight)) process.exitCode = EXIT.badInput;
  if (json) {
    const chosen = { ...adapter, kernels: path, matrixUnits };
    return printJson({ node: process.version, found, chosen, limits, paths, selfTest: test });
  }

  const { M, N, K } = test.problem;
  await printRows([
    ['node', `${process.version}, ${process.platform} ${process.arch}`],
    ...found.map((one): [string, string] => ['found', formatAdapter(one)]),
    ['chosen', formatAdapter(adapter)],
    ['driver', adapter.description],
    ['kernels', `${path}; matrix units: ${matrixUnits ? `${matrixUnits}×${matrixUnits}` : 'none'}`],
    ['features', `${adapter.features.sort().join(', ')} (used, of ${adapter.offered.length} offered)`],
    ...LIMITS.map((name): [string, string] => {
      const value = limits[name]!;
      return [name, name.endsWith('Size') ? formatBytes(value) : String(value)];
    }),
    [
      'self-test',
      `matmul ${M}×${K}·${K}×${N}: ${test.ms.toFixed(2)} ms, ${test.gflops.toFixed(1)} GFLOP/s; ` +
        `the numbers are ${test.ok ? 'right' : 'WRONG'} (largest error: ${test.worst.toFixed(3)} of the float32 bound)`,
    ],
    ...KERNEL_PATHS.map((one): [string, string] => [
      `path ${one}`,
      one === 'tensor' && !matrixUnits ? 'not offered by this adapter' : describePath(paths, one),
    ]),
  ]);
  const { softwareAdvice } = await import('../engine/gpu/platform.js');
  const advice = softwareAdvice(process, found);
  if (advice !== undefined) note(advice);
}

/** Every path of the adapter that was asked for, each in a child process. */
async function probeAll(request: string): Promise<void> {
  const { kernelOverrides } = await import('../base/paths.js');
  const { openAdapter } = await import('../engine/gpu/vulkan.js');
  const { matrixUnitsOf } = await import('../engine/gpu/path.js');
  const { probe } = await import('../engine/gpu/probe.js');
  const { adapter, name, kind } = await openAdapter(request);
  const hasUnits = matrixUnitsOf([...adapter.features], adapter.info as PathInfo) !== undefined;
  const subject = { adapter: name, driver: adapter.info.description, kernelFolder: kernelOverrides };
  for (const path of KERNEL_PATHS.filter((one) => one !== 'tensor' || hasUnits)) {
    note(`probing ${path} on ${name}`);
    // Compiling for llvmpipe's matrix units takes minutes.
    await probe(subject, path, kind === 'software' ? { limitSeconds: 900 } : {});
  }
}

function describePath(results: readonly ProbeResult[], path: KernelPath): string {
  const result = results.find((one) => one.path === path);
  if (!result) return 'not proven on this adapter, driver and text of the kernels (--probe does it)';
  const { verdict, reason, worst, ms, probedAt } = result;
  const parts = [verdict === 'right' ? 'right' : `${verdict.toUpperCase()}: ${reason}`];
  if (worst && verdict === 'right') {
    parts.push(`largest error ${formatShare(worst.share ?? NaN)} of its tolerance, in ${worst.where}`);
  }
  if (ms !== undefined) parts.push(`${ms.toFixed(2)} ms a step`);
  return `${parts.join('; ')}; probed ${probedAt.slice(0, 16).replace('T', ' ')} UTC`;
}
