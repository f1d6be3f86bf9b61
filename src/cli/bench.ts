import type { Command } from 'commander';
import { benchCheckpointCommand } from './bench-checkpoint.js';
import { benchDataCommand } from './bench-data.js';
import { benchDecodeCommand } from './bench-decode.js';
import { benchKernelsCommand } from './bench-kernels.js';
import { benchSqlCommand } from './bench-sql.js';
import { benchStepCommand } from './bench-step.js';
import { benchSweepCommand } from './bench-sweep.js';
import { printRunHeader } from './bench-report.js';
import { withDevice, type DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';

export function benchCommand(bench: Command): void {
  // A subcommand: options of `bench` itself would be taken away from the other subcommands.
  withDevice(bench.command('engine', { isDefault: true }))
    .description('time the main kernels, a training step and decoding (the default of engine bench)')
    .option('--json', 'print everything as JSON')
    .action(run);
  benchKernelsCommand(bench);
  benchStepCommand(bench);
  benchSweepCommand(bench);
  benchCheckpointCommand(bench);
  benchDecodeCommand(bench);
  benchDataCommand(bench);
  benchSqlCommand(bench);
}

async function run({ adapter, kernels, json }: DeviceOptions & { json?: true }): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchEngine } = await import('../engine/bench/engine.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const report = await benchEngine(gpu, note);
  gpu.close();
  if (json) return printJson(report);
  await printRunHeader(report);
  for (const { name, medianMs, spread, value, unit } of report.results) {
    const figures = `${medianMs.toFixed(2).padStart(10)} ms ±${(100 * spread).toFixed(0)}%`;
    await printLine(`${name.padEnd(34)} ${figures.padEnd(20)} ${value.toFixed(2).padStart(10)} ${unit}`);
  }
}
