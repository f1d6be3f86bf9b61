import { join } from 'node:path';
import { heldOutFile, TOKENIZER_FILE } from '../files.js';
import {
  HELD_OUT_NAMES,
  type HeldOutName,
  type HeldOutQuestion,
  type HeldOutSets,
} from '../split/held-out.js';
import { DataError } from '../../errors.js';
import { formatOfCorpus, type RecordFormat } from '../../record-format.js';
import type { SchemaBundle } from '../../schema/bundle.js';
import { namesOf } from '../../schema/names.js';
import { SchemaIndex } from '../../schema/schema-index.js';
import type { CorpusKnobs } from '../knobs.js';
import { SampleSource } from '../sample.js';
import { parseRecord, type TrainingRecord } from '../../record.js';
import type { ShardIndex } from '../../shards/format.js';
import { readOrigins, readPart, type RecordOrigin } from '../../shards/origins.js';
import { openShards, type ShardSet } from '../../shards/reader.js';
import { Tokenizer } from '../../tokenizer/tokenizer.js';

/** A training record, decoded from its tokens. */
export interface BuiltRecord {
  number: number;
  record: TrainingRecord;
  tokens: number;
  origin: RecordOrigin;
}

/** A corpus on disk, opened to read its texts: for showing, counting, checking and exporting. */
export class BuiltCorpus {
  private constructor(
    readonly folder: string,
    private readonly shards: ShardSet,
    readonly tokenizer: Tokenizer,
  ) {}

  /** @throws DataError if the corpus is missing, unfinished or damaged */
  static async open(folder: string): Promise<BuiltCorpus> {
    const shards = await openShards(folder);
    try {
      return new BuiltCorpus(folder, shards, await Tokenizer.load(join(folder, TOKENIZER_FILE)));
    } catch (error) {
      shards.close();
      throw error;
    }
  }

  get index(): ShardIndex {
    return this.shards.index;
  }

  /**
   * All training records in order, one in memory at a time.
   * @throws DataError `no-origins`, `corpus-damaged`
   */
  async *records(): AsyncGenerator<BuiltRecord> {
    let number = 0;
    const toSql = await this.translator();
    for await (const origin of readOrigins(this.folder, this.index)) {
      const { tokens } = this.shards.read(number);
      // The end token is not part of the text.
      const record = parseRecord(this.tokenizer.decode(tokens.subarray(0, -1)));
      if (record === undefined) throw this.damaged(`record ${number} is not a training record`);
      const { sql: written } = record;
      const sql = toSql(written, origin.schema);
      const read = sql === written ? record : { ...record, sql, written };
      yield { number, record: read, tokens: tokens.length, origin };
      number++;
    }
    if (number !== this.index.records) {
      throw this.damaged(`it has the origins of ${number} records but holds ${this.index.records}`);
    }
  }

  get format(): RecordFormat {
    return formatOfCorpus(this.index.config, this.folder);
  }

  /** Gives the T-SQL of what a model writes about the schema of that name. */
  private async translator(): Promise<(written: string, schema: string) => string> {
    const { names } = this.format;
    if (names === 'identifiers') return (written) => written;
    const { schemas, config } = this.index;
    if (schemas === undefined) throw this.damaged('it does not hold its schemas');
    const bundles = (await readPart(this.folder, schemas)).toString('utf8').trim().split('\n');
    const { knobs } = config as unknown as { knobs: CorpusKnobs };
    const indexes = bundles.map((line) => new SchemaIndex(JSON.parse(line) as SchemaBundle));
    const source = new SampleSource(indexes, knobs);
    return (written, schema) => {
      const index = source.schemaNamed(schema);
      if (index === undefined) throw this.damaged(`it has no schema ${schema}`);
      return namesOf(index, names).toSql(written);
    };
  }

  /** @throws DataError `no-held-out` for a corpus built without them, `corpus-damaged` */
  async heldOut(set: HeldOutName): Promise<HeldOutQuestion[]> {
    const part = this.index.heldOut?.find(({ name }) => name === set);
    if (part === undefined) {
      throw new DataError({
        code: 'no-held-out',
        file: join(this.folder, heldOutFile(set)),
        message: 'the corpus was built without held-out sets',
        hint: 'build it again',
      });
    }
    const lines = (await readPart(this.folder, part)).toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as HeldOutQuestion);
  }

  async heldOutSets(): Promise<HeldOutSets> {
    const sets = await Promise.all(HELD_OUT_NAMES.map(async (name) => [name, await this.heldOut(name)]));
    return Object.fromEntries(sets) as HeldOutSets;
  }

  close(): void {
    this.shards.close();
  }

  private damaged(message: string): DataError {
    return new DataError({
      code: 'corpus-damaged',
      file: this.folder,
      message,
      hint: 'build the corpus again',
    });
  }
}
