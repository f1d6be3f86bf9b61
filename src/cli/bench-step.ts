import type { Command } from 'commander';
import { printRunHeader } from './bench-report.js';
import type { Recompute } from '../engine/nn/block.js';
import type { StepProfile } from '../engine/bench/step-profile.js';
import { UsageError } from './errors.js';
import { formatCount } from './format.js';
import { parseWholeNumber, recomputeOption, withDevice, type DeviceOptions } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface Options extends DeviceOptions {
  preset?: string;
  batch?: number;
  context?: number;
  corpus?: string;
  recompute?: Recompute;
  profile?: true;
  out?: string;
  json?: true;
}

export function benchStepCommand(bench: Command): void {
  withDevice(bench.command('step'))
    .description(
      'time a training step and its encoding on the host; compare its memory with what engine model predicts',
    )
    .option('--preset <name>', 'model (default: tiny on software, tier-a on a GPU)')
    .option('--batch <rows>', 'rows per batch', parseWholeNumber())
    .option('--context <tokens>', 'tokens per row', parseWholeNumber())
    .option(
      '--corpus <folder>',
      'train on a corpus instead of random tokens: packed rows beside one record per row (default context: 512)',
    )
    .addOption(recomputeOption())
    .option('--profile', 'also time every kernel of a step by itself, and list them by kernel and shape')
    .option('--out <file>', 'store the figures as JSON', fileToWrite('--out'))
    .option('--json', 'print JSON')
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { adapter, kernels, preset, batch, context, recompute, profile, out, json, corpus } = options;
  if (corpus !== undefined) {
    if (profile) throw new UsageError('--profile is of a step on random tokens, without --corpus');
    return runOnCorpus({ ...options, corpus });
  }
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchStep } = await import('../engine/bench/step.js');
  const { benchShape } = await import('../engine/bench/cases.js');
  const { formatBytes } = await import('../base/format-bytes.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const report = await benchStep(
    () => Gpu.open({ adapter, kernels }),
    (gpu) => benchShape(gpu.adapter.kind, { preset, B: batch, T: context }),
    { recompute, profile, onProgress: note },
  );
  if (out !== undefined) await writeJsonAtomic(out, report);
  if (json) return printJson(report);
  const { shape, host, memory, loss } = report;
  await printRunHeader(report);
  const recomputed = recomputedText(shape.recompute);
  const cpu = report.cpuMs === undefined ? '' : `, ${report.cpuMs.toFixed(0)} ms of processor time`;
  const rows: [string, string][] = [
    [
      'model',
      `${shape.preset}, ${formatCount(report.parameters)} parameters, ${shape.B}×${shape.T} tokens${recomputed}`,
    ],
    ['step', `${report.medianMs.toFixed(2)} ms ±${(100 * report.spread).toFixed(0)}%${cpu}`],
    ['throughput', `${report.tokensPerSecond.toFixed(0)} tok/s, ${formatCount(report.flopsPerSecond)}FLOP/s`],
    ['loss', `${loss.first.toFixed(4)} → ${loss.last.toFixed(4)}`],
    [
      'host',
      `${host.encodeUsPerDispatch.toFixed(2)} µs per dispatch to encode ${host.dispatches}, ` +
        `${host.submitUs.toFixed(0)} µs to submit: ${(100 * host.shareOfStep).toFixed(2)}% of the step`,
    ],
    [
      'memory',
      `${formatBytes(memory.peakBytes)} at the peak, ${formatBytes(memory.predictedBytes)} predicted by engine model: ` +
        `${(100 * memory.deviation).toFixed(2)}% off`,
    ],
  ];
  if (memory.deviceBytes !== undefined)
    rows.push(['', `${formatBytes(memory.deviceBytes)} according to nvidia-smi`]);
  if (memory.processBytes !== undefined)
    rows.push(['', `the process grew by ${formatBytes(memory.processBytes)}, compiled kernels included`]);
  for (const [name, value] of rows) await printLine(`${name.padEnd(12)} ${value}`);
  if (report.profile) await printProfile(report.profile);
}

/** Rows below this share of the time are summed in one line. */
const LEAST_SHARE = 0.002;

async function printProfile({ clock, ms, rows }: StepProfile): Promise<void> {
  const cells = (...texts: string[]): string => texts.map((text) => text.padStart(9)).join(' ');
  await printLine(`\nkernels of a step: ${ms.toFixed(2)} ms together; clock: ${clock}`);
  await printLine(`${cells('ms', 'share', 'count', 'FLOP/s', 'B/s')}  kernel`);
  const shown = rows.filter(({ share }) => share >= LEAST_SHARE);
  for (const { kernel, extents, count, share, flops, bytes, ms: own } of shown) {
    const rate = (amount: number): string =>
      amount > 0 && own > 0 ? formatCount((1000 * amount) / own) : '–';
    const figures = [own.toFixed(3), `${(100 * share).toFixed(1)}%`, `${count}`, rate(flops), rate(bytes)];
    await printLine(`${cells(...figures)}  ${kernel} (${extents})`);
  }
  const small = rows.slice(shown.length);
  const rest = small.reduce((sum, row) => sum + row.ms, 0);
  if (small.length > 0)
    await printLine(
      `${cells(rest.toFixed(3), `${((100 * rest) / ms).toFixed(1)}%`, '', '', '')}  ${small.length} others`,
    );
}

const recomputedText = (part: Recompute): string => (part === 'none' ? '' : `, ${part} recomputed`);

/** The context at which rows are compared unless another is given. */
const CORPUS_CONTEXT = 512;

async function runOnCorpus(options: Options & { corpus: string }): Promise<void> {
  const { adapter, kernels, corpus, batch = 4, context = CORPUS_CONTEXT, recompute, out, json } = options;
  const { Gpu } = await import('../engine/gpu/device.js');
  const { benchPacking } = await import('../data/bench-packing.js');
  const { writeJsonAtomic } = await import('../base/files.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const preset = options.preset ?? (gpu.adapter.kind === 'software' ? 'tiny' : 'tier-a');
  try {
    const shape = { preset, batchSize: batch, context, recompute };
    const report = await benchPacking(gpu, { corpus, ...shape, onProgress: note });
    if (out !== undefined) await writeJsonAtomic(out, report);
    if (json) return await printJson(report);
    await printRunHeader(report);
    const { records, dropped } = report.corpus;
    await printLine(
      `${preset}, ${batch}×${context} positions${recomputedText(report.shape.recompute)}, ${dropped} of ${records} records left out as too long`,
    );
    for (const [name, rows] of [
      ['packed', report.packed],
      ['unpacked', report.unpacked],
    ] as const) {
      await printLine(
        `${name.padEnd(9)} ${rows.medianMs.toFixed(0)} ms a step ±${(100 * rows.spread).toFixed(0)}%, ` +
          `rows ${(100 * rows.full).toFixed(1)}% full, head on ${rows.headRows} positions: ` +
          `${rows.tokensPerSecond.toFixed(0)} tok/s, ${rows.learnedPerSecond.toFixed(0)} learned; ` +
          `${rows.tokensPerCoreSecond.toFixed(0)} tokens per core-second`,
      );
    }
    const { tokensPerSecond, tokensPerCoreSecond } = report.gain;
    await printLine(
      `packing trains ${tokensPerSecond.toFixed(2)} times the tokens a second, ` +
        `${tokensPerCoreSecond.toFixed(2)} times a core-second`,
    );
  } finally {
    gpu.close();
  }
}
