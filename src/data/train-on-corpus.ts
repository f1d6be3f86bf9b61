import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Gpu } from '../engine/gpu/device.js';
import { preset, PRESETS, type DecoderConfig, type PresetName } from '../engine/nn/config.js';
import { ADAMW_DEFAULTS } from '../engine/train/adamw.js';
import { planStep, type StepShape } from '../engine/train/decoder-step.js';
import { train, type TrainOptions, type TrainResult, type TrainRun } from '../engine/train/trainer.js';
import { TOKENIZER_FILE } from './corpus/build/build.js';
import { DataError } from './errors.js';
import { BatchReader, type BatchReaderState } from './shards/batch-reader.js';
import { openShards } from './shards/reader.js';
import { Tokenizer } from './tokenizer/tokenizer.js';

const positive = z.number().int().positive();
const fraction = z.number().min(0).max(1);

/** A training run as `configs/*.json` and the command line describe it; what is left out has these defaults. */
export const trainingSettingsShape = z.strictObject({
  /** Shape of the decoder; see `PRESETS`. */
  preset: z.enum(Object.keys(PRESETS) as PresetName[]).default('tiny'),
  seed: z.number().int().default(1),
  steps: positive.default(1000),
  /** Rows of a micro-batch, and micro-batches of a step. */
  batchSize: positive.default(8),
  microBatches: positive.default(1),
  /** Tokens of a training row; the model's context when left out. Longer records are dropped. */
  context: positive.optional(),
  learningRate: z.number().positive().default(1e-3),
  minLearningRate: z.number().min(0).default(1e-4),
  warmupSteps: z.number().int().min(0).default(50),
  beta1: fraction.default(ADAMW_DEFAULTS.beta1),
  beta2: fraction.default(ADAMW_DEFAULTS.beta2),
  eps: z.number().positive().default(ADAMW_DEFAULTS.eps),
  weightDecay: z.number().min(0).default(ADAMW_DEFAULTS.weightDecay),
  clipNorm: z.number().positive().default(ADAMW_DEFAULTS.clipNorm),
  checkpointEvery: positive.default(500),
});
export type TrainingSettings = z.infer<typeof trainingSettingsShape>;

/** Checks settings and fills in defaults. @throws DataError `bad-config` naming the file and the field at fault */
export function parseSettings(value: unknown, file?: string): TrainingSettings {
  const parsed = trainingSettingsShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DataError({
    code: 'bad-config',
    message: issue.message,
    field: issue.path.join('.'),
    ...(file !== undefined && { file }),
  });
}

/** A settings file as it stands, unchecked, for the command line's options to be laid over it. @throws DataError */
export async function readSettings(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (cause) {
    const message = (cause as Error).message;
    throw new DataError(
      { code: 'broken-config', file, message, hint: 'it has to be readable JSON' },
      { cause },
    );
  }
}

/** Rows of the head are made up to this, so that kernels may read four numbers at once; the added ones stay unused. */
const VOCAB_MULTIPLE = 16;

/** The decoder that the settings ask for. */
export function decoderConfig(settings: TrainingSettings, vocabSize: number): DecoderConfig {
  const config = preset(settings.preset);
  const context = Math.max(config.context, settings.context ?? 0);
  return { ...config, vocabSize: Math.ceil(vocabSize / VOCAB_MULTIPLE) * VOCAB_MULTIPLE, context };
}

export interface CorpusTraining extends Pick<
  TrainRun,
  'onStart' | 'onStep' | 'signal' | 'checkFinite' | 'trace'
> {
  /** A corpus as `buildCorpus` leaves it. */
  corpus: string;
  /** The model's folder. */
  folder: string;
  settings: TrainingSettings;
  /** Told how many records are longer than the context, and so are never seen. */
  onDropped?: (records: number, of: number) => void;
}

/**
 * Trains a decoder on a corpus: shards → batch reader → recorded step → metrics → checkpoint. The tokenizer is copied
 * into the model's folder. A run that was cut off goes on where its last checkpoint stands.
 *
 * @throws DataError when corpus or tokenizer are absent, damaged, or do not belong together
 * @throws CheckpointError, ShapeError, DeviceError, NumericsError as `train` does
 */
export async function trainOnCorpus(gpu: Gpu, run: CorpusTraining): Promise<TrainResult> {
  const { settings, folder } = run;
  const tokenizer = await Tokenizer.load(join(run.corpus, TOKENIZER_FILE));
  const config = decoderConfig(settings, tokenizer.vocabSize);
  const shards = await openShards(run.corpus);
  try {
    if (shards.index.tokenizer !== tokenizer.hash) {
      throw new DataError({
        code: 'other-tokenizer',
        file: join(run.corpus, TOKENIZER_FILE),
        message: 'is not the tokenizer that made the shards',
        hint: 'build the corpus again',
      });
    }
    const { batchSize, seed } = settings;
    const { context = config.context } = settings;
    const reader = new BatchReader(shards, { batchSize, context, padId: tokenizer.padId, seed });
    if (reader.dropped > 0) run.onDropped?.(reader.dropped, shards.records);
    assertFits(gpu, config, { ...settings, context });
    await keepTokenizer(tokenizer, folder);
    const source = {
      next: () => reader.next(),
      state: () => reader.state(),
      restore: (state: unknown) => reader.restore(state as BatchReaderState),
    };
    return await train(gpu, { ...run, config, options: trainOptions(settings, context), source, folder });
  } finally {
    shards.close();
  }
}

/** Plans the step without a device, so that a batch that is too large is refused before anything is written. */
function assertFits(gpu: Gpu, config: DecoderConfig, shape: StepShape): void {
  planStep(config, shape, Gpu.planning(gpu.limits, gpu.adapter.kind, gpu.path));
}

/** A model's folder keeps the tokenizer that it began with. */
async function keepTokenizer(tokenizer: Tokenizer, folder: string): Promise<void> {
  const file = join(folder, TOKENIZER_FILE);
  if (existsSync(file)) {
    if ((await Tokenizer.load(file)).hash === tokenizer.hash) return;
    throw new DataError({
      code: 'other-tokenizer',
      file,
      message: 'belongs to another corpus: a model was trained on that one in this folder',
      hint: 'go on with that corpus, or choose another folder',
    });
  }
  await tokenizer.save(file);
}

function trainOptions({ preset: _, ...settings }: TrainingSettings, context: number): TrainOptions {
  return { ...settings, context };
}
