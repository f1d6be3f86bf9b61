import { LearnedPositions } from './learned-positions.js';
import type { RecordExtents } from './pack-row.js';
import type { RecordSource } from './record-source.js';

/** What the records of a corpus take of a batch, and which of them fit into rows of `context` positions. */
export class RecordSizes implements RecordExtents {
  /** Numbers of the records that fit, ascending. */
  readonly fitting: Uint32Array;
  /** Positions of the longest record, whether it fits or not. */
  readonly longest: number;
  /** By record: positions in a row. A record's last token takes none: it has no successor, so it is only a target. */
  readonly #positions: Uint32Array;
  /** By record: the most positions whose target is learned. */
  readonly #learned: Uint32Array;

  constructor(
    shards: RecordSource,
    readonly context: number,
    learned: LearnedPositions = new LearnedPositions(),
  ) {
    const { records } = shards;
    this.#positions = Uint32Array.from({ length: records }, (_, record) => shards.length(record) - 1);
    this.#learned = this.#positions.map((positions, record) =>
      learned.isStatementOnly ? positions + 1 - shards.lossStart(record) : learned.most(shards.read(record)),
    );
    this.fitting = Uint32Array.from(this.#positions.keys()).filter(
      (record) => this.#positions[record]! <= context,
    );
    this.longest = this.#positions.reduce((most, positions) => Math.max(most, positions), 0);
  }

  readonly positionsOf = (record: number): number => this.#positions[record]!;
  readonly learnedOf = (record: number): number => this.#learned[record]!;

  /** The shortest context that holds at least this share of the records. */
  contextFor(share: number): number {
    const ascending = this.#positions.slice().sort();
    return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
  }

  /**
   * How many learned positions to provide for in a batch of full rows, a multiple of 64: one and a half standard
   * deviations more than records in random order have on average, and room for any one record.
   */
  learnedRowsFor(batchSize: number): number {
    const available = batchSize * this.context;
    let [positions, learned, most, squares] = [0, 0, 0, 0];
    for (const record of this.fitting) {
      positions += this.positionsOf(record);
      learned += this.learnedOf(record);
      most = Math.max(most, this.learnedOf(record));
    }
    const share = learned / positions;
    for (const record of this.fitting)
      squares += (this.learnedOf(record) - share * this.positionsOf(record)) ** 2;
    // A batch's records differ independently from what their lengths predict, so their variances add up.
    const deviation = Math.sqrt((squares / positions) * available);
    const wanted = Math.max(most, share * available + 1.5 * deviation);
    return Math.min(available, Math.ceil(wanted / ROWS_MULTIPLE) * ROWS_MULTIPLE);
  }
}

/** The head's products are computed in tiles of 64 rows or more. */
const ROWS_MULTIPLE = 64;
