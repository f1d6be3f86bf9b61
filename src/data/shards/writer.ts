import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, removeStaleTemporaries, writeFileAtomic, writeJsonAtomic } from '../../base/files.js';
import { DataError } from '../errors.js';
import {
  assertLittleEndian,
  bytesPerToken,
  FORMAT_VERSION,
  INDEX_FILE,
  shardFile,
  shardPath,
  TABLE_ROW_BYTES,
  tableOffset,
  tokenDtypeFor,
  type CorpusParts,
  type ShardEntry,
  type ShardIndex,
} from './format.js';

/** At 300 tokens per record a shard takes 10 MB, which a worker keeps in memory. */
export const RECORDS_PER_SHARD = 16_384;

/** What the index says about the corpus besides its shards. */
export interface CorpusDescription {
  vocabSize: number;
  /** SHA-256 of the tokenizer (`Tokenizer.hash`). */
  tokenizer: string;
  seed: number;
  /** The settings of the corpus, as JSON. */
  config: ShardIndex['config'];
}

/** Collects the records of one shard in memory. */
export class ShardBuilder {
  records = 0;
  tokens = 0;
  longest = 0;
  private tokenBuffer: Uint32Array;
  private readonly table: number[] = [];

  constructor(private readonly vocabSize: number) {
    assertLittleEndian();
    this.tokenBuffer = new Uint32Array(1 << 12);
  }

  /**
   * `lossStart` is the index of the first token that is learned; at least 1, because nothing precedes token 0.
   * @throws DataError `shard-record` for ids outside the vocabulary or a `lossStart` outside the record
   */
  add(tokens: ArrayLike<number>, lossStart: number): void {
    if (!Number.isInteger(lossStart) || lossStart < 1 || lossStart >= tokens.length) {
      throw new DataError({
        code: 'shard-record',
        field: 'lossStart',
        message: `${lossStart} is not between 1 and ${tokens.length - 1}, in a record of ${tokens.length} tokens`,
      });
    }
    this.reserve(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      const id = tokens[i]!;
      if (!(id >= 0 && id < this.vocabSize)) {
        throw new DataError({
          code: 'shard-record',
          field: `tokens[${i}]`,
          message: `the id ${id} is outside a vocabulary of ${this.vocabSize}`,
        });
      }
      this.tokenBuffer[this.tokens + i] = id;
    }
    this.table.push(tokens.length, lossStart);
    this.records++;
    this.tokens += tokens.length;
    this.longest = Math.max(this.longest, tokens.length);
  }

  /** The content of the shard's file. */
  toBytes(): Uint8Array {
    const dtype = tokenDtypeFor(this.vocabSize);
    const table = tableOffset(this.tokens, dtype);
    const bytes = new Uint8Array(table + this.records * TABLE_ROW_BYTES);
    const ids =
      bytesPerToken(dtype) === 2
        ? new Uint16Array(bytes.buffer, 0, this.tokens)
        : new Uint32Array(bytes.buffer, 0, this.tokens);
    ids.set(this.tokenBuffer.subarray(0, this.tokens));
    new Uint32Array(bytes.buffer, table).set(this.table);
    return bytes;
  }

  private reserve(more: number): void {
    if (this.tokens + more <= this.tokenBuffer.length) return;
    const larger = new Uint32Array(Math.max(this.tokens + more, this.tokenBuffer.length * 2));
    larger.set(this.tokenBuffer.subarray(0, this.tokens));
    this.tokenBuffer = larger;
  }
}

/** A written shard, with what the index needs to sum up. */
export interface WrittenShard extends ShardEntry {
  longest: number;
}

/** Writes shard number `shard` atomically. */
export async function writeShard(
  folder: string,
  shard: number,
  builder: ShardBuilder,
): Promise<WrittenShard> {
  const { records, tokens, longest } = builder;
  const written = await writeFileAtomic(shardPath(folder, shard), builder.toBytes());
  return { file: shardFile(shard), records, tokens, ...written, longest };
}

/** Writes the index, which completes the corpus. `shards` must be in order. */
export async function writeShardIndex(
  folder: string,
  description: CorpusDescription,
  shards: readonly WrittenShard[],
  parts: CorpusParts = {},
): Promise<ShardIndex> {
  const index: ShardIndex = {
    format: 'openward-shards',
    version: FORMAT_VERSION,
    tokenDtype: tokenDtypeFor(description.vocabSize),
    vocabSize: description.vocabSize,
    tokenizer: description.tokenizer,
    seed: description.seed,
    config: description.config,
    records: shards.reduce((sum, shard) => sum + shard.records, 0),
    tokens: shards.reduce((sum, shard) => sum + shard.tokens, 0),
    longest: shards.reduce((longest, shard) => Math.max(longest, shard.longest), 0),
    shards: shards.map(({ file, records, tokens, bytes, sha256 }) => ({
      file,
      records,
      tokens,
      bytes,
      sha256,
    })),
    ...parts,
  };
  await writeJsonAtomic(join(folder, INDEX_FILE), index);
  return index;
}

/** Files that an unfinished build leaves behind. Nothing else in the folder is touched. */
const PARTS_OF_A_CORPUS = /^((shard|origins)-\d{5,}\.bin|held-out-[a-z-]+\.jsonl|corpus-schemas\.jsonl)$/;

/** Removes the files of an unfinished build; a finished corpus is left alone. */
export async function removeUnfinished(folder: string): Promise<void> {
  if (await exists(join(folder, INDEX_FILE))) return;
  for (const name of await readdir(folder)) {
    if (PARTS_OF_A_CORPUS.test(name)) await rm(join(folder, name));
  }
  await removeStaleTemporaries(folder);
}

/**
 * Prepares `folder` for a corpus and removes the files of an unfinished build.
 * @throws DataError `corpus-exists` if the folder holds a finished corpus
 */
export async function prepareCorpusFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const index = join(folder, INDEX_FILE);
  if (await exists(index)) {
    throw new DataError({
      code: 'corpus-exists',
      file: index,
      message: 'there is already a finished corpus here',
      hint: 'choose another folder, or remove this one',
    });
  }
  await removeUnfinished(folder);
}

/** Writes a corpus record by record, with at most one shard in memory. */
export class ShardWriter {
  private builder: ShardBuilder;
  private readonly shards: WrittenShard[] = [];

  private constructor(
    private readonly folder: string,
    private readonly description: CorpusDescription,
    private readonly recordsPerShard: number,
  ) {
    this.builder = new ShardBuilder(description.vocabSize);
  }

  /** @throws DataError `corpus-exists` if the folder holds a finished corpus */
  static async create(
    folder: string,
    description: CorpusDescription,
    recordsPerShard = RECORDS_PER_SHARD,
  ): Promise<ShardWriter> {
    await prepareCorpusFolder(folder);
    return new ShardWriter(folder, description, recordsPerShard);
  }

  /** Adds one record (see `ShardBuilder.add`). Await each call before the next. */
  async add(tokens: ArrayLike<number>, lossStart: number): Promise<void> {
    this.builder.add(tokens, lossStart);
    if (this.builder.records >= this.recordsPerShard) await this.flush();
  }

  /** Writes the last shard and the index. `parts` describes files that have already been written. */
  async finish(parts: CorpusParts = {}): Promise<ShardIndex> {
    if (this.builder.records > 0) await this.flush();
    return writeShardIndex(this.folder, this.description, this.shards, parts);
  }

  private async flush(): Promise<void> {
    this.shards.push(await writeShard(this.folder, this.shards.length, this.builder));
    this.builder = new ShardBuilder(this.description.vocabSize);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
