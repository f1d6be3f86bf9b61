import type { Command } from 'commander';
import { printRunHeader } from './bench-report.js';
import { parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options extends DeviceOptions {
  preset?: string;
  folder: string;
  rounds: number;
  out?: string;
  json?: true;
}

/** The default of `--checkpoint-every`. */
const STEPS = 500;
/** The share of the time that a training may wait. */
const MOST = 0.02;

export function benchCheckpointCommand(bench: Command): void {
  withDevice(bench.command('checkpoint'))
    .description('time how long a training waits for a checkpoint, and how long writing it takes')
    .option('--preset <name>', 'model (default: tiny on software, tier-a on a GPU)')
    .option('--folder <folder>', 'where it is written, and removed again', '.')
    .option('--rounds <count>', 'checkpoints that are timed', parseWholeNumber(), 5)
    .option('--out <file>', 'store the figures as JSON', fileToWrite('--out'))
    .option('--json', 'print JSON')
    .action(run);
}

async function run({ adapter, kernels, preset, folder, rounds, out, json }: Options): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchCheckpoint } = await import('../engine/bench/checkpoint.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const gpu = await Gpu.open({ adapter, kernels });
  try {
    const report = await benchCheckpoint(gpu, benchShape(gpu.adapter.kind, { preset }), { folder, rounds });
    if (out !== undefined) await writeJsonAtomic(out, report);
    if (json) return await printJson(report);
    await printRunHeader(report);
    const { bytes, isHeld, wait, whole } = report;
    const times = ({ elapsed, processor }: typeof wait): string =>
      `${elapsed.toFixed(0)} ms, ${processor.toFixed(0)} ms of processor time`;
    await printLine(`checkpoint   ${report.preset}, ${formatBytes(bytes)} of weights and moments`);
    await printLine(`wait         ${times(wait)}`);
    const how = isHeld ? 'written while training goes on' : 'training waits: the memory holds no copy';
    await printLine(`until whole  ${times(whole)}; ${how}`);
    await printLine(
      `under ${100 * MOST}% of the time where ${STEPS} steps, the default between checkpoints, take ` +
        `${(wait.elapsed / MOST / 1000).toFixed(1)} s or more: ${(wait.elapsed / MOST / STEPS).toFixed(2)} ms a step`,
    );
  } finally {
    gpu.close();
  }
}
