import { InvalidArgumentError, Option, type Command } from 'commander';
import type { MatmulLayout, VariantOp, VariantReport } from '../engine/bench/variants.js';
import { UsageError } from './errors.js';
import { printRunHeader } from './bench-report.js';
import { formatCount } from './format.js';
import { parseWholeNumber, type DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';

export interface VariantOptions extends DeviceOptions {
  variants?: VariantOp | undefined;
  extents?: number[] | undefined;
  races?: true | undefined;
  layout?: MatmulLayout | undefined;
  record?: number | undefined;
  keep?: true | undefined;
  out?: string | undefined;
  json?: true | undefined;
}

/** Adds --variants and the options that go with it to `bench kernels`. */
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
      '--record <tokens>',
      'with --variants attention: mean length of the records in a row, 0 for rows without records (default: 150)',
      parseWholeNumber(0),
    )
    .option(
      '--keep',
      'with --variants: store the fastest right kernel for this shape, adapter and driver, if it is faster than the ' +
        'chosen one beyond noise; later runs use it',
    );
}

function extentList(text: string): number[] {
  const extents = text.split(',').map(Number);
  if (extents.every((extent) => Number.isInteger(extent) && extent > 0)) return extents;
  throw new InvalidArgumentError('Whole numbers above 0, separated by commas.');
}

/** @throws UsageError for options that would be ignored */
export function checkVariantOptions(options: VariantOptions): void {
  const { variants, keep, races } = options;
  for (const name of ['races', 'keep', 'extents', 'layout', 'record'] as const) {
    if (options[name] === undefined) continue;
    const ops = name === 'layout' ? ['matmul'] : name === 'record' ? ['attention'] : ['matmul', 'attention'];
    if (variants !== undefined && ops.includes(variants)) continue;
    throw new UsageError(`--${name} needs ${ops.map((op) => `--variants ${op}`).join(' or ')}`);
  }
  if (keep && races) throw new UsageError('--keep stores what was timed, and --races times nothing');
}

export async function runVariants(op: VariantOp, options: VariantOptions): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchVariants } = await import('../engine/bench/variants.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const { adapter, kernels, extents, layout, record, keep, out, json } = options;
  if (options.races) return printRaces(op, options);
  const gpu = await Gpu.open({ adapter, kernels });
  const report = await benchVariants(gpu, op, { extents, layout, record, onProgress: note });
  gpu.close();
  if (keep) {
    const { choicesFile, deviceKey, storeChoices } = await import('../engine/gpu/kernel-choices.js');
    const { fastest } = await import('../engine/bench/fastest.js');
    const choices = fastest(report);
    if (Object.keys(choices).length > 0) await storeChoices(deviceKey(report.adapter), choices);
    for (const { use, variant } of report.results.filter(({ chosen }) => chosen)) {
      const stored = choices[use];
      note(
        stored === undefined
          ? `${use}: nothing stored, for no right kernel is faster than ${variant} beyond noise`
          : `${use}: ${stored} (${choicesFile()})`,
      );
    }
  }
  if (!report.results.every(({ right }) => right)) process.exitCode = 1;
  if (out !== undefined) await writeJsonAtomic(out, report);
  if (json) return printJson(report);
  await printVariants(report);
}

async function printRaces(
  op: VariantOp,
  { adapter, kernels, extents, layout, record, out, json }: VariantOptions,
): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { findVariantRaces } = await import('../engine/bench/variants.js');
  const { describeRace } = await import('../engine/gpu/race-check.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const found = await findVariantRaces(gpu, op, { extents, layout, record });
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
