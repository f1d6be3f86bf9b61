import type { Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { EXIT } from './errors.js';
import { formatAdapter } from './format.js';
import { adapterOption, kernelsOption } from './options.js';
import { printJson, printLine } from './output.js';

/** The limits that decide what fits and how kernels are cut; all of them with --json. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const;

export function register(program: Command): void {
  program
    .command('doctor')
    .description('show the adapters and the one chosen, and run a kernel on it')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--json', 'print JSON')
    .action(run);
}

interface Options {
  adapter: string;
  kernels: KernelPath | 'auto';
  json?: true;
}

async function run({ adapter: request, kernels, json }: Options): Promise<void> {
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
  const verdict = test.ok ? 'right' : 'WRONG';
  const rows: [string, string][] = [
    ['node', `${process.version}, ${process.platform} ${process.arch}`],
    ...found.map((one): [string, string] => ['found', formatAdapter(one)]),
    ['chosen', formatAdapter(adapter)],
    ['driver', adapter.description],
    ['kernels', `${path}; matrix units: ${matrixUnits ? `${matrixUnits}×${matrixUnits}` : 'none'}`],
    ['features', adapter.features.sort().join(', ')],
    ...LIMITS.map((name): [string, string] => {
      const value = limits[name]!;
      return [name, /Size$/.test(name) ? formatBytes(value) : String(value)];
    }),
    [
      'self-test',
      `matmul ${M}×${K}·${K}×${N}: ${test.ms.toFixed(2)} ms, ${test.gflops.toFixed(1)} GFLOP/s; numbers are ${verdict} ` +
        `(largest error ${test.worst.toFixed(3)} of the float32 bound)`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) await printLine(`${name.padEnd(width)}  ${value}`);
}
