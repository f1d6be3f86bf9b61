import { join } from 'node:path';
import type { Command } from 'commander';
import { writeJsonAtomic } from '../base/files.js';
import type { KernelPath } from '../engine/tensor/dtype.js';
import type { Trace } from '../engine/gpu/trace.js';
import { formatAdapter } from './format.js';
import { adapterOption, kernelsOption, positiveNumber, wholeNumber } from './options.js';
import { note, printLine } from './output.js';

interface Options {
  corpus: string;
  model: string;
  config?: string;
  adapter: string;
  kernels: KernelPath | 'auto';
  checkFinite?: boolean;
  profile?: string | true;
  /** The rest are settings of the run and keep their names there. */
  [setting: string]: unknown;
}

export function register(program: Command): void {
  program
    .command('train')
    .description('train a decoder on a corpus; goes on by itself where an earlier run stopped')
    .requiredOption('--corpus <folder>', 'corpus of engine data build')
    .requiredOption('--model <folder>', "the model's folder; made when it is not there")
    .option('--config <file>', 'settings (configs/*.json); options override them')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--preset <name>', 'tiny, sanity, tier-a, tier-b')
    .option('--steps <count>', 'steps of the whole run', wholeNumber())
    .option('--batch-size <rows>', 'rows of a micro-batch', wholeNumber())
    .option('--micro-batches <count>', 'micro-batches of a step', wholeNumber())
    .option('--context <tokens>', 'tokens of a row', wholeNumber())
    .option('--learning-rate <rate>', 'peak of the schedule', positiveNumber)
    .option('--warmup-steps <count>', 'steps until the peak', wholeNumber(0))
    .option('--seed <number>', 'of weights and order', wholeNumber(0))
    .option('--checkpoint-every <steps>', 'how often to save', wholeNumber())
    .option('--check-finite', 'stop at the first NaN or infinity and name its op, layer and place; slower')
    .option(
      '--profile [file]',
      'write a trace of one step, for ui.perfetto.dev (default: step.trace.json in the model folder)',
    )
    .action(run);
}

async function run({
  corpus,
  model,
  config,
  adapter,
  kernels,
  checkFinite = false,
  profile,
  ...overrides
}: Options): Promise<void> {
  const { parseSettings, readSettings, trainOnCorpus } = await import('../data/train-on-corpus.js');
  const settings = parseSettings({ ...(config && (await readSettings(config))), ...overrides }, config);
  const { readShardIndex } = await import('../data/shards/reader.js');
  await readShardIndex(corpus);

  const { Gpu } = await import('../engine/gpu/device.js');
  const { Trace } = await import('../engine/gpu/trace.js');
  const { trainingProgress } = await import('./progress.js');
  const gpu = await Gpu.open({ adapter, kernels });
  warnOfSoftware(gpu, adapter);
  const trace = profile === undefined ? undefined : new Trace(gpu.adapter);
  const progress = trainingProgress();
  const stop = new AbortController();
  // The first signal asks for a checkpoint and an end; the second, with its listener gone, kills as usual.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const { step, finished } = await trainOnCorpus(gpu, {
      corpus,
      folder: model,
      settings,
      checkFinite,
      signal: stop.signal,
      ...(trace && { trace }),
      onDropped: (records, of) => note(`${records} of ${of} records are longer than the context: left out`),
      onStart: ({ resumedFrom, warnings }) => {
        warnings.forEach(note);
        if (resumedFrom > 0) note(`going on from step ${resumedFrom}`);
        progress.start(settings.steps, resumedFrom);
      },
      onStep: (report) => progress.step(report),
    });
    progress.stop();
    if (trace)
      await writeTrace(trace, typeof profile === 'string' ? profile : join(model, 'step.trace.json'));
    await printLine(finished ? `trained ${step} steps: ${model}` : `stopped after step ${step}: ${model}`);
  } finally {
    progress.stop();
    gpu.close();
  }
}

async function writeTrace(trace: Trace, file: string): Promise<void> {
  if (trace.isEmpty) return note('no trace: the run had no step left to profile');
  await writeJsonAtomic(file, trace);
  note(`trace of one step: ${file}`);
}

/** Says on which adapter the training runs, and warns when it is the processor though nobody asked for that. */
export function warnOfSoftware(
  { adapter, path }: { adapter: { name: string; kind: string; driver: string }; path: string },
  requested: string,
): void {
  note(`adapter: ${formatAdapter(adapter)}; kernels: ${path}`);
  if (adapter.kind !== 'software' || requested !== 'auto') return;
  note(
    `warning: no Vulkan GPU was found, training runs on the processor by ${adapter.name}, which is slow; ` +
      '--adapter gpu makes this an error, --adapter software silences this warning',
  );
}
