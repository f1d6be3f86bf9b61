import { InvalidArgumentError, Option, type Command } from 'commander';
import type { MatmulLayout, VariantOp, VariantReport } from '../engine/bench/variants.js';
import { printRunHeader } from './bench-report.js';
import { formatCount } from './format.js';
import type { DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';

export interface VariantOptions extends DeviceOptions {
  variants?: VariantOp | undefined;
  extents?: number[] | undefined;
  races?: true | undefined;
  layout?: MatmulLayout | undefined;
  keep?: true | undefined;
  out?: string | undefined;
  json?: true | undefined;
}

/** Adds --variants, --extents and --races to `bench kernels`. */
export function addVariantOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--variants <op>',
        'time instead every kernel that can compute this op at one shape, and check each; exit code 1 if one is wrong',
      ).choices(['matmul', 'attention']),
    )
    .option(
      '--extents <numbers>',
      'with --variants: the shape, as M,N,K of matmul or B,T,heads,headDim of attention',
      extentList,
    )
    .option(
      '--races',
      'with --variants: look for missing barriers instead of timing; exit code 1 if a kernel has a race',
    )
    .addOption(
      new Option(
        '--layout <product>',
        'with --variants matmul: which product of a linear layer, the forward one or those towards input or weight',
      ).choices(['forward', 'input', 'weight']),
    )
    .option(
      '--keep',
      'with --variants: store the fastest right kernel for this shape, adapter and driver; later runs use it',
    );
}

function extentList(text: string): number[] {
  const extents = text.split(',').map(Number);
  if (extents.every((extent) => Number.isInteger(extent) && extent > 0)) return extents;
  throw new InvalidArgumentError('Whole numbers above 0, separated by commas.');
}

export async function runVariants(op: VariantOp, options: VariantOptions): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchVariants, fastest } = await import('../engine/bench/variants.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const { adapter, kernels, extents, layout, keep, out, json } = options;
  if (options.races) return printRaces(op, options);
  const gpu = await Gpu.open({ adapter, kernels });
  const report = await benchVariants(gpu, op, { extents, layout, onProgress: note });
  gpu.close();
  if (keep) {
    const { choicesFile, deviceKey, storeChoices } = await import('../engine/gpu/kernel-choices.js');
    const choices = fastest(report);
    await storeChoices(deviceKey(report.adapter), choices);
    for (const [use, variant] of Object.entries(choices)) note(`${use}: ${variant} (${choicesFile()})`);
  }
  if (!report.results.every(({ right }) => right)) process.exitCode = 1;
  if (out !== undefined) await writeJsonAtomic(out, report);
  if (json) return printJson(report);
  await printVariants(report);
}

async function printRaces(
  op: VariantOp,
  { adapter, kernels, extents, out, json }: VariantOptions,
): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { findVariantRaces } = await import('../engine/bench/variants.js');
  const { describeRace } = await import('../engine/gpu/race-check.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const found = await findVariantRaces(gpu, op, extents);
  gpu.close();
  if (found.some(({ races }) => races.length > 0)) process.exitCode = 1;
  if (out !== undefined) await writeJsonAtomic(out, found);
  if (json) return printJson(found);
  for (const { kernel, unchecked, races } of found) {
    await printLine(unchecked ?? `${kernel}: ${races.length === 0 ? 'no race' : `races: ${races.length}`}`);
    for (const race of races) await printLine(`  ${describeRace(race)}`);
  }
}

async function printVariants(report: VariantReport): Promise<void> {
  const { op, shape, clock, expected, results } = report;
  await printRunHeader(report);
  const extents = Object.entries(shape).map(([name, extent]) => `${name} ${extent}`);
  await printLine(`${op}, ${extents.join(', ')}; clock: ${clock}; error against ${expected}`);
  const head = ['median ms', 'spread', 'FLOP/s', 'CPU ms', 'error'];
  await printLine(`${head.map((name) => name.padStart(10)).join(' ')}         kernel`);
  for (const { variant, kernel, flops, medianMs, spread, cpuMs, error, right, chosen } of results) {
    const cells = [
      medianMs.toFixed(medianMs < 1 ? 4 : 2),
      `±${(100 * spread).toFixed(0)}%`,
      formatCount((1000 * flops) / medianMs),
      cpuMs === undefined ? '–' : cpuMs.toFixed(2),
      error.toExponential(1),
    ];
    const verdict = right ? (chosen ? 'chosen' : '') : 'WRONG';
    await printLine(
      `${cells.map((cell) => cell.padStart(10)).join(' ')}  ${verdict.padEnd(6)} ${variant}${kernel.slice(kernel.split(' ')[0]!.length)}`,
    );
  }
}
