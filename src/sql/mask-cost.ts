import { SampleSource, type Sample } from '../data/corpus/sample.js';
import { formatRecord } from '../data/record.js';
import { linkSchema } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../data/tokenizer/train.js';
import type { DecodeSession } from '../engine/decode/session.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { DecoderConfig } from '../engine/nn/config.js';
import { Decoder } from '../engine/nn/decoder.js';
import { DecoderModel } from './decoder-model.js';
import { createGrammar, type Grammar, type StatementMask } from './grammar/index.js';
import { buildPrompt } from './prompt.js';

/** The cost of token masks in decoding, measured on statements of the corpus. */
export interface MaskCost {
  questions: number;
  /** Tokens written, including end tokens. */
  steps: number;
  /** Milliseconds per step with masks, everything included. */
  stepMs: number;
  /** Milliseconds per step for the same tokens without masks. */
  plainStepMs: number;
  tokensPerSecond: number;
  /** Share of a step that the masks take: (step - plain step) / step. */
  share: number;
  /** Host time per step of the grammar, which computes the mask and accepts the token, mostly while the GPU works. */
  grammarMs: number;
  /** Host time per step of finding the mask among those on the GPU, or uploading it. */
  uploadMs: number;
  /** Time of the kernel that applies the mask and picks the token; undefined on adapters without timestamps. */
  kernelMs: number | undefined;
  /** Share of masks that were on the GPU already. */
  maskHits: number;
}

export interface MaskCostOptions {
  /** The model's shape. The weights are random, and the vocabulary size is the tokenizer's. */
  config: DecoderConfig;
  source: SampleSource;
  seed: number;
  questions: number;
  vocabSize: number;
  /** Most tokens of a statement. */
  maxNewTokens?: number | undefined;
}

/**
 * Writes each corpus statement token by token twice, after the prompt that the pipeline builds: with the masks of its
 * grammar, and without. The tokens are given, so the work does not depend on the random weights. The two take turns at
 * being first, so that neither always runs on the warmer machine.
 */
export async function measureMaskCost(gpu: Gpu, options: MaskCostOptions): Promise<MaskCost> {
  const { source, seed, questions, maxNewTokens = 160 } = options;
  const training = Array.from({ length: 400 }, (_, i) => source.sample(seed + 1, i));
  const tokenizer = trainTokenizer(
    training.map(({ record }) => formatRecord(record)),
    { vocabSize: options.vocabSize },
  );
  const vocabSize = Math.ceil(tokenizer.vocabSize / 16) * 16;
  const decoder = new Decoder(gpu, { ...options.config, vocabSize }, { trainable: false });
  decoder.parameters.initialise(seed);
  const model = new DecoderModel(tokenizer, decoder);
  const session = await model.session(1);
  const grammars = new Map(
    source.schemas.map((index) => [index.bundle.name, createGrammar(index, tokenizer)]),
  );

  const masked = { steps: 0, ms: 0, grammarMs: 0 };
  const plain = { steps: 0, ms: 0 };
  const before = session.maskUse;
  for (let i = 0; i < questions; i++) {
    const sample = source.sample(seed, i);
    const task = prepare(sample, { source, session, tokenizer, grammars, maxNewTokens });
    const runs = [() => writeMasked(session, task, masked), () => writePlain(session, task, plain)];
    if (i % 2 === 1) runs.reverse();
    for (const run of runs) await run();
  }
  const { hits, uploads, ms } = session.maskUse;
  const profile = await profileKernel(session);
  await model.dispose();
  const { steps } = masked;
  const stepMs = masked.ms / steps;
  const plainStepMs = plain.ms / plain.steps;
  return {
    questions,
    steps,
    stepMs,
    plainStepMs,
    tokensPerSecond: 1000 / stepMs,
    share: 1 - plainStepMs / stepMs,
    grammarMs: masked.grammarMs / steps,
    uploadMs: (ms - before.ms) / steps,
    kernelMs: profile && profile * stepMs,
    maskHits: (hits - before.hits) / (hits + uploads - before.hits - before.uploads),
  };
}

interface Task {
  prompt: Uint32Array;
  /** Token ids, including the end token. */
  statement: readonly number[];
  /** Starts the statement's grammar. */
  start: () => StatementMask;
}

interface Writing {
  source: SampleSource;
  session: DecodeSession;
  tokenizer: Tokenizer;
  /** By the name of the schema. */
  grammars: ReadonlyMap<string, Grammar>;
  maxNewTokens: number;
}

function prepare(
  { record, schemaName, values }: Sample,
  { source, session, tokenizer, grammars, maxNewTokens }: Writing,
): Task {
  const index = source.schemas.find(({ bundle }) => bundle.name === schemaName)!;
  const tokenBudget = session.context - maxNewTokens - tokenizer.encode(record.question).length - 40;
  const countTokens = (text: string): number => tokenizer.encode(text).length;
  const selection = linkSchema(record.question, index, { tokenBudget, countTokens });
  const prompt = tokenizer.encode(buildPrompt(record.question, values, renderSchema(selection)));
  const statement = [...tokenizer.encode(` ${record.sql}`), tokenizer.endId];
  return {
    prompt: prompt.slice(-(session.context - maxNewTokens)),
    statement: statement.slice(0, maxNewTokens),
    start: () => grammars.get(schemaName)!.start(values, { selection, maxTokens: maxNewTokens }),
  };
}

/** Writes a statement as far as the grammar allows, with calls in the order of `generate`. The prompt is not timed. */
async function writeMasked(
  session: DecodeSession,
  { prompt, statement, start }: Task,
  total: { steps: number; ms: number; grammarMs: number },
): Promise<void> {
  await readPrompt(session, prompt);
  const started = performance.now();
  const mask = start();
  total.grammarMs += performance.now() - started;
  for (const [i, token] of statement.entries()) {
    let asked = performance.now();
    const allowed = mask.allowed();
    total.grammarMs += performance.now() - asked;
    // If the linker missed a table that the statement names, the rest cannot be written.
    if (!isAllowed(allowed, token)) break;
    await session.pick([{ mask: allowed }]);
    total.steps++;
    if (i + 1 < statement.length) session.write([token]);
    asked = performance.now();
    mask.advance(token);
    total.grammarMs += performance.now() - asked;
  }
  total.ms += performance.now() - started;
}

/** Writes the whole statement without masks. */
async function writePlain(
  session: DecodeSession,
  { prompt, statement }: Task,
  total: { steps: number; ms: number },
): Promise<void> {
  await readPrompt(session, prompt);
  const started = performance.now();
  for (const [i, token] of statement.entries()) {
    await session.pick([{}]);
    total.steps++;
    if (i + 1 < statement.length) session.write([token]);
  }
  total.ms += performance.now() - started;
}

async function readPrompt(session: DecodeSession, prompt: Uint32Array): Promise<void> {
  await session.open(prompt);
  await session.pick([{}]);
}

function isAllowed(allowed: ReturnType<StatementMask['allowed']>, token: number): boolean {
  return ((allowed[token >>> 5]! >>> (token & 31)) & 1) === 1;
}

/** The share of the token selection kernel in a step's GPU time: the median of nine runs. */
async function profileKernel(session: DecodeSession): Promise<number | undefined> {
  if (!session.model.gpu.device.features.has('timestamp-query')) return undefined;
  const shares: number[] = [];
  for (let run = 0; run < 9; run++) {
    const times = await session.profileStep();
    const sum = (list: typeof times): number => list.reduce((total, { ns }) => total + ns, 0);
    shares.push(sum(times.filter(({ label }) => label.startsWith('token_select'))) / sum(times));
  }
  return shares.sort((a, b) => a - b)[4];
}
