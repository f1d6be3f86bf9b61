import type { Command } from 'commander';
import type { RunComparison } from '../engine/bench/compare.js';
import type { KernelReport, KernelResult } from '../engine/bench/kernels.js';
import { printRunHeader } from './bench-report.js';
import {
  addVariantOptions,
  checkVariantOptions,
  runVariants,
  type VariantOptions,
} from './bench-variants.js';
import { formatCount } from './format.js';
import { parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options
  extends
    DeviceOptions,
    Pick<VariantOptions, 'variants' | 'extents' | 'layout' | 'record' | 'keep' | 'races'> {
  only?: string;
  preset?: string;
  batch?: number;
  context?: number;
  against?: string;
  profile?: string | true;
  out?: string;
  json?: true;
}

export function benchKernelsCommand(bench: Command): void {
  addVariantOptions(withDevice(bench.command('kernels')))
    .description('time every kernel, forward and backward, against ceilings measured on the same adapter')
    .option('--only <name>', 'only kernels and ops whose name contains this')
    .option('--preset <name>', 'model whose sizes are used (default: tiny on software, tier-a on a GPU)')
    .option('--batch <rows>', 'rows per batch', parseWholeNumber())
    .option('--context <tokens>', 'tokens per row', parseWholeNumber())
    .option('--against <file>', 'compare with a stored run, and list what is faster or slower beyond noise')
    .option(
      '--profile [file]',
      'write a trace of one run of each op, for ui.perfetto.dev (default: bench-kernels.trace.json)',
      fileToWrite('--profile'),
    )
    .option('--out <file>', 'store the run as JSON', fileToWrite('--out'))
    .option('--json', 'print the run as JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  checkVariantOptions(options);
  if (options.variants) return runVariants(options.variants, options);
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchKernels } = await import('../engine/bench/kernels.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { compareRuns } = await import('../engine/bench/compare.js');
  const { readKernelReport } = await import('../engine/bench/stored.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const { Trace } = await import('../engine/gpu/trace.js');
  const { rememberCeilings } = await import('../engine/bench/known-ceiling.js');
  const { adapter, kernels, only, preset, batch, context, against, profile, out, json } = options;
  const before = against === undefined ? undefined : await readKernelReport(against);

  const gpu = await Gpu.open({ adapter, kernels });
  const trace = new Trace(gpu.adapter);
  const report = await benchKernels(gpu, {
    only,
    shape: benchShape(gpu.adapter.kind, { preset, B: batch, T: context }),
    onProgress: note,
    onProfile: (name, times) => trace.addDispatches(name, times),
  });
  await rememberCeilings(gpu, report.ceilings);
  gpu.close();

  if (out !== undefined) await writeJsonAtomic(out, report);
  if (profile !== undefined) {
    const file = profile === true ? 'bench-kernels.trace.json' : profile;
    await writeJsonAtomic(file, trace);
    note(`trace: ${file}`);
  }
  const comparison = before && compareRuns(before.results, report.results);
  if (json) return printJson(comparison ? { ...report, against: comparison } : report);
  await printKernels(report);
  if (before && comparison) await printComparison(before, report, comparison);
}

async function printKernels(report: KernelReport): Promise<void> {
  const { ceilings, clock, shape, notReached } = report;
  const { bytesPerSecond, f32FlopsPerSecond, f16FlopsPerSecond, matrixFlopsPerSecond } = ceilings;
  const rates = [
    ['memory', bytesPerSecond, 'B/s'],
    ['f32', f32FlopsPerSecond, 'FLOP/s'],
    ['f16', f16FlopsPerSecond, 'FLOP/s'],
    ['matrix units', matrixFlopsPerSecond, 'FLOP/s'],
  ] as const;
  const measured = rates.flatMap(([name, rate, unit]) =>
    rate ? [`${name} ${formatCount(rate)}${unit}`] : [],
  );
  await printRunHeader(report);
  await printLine(`ceilings: ${measured.join(', ')}`);
  const clockNote =
    clock === 'wall' ? 'wall time including submission: this adapter has no timestamp-query' : clock;
  await printLine(`sizes of ${shape.preset}, ${shape.B}×${shape.T} tokens; clock: ${clockNote}`);
  const head = ['median ms', 'spread', 'FLOPs', 'bytes', 'FLOP/s', 'B/s', 'of ceiling'];
  await printLine(`${head.map((name) => name.padStart(10)).join(' ')}  bound    kernel`);
  for (const result of report.results) await printLine(kernelLine(result));
  if (notReached.length > 0) await printLine(`not dispatched: ${notReached.join(', ')}`);
}

function kernelLine({ medianMs, spread, flops, bytes, ofCeiling, bound, name }: KernelResult): string {
  const rate = (amount: number): string => (amount ? formatCount((1000 * amount) / medianMs) : '–');
  const cells = [
    medianMs.toFixed(medianMs < 1 ? 4 : 2),
    `±${(100 * spread).toFixed(0)}%`,
    flops ? formatCount(flops) : '–',
    bytes ? formatCount(bytes) : '–',
    rate(flops),
    rate(bytes),
    bound === 'none' ? '–' : `${(100 * ofCeiling).toFixed(1)}%`,
  ];
  const boundText = bound === 'none' ? '–' : bound;
  return `${cells.map((cell) => cell.padStart(10)).join(' ')}  ${boundText.padEnd(8)} ${name}`;
}

async function printComparison(
  before: KernelReport,
  now: KernelReport,
  { compared, onlyBefore, onlyNow }: RunComparison,
): Promise<void> {
  const count = (verdict: string): number => compared.filter((one) => one.verdict === verdict).length;
  await printLine(
    `\nagainst ${before.commit} of ${before.date}: ${count('better')} better, ${count('worse')} worse, ` +
      `${count('same')} unchanged within noise`,
  );
  if (before.adapter.name !== now.adapter.name || before.clock !== now.clock) {
    await printLine(
      `warning: the runs are not comparable: the stored one is from ${before.adapter.name}, timed by ${before.clock}`,
    );
  }
  for (const { name, verdict, speedup, noise } of compared) {
    if (verdict === 'same') continue;
    await printLine(
      `${verdict.padEnd(7)} ${speedup.toFixed(2)}× (noise ±${(100 * noise).toFixed(0)}%)  ${name}`,
    );
  }
  if (onlyBefore.length > 0) await printLine(`only in the stored run: ${onlyBefore.join('; ')}`);
  if (onlyNow.length > 0) await printLine(`only in this run: ${onlyNow.join('; ')}`);
}
