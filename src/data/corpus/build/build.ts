import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeFileAtomic } from '../../../base/files.js';
import { BlockMaker } from './block-maker.js';
import type { BuildPlan, Job, Range, Results, Runner } from './messages.js';
import { inOrder } from './ordered.js';
import { Threads } from './threads.js';
import {
  HELD_OUT_NAMES,
  HeldOutCollector,
  heldOutKeys,
  type HeldOutName,
  type HeldOutSets,
} from '../held-out.js';
import type { SampleSource } from '../sample.js';
import type { SplitOptions } from '../split.js';
import { DataError } from '../../errors.js';
import type { CorpusParts, ShardIndex } from '../../shards/format.js';
import { OriginWriter } from '../../shards/origins.js';
import { prepareCorpusFolder, removeUnfinished, ShardWriter } from '../../shards/writer.js';
import { Tokenizer } from '../../tokenizer/tokenizer.js';
import { PieceCounter, trainOnPieces } from '../../tokenizer/train.js';

/** Beside the shards of a corpus, and in the folder of every model trained on it. */
export const TOKENIZER_FILE = 'tokenizer.json';
export const SCHEMAS_FILE = 'corpus-schemas.jsonl';

export function heldOutFile(set: HeldOutName): string {
  return `held-out-${set}.jsonl`;
}

/** What a corpus keeps away from training unless its builder says otherwise. */
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
  /** Samples that belong to this split's training set are written, in the order of their numbers. */
  split: SplitOptions;
  seed: number;
  /** Records to write. */
  count: number;
  /** Questions of each held-out set; 0 writes none. */
  heldOut: number;
  /** An existing tokenizer, or the size of one to train on the first records. */
  tokenizer: Tokenizer | { vocabSize: number; records: number };
  /** Threads that make samples; 0: this one. The corpus is the same for any number. */
  workers: number;
  /** Samples that one job looks at; the corpus is the same for any number. */
  block?: number;
  onProgress?: (done: number) => void;
  onStage?: (stage: string) => void;
  /** Stops the build; what it wrote is removed. */
  signal?: AbortSignal;
}

/** As many threads as the machine has processors for, up to a number that more would not help. */
export function defaultWorkers(): number {
  return Math.min(availableParallelism(), 16);
}

/** Samples that a job looks at: large enough that handing over costs nothing, small enough to wait for in memory. */
const BLOCK = 512;

/**
 * Builds a corpus: samples → held-out sets → tokenizer → token ids → shards. Candidates are drawn in blocks by any
 * number of workers; blocks are taken in the order of their numbers, so that the same options give the same bytes
 * whoever drew them. The folder receives the held-out sets, the schemas, `tokenizer.json`, the shards with their
 * origins and, last, the index: without it a corpus is not finished.
 *
 * @throws DataError `corpus-exists` when a finished corpus stands in the folder, `bad-split` for held-out schemas
 *   that do not exist or leave none, `few-held-out` when a set cannot be filled, `build-stopped` on the signal; what
 *   tokenizer and shards throw
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
    };
    return { index: await writer.finish(parts), tokenizer };
  }

  /** Jobs over all candidates without end, a block each; their results in the order of the candidates. */
  private async *blocks<K extends Job['kind']>(
    job: (range: Range) => Extract<Job, { kind: K }>,
  ): AsyncGenerator<Results[K]> {
    const run = (job: Extract<Job, { kind: K }>): Promise<Results[K]> => this.runner.run<K>(job);
    for await (const result of inOrder(ranges(this.block, job), run, this.runner.ahead)) {
      // Without threads nothing else waits for the outside world, and a signal would never be heard.
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

/** A set that is not full after this many candidates for each of its questions never will be. */
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
    message: `the held-out sets cannot be filled with ${size} different questions each: ${counts}`,
    hint: 'ask for fewer, or allow more families, tables or wordings',
  });
}

/** Samples in a row of which none may be trained on. */
const BARREN = 20_000;

function assertFruitful(records: number, looked: number): void {
  if (records > 0 || looked < BARREN) return;
  throw new DataError({
    code: 'no-training',
    message: `of ${looked} samples none may be trained on`,
    hint: 'hold less out',
  });
}

function stopped(folder: string): DataError {
  return new DataError({
    code: 'build-stopped',
    file: folder,
    message: 'the build was stopped before it was complete; what it wrote was removed',
  });
}
