import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { writeJsonAtomic } from '../base/files.js';
import { Gpu } from '../engine/gpu/device.js';
import type { Recompute } from '../engine/nn/block.js';
import type { DecoderConfig } from '../engine/nn/config.js';
import { loadConfig } from '../engine/nn/model-folder.js';
import { SESSIONS_FILE } from '../engine/report/sessions.js';
import { planStep, type StepMemory, type StepShape } from '../engine/train/decoder-step.js';
import { PROGRESS_FILE } from '../engine/train/progress.js';
import { train, type TrainOptions, type TrainResult, type TrainRun } from '../engine/train/trainer.js';
import type { Validation } from '../engine/train/validation.js';
import { TOKENIZER_FILE } from './corpus/files.js';
import { DataError } from './errors.js';
import { FORMAT_FILE, formatOfCorpus, loadRecordFormat, saveRecordFormat } from './record-format.js';
import { BatchReader, type BatchReaderState } from './shards/batch-reader.js';
import { splitRows } from './split-rows.js';
import { partMarkers } from './shards/learned-positions.js';
import { openShards, type ShardSet } from './shards/reader.js';
import { RecordSizes } from './shards/record-sizes.js';
import { MixedRecords, type RecordSource } from './shards/record-source.js';
import { validationBatches } from './shards/validation-batches.js';
import { Tokenizer } from './tokenizer/tokenizer.js';
import { namedShape, paddedVocabulary, storedSettings, type TrainingSettings } from './training-settings.js';
import { heldOutRecords } from './validation-records.js';

export { overrideSettings, parseSettings, readSettings } from './training-settings.js';
export type { TrainingSettings } from './training-settings.js';

/** The decoder that the settings ask for, with rows of `context` tokens. */
function decoderConfig(settings: TrainingSettings, vocabSize: number, context: number): DecoderConfig {
  const config = namedShape(settings);
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
function defaultContext(settings: TrainingSettings, records: RecordSource): number {
  const own = namedShape(settings).context;
  const sizes = new RecordSizes(records, own);
  const most = sizes.contextFor(1 - DROPPED_AT_MOST);
  const needed = sizes.longest <= OUTLIER * most ? sizes.longest : most;
  return Math.max(own, Math.ceil(needed / CONTEXT_MULTIPLE) * CONTEXT_MULTIPLE);
}

export interface CorpusTraining extends Pick<
  TrainRun,
  | 'onStart'
  | 'onStep'
  | 'onProgress'
  | 'onProblem'
  | 'signal'
  | 'maxSeconds'
  | 'checkFinite'
  | 'trace'
  | 'ceilingFlops'
> {
  /** A corpus as `buildCorpus` leaves it. */
  corpus: string;
  /** The model's folder. */
  folder: string;
  /** A model folder that a new run takes its shape and weights from, to train further or on another corpus. */
  initFrom?: string | undefined;
  settings: TrainingSettings;
  /** Records of one's own, encoded as the corpus's are; `settings.pairsShare` of all records are these. */
  pairs?: RecordSource | undefined;
  /** Asks the model held-out questions at each validation. */
  ask?: Validation['ask'];
  /**
   * Splits the rows of a step, `batchSize` × `microBatches`, into micro-batches that fit into this many bytes; what is
   * recomputed follows from that, unless `recompute` says so. A run that is resumed keeps its split.
   */
  memory?: { bytes: number; recompute?: Recompute | undefined } | undefined;
  /** A second folder that checkpoints and tokenizer are copied to, and that a lost run is restored from. */
  mirror?: string | undefined;
  /** Called with the number of records that are longer than the context and therefore never used. */
  onDropped?: ((records: number, of: number) => void) | undefined;
  /** Called before anything is written, with the settings as they are used and the memory of a step. */
  onPlan?: ((settings: TrainingSettings, memory: StepMemory) => void) | undefined;
}

/**
 * Trains a decoder on a corpus: shards → batch reader → recorded step → metrics → checkpoint. The tokenizer is copied
 * into the model's folder. An interrupted run resumes from its last checkpoint.
 *
 * @throws DataError if corpus or tokenizer are missing or damaged, or do not belong together or to `initFrom`
 * @throws CheckpointError, ShapeError, DeviceError, NumericsError as `train` does
 */
export async function trainOnCorpus(gpu: Gpu, run: CorpusTraining): Promise<TrainResult> {
  const { folder, pairs } = run;
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
    const records = pairs ? new MixedRecords(shards, pairs, run.settings.pairsShare) : shards;
    const { seed, context = defaultContext(run.settings, records) } = run.settings;
    const config =
      run.initFrom === undefined
        ? decoderConfig(run.settings, tokenizer.vocabSize, context)
        : await configOfModel(run.initFrom, run.corpus, tokenizer, shards, context);
    const prompt = { question: run.settings.promptWeight, schema: run.settings.schemaWeight };
    const options = { context, padId: tokenizer.padId, seed, prompt, markers: partMarkers(tokenizer) };
    const readerOf = (batchSize: number): BatchReader => new BatchReader(records, { ...options, batchSize });
    const split = await splitRows(run, ({ recompute, ...rows }) => {
      const { learnedRows } = readerOf(rows.batchSize);
      return planFor(gpu, config, { ...rows, context, packed: true, learnedRows }, recompute).total;
    });
    const settings = { ...run.settings, ...split, context };
    const { batchSize } = settings;
    const reader = readerOf(batchSize);
    if (!settings.dropLong) refuseLongRecords(reader, records.records, run.corpus);
    if (reader.dropped > 0) run.onDropped?.(reader.dropped, records.records);
    const shape = { ...settings, packed: true, learnedRows: reader.learnedRows };
    const plan = planFor(gpu, config, shape, settings.recompute);
    run.onPlan?.(settings, plan);
    const held = await heldOutRecords(run.corpus, shards, tokenizer, settings.validateRecords);
    const batches = held ? validationBatches(held, { ...options, batchSize }) : [];
    const validation = validationOf(settings, batches, run.ask);
    await refuseOtherTokenizer(tokenizer, folder);
    const keepFiles = async (): Promise<void> => {
      // A mirror may have put one there.
      await refuseOtherTokenizer(tokenizer, folder);
      await tokenizer.save(join(folder, TOKENIZER_FILE));
      await saveRecordFormat(folder, formatOfCorpus(shards.index.config, run.corpus));
      await writeJsonAtomic(join(folder, SETTINGS_FILE), storedSettings(settings));
    };
    const source = {
      next: () => reader.next(),
      state: () => reader.state(),
      restore: (state: unknown) => reader.restore(state as BatchReaderState),
    };
    return await train(gpu, {
      ...run,
      config,
      options: trainOptions(shape),
      source,
      folder,
      keepFiles,
      validation,
      maxRollbacks: settings.maxRollbacks,
      modelFiles: MODEL_FILES,
      flopsPerStep: plan.flops - plan.recomputedFlops,
      mirror: run.mirror === undefined ? undefined : { folder: run.mirror, along: filesAlong(MODEL_FILES) },
    });
  } finally {
    shards.close();
  }
}

/** In a run's folder: the settings as they were used, which `--config` reads. */
export const SETTINGS_FILE = 'settings.json';

const MODEL_FILES = [TOKENIZER_FILE, FORMAT_FILE];

/** What a run's folder holds besides checkpoints and its best weights: a mirror gets copies. */
export function filesAlong(modelFiles: readonly string[]): string[] {
  return ['model.json', ...modelFiles, SETTINGS_FILE, 'metrics.jsonl', PROGRESS_FILE, SESSIONS_FILE];
}

/** What a run does every `validateEvery` steps; undefined if that is nothing. */
export function validationOf(
  { validateEvery: every }: Pick<TrainingSettings, 'validateEvery'>,
  batches: Validation['batches'],
  ask: Validation['ask'],
): Validation | undefined {
  if (every === 0 || (batches.length === 0 && !ask)) return undefined;
  return { every, batches, ask };
}

/** Plans the step without a device, to refuse a batch that is too large before anything is written. */
function planFor(gpu: Gpu, config: DecoderConfig, shape: StepShape, recompute: Recompute): StepMemory {
  return planStep(
    config,
    shape,
    Gpu.planning(gpu.limits, gpu.adapter.kind, gpu.path, gpu.choices),
    recompute,
  );
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

/** @throws DataError `other-tokenizer` when the model in the folder has another one */
async function refuseOtherTokenizer(tokenizer: Tokenizer, folder: string): Promise<void> {
  const file = join(folder, TOKENIZER_FILE);
  if (!existsSync(file) || (await Tokenizer.load(file)).hash === tokenizer.hash) return;
  throw new DataError({
    code: 'other-tokenizer',
    file,
    message: 'the model in this folder was trained on another corpus',
    hint: 'continue with that corpus, or choose another folder',
  });
}

/** Settings that do not decide the loss curve. */
const ASIDE = [
  'preset',
  'model',
  'dropLong',
  'pairsShare',
  'validateEvery',
  'validateRecords',
  'validateQuestions',
  'maxRollbacks',
] as const satisfies (keyof TrainingSettings)[];

/** The settings that decide the loss curve. Those of the cosine are left out: older runs do not have them. */
export function trainOptions(settings: TrainingSettings & StepShape): TrainOptions {
  const options: Partial<TrainingSettings> & TrainOptions = { ...settings };
  for (const name of ASIDE) delete options[name];
  return options.schedule === 'cosine' ? { ...options, schedule: undefined, decayShare: undefined } : options;
}
