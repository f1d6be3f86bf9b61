import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeFileAtomic } from '../../../base/files.js';
import { BlockMaker } from './block-maker.js';
import type { BuildPlan, EncodedBlock, Job, Range, Results, Runner } from './messages.js';
import { heldOutFile, SCHEMAS_FILE, TOKENIZER_FILE } from '../files.js';
import { inOrder } from './ordered.js';
import { BlockFolder } from './parts.js';
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
  /** A folder of blocks that `buildParts` wrote; those that are missing are made here. */
  parts?: string | undefined;
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
  return withBuilder(
    build,
    (builder) => builder.build(),
    async () => {
      await removeUnfinished(build.folder);
      return stopped(build.folder, 'and its files were removed');
    },
  );
}

/**
 * Makes part `index` of `of` parts of a build: every `of`th block, until it has its share of the records. Blocks go to the
 * folder `parts`, each whole or absent; those that are there are not made again. `buildCorpus` with the same options
 * joins all parts, to the same bytes as without them.
 *
 * @returns blocks made, and blocks that were there
 * @throws DataError as `buildCorpus` does; `block-damaged`, `other-build`
 */
export async function buildParts(
  build: CorpusBuild & { parts: string },
  part: { index: number; of: number },
): Promise<{ made: number; found: number }> {
  assertSplit(build);
  return withBuilder(
    build,
    (builder) => builder.writeParts(part),
    () => Promise.resolve(stopped(build.parts, 'and the blocks that it had written are kept')),
  );
}

/** @param onStop cleans up, and says what a signal leads to */
async function withBuilder<T>(
  build: CorpusBuild,
  action: (builder: Builder) => Promise<T>,
  onStop: () => Promise<DataError>,
): Promise<T> {
  const { source, split, seed } = build;
  const bundles = source.schemas.map(({ bundle }) => bundle);
  const runner = startRunner({ bundles, knobs: source.knobs, split, seed }, build.workers);
  const stop = (): void => void runner.close();
  build.signal?.addEventListener('abort', stop);
  try {
    return await action(new Builder(build, runner));
  } catch (error) {
    await runner.close();
    const reason = await onStop();
    throw build.signal?.aborted ? reason : error;
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
  private parts: BlockFolder | undefined;

  constructor(
    private readonly options: CorpusBuild,
    private readonly runner: Runner,
  ) {
    this.block = options.block ?? BLOCK;
  }

  /** What every block depends on: the held-out sets and the tokenizer, known to all workers. */
  private async prepare(): Promise<{ sets: HeldOutSets; tokenizer: Tokenizer }> {
    const { source, split, seed, heldOut, parts, onStage } = this.options;
    if (heldOut > 0) onStage?.('held-out sets');
    const sets = await this.heldOutSets();
    await this.runner.tell({ kind: 'keepOut', keys: heldOutKeys(sets, split) });
    onStage?.('tokenizer');
    const tokenizer = await this.tokenizer();
    await this.runner.tell({ kind: 'useTokenizer', json: tokenizer.toJson() });
    if (parts !== undefined) {
      const bundles = source.schemas.map(({ bundle }) => bundle);
      const plan = { bundles, knobs: source.knobs, split, seed, heldOut, tokenizer: tokenizer.hash };
      this.parts = new BlockFolder(parts, JSON.stringify(plan));
    }
    onStage?.('records');
    return { sets, tokenizer };
  }

  async writeParts({ index, of }: { index: number; of: number }): Promise<{ made: number; found: number }> {
    const { count, onProgress, signal } = this.options;
    await this.prepare();
    const share = Math.ceil(count / of);
    let [made, found, records] = [0, 0, 0];
    const encode = async (range: Range): Promise<EncodedBlock> => {
      const known = await this.parts!.read(range);
      if (known) found++;
      else made++;
      const block = known ?? (await this.runner.run<'encode'>({ kind: 'encode', ...range }));
      if (!known) await this.parts!.write(range, block);
      return block;
    };
    const mine = ranges(this.block, (range) => range, { first: index, every: of });
    for await (const { lengths } of inOrder(mine, encode, this.runner.ahead)) {
      await setImmediate();
      signal?.throwIfAborted();
      records += lengths.length;
      onProgress?.(Math.min(records, share));
      assertFruitful(records, (made + found) * this.block);
      if (records >= share) break;
    }
    return { made, found };
  }

  async build(): Promise<{ index: ShardIndex; tokenizer: Tokenizer }> {
    const { folder, source, split, seed, heldOut } = this.options;
    const { sets, tokenizer } = await this.prepare();
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
    const run = async (job: Extract<Job, { kind: K }>): Promise<Results[K]> => {
      const known = job.kind === 'encode' ? await this.parts?.read(job as Range & typeof job) : undefined;
      return (known as Results[K] | undefined) ?? this.runner.run<K>(job);
    };
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

function* ranges<J>(
  count: number,
  job: (range: Range) => J,
  { first, every } = { first: 0, every: 1 },
): Generator<J> {
  for (let block = first; ; block += every) yield job({ start: block * count, count });
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

function stopped(folder: string, files: string): DataError {
  return new DataError({
    code: 'build-stopped',
    file: folder,
    message: `the build was stopped early, ${files}`,
  });
}
