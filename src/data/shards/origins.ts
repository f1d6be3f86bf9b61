/**
 * Where the records of a corpus come from: beside the token shards stands, for each record in the same order, a row
 * of 20 bytes, little-endian:
 *
 *     uint16 family · uint16 phrasing · uint16 schema    places in the lists of names in `index.json`
 *     uint16 joins                                       tables joined to the first
 *     uint48 question skeleton · uint48 statement skeleton    see hash48
 *
 * Training does not read it. It is there so that a corpus can be counted and held against its held-out sets
 * without being generated again.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '../../base/files.js';
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

/** Names in the order of their first use. */
class NameList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  place(name: string): number {
    let place = this.places.get(name);
    if (place === undefined) {
      place = this.names.length;
      if (place >= MOST_NAMES) throw new RangeError(`more than ${MOST_NAMES} names of one sort`);
      this.places.set(name, place);
      this.names.push(name);
    }
    return place;
  }
}

/** Writes the rows, a file for as many records as a shard holds; at most one file is in memory. */
export class OriginWriter {
  private readonly families = new NameList();
  private readonly phrasings = new NameList();
  private readonly schemas = new NameList();
  private readonly files: CorpusPart[] = [];
  private readonly rows = Buffer.alloc(RECORDS_PER_SHARD * ROW_BYTES);
  private used = 0;

  constructor(private readonly folder: string) {}

  /** Await it before the next. */
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

  /** Writes the last file; the result belongs into the index. */
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
 * The rows of a corpus in the order of its records; one file is in memory at a time.
 * @throws DataError `no-origins` for a corpus without them, `corpus-damaged` where a file is not what was written
 */
export async function* readOrigins(folder: string, index: ShardIndex): AsyncGenerator<RecordOrigin> {
  const { origins } = index;
  if (origins === undefined) {
    throw new DataError({
      code: 'no-origins',
      file: folder,
      message: 'the corpus does not tell where its records come from',
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

/** A file that the index lists. @throws DataError `corpus-damaged` when it is not what was written */
export async function readPart(folder: string, { file, sha256: expected }: CorpusPart): Promise<Buffer> {
  const path = join(folder, file);
  const fail = (message: string): DataError =>
    new DataError({ code: 'corpus-damaged', file: path, message, hint: 'build the corpus again' });
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw fail(`cannot be read (${cause.code ?? String(cause)}), though the index lists it`);
  });
  if (sha256(bytes) !== expected) throw fail('its content is not what was written (SHA-256 differs)');
  return bytes;
}
