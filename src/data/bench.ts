import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { BlockMaker } from './corpus/build/block-maker.js';
import { BuiltCorpus } from './corpus/read/built-corpus.js';
import { buildCorpus, CORPUS_SPLIT } from './corpus/build/build.js';
import type { SampleSource } from './corpus/sample.js';
import { formatRecord } from './record.js';
import { trainTokenizer } from './tokenizer/train.js';

export interface DataBenchReport {
  date: string;
  node: string;
  cores: number;
  /** One thread draws samples, assigns them to a set and tokenises them. `spread` is (third - first quartile) / median. */
  samplesPerSecond: { median: number; spread: number; perCpuSecond: number };
  /** The same without tokenising. */
  generatedPerSecond: { median: number; spread: number; perCpuSecond: number };
  tokenizerMegabytesPerSecond: { median: number; spread: number; perCpuSecond: number };
  tokenizerTrainingSeconds: number;
  /** A whole build into a temporary folder. */
  build: {
    samples: number;
    workers: number;
    seconds: number;
    samplesPerSecond: number;
    /** Peak of the whole process with all its threads, in MB. */
    peakRssMegabytes: number;
    distinctQuestions: number;
  };
}

export interface DataBenchOptions {
  source: SampleSource;
  seed: number;
  /** Records of the build. */
  samples: number;
  workers: number;
  /** Where the corpus is built; it is removed afterwards. */
  folder: string;
  onProgress?: ((line: string) => void) | undefined;
}

const REPETITIONS = 7;
const BLOCK = 4096;
const WARM_UP = 5;
const VOCAB_SIZE = 8192;

/** Measures corpus building: the parts on one thread, and a whole build with its peak memory. */
export async function benchData(bench: DataBenchOptions): Promise<DataBenchReport> {
  const { source, seed, samples, workers, folder, onProgress } = bench;
  const note = (line: string): void => onProgress?.(line);
  const plan = {
    bundles: source.schemas.map(({ bundle }) => bundle),
    knobs: source.knobs,
    split: CORPUS_SPLIT,
    seed,
  };
  const maker = new BlockMaker(plan);
  let start = 0;
  const next = (): { start: number; count: number } => ({ start: (start += BLOCK), count: BLOCK });

  const texts = Array.from({ length: BLOCK }, (_, i) => formatRecord(source.sample(seed, i).record));
  const began = performance.now();
  const tokenizer = trainTokenizer(texts, { vocabSize: VOCAB_SIZE });
  const tokenizerTrainingSeconds = (performance.now() - began) / 1000;
  await maker.tell({ kind: 'useTokenizer', json: tokenizer.toJson() });

  // Rates count all samples drawn: those that the split holds out cost the same, except for tokenising.
  const whole = await measure(async () => {
    await maker.run<'encode'>({ kind: 'encode', ...next() });
    return BLOCK;
  });
  note(`samples, tokens included: ${whole.median.toFixed(0)}/s on one thread`);
  const generated = await measure(async () => {
    await maker.run<'heldOut'>({ kind: 'heldOut', from: 'known', ...next() });
    return BLOCK;
  });
  note(`samples, without tokens: ${generated.median.toFixed(0)}/s`);
  const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
  const encoding = await measure(() => {
    for (const text of texts) tokenizer.encode(text);
    return Promise.resolve(megabytes);
  });
  note(`tokenizer: ${encoding.median.toFixed(1)} MB/s`);

  const buildStart = performance.now();
  await buildCorpus({
    folder,
    source,
    split: CORPUS_SPLIT,
    seed,
    count: samples,
    heldOut: 500,
    tokenizer: { vocabSize: VOCAB_SIZE, records: Math.min(samples, 20_000) },
    workers,
  });
  const seconds = (performance.now() - buildStart) / 1000;
  const peakRssMegabytes = process.resourceUsage().maxRSS / 1000;
  note(`build of ${samples}: ${seconds.toFixed(1)} s, ${peakRssMegabytes.toFixed(0)} MB`);
  const distinctQuestions = await countQuestions(folder);
  await rm(folder, { recursive: true });
  return {
    date: new Date().toISOString(),
    node: process.version,
    cores: availableParallelism(),
    samplesPerSecond: whole,
    generatedPerSecond: generated,
    tokenizerMegabytesPerSecond: encoding,
    tokenizerTrainingSeconds,
    build: {
      samples,
      workers,
      seconds,
      samplesPerSecond: samples / seconds,
      peakRssMegabytes,
      distinctQuestions,
    },
  };
}

/** Work per second over several runs, after warm-up runs for the JIT compiler and caches. */
async function measure(
  run: () => Promise<number>,
): Promise<{ median: number; spread: number; perCpuSecond: number }> {
  const rates: number[] = [];
  let work = 0;
  let cpu = process.cpuUsage();
  for (let i = -WARM_UP; i < REPETITIONS; i++) {
    if (i === 0) {
      work = 0;
      cpu = process.cpuUsage();
    }
    const began = performance.now();
    const done = await run();
    work += done;
    if (i >= 0) rates.push((1000 * done) / (performance.now() - began));
  }
  const { user, system } = process.cpuUsage(cpu);
  rates.sort((a, b) => a - b);
  const at = (share: number): number => rates[Math.round(share * (rates.length - 1))]!;
  return {
    median: at(0.5),
    spread: (at(0.75) - at(0.25)) / at(0.5),
    perCpuSecond: (1e6 * work) / (user + system),
  };
}

async function countQuestions(folder: string): Promise<number> {
  const corpus = await BuiltCorpus.open(folder);
  try {
    const { statisticsOfCorpus } = await import('./corpus/read/statistics.js');
    return (await statisticsOfCorpus(corpus)).distinctQuestions;
  } finally {
    corpus.close();
  }
}
