import { Option, type Command } from 'commander';
import {
  collect,
  parseMemory,
  parsePositive,
  parseShare,
  parseTime,
  parseWholeNumber,
  OVERLAY_HELP,
  recomputeOption,
  withDevice,
} from './options.js';
import { UI_PORT, type AllTrainOptions } from './train-options.js';

const HELP = `
Settings come from --config, then from the options here, then from --set; the model folder keeps them as settings.json.
Defaults in brackets are those without a file.`;

export function trainCommand(command: Command): void {
  withData(command);
  withDevice(command);
  withLength(command);
  withBatches(command);
  withRate(command);
  withSessions(command);
  withPages(command);
  command.addHelpText('after', HELP).action(run);
}

function withData(command: Command): void {
  command
    .option('--corpus <folder>', 'corpus from engine data build')
    .requiredOption('--model <folder>', 'where the model goes; an interrupted run there is resumed')
    .option(
      '--init-from <folder>',
      'begin with the weights and the shape of this model, not with random ones of --preset; the corpus must have its tokenizer',
    )
    .option('--text <files...>', 'train on plain text instead of a corpus: a model that continues text')
    .addOption(
      new Option('--tokenizer <kind>', 'with --text: one token per character, or byte-level BPE')
        .choices(['characters', 'bpe'])
        .conflicts('corpus'),
    )
    .option('--vocab-size <tokens>', 'with --tokenizer bpe: its vocabulary (1024)', parseWholeNumber())
    .option('--sample <tokens>', 'with --text: write this much at each validation (200)', parseWholeNumber(0))
    .option(
      '--pairs <file>',
      'also train on your own questions, JSON lines with question and sql, such as the feedback that engine serve keeps; needs --schema',
    )
    .option('--pairs-share <share>', 'share of the records that are your own (default: 0.2)', parseShare)
    .option('--schema <file>', 'with --pairs: the schema bundle of your database')
    .option('--overlay <file>', OVERLAY_HELP)
    .option(
      '--config <file>',
      'settings, JSON with comments (see configs/phase-*.jsonc); options override them',
    )
    .option(
      '--set <setting>',
      'any setting by its name, NAME=VALUE, such as model.width=256; may be repeated',
      collect,
    );
}

function withLength(command: Command): void {
  command
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
    );
}

function withBatches(command: Command): void {
  command
    .option('--batch-size <rows>', 'rows per micro-batch (default: 8)', parseWholeNumber())
    .option('--micro-batches <count>', 'micro-batches per step (default: 1)', parseWholeNumber())
    .option(
      '--micro-batch <rows>',
      'split the rows of a step into micro-batches of so many rows, or auto: of as many as fit into --vram',
      (text) => (text === 'auto' ? text : parseWholeNumber()(text)),
    )
    .option(
      '--vram <size>',
      'memory that a step may take, such as 22GB, 900MB or 20.5GiB: sets --micro-batch auto, and --recompute unless it is given',
      parseMemory,
    )
    .addOption(recomputeOption())
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
    .option(
      '--seed <number>',
      'seed of the initial weights and of the order of records (default: 1)',
      parseWholeNumber(0),
    );
}

function withRate(command: Command): void {
  command
    .option('--learning-rate <rate>', 'highest learning rate of the schedule (default: 0.001)', parsePositive)
    .option('--min-learning-rate <rate>', 'the rate at its end (default: 0.0001)', Number)
    .option('--warmup-steps <count>', 'steps until the peak (default: 50)', parseWholeNumber(0))
    .option(
      '--warmup-share <share>',
      'with --for: share of the time until the peak (default: 0.05)',
      parseShare,
    )
    .addOption(
      new Option(
        '--schedule <name>',
        'after the warm-up: fall along a cosine, or stay at the peak and fall at the end (default: cosine)',
      ).choices(['cosine', 'wsd']),
    )
    .option(
      '--decay-share <share>',
      'with wsd: share of the run in which it falls (default: 0.2)',
      parseShare,
    )
    .option('--weight-decay <number>', 'of matrices, not of norms (default: 0.1)', Number)
    .option('--clip-norm <number>', 'longer gradients are cut to this (default: 1)', parsePositive);
}

function withSessions(command: Command): void {
  command
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
    .option(
      '--validate-every <steps>',
      'steps between validations: loss on held-out records, answers to held-out questions; 0 for none (default: 500)',
      parseWholeNumber(0),
    )
    .option('--validate-records <count>', 'records for that loss (default: 128)', parseWholeNumber(0))
    .option(
      '--validate-questions <count>',
      'questions that the model answers; none on a processor, where they take minutes, unless given (default: 8)',
      parseWholeNumber(0),
    )
    .option(
      '--max-rollbacks <count>',
      'returns to the last checkpoint when the loss is not finite, before the run stops (default: 3)',
      parseWholeNumber(0),
    )
    .option(
      '--check-finite',
      'stop at the first NaN or infinity and name its op, module path and position; several times slower',
    )
    .option(
      '--profile [file]',
      'write a trace of one step for ui.perfetto.dev (default: step.trace.json in the model folder)',
    );
}

function withPages(command: Command): void {
  command
    .option('--ui', 'serve a page that shows the run live, to this machine only; it ends with the training')
    .option(
      '--ui-port <port>',
      `with --ui: its port, 0 for any free one (${UI_PORT})`,
      parseWholeNumber(0, 65535),
    )
    .option(
      '--tensorboard [folder]',
      'also write event files for TensorBoard (default: tensorboard in the model folder)',
    );
}

async function run(options: AllTrainOptions): Promise<void> {
  const { runTraining } = await import('./train-run.js');
  await runTraining(options);
}
