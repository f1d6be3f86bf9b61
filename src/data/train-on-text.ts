import { isUtf8 } from 'node:buffer';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeJsonAtomic } from '../base/files.js';
import { Random } from '../base/random.js';
import { whyUnreadable } from '../base/system-faults.js';
import { Gpu } from '../engine/gpu/device.js';
import type { Decoder } from '../engine/nn/decoder.js';
import type { CountedBatch } from '../engine/train/batch.js';
import { planStep, type StepShape } from '../engine/train/decoder-step.js';
import { train, type BatchSource, type TrainResult } from '../engine/train/trainer.js';
import type { AskedSample } from '../engine/train/validation.js';
import { DataError } from './errors.js';
import { splitRows } from './split-rows.js';
import { BpeTextTokenizer, CharacterTokenizer, type TextTokenizer } from './text-tokens.js';
import {
  filesAlong,
  SETTINGS_FILE,
  trainOptions,
  validationOf,
  type CorpusTraining,
} from './train-on-corpus.js';
import { namedShape, storedSettings, type TrainingSettings } from './training-settings.js';

export interface TextTraining extends Omit<CorpusTraining, 'corpus' | 'pairs' | 'ask' | 'initFrom'> {
  text: string;
  tokenizer: 'characters' | 'bpe';
  /** Of a BPE tokenizer (default 1024). */
  vocabSize?: number | undefined;
  /** Tokens that the model writes at each validation (default 200). */
  sample?: number | undefined;
}

/** The last share of a text, which is not trained on. */
const HELD_OUT = 0.1;
const MOST_VALIDATION_BATCHES = 8;
const PROMPT_TOKENS = 16;
/** The shape's vocabulary is a multiple of this, as for corpora. */
const MULTIPLE = 16;

/** The files' texts, one after another. @throws DataError `text-not-found`, `text-encoding` or `text-empty` */
export async function readTexts(files: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
      throw new DataError({ code: 'text-not-found', file, message: whyUnreadable(cause) }, { cause });
    });
    const text = bytes.toString('utf8');
    if (!isUtf8(bytes)) {
      const at = Buffer.byteLength(text.slice(0, text.indexOf('\ufffd')));
      const message = `is not UTF-8 at byte ${at}`;
      throw new DataError({ code: 'text-encoding', file, message, hint: 'convert it first' });
    }
    if (text.trim() === '') throw new DataError({ code: 'text-empty', file, message: 'has no text' });
    texts.push(text);
  }
  return texts.join('\n');
}

/**
 * Trains a decoder on plain text: windows at random places, and every token is learned. The last tenth of the text is
 * held out for validation; the sample continues its beginning.
 *
 * @throws DataError `text-too-short`, `other-text` when the folder's run was trained on another text
 * @throws CheckpointError, ShapeError, DeviceError, NumericsError as `train` does
 */
export async function trainOnText(gpu: Gpu, run: TextTraining): Promise<TrainResult> {
  const { folder, sample = 200 } = run;
  const tokenizer = await tokenizerFor(run);
  const ids = encodeWith(tokenizer, run);
  const cut = Math.floor(ids.length * (1 - HELD_OUT));
  const { context = namedShape(run.settings).context } = run.settings;
  const [learned, held] = [ids.subarray(0, cut), ids.subarray(cut)];
  if (held.length <= context) {
    throw new DataError({
      code: 'text-too-short',
      field: '--text',
      message: `a tenth of the text has ${held.length} tokens, and a row needs ${context + 1}`,
      hint: 'give more text, or a shorter --context',
    });
  }
  const named = namedShape(run.settings);
  const vocabSize = Math.ceil(tokenizer.vocabSize / MULTIPLE) * MULTIPLE;
  const config = { ...named, vocabSize, context: Math.max(named.context, context) };
  const split = await splitRows(
    run,
    ({ recompute, ...rows }) => planStep(config, { ...rows, context }, plannerOf(gpu), recompute).total,
  );
  const settings = { ...run.settings, context, ...split };
  const shape: TrainingSettings & StepShape = settings as TrainingSettings & { context: number };
  const plan = planStep(config, shape, plannerOf(gpu), settings.recompute);
  run.onPlan?.(settings, plan);
  const batches = validationWindows(held, settings.batchSize, context);
  const prompt = held.subarray(0, Math.min(PROMPT_TOKENS, held.length));
  const ask =
    sample === 0 ? undefined : (decoder: Decoder) => writeSample(decoder, tokenizer, prompt, sample);
  const keepFiles = async (): Promise<void> => {
    await tokenizer.save(folder);
    await writeJsonAtomic(join(folder, SETTINGS_FILE), storedSettings(settings));
  };
  const source = new TextSource(learned, { ...settings, context });
  return train(gpu, {
    ...run,
    config,
    options: trainOptions(shape),
    source,
    folder,
    keepFiles,
    validation: validationOf(settings, batches, ask),
    maxRollbacks: settings.maxRollbacks,
    modelFiles: [tokenizer.file],
    flopsPerStep: plan.flops - plan.recomputedFlops,
    mirror:
      run.mirror === undefined ? undefined : { folder: run.mirror, along: filesAlong([tokenizer.file]) },
  });
}

/** The tokenizer of the run in the folder, or a new one. */
async function tokenizerFor({ folder, text, tokenizer, vocabSize }: TextTraining): Promise<TextTokenizer> {
  const [kind, other] =
    tokenizer === 'bpe' ? [BpeTextTokenizer, CharacterTokenizer] : [CharacterTokenizer, BpeTextTokenizer];
  const fileOf = (of: typeof kind): string =>
    join(folder, of === CharacterTokenizer ? 'characters.json' : 'tokenizer.json');
  if (existsSync(fileOf(other))) {
    throw new DataError({
      code: 'other-tokenizer',
      file: fileOf(other),
      message: 'the model in this folder has another kind of tokenizer',
      hint: 'choose another folder',
    });
  }
  if (existsSync(fileOf(kind))) return kind.load(folder);
  return tokenizer === 'bpe' ? BpeTextTokenizer.train(text, vocabSize ?? 1024) : CharacterTokenizer.of(text);
}

/** @throws DataError `other-text` when the run in the folder knows no token for a part of the text */
function encodeWith(tokenizer: TextTokenizer, { folder, text }: TextTraining): Uint32Array {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (error instanceof DataError && existsSync(join(folder, tokenizer.file))) throw otherText(error);
    throw error;
  }
}

function otherText(cause?: Error): DataError {
  const content = {
    code: 'other-text',
    field: '--text',
    message: 'the run in this folder was trained on another text',
    hint: 'go on with the same files in the same order, or choose another folder',
  };
  return new DataError(content, { cause });
}

const plannerOf = (gpu: Gpu): Gpu => Gpu.planning(gpu.limits, gpu.adapter.kind, gpu.path, gpu.choices);

/** Windows at random places. A batch depends on the seed and its number alone, so a run goes on where it stopped. */
class TextSource implements BatchSource {
  #drawn = 0;
  readonly #hash: string;

  constructor(
    private readonly ids: Uint32Array,
    private readonly options: { batchSize: number; context: number; seed: number },
  ) {
    this.#hash = sha256(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  }

  next(): CountedBatch {
    const { batchSize, context, seed } = this.options;
    const random = new Random(seed, this.#drawn++);
    const starts = Array.from({ length: batchSize }, () => random.int(this.ids.length - context));
    return windowsAt(this.ids, starts, context);
  }

  state(): unknown {
    return { text: this.#hash, drawn: this.#drawn };
  }

  restore(state: unknown): void {
    const { text, drawn } = state as { text?: unknown; drawn?: unknown };
    if (text !== this.#hash || typeof drawn !== 'number') throw otherText();
    this.#drawn = drawn;
  }
}

function windowsAt(ids: Uint32Array, starts: readonly number[], context: number): CountedBatch {
  const size = starts.length * context;
  const [inputs, targets] = [new Uint32Array(size), new Uint32Array(size)];
  starts.forEach((start, row) => {
    inputs.set(ids.subarray(start, start + context), row * context);
    targets.set(ids.subarray(start + 1, start + context + 1), row * context);
  });
  return { inputs, targets, tokens: size, lossTokens: size };
}

/** Windows of the held-out text from its beginning on, as many as fill whole batches; one batch at least. */
function validationWindows(ids: Uint32Array, batchSize: number, context: number): CountedBatch[] {
  const windows = Math.floor((ids.length - 1) / context);
  const batches = Math.min(MOST_VALIDATION_BATCHES, Math.max(1, Math.floor(windows / batchSize)));
  return Array.from({ length: batches }, (_, batch) => {
    // A short text fills the batch with the windows that it has.
    const starts = Array.from(
      { length: batchSize },
      (_, row) => ((batch * batchSize + row) % windows) * context,
    );
    return windowsAt(ids, starts, context);
  });
}

async function writeSample(
  decoder: Decoder,
  tokenizer: TextTokenizer,
  prompt: Uint32Array,
  tokens: number,
): Promise<AskedSample[]> {
  const written = await decoder.generate(prompt, {
    tokens,
    temperature: 0.8,
    seed: 1,
    vocabSize: tokenizer.vocabSize,
  });
  return [{ question: tokenizer.decode(prompt), answer: tokenizer.decode(written) }];
}
