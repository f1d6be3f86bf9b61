import { SampleSource, type Sample } from '../data/corpus/sample.js';
import { formatRecord } from '../data/record.js';
import { linkSchema } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../data/tokenizer/train.js';
import type { DecodeSession } from '../engine/decode/session.js';
import type { Gpu } from '../engine/gpu/device.js';
import type { DecoderConfig } from '../engine/model/config.js';
import { Decoder } from '../engine/model/decoder.js';
import { DecoderModel } from './decoder-model.js';
import { createGrammar, type Grammar, type StatementMask } from './grammar/index.js';
import { buildPrompt } from './prompt.js';

/** What token masks take of constrained decoding: the statements of the corpus, written by a model of their length. */
export interface MaskCost {
  questions: number;
  /** Tokens written, end tokens included. */
  steps: number;
  /** Milliseconds a step, everything included. */
  stepMs: number;
  tokensPerSecond: number;
  /** Of these: the grammar finds the mask and takes the token; on the host. */
  grammarMs: number;
  /** Looking for the mask among those on the GPU, and uploading it; on the host. */
  uploadMs: number;
  /** The kernel that applies it and picks the token; undefined where the adapter has no timestamps. */
  kernelMs: number | undefined;
  /** (grammar + upload + kernel) / step. */
  share: number;
  /** Masks that lay on the GPU already. */
  maskHits: number;
}

export interface MaskCostOptions {
  /** The model's shape; its weights are random, and its vocabulary becomes the tokenizer's. */
  config: DecoderConfig;
  source: SampleSource;
  seed: number;
  questions: number;
  vocabSize: number;
  /** Room for each statement, in tokens. */
  maxNewTokens?: number;
}

/**
 * Measures masks where they cost: each corpus statement is written token by token under its grammar's masks, the
 * prompt as the pipeline builds it. What is written is fixed, so that the work does not depend on random weights.
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

  const total = { steps: 0, ms: 0, grammarMs: 0 };
  const before = session.maskUse;
  for (let i = 0; i < questions; i++) {
    const sample = source.sample(seed, i);
    const grammar = grammars.get(sample.schemaName)!;
    await writeSample(sample, { source, session, tokenizer, grammar, maxNewTokens }, total);
  }
  const { hits, uploads, ms } = session.maskUse;
  const profile = await profileKernel(session);
  await model.dispose();
  const { steps } = total;
  const stepMs = total.ms / steps;
  const grammarMs = total.grammarMs / steps;
  const uploadMs = (ms - before.ms) / steps;
  const kernelMs = profile && profile * stepMs;
  return {
    questions,
    steps,
    stepMs,
    tokensPerSecond: 1000 / stepMs,
    grammarMs,
    uploadMs,
    kernelMs,
    share: (grammarMs + uploadMs + (kernelMs ?? 0)) / stepMs,
    maskHits: (hits - before.hits) / (hits + uploads - before.hits - before.uploads),
  };
}

interface Writing {
  source: SampleSource;
  session: DecodeSession;
  tokenizer: Tokenizer;
  grammar: Grammar;
  maxNewTokens: number;
}

/** Writes one statement as far as the grammar lets it; the prompt is not timed. */
async function writeSample(
  { record, schemaName, values }: Sample,
  { source, session, tokenizer, grammar, maxNewTokens }: Writing,
  total: { steps: number; ms: number; grammarMs: number },
): Promise<void> {
  const index = source.schemas.find(({ bundle }) => bundle.name === schemaName)!;
  const tokenBudget = session.context - maxNewTokens - tokenizer.encode(record.question).length - 40;
  const countTokens = (text: string): number => tokenizer.encode(text).length;
  const selection = linkSchema(record.question, index, { tokenBudget, countTokens });
  const prompt = buildPrompt(record.question, values, renderSchema(selection));
  const statement = [...tokenizer.encode(` ${record.sql}`), tokenizer.endId];
  await session.open(tokenizer.encode(prompt).slice(-(session.context - maxNewTokens)));

  const start = performance.now();
  const mask = grammar.start(values, { selection, maxTokens: maxNewTokens });
  total.grammarMs += performance.now() - start;
  for (const token of statement.slice(0, maxNewTokens)) {
    const asked = performance.now();
    const allowed = mask.allowed();
    // The linker may have missed a table that the statement names: then there is nothing more to write here.
    if (!isAllowed(allowed, token)) break;
    mask.advance(token);
    total.grammarMs += performance.now() - asked;
    await session.advance([token], [{ mask: allowed }]);
    total.steps++;
  }
  total.ms += performance.now() - start;
}

function isAllowed(allowed: ReturnType<StatementMask['allowed']>, token: number): boolean {
  return ((allowed[token >>> 5]! >>> (token & 31)) & 1) === 1;
}

/** The share of the picking kernel in a step's time on the GPU: the median of some runs. */
async function profileKernel(session: DecodeSession): Promise<number | undefined> {
  if (!session.decoder.gpu.device.features.has('timestamp-query')) return undefined;
  const shares: number[] = [];
  for (let run = 0; run < 9; run++) {
    const times = await session.profileStep();
    const sum = (list: typeof times): number => list.reduce((total, { ns }) => total + ns, 0);
    shares.push(sum(times.filter(({ label }) => label.startsWith('token_select'))) / sum(times));
  }
  return shares.sort((a, b) => a - b)[4];
}
