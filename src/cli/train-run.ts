import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { CorpusTraining } from '../data/train-on-corpus.js';
import type { TrainingSettings } from '../data/training-settings.js';
import type { StepMemory } from '../engine/train/decoder-step.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { Trace } from '../engine/gpu/trace.js';
import type { TrainResult } from '../engine/train/trainer.js';
import { noteAdapter } from './device.js';
import { UsageError } from './errors.js';
import { formatDuration } from './format.js';
import { interruptSignal } from './interrupt.js';
import { note, printLine } from './output.js';
import { trainingProgress } from './progress.js';
import { describeBest } from './runs.js';
import type { AllTrainOptions } from './train-options.js';
import { watchTraining, type TrainWatch } from './train-watch.js';

/** What every kind of training takes. */
type Common = Omit<CorpusTraining, 'corpus'>;

/** Runs `engine train`. */
export async function runTraining(options: AllTrainOptions): Promise<void> {
  assertTogether(options);
  const given = await settingsOf(options);
  const { recompute } = given;
  if (options.corpus !== undefined) {
    const { readShardIndex } = await import('../data/shards/reader.js');
    await readShardIndex(options.corpus);
  }
  const { model, maxTime, mirror, checkFinite = false, initFrom, profile, adapter, kernels } = options;
  const memory = memoryOf(options, recompute);
  const { Gpu } = await import('../engine/gpu/device.js');
  const { Trace } = await import('../engine/gpu/trace.js');
  const { knownCeiling } = await import('../engine/bench/known-ceiling.js');
  const prepared = await prepare(options, given.settings);
  const gpu = await Gpu.open({ adapter, kernels });
  const settings = settingsOn(gpu, given);
  noteAdapter(gpu, options);
  const trace = profile === undefined ? undefined : new Trace(gpu.adapter);
  const progress = trainingProgress();
  let planned: StepMemory | undefined;
  let hasStarted = false;
  let watch: TrainWatch | undefined;
  try {
    watch = await watchTraining(options, gpu);
    const result = await prepared.train(gpu, {
      folder: model,
      initFrom,
      settings,
      checkFinite,
      mirror,
      memory,
      maxSeconds: maxTime,
      ceilingFlops: knownCeiling(gpu),
      signal: interruptSignal(() =>
        hasStarted ? 'finishing the step, then saving' : 'stopping before the first step',
      ),
      onProblem: (line) => progress.note(line),
      trace,
      onDropped: (records, of) =>
        note(`${records} of ${of} records are longer than the context and are left out`),
      onPlan: (used, plan) => {
        planned = plan;
        if (memory) notePlan(used, plan, memory.bytes);
      },
      onStart: (info) => {
        const { resumedFrom, secondsBefore, positions, warnings } = info;
        warnings.forEach(note);
        const spent = settings.seconds === undefined ? '' : `, after ${formatDuration(secondsBefore)}`;
        if (resumedFrom > 0) note(`resuming from step ${resumedFrom}${spent}`);
        hasStarted = true;
        progress.start({ ...settings, positions }, resumedFrom);
        watch?.start(info);
      },
      onStep: (report) => {
        progress.step(report);
        watch?.step(report);
      },
      onProgress: (at) => {
        progress.at(at);
        watch?.at(at);
      },
    });
    progress.stop();
    await finish(options, result, { gpu, trace, planned });
  } finally {
    progress.stop();
    await watch?.close();
    await prepared.close();
    gpu.close();
  }
}

function assertTogether({
  corpus,
  text,
  tokenizer,
  sample,
  pairs,
  schema,
  overlay,
  initFrom,
}: AllTrainOptions): void {
  if ((corpus === undefined) === (text === undefined))
    throw new UsageError('what to train on: give --corpus FOLDER, or --text FILE');
  if (text === undefined && (tokenizer !== undefined || sample !== undefined))
    throw new UsageError(`${tokenizer === undefined ? '--sample' : '--tokenizer'} needs --text`);
  if (text !== undefined && pairs !== undefined) throw new UsageError('--pairs needs --corpus, not --text');
  if (text !== undefined && initFrom !== undefined)
    throw new UsageError('--init-from needs --corpus, not --text');
  if (pairs !== undefined && schema === undefined)
    throw new UsageError('--pairs needs --schema: the bundle of the database that its statements ask');
  if (pairs === undefined && (schema !== undefined || overlay !== undefined))
    throw new UsageError(`${schema === undefined ? '--overlay' : '--schema'} needs --pairs`);
}

interface GivenSettings {
  settings: TrainingSettings;
  /** What file and command line say about it, if anything. */
  recompute: TrainingSettings['recompute'] | undefined;
  /** Whether they say how many questions to ask. */
  countsQuestions: boolean;
}

/** The settings of file and command line. */
async function settingsOf(options: AllTrainOptions): Promise<GivenSettings> {
  const { config, set = [], for: seconds, checkpointTime: checkpointSeconds, ...rest } = options;
  const { overrideSettings, parseOverride, parseSettings, readSettings, SETTING_NAMES } =
    await import('../data/training-settings.js');
  // `--model` is a folder here, and a shape in a file.
  const own = Object.entries(rest).filter(([name]) => name !== 'model' && SETTING_NAMES.includes(name));
  const given = config === undefined ? {} : await readSettings(config);
  const more = { ...Object.fromEntries(own), seconds, checkpointSeconds };
  const merged = overrideSettings(given, { ...more, ...Object.fromEntries(set.map(parseOverride)) });
  const settings = parseSettings(merged, config);
  const recompute = merged['recompute'] === undefined ? undefined : settings.recompute;
  const said = { recompute, countsQuestions: merged['validateQuestions'] !== undefined };
  const { microBatch } = options;
  if (typeof microBatch !== 'number') return { settings, ...said };
  const rows = settings.batchSize * settings.microBatches;
  if (rows % microBatch !== 0)
    throw new UsageError(`--micro-batch ${microBatch} does not divide the ${rows} rows of a step`);
  return { settings: { ...settings, batchSize: microBatch, microBatches: rows / microBatch }, ...said };
}

/** A processor takes minutes for a few answers: there the model is asked if that is wished for. */
function settingsOn(gpu: Gpu, { settings, countsQuestions }: GivenSettings): TrainingSettings {
  const isSlow = gpu.adapter.kind === 'software';
  return isSlow && !countsQuestions ? { ...settings, validateQuestions: 0 } : settings;
}

function memoryOf(
  { microBatch, vram }: AllTrainOptions,
  recompute: TrainingSettings['recompute'] | undefined,
): CorpusTraining['memory'] {
  if (typeof microBatch === 'number' && vram !== undefined)
    throw new UsageError('--vram decides the micro-batch: leave out --micro-batch, or say auto');
  if (microBatch !== 'auto' && vram === undefined) return undefined;
  const bytes = vram ?? nvidiaMemory();
  if (bytes === undefined)
    throw new UsageError('--micro-batch auto: the memory of this device is not known; say --vram 22GB');
  return { bytes, recompute };
}

/** Part of a card's memory that the driver and other programs take. */
const RESERVED = 0.08;

/** What a step may take of the first NVIDIA card, if `nvidia-smi` tells. */
function nvidiaMemory(): number | undefined {
  try {
    const query = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
    const text = execFileSync('nvidia-smi', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const mebibytes = Number(text.trim().split('\n')[0]);
    return mebibytes > 0 ? mebibytes * 2 ** 20 * (1 - RESERVED) : undefined;
  } catch {
    return undefined;
  }
}

interface Prepared {
  train: (gpu: Gpu, common: Common) => Promise<TrainResult>;
  close: () => Promise<void>;
}

/** Reads what needs no device, so that its faults are told at once. */
async function prepare(options: AllTrainOptions, settings: TrainingSettings): Promise<Prepared> {
  const { corpus } = options;
  const nothing = (): Promise<void> => Promise.resolve();
  if (corpus === undefined) {
    const { readTexts, trainOnText } = await import('../data/train-on-text.js');
    const { tokenizer = 'characters', vocabSize, sample } = options;
    const text = await readTexts(options.text!);
    return {
      train: (gpu, common) => trainOnText(gpu, { ...common, text, tokenizer, vocabSize, sample }),
      close: nothing,
    };
  }
  const { trainOnCorpus } = await import('../data/train-on-corpus.js');
  const pairs = options.pairs === undefined ? undefined : await readOwnPairs(options, corpus, settings);
  let questions: Awaited<ReturnType<typeof heldOutQuestions>>;
  return {
    train: async (gpu, common) => {
      questions = await heldOutQuestions(corpus, common.settings);
      return trainOnCorpus(gpu, { ...common, corpus, pairs, ask: questions?.ask });
    },
    close: async () => questions?.close(),
  };
}

async function heldOutQuestions(corpus: string, { validateEvery, validateQuestions }: TrainingSettings) {
  if (validateEvery === 0 || validateQuestions === 0) return undefined;
  const { TrainingQuestions } = await import('../sql/eval/ask-while-training.js');
  return TrainingQuestions.open(corpus, validateQuestions);
}

async function readOwnPairs(
  { pairs, schema, overlay }: AllTrainOptions,
  corpus: string,
  settings: TrainingSettings,
) {
  const { readPairs } = await import('../sql/own-pairs.js');
  const { namedShape } = await import('../data/training-settings.js');
  const { context = namedShape(settings).context } = settings;
  const { records, refused, read, elsewhere } = await readPairs(pairs!, {
    corpus,
    schema: schema!,
    overlay,
    context,
  });
  for (const { line, reason } of refused.slice(0, MOST_REFUSED))
    note(`${pairs}: line ${line} is left out: ${reason}`);
  if (refused.length > MOST_REFUSED) note(`… and ${refused.length - MOST_REFUSED} more lines`);
  const others = elsewhere === 0 ? '' : `; ${elsewhere} for another schema are left out`;
  note(`${pairs}: ${read} of ${read + refused.length + elsewhere} pairs are trained on${others}`);
  return records;
}

const MOST_REFUSED = 20;

function notePlan(settings: TrainingSettings, { total }: StepMemory, bytes: number): void {
  const gigabytes = (count: number): string => `${(count / 1e9).toFixed(2)} GB`;
  note(
    `memory: ${settings.microBatches} micro-batches of ${settings.batchSize} rows, recompute ${settings.recompute}: ` +
      `${gigabytes(total)} of ${gigabytes(bytes)}`,
  );
}

async function finish(
  options: AllTrainOptions,
  { step, seconds, finished }: TrainResult,
  { gpu, trace, planned }: { gpu: Gpu; trace: Trace | undefined; planned: StepMemory | undefined },
): Promise<void> {
  const { model, profile } = options;
  if (step === 0) return printLine(`stopped before the first step, and nothing was saved: ${model}`);
  const { formatBytes } = await import('../base/format-bytes.js');
  const { readBest } = await import('../engine/train/best.js');
  const peak = gpu.buffers.peakBytes;
  const plan = planned === undefined ? '' : `, ${formatBytes(planned.total)} planned for the step`;
  if (peak > 0) note(`memory: ${formatBytes(peak)} on the device at the most${plan}`);
  const best = await readBest(model);
  if (best) note(`best: ${describeBest(best)}: ${join(model, 'best')}`);
  if (trace) await writeTrace(trace, typeof profile === 'string' ? profile : join(model, 'step.trace.json'));
  const time = seconds === undefined ? '' : ` in ${formatDuration(seconds)}`;
  await printLine(
    finished ? `trained ${step} steps${time}: ${model}` : `stopped after step ${step}${time}: ${model}`,
  );
}

async function writeTrace(trace: Trace, file: string): Promise<void> {
  if (trace.isEmpty) return note('no trace: the run had no step left to profile');
  const { writeJsonAtomic } = await import('../base/files.js');
  await writeJsonAtomic(file, trace);
  note(`trace of one step: ${file}`);
}
