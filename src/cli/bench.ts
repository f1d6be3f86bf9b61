import type { Command } from 'commander';
import { registerBenchData } from './bench-data.js';
import { adapterOption } from './options.js';
import { note, printJson, printLine } from './output.js';

export function register(program: Command): void {
  const bench = program
    .command('bench')
    .description('time the main kernels, a training step and decoding on this machine')
    .addOption(adapterOption())
    .option('--json', 'print everything as JSON')
    .action(run);
  registerBenchData(bench);
}

async function run({ adapter, json }: { adapter: string; json?: true }): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchEngine } = await import('../engine/bench.js');
  const gpu = await Gpu.open({ adapter });
  const report = await benchEngine(gpu, (line) => note(line));
  gpu.close();
  if (json) return printJson(report);
  const { name, description } = report.adapter;
  await printLine(`${name} ${description}, commit ${report.commit}`);
  for (const { name, medianMs, spread, value, unit } of report.results) {
    const figures = `${medianMs.toFixed(2).padStart(10)} ms ±${(100 * spread).toFixed(0)}%`;
    await printLine(`${name.padEnd(34)} ${figures.padEnd(20)} ${value.toFixed(2).padStart(10)} ${unit}`);
  }
}
