import { sha256 } from '../../base/files.js';
import type { StoredRecord } from './reader.js';

/** Records by number, encoded: those of a corpus (`ShardSet`), or a list in memory. */
export interface RecordSource {
  readonly records: number;
  /** Identifies the records: a run that is resumed must find the same. */
  readonly fingerprint: string;
  /** Number of tokens of a record. */
  length(record: number): number;
  /** Index of a record's first token that is learned. */
  lossStart(record: number): number;
  read(record: number): StoredRecord;
}

/** Records in memory. */
export class ListedRecords implements RecordSource {
  readonly records: number;

  constructor(private readonly list: readonly StoredRecord[]) {
    this.records = list.length;
  }

  get fingerprint(): string {
    return sha256(JSON.stringify(this.list.map(({ tokens, lossStart }) => [lossStart, ...tokens])));
  }

  length(record: number): number {
    return this.list[record]!.tokens.length;
  }

  lossStart(record: number): number {
    return this.list[record]!.lossStart;
  }

  read(record: number): StoredRecord {
    return this.list[record]!;
  }
}

/** The records of a corpus, and after them other records, repeated until they are a given share of all. */
export class MixedRecords implements RecordSource {
  readonly records: number;
  readonly fingerprint: string;

  /** @param share of the records that are `own`, above 0 and below 1 */
  constructor(
    private readonly corpus: RecordSource,
    private readonly own: RecordSource,
    share: number,
  ) {
    const repeated = Math.max(own.records, Math.round((corpus.records * share) / (1 - share)));
    this.records = corpus.records + repeated;
    this.fingerprint = sha256(`${corpus.fingerprint} ${own.fingerprint} ${this.records}`);
  }

  length(record: number): number {
    const [source, number] = this.#find(record);
    return source.length(number);
  }

  lossStart(record: number): number {
    const [source, number] = this.#find(record);
    return source.lossStart(number);
  }

  read(record: number): StoredRecord {
    const [source, number] = this.#find(record);
    return source.read(number);
  }

  #find(record: number): [RecordSource, number] {
    const { corpus, own } = this;
    return record < corpus.records ? [corpus, record] : [own, (record - corpus.records) % own.records];
  }
}
