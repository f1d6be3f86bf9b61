/**
 * Where the records of a corpus come from. For each record, in the same order as the shards, the origin files hold a
 * row of 20 bytes, little-endian:
 *
 *     uint16 family · uint16 phrasing · uint16 schema    indices into the name lists of `index.json`
 *     uint16 joins                                       tables joined to the first
 *     uint48 question skeleton · uint48 statement skeleton    see hash48
 *
 * Training does not read them. They allow counting a corpus and checking it for leaks without generating it again.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import type { CorpusPart, ShardIndex } from './format.js';
import { RECORDS_PER_SHARD } from './writer.js';

export interface RecordOrigin {
  family: string;
  phrasing: string;
  schema: string;
  joins: number;
  /** See `hash48`. */
  questionSkeleton: number;
  sqlSkeleton: number;
}

export type OriginNames = Omit<NonNullable<ShardIndex['origins']>, 'files'>;

const ROW_BYTES = 20;
const MOST_NAMES = 0x1_0000;

/** Names in order of first use. */
class NameList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  place(name: string): number {
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.names.length;
      if (place >= MOST_NAMES) throw new RangeError(`more than ${MOST_NAMES} names of one kind`);
      this.places.set(name, place);
      this.names.push(name);
    }
    return place;
  }
}

/** Writes the rows, one file per `RECORDS_PER_SHARD` records; at most one file is in memory. */
export class OriginWriter {
  private readonly families = new NameList();
  private readonly phrasings = new NameList();
  private readonly schemas = new NameList();
  private readonly files: CorpusPart[] = [];
  private readonly rows = Buffer.alloc(RECORDS_PER_SHARD * ROW_BYTES);
  private used = 0;

  constructor(private readonly folder: string) {}

  /** Adds a row. Await each call before the next. */
  async add(origin: RecordOrigin): Promise<void> {
    const { rows } = this;
    let at = this.used;
    at = rows.writeUInt16LE(this.families.place(origin.family), at);
    at = rows.writeUInt16LE(this.phrasings.place(origin.phrasing), at);
    at = rows.writeUInt16LE(this.schemas.place(origin.schema), at);
    at = rows.writeUInt16LE(origin.joins, at);
    at = rows.writeUIntLE(origin.questionSkeleton, at, 6);
    this.used = rows.writeUIntLE(origin.sqlSkeleton, at, 6);
    if (this.used === rows.length) await this.flush();
  }

  /** Writes the last file; the result goes into the index. */
  async finish(): Promise<NonNullable<ShardIndex['origins']>> {
    if (this.used > 0) await this.flush();
    const { families, phrasings, schemas, files } = this;
    return { families: families.names, phrasings: phrasings.names, schemas: schemas.names, files };
  }

  private async flush(): Promise<void> {
    const file = `origins-${String(this.files.length).padStart(5, '0')}.bin`;
    const written = await writeFileAtomic(join(this.folder, file), this.rows.subarray(0, this.used));
    this.files.push({ file, ...written });
    this.used = 0;
  }
}

/**
 * The origins of a corpus's records, in order; one file is in memory at a time.
 * @throws DataError `no-origins` if the corpus has none, `corpus-damaged` if a file is missing or has changed
 */
export async function* readOrigins(folder: string, index: ShardIndex): AsyncGenerator<RecordOrigin> {
  const { origins } = index;
  if (origins === undefined) {
    throw new DataError({
      code: 'no-origins',
      file: folder,
      message: 'the corpus does not say where its records come from',
      hint: 'build the corpus again',
    });
  }
  for (const part of origins.files) {
    const rows = await readPart(folder, part);
    for (let at = 0; at < rows.length; at += ROW_BYTES) {
      yield {
        family: origins.families[rows.readUInt16LE(at)]!,
        phrasing: origins.phrasings[rows.readUInt16LE(at + 2)]!,
        schema: origins.schemas[rows.readUInt16LE(at + 4)]!,
        joins: rows.readUInt16LE(at + 6),
        questionSkeleton: rows.readUIntLE(at + 8, 6),
        sqlSkeleton: rows.readUIntLE(at + 14, 6),
      };
    }
  }
}

/** Reads a file that the index lists. @throws DataError `corpus-damaged` if it is missing or has changed */
export async function readPart(folder: string, { file, sha256: expected }: CorpusPart): Promise<Buffer> {
  const path = join(folder, file);
  const fail = (message: string): DataError =>
    new DataError({ code: 'corpus-damaged', file: path, message, hint: 'build the corpus again' });
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw fail(`${whyUnreadable(cause)}, though the index lists it`);
  });
  if (sha256(bytes) !== expected)
    throw fail('its content has changed since it was written (SHA-256 differs)');
  return bytes;
}
