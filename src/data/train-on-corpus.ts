import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { Gpu } from '../engine/gpu/device.js';
import { RECOMPUTE, type Recompute } from '../engine/nn/block.js';
import { preset, PRESETS, type DecoderConfig, type PresetName } from '../engine/nn/config.js';
import { loadConfig } from '../engine/nn/model-folder.js';
import { ADAMW_DEFAULTS } from '../engine/train/adamw.js';
import { planStep, type StepShape } from '../engine/train/decoder-step.js';
import { train, type TrainOptions, type TrainResult, type TrainRun } from '../engine/train/trainer.js';
import { TOKENIZER_FILE } from './corpus/files.js';
import { DataError } from './errors.js';
import { FORMAT_FILE, formatOfCorpus, loadRecordFormat, saveRecordFormat } from './record-format.js';
import { BatchReader, type BatchReaderState } from './shards/batch-reader.js';
import { partMarkers } from './shards/learned-positions.js';
import { openShards, type ShardSet } from './shards/reader.js';
import { RecordSizes } from './shards/record-sizes.js';
import { Tokenizer } from './tokenizer/tokenizer.js';

const positive = z.number().int().positive();
const fraction = z.number().min(0).max(1);

/** The settings of a training run, from `configs/*.json` and the command line, with their defaults. */
const trainingSettingsShape = z.strictObject({
  /** Shape of the decoder; see `PRESETS`. */
  preset: z.enum(Object.keys(PRESETS) as PresetName[]).default('tiny'),
  seed: z.number().int().default(1),
  steps: positive.default(1000),
  /** Rows per micro-batch, and micro-batches per step. */
  batchSize: positive.default(8),
  microBatches: positive.default(1),
  /** Positions per row (default: the preset's context, or more if the records need more). See `dropLong`. */
  context: positive.optional(),
  /** Whether to train although more than 1% of the records are longer than the context. */
  dropLong: z.boolean().default(false),
  /**
   * How much the prompt's tokens count in the loss, where a statement's count 1: `promptWeight` for question and ID map,
   * `schemaWeight` for the names of tables and columns.
   */
  promptWeight: fraction.default(0.5),
  schemaWeight: fraction.default(0.5),
  learningRate: z.number().positive().default(1e-3),
  minLearningRate: z.number().min(0).default(1e-4),
  warmupSteps: z.number().int().min(0).default(50),
  /** Training time that decides the end and the schedule, instead of `steps` and `warmupSteps`. */
  seconds: z.number().positive().optional(),
  /** The share of that time until the peak. */
  warmupShare: fraction.optional(),
  beta1: fraction.default(ADAMW_DEFAULTS.beta1),
  beta2: fraction.default(ADAMW_DEFAULTS.beta2),
  eps: z.number().positive().default(ADAMW_DEFAULTS.eps),
  weightDecay: z.number().min(0).default(ADAMW_DEFAULTS.weightDecay),
  clipNorm: z.number().positive().default(ADAMW_DEFAULTS.clipNorm),
  checkpointEvery: positive.default(500),
  /** Also save a checkpoint when this many seconds have passed since the last one. */
  checkpointSeconds: z.number().positive().optional(),
  /** What the backward pass computes again, to save memory; see `Recompute`. */
  recompute: z.enum(RECOMPUTE).default('none'),
});
export type TrainingSettings = z.infer<typeof trainingSettingsShape>;

/** The settings that decide how long a run is, by count or by time. */
const LENGTH = { steps: ['steps', 'warmupSteps'], seconds: ['seconds', 'warmupShare'] } as const;

/**
 * Settings of a file with those of the command line over them. A count of steps given there replaces the file's
 * seconds, and seconds its count.
 */
export function overrideSettings(
  given: Record<string, unknown>,
  overrides: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...given };
  for (const [mine, others] of [
    [LENGTH.steps, LENGTH.seconds],
    [LENGTH.seconds, LENGTH.steps],
  ] as const) {
    if (mine.some((name) => overrides[name] !== undefined)) others.forEach((name) => delete merged[name]);
  }
  for (const [name, value] of Object.entries(overrides)) if (value !== undefined) merged[name] = value;
  return merged;
}

/** Checks settings and fills in defaults. @throws DataError `bad-config` with the file and the field at fault */
export function parseSettings(value: unknown, file?: string): TrainingSettings {
  const parsed = trainingSettingsShape.safeParse(value);
  if (parsed.success) {
    const given = value as Record<string, unknown>;
    const both = Object.values(LENGTH).map((names) => names.find((name) => given[name] !== undefined));
    if (parsed.data.warmupShare !== undefined && parsed.data.seconds === undefined) {
      const message = 'a share of the time needs a time: give seconds too (--for)';
      throw new DataError({ code: 'bad-config', message, field: 'warmupShare', file });
    }
    if (both[0] === undefined || both[1] === undefined) return parsed.data;
    const message = `a run is as long as a number of steps or as a time: leave out ${both[0]} or ${both[1]}`;
    throw new DataError({ code: 'bad-config', message, field: both[1], file });
  }
  const issue = parsed.error.issues[0]!;
  throw new DataError({
    code: 'bad-config',
    message: issue.message,
    field: issue.path.join('.'),
    file,
  });
}

/** Reads a settings file without checking it, so that command-line options can override it. @throws DataError */
export async function readSettings(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    const message = (cause as Error).message;
    throw new DataError({ code: 'broken-config', file, message, hint: 'it must be valid JSON' }, { cause });
  }
}

/** The vocabulary is padded to a multiple of this, so that kernels can read four numbers at a time. */
const VOCAB_MULTIPLE = 16;

export const paddedVocabulary = (vocabSize: number): number =>
  Math.ceil(vocabSize / VOCAB_MULTIPLE) * VOCAB_MULTIPLE;

/** The decoder that the settings ask for, with rows of `context` tokens. */
function decoderConfig(settings: TrainingSettings, vocabSize: number, context: number): DecoderConfig {
  const config = preset(settings.preset);
  return { ...config, vocabSize: paddedVocabulary(vocabSize), context: Math.max(config.context, context) };
}

/** The shape of a trained model, with rows of `context` tokens. @throws DataError when the corpus does not suit the model */
async function configOfModel(
  model: string,
  corpus: string,
  tokenizer: Tokenizer,
  shards: ShardSet,
  context: number,
): Promise<DecoderConfig> {
  const config = await loadConfig(model);
  const of = await Tokenizer.load(join(model, TOKENIZER_FILE));
  if (of.hash !== tokenizer.hash) {
    throw new DataError({
      code: 'other-tokenizer',
      file: join(corpus, TOKENIZER_FILE),
      message: `the corpus was built with another tokenizer than the model ${model}`,
      hint: `build it with --tokenizer ${join(model, TOKENIZER_FILE)}`,
    });
  }
  if (!isDeepStrictEqual(await loadRecordFormat(model), formatOfCorpus(shards.index.config, corpus))) {
    throw new DataError({
      code: 'other-format',
      file: corpus,
      message: `its records are written in another format than those of the model ${model}`,
      hint: `build the corpus with the format in ${join(model, FORMAT_FILE)}`,
    });
  }
  return { ...config, context: Math.max(config.context, context) };
}

const CONTEXT_MULTIPLE = 64;

/** How much longer than all but 1% of the records the longest may be for every record to be used. */
const OUTLIER = 2;

/**
 * Tokens per row if the settings do not say: the preset's context, or more if the longest record needs more. If that one
 * is far longer than others, 99% of the records decide.
 */
function defaultContext(settings: TrainingSettings, shards: ShardSet): number {
  const own = preset(settings.preset).context;
  const sizes = new RecordSizes(shards, own);
  const most = sizes.contextFor(1 - DROPPED_AT_MOST);
  const needed = sizes.longest <= OUTLIER * most ? sizes.longest : most;
  return Math.max(own, Math.ceil(needed / CONTEXT_MULTIPLE) * CONTEXT_MULTIPLE);
}

export interface CorpusTraining extends Pick<
  TrainRun,
  'onStart' | 'onStep' | 'onProblem' | 'signal' | 'maxSeconds' | 'checkFinite' | 'trace'
> {
  /** A corpus as `buildCorpus` leaves it. */
  corpus: string;
  /** The model's folder. */
  folder: string;
  /** A model folder that a new run takes its shape and weights from, to train further or on another corpus. */
  initFrom?: string | undefined;
  settings: TrainingSettings;
  /** A second folder that checkpoints and tokenizer are copied to, and that a lost run is restored from. */
  mirror?: string | undefined;
  /** Called with the number of records that are longer than the context and therefore never used. */
  onDropped?: ((records: number, of: number) => void) | undefined;
}

/**
 * Trains a decoder on a corpus: shards → batch reader → recorded step → metrics → checkpoint. The tokenizer is copied
 * into the model's folder. An interrupted run resumes from its last checkpoint.
 *
 * @throws DataError if corpus or tokenizer are missing or damaged, or do not belong together or to `initFrom`
 * @throws CheckpointError, ShapeError, DeviceError, NumericsError as `train` does
 */
export async function trainOnCorpus(gpu: Gpu, run: CorpusTraining): Promise<TrainResult> {
  const { settings, folder } = run;
  const tokenizer = await Tokenizer.load(join(run.corpus, TOKENIZER_FILE));
  const shards = await openShards(run.corpus);
  try {
    if (shards.index.tokenizer !== tokenizer.hash) {
      throw new DataError({
        code: 'other-tokenizer',
        file: join(run.corpus, TOKENIZER_FILE),
        message: 'this is not the tokenizer that made the shards',
        hint: 'build the corpus again',
      });
    }
    const { batchSize, seed, context = defaultContext(settings, shards) } = settings;
    const config =
      run.initFrom === undefined
        ? decoderConfig(settings, tokenizer.vocabSize, context)
        : await configOfModel(run.initFrom, run.corpus, tokenizer, shards, context);
    const prompt = { question: settings.promptWeight, schema: settings.schemaWeight };
    const learned = { prompt, markers: partMarkers(tokenizer) };
    const reader = new BatchReader(shards, { batchSize, context, padId: tokenizer.padId, seed, ...learned });
    if (!settings.dropLong) refuseLongRecords(reader, shards.records, run.corpus);
    if (reader.dropped > 0) run.onDropped?.(reader.dropped, shards.records);
    const { learnedRows } = reader;
    const shape = { ...settings, context, packed: true, learnedRows };
    assertFits(gpu, config, shape, settings.recompute);
    await keepTokenizer(tokenizer, folder);
    await saveRecordFormat(folder, formatOfCorpus(shards.index.config, run.corpus));
    const source = {
      next: () => reader.next(),
      state: () => reader.state(),
      restore: (state: unknown) => reader.restore(state as BatchReaderState),
    };
    const mirror = run.mirror === undefined ? undefined : { folder: run.mirror, along: FILES_ALONG };
    return await train(gpu, { ...run, config, options: trainOptions(shape), source, folder, mirror });
  } finally {
    shards.close();
  }
}

/** What a run's folder holds besides checkpoints. */
const FILES_ALONG = ['model.json', TOKENIZER_FILE, FORMAT_FILE, 'metrics.jsonl'];

/** Plans the step without a device, to refuse a batch that is too large before anything is written. */
function assertFits(gpu: Gpu, config: DecoderConfig, shape: StepShape, recompute: Recompute): void {
  planStep(config, shape, Gpu.planning(gpu.limits, gpu.adapter.kind, gpu.path, gpu.choices), recompute);
}

/** The largest share of a corpus that may be left out without asking. */
const DROPPED_AT_MOST = 0.01;

/** @throws DataError `long-records` when too many records are longer than the context */
function refuseLongRecords({ dropped, sizes }: BatchReader, records: number, corpus: string): void {
  if (dropped <= DROPPED_AT_MOST * records) return;
  const share = ((100 * dropped) / records).toFixed(1);
  throw new DataError({
    code: 'long-records',
    file: corpus,
    field: 'context',
    message:
      `${dropped} of ${records} records (${share}%) are longer than ${sizes.context} tokens; ` +
      `the longest has ${sizes.longest}`,
    hint:
      `--context ${sizes.contextFor(1 - DROPPED_AT_MOST)} holds 99% of them and --context ${sizes.longest} all; ` +
      '--drop-long trains without them',
  });
}

/** Saves the tokenizer in the model's folder, or checks that the one there is the same. */
async function keepTokenizer(tokenizer: Tokenizer, folder: string): Promise<void> {
  const file = join(folder, TOKENIZER_FILE);
  if (existsSync(file)) {
    if ((await Tokenizer.load(file)).hash === tokenizer.hash) return;
    throw new DataError({
      code: 'other-tokenizer',
      file,
      message: 'the model in this folder was trained on another corpus',
      hint: 'continue with that corpus, or choose another folder',
    });
  }
  await tokenizer.save(file);
}

/** The settings that decide the loss curve. */
function trainOptions({ preset: _, dropLong: __, ...options }: TrainingSettings & StepShape): TrainOptions {
  return options;
}
