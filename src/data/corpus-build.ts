import { join } from 'node:path';
import type { TrainingRecord } from './record.js';
import { formatRecord } from './record.js';
import type { SampleSource, Sample } from './corpus/sample.js';
import { splitOf, type SplitOptions } from './corpus/split.js';
import type { ShardIndex } from './shards/format.js';
import { encodeRecord } from './shards/record-tokens.js';
import { prepareCorpusFolder, ShardWriter } from './shards/writer.js';
import { Tokenizer } from './tokenizer/tokenizer.js';
import { trainTokenizer } from './tokenizer/train.js';

/** Beside the shards of a corpus, and in the folder of every model trained on it. */
export const TOKENIZER_FILE = 'tokenizer.json';

/** What a corpus keeps away from training unless its builder says otherwise. */
export const CORPUS_SPLIT: SplitOptions = {
  heldOutSchemas: [],
  heldOutPhrasings: 0.02,
  heldOutSkeletons: 0.02,
  validation: 0.01,
  test: 0.02,
  unit: 'pair',
};

export interface CorpusBuild {
  folder: string;
  source: SampleSource;
  /** Samples that belong to this split's training set are written, in the order of their numbers. */
  split: SplitOptions;
  seed: number;
  /** Records to write. */
  count: number;
  /** An existing tokenizer, or the size of one to train on the first records. */
  tokenizer: Tokenizer | { vocabSize: number; records: number };
  onProgress?: (done: number) => void;
}

/** Training samples of a source, without end; the same seed gives the same samples. */
export function* trainingSamples(source: SampleSource, seed: number, split: SplitOptions): Generator<Sample> {
  for (let i = 0; ; i++) {
    const sample = source.sample(seed, i);
    if (splitOf(sample, split) === 'train') yield sample;
  }
}

/**
 * Builds a corpus: samples → tokenizer → token ids → shards. The folder receives `tokenizer.json`, the shards and,
 * last, their index. The same options give the same bytes.
 *
 * @throws DataError `corpus-exists` when a finished corpus stands in the folder; what tokenizer and shards throw
 */
export async function buildCorpus(build: CorpusBuild): Promise<{ index: ShardIndex; tokenizer: Tokenizer }> {
  const { folder, source, split, seed, count, onProgress } = build;
  await prepareCorpusFolder(folder);
  const tokenizer =
    build.tokenizer instanceof Tokenizer ? build.tokenizer : trainOnSamples(build, build.tokenizer);
  await tokenizer.save(join(folder, TOKENIZER_FILE));
  const config = { knobs: source.knobs, split, schemas: source.schemas.map(({ bundle }) => bundle.name) };
  const writer = await ShardWriter.create(folder, {
    vocabSize: tokenizer.vocabSize,
    tokenizer: tokenizer.hash,
    seed,
    config: JSON.parse(JSON.stringify(config)) as ShardIndex['config'],
  });
  let done = 0;
  for (const record of take(trainingSamples(source, seed, split), count)) {
    const { tokens, lossStart } = encodeRecord(tokenizer, record);
    await writer.add(tokens, lossStart);
    onProgress?.(++done);
  }
  return { index: await writer.finish(), tokenizer };
}

function trainOnSamples(
  { source, seed, split, count }: CorpusBuild,
  { vocabSize, records }: { vocabSize: number; records: number },
): Tokenizer {
  const samples = take(trainingSamples(source, seed, split), Math.min(records, count));
  return trainTokenizer(texts(samples), { vocabSize });
}

function* texts(records: Iterable<TrainingRecord>): Generator<string> {
  for (const record of records) yield formatRecord(record);
}

function* take(samples: Iterable<Sample>, count: number): Generator<TrainingRecord> {
  let taken = 0;
  if (count <= 0) return;
  for (const { record } of samples) {
    yield record;
    if (++taken >= count) return;
  }
}
