import type { Command } from 'commander';
import type { Comparison } from '../engine/bench/compare.js';
import type { KernelReport, KernelResult } from '../engine/bench/kernels.js';
import type { RunHeader } from '../engine/bench/report.js';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { registerBenchData } from './bench-data.js';
import { registerDecode } from './bench-decode.js';
import { register as registerSql } from './bench-sql.js';
import { addVariantOptions, runVariants, type VariantOptions } from './bench-variants.js';
import { formatCount } from './format.js';
import { adapterOption, kernelsOption, wholeNumber } from './options.js';
import { note, printJson, printLine } from './output.js';

export function register(program: Command): void {
  const bench = program
    .command('bench')
    .description('time kernels, training, decoding, data and SQL on this machine');
  // A command of its own: options of `bench` itself would be taken from those of the others.
  bench
    .command('engine', { isDefault: true })
    .description('time the main kernels, a training step and decoding; what `bench` alone does')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--json', 'print everything as JSON')
    .action(runMain);
  addVariantOptions(bench.command('kernels'))
    .description('time every kernel, forward and backward, against ceilings measured on the same adapter')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--only <name>', 'only kernels and ops with this in their name')
    .option('--preset <name>', 'extents of this model (default: tiny on software, tier-a on a GPU)')
    .option('--batch <rows>', 'rows of a batch', wholeNumber())
    .option('--context <tokens>', 'tokens of a row', wholeNumber())
    .option('--against <file>', 'compare with a stored run: better or worse beyond noise')
    .option('--profile [file]', 'write a trace of one run of each op, for ui.perfetto.dev')
    .option('--out <file>', 'store the run as JSON')
    .option('--json', 'print the run as JSON')
    .action(runKernels);
  bench
    .command('step')
    .description('time a training step, its encoding on the host, and its memory against engine model')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--preset <name>', 'the model (default: tiny on software, tier-a on a GPU)')
    .option('--batch <rows>', 'rows of a batch', wholeNumber())
    .option('--context <tokens>', 'tokens of a row', wholeNumber())
    .option('--out <file>', 'store the figures as JSON')
    .option('--json', 'print JSON')
    .action(runStep);
  registerDecode(bench);
  registerBenchData(bench);
  registerSql(bench);
}

async function runMain({ adapter, kernels, json }: GpuOptions & { json?: true }): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchEngine } = await import('../engine/bench/engine.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const report = await benchEngine(gpu, note);
  gpu.close();
  if (json) return printJson(report);
  await printHeader(report);
  for (const { name, medianMs, spread, value, unit } of report.results) {
    const figures = `${medianMs.toFixed(2).padStart(10)} ms ±${(100 * spread).toFixed(0)}%`;
    await printLine(`${name.padEnd(34)} ${figures.padEnd(20)} ${value.toFixed(2).padStart(10)} ${unit}`);
  }
}

interface GpuOptions {
  adapter: string;
  kernels: KernelPath | 'auto';
}

const deviceOf = ({ adapter, kernels }: GpuOptions): GpuOptions => ({ adapter, kernels });

/** Extents that both ask for; what is left out depends on the adapter. */
interface ShapeOptions extends GpuOptions {
  preset?: string;
  batch?: number;
  context?: number;
}

function extents({ preset, batch, context }: ShapeOptions): { preset?: string; B?: number; T?: number } {
  return {
    ...(preset !== undefined && { preset }),
    ...(batch !== undefined && { B: batch }),
    ...(context !== undefined && { T: context }),
  };
}

interface KernelOptions extends ShapeOptions, Pick<VariantOptions, 'variants' | 'extents'> {
  only?: string;
  against?: string;
  profile?: string | true;
  out?: string;
  json?: true;
}

async function runKernels(options: KernelOptions): Promise<void> {
  if (options.variants) return runVariants(options.variants, options);
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchKernels } = await import('../engine/bench/kernels.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { compareRuns } = await import('../engine/bench/compare.js');
  const { readKernelReport } = await import('../engine/bench/stored.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const { Trace } = await import('../engine/gpu/trace.js');
  const { only, against, profile, out, json } = options;
  const before = against === undefined ? undefined : await readKernelReport(against);

  const gpu = await Gpu.open(deviceOf(options));
  const trace = new Trace(gpu.adapter);
  const report = await benchKernels(gpu, {
    shape: benchShape(gpu.adapter.kind, extents(options)),
    onProgress: note,
    onProfile: (name, times) => trace.addDispatches(name, times),
    ...(only !== undefined && { only }),
  });
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

async function printHeader({ adapter, kernels, commit, date }: RunHeader): Promise<void> {
  await printLine(`${adapter.name} ${adapter.description}, kernels ${kernels}, commit ${commit}, ${date}`);
}

async function printKernels(report: KernelReport): Promise<void> {
  const { ceilings, clock, shape, notReached } = report;
  await printHeader(report);
  await printLine(
    `ceilings: ${[
      `memory ${formatCount(ceilings.bytesPerSecond)}B/s`,
      `f32 ${formatCount(ceilings.f32FlopsPerSecond)}FLOP/s`,
      ...(ceilings.f16FlopsPerSecond ? [`f16 ${formatCount(ceilings.f16FlopsPerSecond)}FLOP/s`] : []),
      ...(ceilings.matrixFlopsPerSecond
        ? [`matrix units ${formatCount(ceilings.matrixFlopsPerSecond)}FLOP/s`]
        : []),
    ].join(', ')}`,
  );
  const clockNote = clock === 'wall' ? 'wall time, submission included: no timestamp-query here' : clock;
  await printLine(`extents of ${shape.preset}, ${shape.B}×${shape.T} tokens; clock: ${clockNote}`);
  const head = ['median ms', 'spread', 'FLOPs', 'bytes', 'FLOP/s', 'B/s', 'of ceiling'];
  await printLine(`${head.map((name) => name.padStart(10)).join(' ')}  bound    kernel`);
  for (const result of report.results) await printLine(kernelLine(result));
  if (notReached.length) await printLine(`not dispatched here: ${notReached.join(', ')}`);
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
  { compared, onlyBefore, onlyNow }: { compared: Comparison[]; onlyBefore: string[]; onlyNow: string[] },
): Promise<void> {
  const count = (verdict: string): number => compared.filter((one) => one.verdict === verdict).length;
  await printLine(
    `\nagainst ${before.commit} of ${before.date}: ${count('better')} better, ${count('worse')} worse, ` +
      `${count('same')} the same within noise`,
  );
  if (before.adapter.name !== now.adapter.name || before.clock !== now.clock) {
    await printLine(
      `warning: that run is of ${before.adapter.name}, timed by ${before.clock}: not the same ground`,
    );
  }
  for (const { name, verdict, speedup, noise } of compared) {
    if (verdict === 'same') continue;
    await printLine(
      `${verdict.padEnd(7)} ${speedup.toFixed(2)}× (noise ±${(100 * noise).toFixed(0)}%)  ${name}`,
    );
  }
  if (onlyBefore.length) await printLine(`only then: ${onlyBefore.join('; ')}`);
  if (onlyNow.length) await printLine(`only now: ${onlyNow.join('; ')}`);
}

async function runStep(options: ShapeOptions & { out?: string; json?: true }): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchStep } = await import('../engine/bench/step.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const report = await benchStep(
    () => Gpu.open(deviceOf(options)),
    ({ adapter }) => benchShape(adapter.kind, extents(options)),
    { onProgress: note },
  );
  if (options.out !== undefined) await writeJsonAtomic(options.out, report);
  if (options.json) return printJson(report);
  const { shape, host, memory, loss } = report;
  await printHeader(report);
  const rows: [string, string][] = [
    ['model', `${shape.preset}, ${formatCount(report.parameters)} parameters, ${shape.B}×${shape.T} tokens`],
    ['step', `${report.medianMs.toFixed(2)} ms ±${(100 * report.spread).toFixed(0)}%`],
    ['throughput', `${report.tokensPerSecond.toFixed(0)} tok/s, ${formatCount(report.flopsPerSecond)}FLOP/s`],
    ['loss', `${loss.first.toFixed(4)} → ${loss.last.toFixed(4)}`],
    [
      'host',
      `${host.encodeUsPerDispatch.toFixed(2)} µs a dispatch to encode ${host.dispatches}, ` +
        `${host.submitUs.toFixed(0)} µs to submit: ${(100 * host.shareOfStep).toFixed(2)}% of the step`,
    ],
    [
      'memory',
      `${formatBytes(memory.peakBytes)} at most, engine model says ${formatBytes(memory.predictedBytes)}: ` +
        `${(100 * memory.deviation).toFixed(2)}% off`,
    ],
  ];
  if (memory.deviceBytes !== undefined) rows.push(['', `${formatBytes(memory.deviceBytes)} by nvidia-smi`]);
  if (memory.processBytes !== undefined) {
    rows.push(['', `the process grew by ${formatBytes(memory.processBytes)}, compiled kernels included`]);
  }
  for (const [name, value] of rows) await printLine(`${name.padEnd(12)} ${value}`);
}
