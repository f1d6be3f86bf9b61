import type { Command } from 'commander';
import { EXIT } from './errors.js';
import { formatAdapter } from './format.js';
import { withDevice, type DeviceOptions } from './options.js';
import { printJson, printRows } from './output.js';

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
  withDevice(command).option('--json', 'print JSON').action(run);
}

async function run({ adapter: request, kernels, json }: DeviceOptions & { json?: true }): Promise<void> {
  const { listAdapters } = await import('../engine/gpu/vulkan.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { selfTest } = await import('../engine/gpu/self-test.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const found = await listAdapters();
  const gpu = await Gpu.open({ adapter: request, kernels });
  const { adapter, device, path, matrixUnits } = gpu;
  const limits: Record<string, number> = {};
  for (const name in Object.getPrototypeOf(device.limits)) {
    const value = device.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  const test = await selfTest(gpu);
  gpu.close();
  if (!test.ok) process.exitCode = EXIT.badInput;
  if (json) {
    const chosen = { ...adapter, kernels: path, matrixUnits };
    return printJson({ node: process.version, found, chosen, limits, selfTest: test });
  }

  const { M, N, K } = test.problem;
  await printRows([
    ['node', `${process.version}, ${process.platform} ${process.arch}`],
    ...found.map((one): [string, string] => ['found', formatAdapter(one)]),
    ['chosen', formatAdapter(adapter)],
    ['driver', adapter.description],
    ['kernels', `${path}; matrix units: ${matrixUnits ? `${matrixUnits}×${matrixUnits}` : 'none'}`],
    ['features', adapter.features.sort().join(', ')],
    ...LIMITS.map((name): [string, string] => {
      const value = limits[name]!;
      return [name, name.endsWith('Size') ? formatBytes(value) : String(value)];
    }),
    [
      'self-test',
      `matmul ${M}×${K}·${K}×${N}: ${test.ms.toFixed(2)} ms, ${test.gflops.toFixed(1)} GFLOP/s; ` +
        `the numbers are ${test.ok ? 'right' : 'WRONG'} (largest error: ${test.worst.toFixed(3)} of the float32 bound)`,
    ],
  ]);
}
