import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, sha256File } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import {
  assertLittleEndian,
  bytesPerToken,
  INDEX_FILE,
  shardIndexSchema,
  TABLE_ROW_BYTES,
  tableOffset,
  type ShardEntry,
  type ShardIndex,
  type TokenArray,
  type TokenDtype,
} from './format.js';

/** A record as stored. */
export interface StoredRecord {
  tokens: TokenArray;
  /** Index of the first token that is learned. */
  lossStart: number;
}

/**
 * Opens a finished corpus, after checking every shard's length and SHA-256 against the index.
 * @throws DataError `corpus-not-found`, `corpus-index` or `shard-damaged`, naming the file
 */
export async function openShards(folder: string): Promise<ShardSet> {
  assertLittleEndian();
  const { index, fingerprint } = await readShardIndex(folder);
  for (const shard of index.shards) await verifyShard(join(folder, shard.file), shard, index.tokenDtype);
  const shards: OpenShard[] = [];
  try {
    for (const shard of index.shards) shards.push(new OpenShard(join(folder, shard.file), shard, index));
  } catch (error) {
    for (const shard of shards) shard.close();
    throw error;
  }
  return new ShardSet(index, fingerprint, shards);
}

/**
 * Reads the index of a corpus without opening its shards. `fingerprint` is the SHA-256 of `index.json`; as the index
 * contains the shards' checksums, it identifies the whole corpus.
 * @throws DataError `corpus-not-found` or `corpus-index`
 */
export async function readShardIndex(folder: string): Promise<{ index: ShardIndex; fingerprint: string }> {
  const file = join(folder, INDEX_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') {
      const message = 'is a file, and a corpus is a folder';
      throw new DataError({ code: 'corpus-not-found', file: folder, message }, { cause });
    }
    throw new DataError(
      {
        code: 'corpus-not-found',
        file,
        message: whyUnreadable(cause),
        hint: 'the index is written when a corpus is complete: build the corpus (again)',
      },
      { cause },
    );
  }
  const fail = (field: string, message: string): DataError =>
    new DataError({ code: 'corpus-index', file, field, message, hint: 'build the corpus again' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail('', `broken JSON (${(cause as Error).message})`);
  }
  const parsed = shardIndexSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw fail(issue.path.join('.'), issue.message);
  }
  const index = parsed.data;
  for (const total of ['records', 'tokens'] as const) {
    const sum = index.shards.reduce((partial, shard) => partial + shard[total], 0);
    if (sum !== index[total]) throw fail(total, `${index[total]}, but the shards hold ${sum}`);
  }
  return { index, fingerprint: sha256(text) };
}

/** The records of a corpus, read from disk on demand. It keeps 8 bytes per record in memory. */
export class ShardSet {
  readonly records: number;
  /** Number of the first record of each shard. */
  private readonly firstRecord: number[] = [];

  constructor(
    readonly index: ShardIndex,
    /** SHA-256 that identifies the whole corpus. */
    readonly fingerprint: string,
    private readonly shards: readonly OpenShard[],
  ) {
    let records = 0;
    for (const shard of shards) {
      this.firstRecord.push(records);
      records += shard.records;
    }
    this.records = records;
  }

  /** Number of tokens of a record. @throws RangeError if there is no such record */
  length(record: number): number {
    const { shard, row } = this.find(record);
    return shard.length(row);
  }

  /** Index of a record's first token that is learned. @throws RangeError if there is no such record */
  lossStart(record: number): number {
    const { shard, row } = this.find(record);
    return shard.lossStart(row);
  }

  /** @throws RangeError if there is no such record */
  read(record: number): StoredRecord {
    const { shard, row } = this.find(record);
    return shard.read(row);
  }

  close(): void {
    for (const shard of this.shards) shard.close();
  }

  private find(record: number): { shard: OpenShard; row: number } {
    if (!Number.isInteger(record) || record < 0 || record >= this.records) {
      throw new RangeError(`no record ${record} in a corpus of ${this.records} records`);
    }
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firstRecord[middle]! <= record) low = middle;
      else high = middle - 1;
    }
    return { shard: this.shards[low]!, row: record - this.firstRecord[low]! };
  }
}

class OpenShard {
  readonly records: number;
  private readonly descriptor: number;
  private readonly dtype: TokenDtype;
  /** The token index at which each record starts, followed by the total number of tokens. */
  private readonly starts: Uint32Array;
  private readonly lossStarts: Uint32Array;

  constructor(
    private readonly path: string,
    entry: ShardEntry,
    index: ShardIndex,
  ) {
    this.records = entry.records;
    this.dtype = index.tokenDtype;
    this.starts = new Uint32Array(entry.records + 1);
    this.lossStarts = new Uint32Array(entry.records);
    this.descriptor = openSync(path, 'r');
    try {
      this.readTable(entry);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  length(row: number): number {
    return this.starts[row + 1]! - this.starts[row]!;
  }

  lossStart(row: number): number {
    return this.lossStarts[row]!;
  }

  read(row: number): StoredRecord {
    const width = bytesPerToken(this.dtype);
    const bytes = this.readBytes(this.starts[row]! * width, this.length(row) * width);
    const tokens = this.dtype === 'uint16' ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
    return { tokens, lossStart: this.lossStarts[row]! };
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private readTable(entry: ShardEntry): void {
    const bytes = this.readBytes(tableOffset(entry.tokens, this.dtype), entry.records * TABLE_ROW_BYTES);
    const table = new Uint32Array(bytes.buffer);
    let start = 0;
    for (let row = 0; row < entry.records; row++) {
      const length = table[2 * row]!;
      const lossStart = table[2 * row + 1]!;
      if (lossStart < 1 || lossStart >= length)
        throw damaged(this.path, `record ${row} has no token to learn`);
      this.lossStarts[row] = lossStart;
      start += length;
      this.starts[row + 1] = start;
    }
    if (start !== entry.tokens) {
      throw damaged(this.path, `its records have ${start} tokens, but the index says ${entry.tokens}`);
    }
  }

  private readBytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    if (readSync(this.descriptor, bytes, 0, length, offset) !== length) throw damaged(this.path, 'cut short');
    return bytes;
  }
}

async function verifyShard(path: string, entry: ShardEntry, dtype: TokenDtype): Promise<void> {
  let bytes: number;
  try {
    bytes = (await stat(path)).size;
  } catch {
    throw damaged(path, 'is missing, though the index lists it');
  }
  if (bytes !== entry.bytes || bytes !== tableOffset(entry.tokens, dtype) + entry.records * TABLE_ROW_BYTES) {
    throw damaged(path, `is ${bytes} bytes long, but the index says ${entry.bytes}`);
  }
  if ((await sha256File(path)) !== entry.sha256) {
    throw damaged(path, 'its content has changed since it was written (SHA-256 differs)');
  }
}

function damaged(file: string, message: string): DataError {
  return new DataError({ code: 'shard-damaged', file, message, hint: 'build the corpus again' });
}
