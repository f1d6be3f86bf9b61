/**
 * npx tsx scripts/formats.ts [--formats base,words,all] [--records 40000] [--seconds 15] [--adapter gpu] …
 *
 * Compares formats of training records: builds a corpus in each from the same samples, trains the same decoder on it, and
 * prints the nats per statement (the sum over the statement's tokens, the prompt given) on held-out questions. A statement
 * says the same in every format, so these numbers can be compared where losses per token cannot. Training lasts one pass
 * over the records, or a time with --seconds. The same command runs on a software adapter and on a GPU; the next corpus is
 * built beside the training.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256, writeJsonAtomic } from '../src/base/files.js';
import { packageRoot } from '../src/base/paths.js';
import { buildCorpus, CORPUS_SPLIT, defaultWorkers } from '../src/data/corpus/build/build.js';
import { heldOutFile, TOKENIZER_FILE } from '../src/data/corpus/files.js';
import { loadKnobs } from '../src/data/corpus/knobs.js';
import { SampleSource } from '../src/data/corpus/sample.js';
import type { HeldOutName, HeldOutQuestion } from '../src/data/corpus/split/held-out.js';
import { FIRST_FORMAT, type RecordFormat } from '../src/data/record-format.js';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { shippedNames } from '../src/data/schema/shipped.js';
import { BatchReader } from '../src/data/shards/batch-reader.js';
import { partMarkers, type PromptWeights } from '../src/data/shards/learned-positions.js';
import { openShards } from '../src/data/shards/reader.js';
import { encodeRecord } from '../src/data/shards/record-tokens.js';
import { Tokenizer } from '../src/data/tokenizer/tokenizer.js';
import { paddedVocabulary } from '../src/data/training-settings.js';
import { Gpu, record, type DecoderShape } from '../src/engine/index.js';
import { Decoder } from '../src/engine/nn/decoder.js';
import { IGNORE_INDEX } from '../src/engine/ops/ignore-index.js';
import { ADAMW_DEFAULTS } from '../src/engine/train/adamw.js';
import { LanguageBatch, type CountedBatch } from '../src/engine/train/batch.js';
import { decoderStep } from '../src/engine/train/decoder-step.js';
import { learningRateAtShare } from '../src/engine/train/schedule.js';

const { values: given } = parseArgs({
  options: {
    formats: { type: 'string' },
    records: { type: 'string', default: '40000' },
    seconds: { type: 'string' },
    'held-out': { type: 'string', default: '300' },
    width: { type: 'string', default: '128' },
    layers: { type: 'string', default: '4' },
    heads: { type: 'string', default: '4' },
    vocab: { type: 'string', default: '4096' },
    context: { type: 'string', default: '768' },
    'batch-size': { type: 'string', default: '12' },
    'learning-rate': { type: 'string', default: '0.003' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string' },
    adapter: { type: 'string', default: 'auto' },
    kernels: { type: 'string', default: 'auto' },
    knobs: { type: 'string', default: join(packageRoot, 'configs', 'corpus.json') },
    folder: { type: 'string', default: join('runs', 'formats') },
    'build-only': { type: 'boolean', default: false },
  },
});
const number = (name: Exclude<keyof typeof given, 'build-only'>): number => {
  const value = Number(given[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  console.error(`--${name} is ${given[name]}; expected a number`);
  process.exit(2);
};

interface Row {
  format: RecordFormat;
  prompt: PromptWeights;
  /** The row whose held-out questions are asked, if not its own. */
  asked?: string;
}

const LINK = { maxTables: 6, maxColumnsPerTable: 10 };
const base: RecordFormat = { ...FIRST_FORMAT, link: LINK };
const all: RecordFormat = {
  order: 'question-first',
  names: 'words',
  schema: 'terse',
  marks: true,
  aliases: 'numbered',
  link: LINK,
};
const nothing: PromptWeights = { question: 0, schema: 0 };
const half: PromptWeights = { question: 0.5, schema: 0.5 };
const ROWS: Record<string, Row> = {
  base: { format: base, prompt: nothing },
  // What training prompts were before: drawn, and asked with the linker's.
  drawn: { format: { ...base, link: null }, prompt: nothing, asked: 'base' },
  'question-first': { format: { ...base, order: 'question-first' }, prompt: nothing },
  whole: { format: base, prompt: half },
  'whole-question-first': { format: { ...base, order: 'question-first' }, prompt: half },
  numbered: { format: { ...base, aliases: 'numbered' }, prompt: nothing },
  terse: { format: { ...base, schema: 'terse' }, prompt: nothing },
  marks: { format: { ...base, marks: true }, prompt: nothing },
  words: { format: { ...base, names: 'words', aliases: 'numbered', schema: 'terse' }, prompt: nothing },
  all: { format: all, prompt: half },
  'all-no-prompt': { format: all, prompt: nothing },
  'all-question': { format: all, prompt: { question: 0.5, schema: 0 } },
  'all-light': { format: all, prompt: { question: 0.5, schema: 0.15 } },
  'all-schema-first': { format: { ...all, order: 'schema-first' }, prompt: half },
  'all-no-marks': { format: { ...all, marks: false }, prompt: half },
  'all-identifiers': { format: { ...all, names: 'identifiers' }, prompt: half },
  'all-narrow': { format: { ...all, link: { maxTables: 4, maxColumnsPerTable: 8 } }, prompt: half },
  'all-wide': { format: { ...all, link: { maxTables: 8, maxColumnsPerTable: 12 } }, prompt: half },
};
const DEFAULT_ROWS =
  'base,question-first,whole,whole-question-first,numbered,terse,marks,words,all-no-prompt,all-question,all-light,all,all-schema-first,all-no-marks,all-identifiers';
const SETS = { values: 'test-values', phrasings: 'test-phrasing', schemas: 'test-schema' } as const;

interface Result {
  name: string;
  nats: Record<keyof typeof SETS, number>;
  /** Tokens per record, and of them in the statement. */
  tokens: number;
  statement: number;
  vocabulary: number;
  parameters: number;
  records: number;
  dropped: number;
  steps: number;
  trainingSeconds: number;
  tokensPerSecond: number;
  loss: number;
}

const seed = number('seed');
const B = number('batch-size');
const T = number('context');

function folderOf({ format }: Row): string {
  const settings = [format, number('records'), number('held-out'), number('vocab'), seed, given.knobs];
  return join(given.folder, sha256(JSON.stringify(settings)).slice(0, 12));
}

const builds = new Map<string, Promise<void>>();

/** Builds the row's corpus, unless it stands or is being built. */
function build(row: Row): Promise<void> {
  const folder = folderOf(row);
  let done = builds.get(folder);
  if (!done) builds.set(folder, (done = buildIn(folder, row)));
  return done;
}

async function buildIn(folder: string, row: Row): Promise<void> {
  if (existsSync(join(folder, 'index.json'))) return;
  const indexes = shippedNames().map((name) => new SchemaIndex(loadBundle(name)));
  const source = new SampleSource(indexes, { ...loadKnobs(given.knobs), format: row.format });
  await buildCorpus({
    folder,
    source,
    split: { ...CORPUS_SPLIT, heldOutSchemas: ['pcornet_4_1'] },
    seed,
    count: number('records'),
    heldOut: number('held-out'),
    tokenizer: { vocabSize: number('vocab'), records: Math.min(6000, number('records')) },
    workers: given.workers === undefined ? defaultWorkers() : number('workers'),
  });
}

/** A row's decoder after training, to be disposed of by the caller. */
async function train(
  gpu: Gpu,
  row: Row,
): Promise<{ decoder: Decoder; tokenizer: Tokenizer; result: Omit<Result, 'name' | 'nats'> }> {
  const folder = folderOf(row);
  const tokenizer = await Tokenizer.load(join(folder, TOKENIZER_FILE));
  const shards = await openShards(folder);
  const reader = new BatchReader(shards, {
    batchSize: B,
    context: T,
    padId: tokenizer.padId,
    seed,
    prompt: row.prompt,
    markers: partMarkers(tokenizer),
  });
  const shape: DecoderShape = {
    vocabSize: paddedVocabulary(tokenizer.vocabSize),
    context: T,
    nLayer: number('layers'),
    nHead: number('heads'),
    width: number('width'),
  };
  const decoder = new Decoder(gpu, shape, { seed });
  const options = {
    batchSize: B,
    context: T,
    microBatches: 1,
    packed: true,
    learnedRows: reader.learnedRows,
  };
  const step = await decoderStep(decoder, ADAMW_DEFAULTS, options);
  let positions = 0;
  let statement = 0;
  for (const record of reader.sizes.fitting) {
    positions += reader.sizes.positionsOf(record);
    statement += shards.length(record) - shards.lossStart(record);
  }
  // Rows are full to about 99%.
  const passes = Math.ceil(positions / (0.99 * B * T));
  const seconds = given.seconds === undefined ? undefined : number('seconds');
  const schedule = { learningRate: number('learning-rate'), minLearningRate: 1e-4, warmupSteps: 0, steps: 1 };
  let steps = 0;
  let tokens = 0;
  await gpu.idle();
  const start = performance.now();
  const share = (): number =>
    seconds === undefined ? steps / passes : (performance.now() - start) / 1000 / seconds;
  for (; share() < 1; steps++) {
    const batch = reader.next();
    tokens += batch.tokens;
    step.submit(batch, steps, Math.max(1e-5, learningRateAtShare(share(), schedule)));
    if (steps % 8 === 7) await gpu.idle();
  }
  await gpu.idle();
  const trainingSeconds = (performance.now() - start) / 1000;
  const loss = await step.loss();
  step.dispose();
  shards.close();
  const records = reader.recordsPerEpoch;
  const result = {
    tokens: positions / records + 1,
    statement: statement / records,
    vocabulary: tokenizer.vocabSize,
    parameters: [...decoder.parameters.tensors.values()].reduce((sum, { size }) => sum + size, 0),
    records: Math.round((tokens / positions) * records),
    dropped: reader.dropped,
    steps,
    trainingSeconds,
    tokensPerSecond: tokens / trainingSeconds,
    loss,
  };
  return { decoder, tokenizer, result };
}

/** Targets that one batch of questions may have; more go into the next. */
const LEARNED = 1024;

/** Rows of held-out questions in which only statements are targets. */
function* batches(
  tokenizer: Tokenizer,
  questions: readonly HeldOutQuestion[],
  order: RecordFormat['order'],
): Generator<CountedBatch> {
  const empty = (): CountedBatch => ({
    inputs: new Uint32Array(B * T).fill(tokenizer.padId),
    targets: new Uint32Array(B * T).fill(IGNORE_INDEX),
    spans: Uint32Array.from({ length: 2 * B * T }, (_, i) => ((i >> 1) % T) + (i & 1)),
    tokens: 0,
    lossTokens: 0,
  });
  let batch = empty();
  let row = 0;
  let first = 0;
  for (const { record } of questions) {
    const { tokens, lossStart } = encodeRecord(tokenizer, record, order);
    const length = tokens.length - 1;
    const learned = tokens.length - lossStart;
    if (first + length > T) [row, first] = [row + 1, 0];
    if (row === B || batch.lossTokens + learned > LEARNED) {
      yield batch;
      [batch, row, first] = [empty(), 0, 0];
    }
    const start = row * T + first;
    batch.inputs.set(tokens.subarray(0, length), start);
    batch.targets.set(tokens.subarray(lossStart), start + lossStart - 1);
    for (let at = start; at < start + length; at++) {
      batch.spans![2 * at] = first;
      batch.spans![2 * at + 1] = first + length;
    }
    batch.lossTokens += learned;
    first += length;
  }
  yield batch;
}

async function evaluate(gpu: Gpu, decoder: Decoder, tokenizer: Tokenizer, row: Row): Promise<Result['nats']> {
  const asked = row.asked === undefined ? row : ROWS[row.asked]!;
  await build(asked);
  const input = new LanguageBatch(gpu, [B, T], { packed: true, learnedRows: LEARNED });
  decoder.tokensOf(input);
  const program = await record(gpu, () => decoder.loss(input));
  const nats: Partial<Result['nats']> = {};
  for (const [name, set] of Object.entries(SETS) as [keyof typeof SETS, HeldOutName][]) {
    const lines = (await readFile(join(folderOf(asked), heldOutFile(set)), 'utf8')).trim().split('\n');
    const questions = lines.map((line) => JSON.parse(line) as HeldOutQuestion);
    let sum = 0;
    const { order } = asked.format;
    const fitting = questions.filter(
      ({ record }) => encodeRecord(tokenizer, record, order).tokens.length <= T + 1,
    );
    if (fitting.length < questions.length)
      note(`${name}: ${questions.length - fitting.length} questions are too long`);
    for (const batch of batches(tokenizer, fitting, order)) {
      input.begin([batch]);
      input.write(batch);
      program.run();
      sum += (await program.outputs.read())[0]! * batch.lossTokens;
    }
    nats[name] = sum / fitting.length;
  }
  program.dispose();
  input.dispose();
  return nats as Result['nats'];
}

const COLUMNS: [string, (result: Result) => string | number][] = [
  ['format', ({ name }) => name],
  ['values', ({ nats }) => nats.values.toFixed(2)],
  ['phrasings', ({ nats }) => nats.phrasings.toFixed(2)],
  ['schemas', ({ nats }) => nats.schemas.toFixed(2)],
  ['tokens', ({ tokens }) => tokens.toFixed(0)],
  ['of SQL', ({ statement }) => statement.toFixed(1)],
  ['records', ({ records }) => records],
  ['left out', ({ dropped }) => dropped],
  ['steps', ({ steps }) => steps],
  ['seconds', ({ trainingSeconds }) => trainingSeconds.toFixed(1)],
  ['tokens/s', ({ tokensPerSecond }) => tokensPerSecond.toFixed(0)],
];

function printTable(results: readonly Result[]): void {
  const lines = [
    COLUMNS.map(([title]) => title),
    ...results.map((r) => COLUMNS.map(([, cell]) => String(cell(r)))),
  ];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  for (const line of lines)
    console.log(
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    );
}

const names = (given.formats ?? DEFAULT_ROWS).split(',');
const unknown = names.find((name) => !ROWS[name]);
if (unknown !== undefined) {
  console.error(`no format is called ${unknown}; known: ${Object.keys(ROWS).join(', ')}`);
  process.exit(2);
}
const started = performance.now();
const note = (text: string): void =>
  console.error(`${((performance.now() - started) / 1000).toFixed(1)} s: ${text}`);
if (given['build-only']) {
  for (const name of names) {
    await build(ROWS[name]!);
    note(`${name} is built`);
  }
  process.exit(0);
}
const gpu = await Gpu.open({ adapter: given.adapter as 'auto', kernels: given.kernels as 'auto' });
const results: Result[] = [];
let next = build(ROWS[names[0]!]!);
for (const [i, name] of names.entries()) {
  await next;
  note(`${name}: training`);
  const following = names[i + 1];
  next = following === undefined ? Promise.resolve() : build(ROWS[following]!);
  next.catch(() => undefined);
  const row = ROWS[name]!;
  const { decoder, tokenizer, result } = await train(gpu, row);
  const nats = await evaluate(gpu, decoder, tokenizer, row);
  decoder.dispose();
  results.push({ name, nats, ...result });
  note(`${name}: ${JSON.stringify(nats)}, ${result.trainingSeconds.toFixed(1)} s`);
  await writeJsonAtomic(join(given.folder, 'formats.json'), {
    date: new Date().toISOString(),
    adapter: gpu.adapter.description ?? gpu.adapter.kind,
    settings: given,
    results,
  });
}
gpu.close();
printTable(results);
