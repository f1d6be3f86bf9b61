import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { Trace } from '../engine/gpu/trace.js';
import { noteAdapter } from './device.js';
import { formatDuration } from './format.js';
import { interruptSignal } from './interrupt.js';
import {
  parsePositive,
  parseShare,
  parseTime,
  parseWholeNumber,
  recomputeOption,
  withDevice,
  type DeviceOptions,
} from './options.js';
import { note, printLine } from './output.js';

interface Options extends DeviceOptions {
  corpus: string;
  model: string;
  config?: string;
  checkFinite?: boolean;
  profile?: string | true;
  initFrom?: string;
  maxTime?: number;
  mirror?: string;
  checkpointTime?: number;
  for?: number;
  /** All other options are settings of the run, under the same names. */
  [setting: string]: unknown;
}

export function trainCommand(command: Command): void {
  command
    .requiredOption('--corpus <folder>', 'corpus from engine data build')
    .requiredOption('--model <folder>', 'where the model goes; an interrupted run there is resumed')
    .option(
      '--init-from <folder>',
      'begin with the weights and the shape of this model, not with random ones of --preset; the corpus must have its tokenizer',
    )
    .option('--config <file>', 'settings (see configs/*.json); options override them');
  withDevice(command)
    .option('--preset <name>', 'tiny, small, medium, carry, sanity, tier-a or tier-b (default: tiny)')
    .option('--steps <count>', 'steps of the whole run (default: 1000)', parseWholeNumber())
    .addOption(
      new Option(
        '--for <time>',
        'train for this long (270s, 10m, 2h) instead: the learning rate reaches its end when the time does; earlier ' +
          'runs in the folder count, compiling does not',
      )
        .argParser(parseTime)
        .conflicts(['steps', 'warmupSteps']),
    )
    .option('--batch-size <rows>', 'rows per micro-batch (default: 8)', parseWholeNumber())
    .option('--micro-batches <count>', 'micro-batches per step (default: 1)', parseWholeNumber())
    .option(
      '--context <tokens>',
      "tokens per row, which holds several records (default: the preset's; engine model shows it)",
      parseWholeNumber(),
    )
    .option('--drop-long', 'train even if more than 1% of the records are longer than the context')
    .option(
      '--prompt-weight <share>',
      'how much question and ID map count in the loss; a token of the statement counts 1 (default: 0.5)',
      parseShare,
    )
    .option(
      '--schema-weight <share>',
      'the same for the names of tables and columns (default: 0.5)',
      parseShare,
    )
    .option('--learning-rate <rate>', 'highest learning rate of the schedule (default: 0.001)', parsePositive)
    .option('--warmup-steps <count>', 'steps until the peak (default: 50)', parseWholeNumber(0))
    .option(
      '--warmup-share <share>',
      'with --for: share of the time until the peak (default: 0.05)',
      parseShare,
    )
    .option(
      '--seed <number>',
      'seed of the initial weights and of the order of records (default: 1)',
      parseWholeNumber(0),
    )
    .option('--checkpoint-every <steps>', 'steps between checkpoints (default: 500)', parseWholeNumber())
    .option('--checkpoint-time <time>', 'also after this much time (10m) without one', parseTime)
    .option(
      '--max-time <time>',
      'stop cleanly after this much time (115m), with a checkpoint; run the same command again to go on',
      parseTime,
    )
    .option(
      '--mirror <folder>',
      'copy each checkpoint to a second place, such as a mounted drive, and restore a lost run from there',
    )
    .addOption(recomputeOption())
    .option(
      '--check-finite',
      'stop at the first NaN or infinity and name its op, module path and position; several times slower',
    )
    .option(
      '--profile [file]',
      'write a trace of one step for ui.perfetto.dev (default: step.trace.json in the model folder)',
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const {
    corpus,
    model,
    config,
    adapter,
    kernels,
    checkFinite = false,
    profile,
    initFrom,
    ...rest
  } = options;
  const { for: seconds, maxTime, mirror, checkpointTime: checkpointSeconds, ...overrides } = rest;
  const { overrideSettings, parseSettings, readSettings, trainOnCorpus } =
    await import('../data/train-on-corpus.js');
  const given = config === undefined ? {} : await readSettings(config);
  const settings = parseSettings(
    overrideSettings(given, { ...overrides, seconds, checkpointSeconds }),
    config,
  );
  const { readShardIndex } = await import('../data/shards/reader.js');
  await readShardIndex(corpus);

  const { Gpu } = await import('../engine/gpu/device.js');
  const { Trace } = await import('../engine/gpu/trace.js');
  const { trainingProgress } = await import('./progress.js');
  const gpu = await Gpu.open({ adapter, kernels });
  noteAdapter(gpu, options);
  const trace = profile === undefined ? undefined : new Trace(gpu.adapter);
  const progress = trainingProgress();
  try {
    const { step, seconds, finished } = await trainOnCorpus(gpu, {
      corpus,
      folder: model,
      initFrom,
      settings,
      checkFinite,
      mirror,
      maxSeconds: maxTime,
      signal: interruptSignal('finishing the step, then saving'),
      onProblem: note,
      trace,
      onDropped: (records, of) =>
        note(`${records} of ${of} records are longer than the context and are left out`),
      onStart: ({ resumedFrom, secondsBefore, positions, warnings }) => {
        warnings.forEach(note);
        const spent = settings.seconds === undefined ? '' : `, after ${formatDuration(secondsBefore)}`;
        if (resumedFrom > 0) note(`resuming from step ${resumedFrom}${spent}`);
        progress.start({ ...settings, positions }, resumedFrom);
      },
      onStep: (report) => progress.step(report),
    });
    progress.stop();
    if (trace)
      await writeTrace(trace, typeof profile === 'string' ? profile : join(model, 'step.trace.json'));
    const time = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
    await printLine(
      finished ? `trained ${step} steps${time}: ${model}` : `stopped after step ${step}${time}: ${model}`,
    );
  } finally {
    progress.stop();
    gpu.close();
  }
}

async function writeTrace(trace: Trace, file: string): Promise<void> {
  if (trace.isEmpty) return note('no trace: the run had no step left to profile');
  const { writeJsonAtomic } = await import('../base/files.js');
  await writeJsonAtomic(file, trace);
  note(`trace of one step: ${file}`);
}
