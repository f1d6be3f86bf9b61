import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeFileAtomic } from '../../../base/files.js';
import { BlockMaker } from './block-maker.js';
import type { BuildPlan, Job, Range, Results, Runner } from './messages.js';
import { heldOutFile, SCHEMAS_FILE, TOKENIZER_FILE } from '../files.js';
import { inOrder } from './ordered.js';
import { Threads } from './threads.js';
import {
  HELD_OUT_NAMES,
  HeldOutCollector,
  heldOutKeys,
  type HeldOutName,
  type HeldOutSets,
} from '../split/held-out.js';
import type { SampleSource } from '../sample.js';
import type { SplitOptions } from '../split/split.js';
import { DataError } from '../../errors.js';
import type { CorpusParts, ShardIndex } from '../../shards/format.js';
import { OriginWriter } from '../../shards/origins.js';
import { prepareCorpusFolder, removeUnfinished, ShardWriter } from '../../shards/writer.js';
import { Tokenizer } from '../../tokenizer/tokenizer.js';
import { PieceCounter, trainOnPieces } from '../../tokenizer/train.js';

/** What a corpus holds out by default. */
export const CORPUS_SPLIT: SplitOptions = {
  heldOutSchemas: [],
  heldOutPhrasings: 0.02,
  heldOutSkeletons: 0.02,
  validation: 0.02,
  test: 0.03,
  unit: 'pair',
};

export interface CorpusBuild {
  folder: string;
  source: SampleSource;
  /** The corpus holds the samples that this split assigns to training, in the order of their numbers. */
  split: SplitOptions;
  seed: number;
  /** Records to write. */
  count: number;
  /** Questions per held-out set; 0 writes no sets. */
  heldOut: number;
  /** An existing tokenizer, or the size of one to train on the first records. */
  tokenizer: Tokenizer | { vocabSize: number; records: number };
  /** Worker threads; 0 uses the calling thread. The corpus is the same for any number. */
  workers: number;
  /** Samples per job (default 512). The corpus is the same for any number. */
  block?: number | undefined;
  onProgress?: ((done: number) => void) | undefined;
  onStage?: ((stage: string) => void) | undefined;
  /** Stops the build and removes what it has written. */
  signal?: AbortSignal | undefined;
}

/** One thread per processor, up to 16; more do not help. */
export function defaultWorkers(): number {
  return Math.min(availableParallelism(), 16);
}

/** Samples per job: enough to make the hand-over cheap, few enough for results to wait in memory. */
const BLOCK = 512;

/**
 * Builds a corpus: samples → held-out sets → tokenizer → token ids → shards. Any number of workers draw blocks of
 * samples. Blocks are used in order, so the same options always give the same bytes. The folder receives the held-out
 * sets, the schemas, `tokenizer.json`, the shards with their origins and, last, the index. A folder without an index
 * is an unfinished corpus.
 *
 * @throws DataError `corpus-exists` if the folder holds a finished corpus, `bad-split` if a held-out schema does not
 *   exist or no schema is left, `few-held-out` if a set cannot be filled, `no-training` if too much is held out,
 *   `build-stopped` on the signal; also what tokenizer and shards throw
 */
export async function buildCorpus(build: CorpusBuild): Promise<{ index: ShardIndex; tokenizer: Tokenizer }> {
  assertSplit(build);
  await prepareCorpusFolder(build.folder);
  const { source, split, seed } = build;
  const bundles = source.schemas.map(({ bundle }) => bundle);
  const runner = startRunner({ bundles, knobs: source.knobs, split, seed }, build.workers);
  const stop = (): void => void runner.close();
  build.signal?.addEventListener('abort', stop);
  try {
    return await new Builder(build, runner).build();
  } catch (error) {
    await runner.close();
    await removeUnfinished(build.folder);
    throw build.signal?.aborted ? stopped(build.folder) : error;
  } finally {
    build.signal?.removeEventListener('abort', stop);
    await runner.close();
  }
}

function startRunner(plan: BuildPlan, workers: number): Runner {
  if (workers === 0) return new BlockMaker(plan);
  const file = import.meta.url.endsWith('.ts') ? './block-thread.ts' : './block-thread.js';
  return new Threads(workers, new URL(file, import.meta.url), plan) as Runner;
}

class Builder {
  private readonly block: number;
  private mended = 0;

  constructor(
    private readonly options: CorpusBuild,
    private readonly runner: Runner,
  ) {
    this.block = options.block ?? BLOCK;
  }

  async build(): Promise<{ index: ShardIndex; tokenizer: Tokenizer }> {
    const { folder, source, split, seed, heldOut, onStage } = this.options;
    if (heldOut > 0) onStage?.('held-out sets');
    const sets = await this.heldOutSets();
    await this.runner.tell({ kind: 'keepOut', keys: heldOutKeys(sets, split) });
    onStage?.('tokenizer');
    const tokenizer = await this.tokenizer();
    await this.runner.tell({ kind: 'useTokenizer', json: tokenizer.toJson() });
    onStage?.('records');
    const config = { knobs: source.knobs, split, schemas: source.schemas.map(({ bundle }) => bundle.name) };
    const writer = await ShardWriter.create(folder, {
      vocabSize: tokenizer.vocabSize,
      tokenizer: tokenizer.hash,
      seed,
      config: JSON.parse(JSON.stringify(config)) as ShardIndex['config'],
    });
    await tokenizer.save(join(folder, TOKENIZER_FILE));
    const parts: CorpusParts = {
      ...(heldOut > 0 && { heldOut: await this.writeSets(sets) }),
      schemas: await this.writeSchemas(),
      origins: await this.writeRecords(writer),
      ...(source.knobs.format?.link && { mendedPrompts: this.mended }),
    };
    return { index: await writer.finish(parts), tokenizer };
  }

  /** The results of an endless series of jobs, one per block of samples, in order. */
  private async *blocks<K extends Job['kind']>(
    job: (range: Range) => Extract<Job, { kind: K }>,
  ): AsyncGenerator<Results[K]> {
    const run = (job: Extract<Job, { kind: K }>): Promise<Results[K]> => this.runner.run<K>(job);
    for await (const result of inOrder(ranges(this.block, job), run, this.runner.ahead)) {
      // Without worker threads the loop would never yield to the event loop, and an abort would go unnoticed.
      await setImmediate();
      this.options.signal?.throwIfAborted();
      yield result;
    }
  }

  private async heldOutSets(): Promise<HeldOutSets> {
    const { heldOut, split } = this.options;
    const collector = new HeldOutCollector(heldOut);
    if (heldOut === 0) return collector.sets;
    const wanted = { known: fillable(split), unknown: ['test-schema' as const] };
    for (const from of ['known', 'unknown'] as const) {
      if (from === 'unknown' && split.heldOutSchemas.length === 0) continue;
      let blocks = 0;
      for await (const candidates of this.blocks((range) => ({ kind: 'heldOut', from, ...range }))) {
        for (const candidate of candidates) collector.offer(candidate);
        if (collector.hasFull(wanted[from])) break;
        if (++blocks * this.block >= SEARCH * heldOut) throw tooFew(collector.sets, wanted[from], heldOut);
      }
    }
    return collector.sets;
  }

  private async tokenizer(): Promise<Tokenizer> {
    const { tokenizer, count } = this.options;
    if (tokenizer instanceof Tokenizer) return tokenizer;
    const { vocabSize } = tokenizer;
    const wanted = Math.min(tokenizer.records, count);
    const counter = new PieceCounter();
    let records = 0;
    let start = 0;
    for await (const pieces of this.blocks((range) => ({ kind: 'pieces', most: this.block, ...range }))) {
      if (records + pieces.records > wanted) {
        const most = wanted - records;
        const last = await this.runner.run<'pieces'>({ kind: 'pieces', most, start, count: this.block });
        counter.addAll(last.counts);
        break;
      }
      counter.addAll(pieces.counts);
      records += pieces.records;
      start += this.block;
      assertFruitful(records, start);
    }
    return trainOnPieces(counter.counts, { vocabSize });
  }

  private async writeRecords(writer: ShardWriter): Promise<NonNullable<CorpusParts['origins']>> {
    const { folder, count, onProgress } = this.options;
    const originWriter = new OriginWriter(folder);
    let done = 0;
    let looked = 0;
    for await (const block of this.blocks((range) => ({ kind: 'encode', ...range }))) {
      const { tokens, lengths, lossStarts, origins } = block;
      const written = Math.min(lengths.length, count - done);
      this.mended += block.mended.subarray(0, written).reduce((sum, one) => sum + one, 0);
      let at = 0;
      for (let i = 0; i < lengths.length && done < count; i++, done++) {
        const end = at + lengths[i]!;
        await writer.add(tokens.subarray(at, end), lossStarts[i]!);
        await originWriter.add(origins[i]!);
        at = end;
      }
      onProgress?.(done);
      assertFruitful(done, (looked += this.block));
      if (done >= count) break;
    }
    return originWriter.finish();
  }

  private async writeSets(sets: HeldOutSets): Promise<NonNullable<CorpusParts['heldOut']>> {
    const parts = [];
    for (const name of HELD_OUT_NAMES) {
      const file = heldOutFile(name);
      const written = await writeFileAtomic(join(this.options.folder, file), jsonLines(sets[name]));
      parts.push({ name, file, questions: sets[name].length, ...written });
    }
    return parts;
  }

  private async writeSchemas(): Promise<NonNullable<CorpusParts['schemas']>> {
    const { folder, source } = this.options;
    const bundles = source.schemas.map(({ bundle }) => bundle);
    return { file: SCHEMAS_FILE, ...(await writeFileAtomic(join(folder, SCHEMAS_FILE), jsonLines(bundles))) };
  }
}

/** Samples per wanted question after which a set that is not full counts as impossible to fill. */
const SEARCH = 1000;

function* ranges<J>(count: number, job: (range: Range) => J): Generator<J> {
  for (let start = 0; ; start += count) yield job({ start, count });
}

/** The sets that samples of known schemas can fill. */
function fillable(split: SplitOptions): HeldOutName[] {
  const shares: [HeldOutName, number][] = [
    ['validation', split.validation],
    ['test-values', split.test],
    ['test-phrasing', split.heldOutPhrasings + split.heldOutSkeletons],
  ];
  return shares.filter(([, share]) => share > 0).map(([name]) => name);
}

function* jsonLines(values: readonly unknown[]): Generator<Uint8Array> {
  for (const value of values) yield Buffer.from(`${JSON.stringify(value)}\n`);
}

function assertSplit({ source, split }: CorpusBuild): void {
  const names = source.schemas.map(({ bundle }) => bundle.name);
  const fail = (message: string): DataError =>
    new DataError({
      code: 'bad-split',
      field: 'heldOutSchemas',
      message,
      hint: `the schemas are ${names.join(', ')}`,
    });
  const unknown = split.heldOutSchemas.find((name) => !names.includes(name));
  if (unknown !== undefined) throw fail(`no schema is called '${unknown}'`);
  if (names.every((name) => split.heldOutSchemas.includes(name))) throw fail('no schema is left to train on');
}

function tooFew(sets: HeldOutSets, wanted: readonly HeldOutName[], size: number): DataError {
  const short = wanted.filter((name) => sets[name].length < size);
  const counts = short.map((name) => `${name} has ${sets[name].length}`).join(', ');
  return new DataError({
    code: 'few-held-out',
    message: `cannot fill each held-out set with ${size} distinct questions: ${counts}`,
    hint: 'ask for fewer, or allow more families, tables or wordings',
  });
}

/** A build gives up if none of this many samples may be trained on. */
const BARREN = 20_000;

function assertFruitful(records: number, looked: number): void {
  if (records > 0 || looked < BARREN) return;
  throw new DataError({
    code: 'no-training',
    message: `none of ${looked} samples may be trained on`,
    hint: 'hold out less',
  });
}

function stopped(folder: string): DataError {
  return new DataError({
    code: 'build-stopped',
    file: folder,
    message: 'the build was stopped early, and its files were removed',
  });
}
