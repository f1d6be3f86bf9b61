import type { CountedBatch } from '../../engine/train/batch.js';
import { Random } from '../../base/random.js';
import { DataError } from '../errors.js';
import { LearnedPositions, type PartMarkers, type PromptWeights } from './learned-positions.js';
import { packRow } from './pack-row.js';
import { emptyBatch, placeRecord } from './place-record.js';
import type { RecordSource } from './record-source.js';
import { RecordSizes } from './record-sizes.js';

export interface BatchReaderOptions {
  /** Rows per batch, B. */
  batchSize: number;
  /** Positions per row, T. Records with more than T + 1 tokens are left out. */
  context: number;
  padId: number;
  seed: number;
  /** Whether records share rows (default true); otherwise each row is one record, to compare with. */
  packed?: boolean | undefined;
  /** What is learned besides statements (default nothing), and the tokens that begin the parts of a record. */
  prompt?: PromptWeights | undefined;
  markers?: PartMarkers | undefined;
}

/** What a saved state must have in common with the reader that continues from it. */
const SAME = ['version', 'corpus', 'seed', 'context', 'batchSize', 'packed', 'learned'] as const;

/** Version 1 had one record per row and no `pending`. */
const STATE_VERSION = 2;

/** Epochs after which the samples of prompt positions repeat. */
const EPOCHS = 64;

/** Records among which the packer chooses. More fill rows a little better, and make a record wait longer. */
const WINDOW = 256;

/** A reader's state, as JSON for a checkpoint. */
export interface BatchReaderState {
  version: number;
  /** Fingerprint of the corpus. */
  corpus: string;
  seed: number;
  context: number;
  batchSize: number;
  packed: boolean;
  /** The weights of the prompt's parts, as text; absent if only statements are learned. */
  learned?: string | undefined;
  epoch: number;
  /** Records of this epoch that have been drawn. */
  position: number;
  /** Records that have been drawn and not yet returned, in the order in which they were drawn. */
  pending: number[];
}

/**
 * Returns the records of a corpus in an endless series of batches, packed: each row holds as many whole records as fit.
 * Records are drawn epoch by epoch, in an order that depends on seed and epoch number alone and has every record once;
 * the packer takes them from a window of those drawn last. A batch may have records of two epochs.
 */
export class BatchReader {
  /** Number of records that are too long for the context. */
  readonly dropped: number;
  /** Number of records in an epoch. */
  readonly recordsPerEpoch: number;
  readonly sizes: RecordSizes;
  /** The most positions of a batch that are learned. */
  readonly learnedRows: number;
  readonly #shards: RecordSource;
  readonly #options: BatchReaderOptions & { packed: boolean };
  readonly #positions: LearnedPositions;
  #order: Uint32Array;
  #epoch = 0;
  #position = 0;
  #pending: number[] = [];

  /** @throws DataError `batch-options` if a size is not a positive integer, or no record fits */
  constructor(shards: RecordSource, { packed = true, ...options }: BatchReaderOptions) {
    this.#shards = shards;
    this.#options = { ...options, packed };
    for (const field of ['batchSize', 'context'] as const) {
      if (Number.isInteger(options[field]) && options[field] > 0) continue;
      throw new DataError({
        code: 'batch-options',
        field,
        message: `${options[field]} is not a positive integer`,
      });
    }
    const { batchSize, context } = options;
    this.#positions = new LearnedPositions(options.prompt, options.markers);
    this.sizes = new RecordSizes(shards, context, this.#positions);
    const { fitting } = this.sizes;
    if (fitting.length === 0) {
      throw new DataError({
        code: 'batch-options',
        field: 'context',
        message: `none of the ${shards.records} records fits in ${context} tokens`,
        hint: 'build a corpus, or choose a longer context',
      });
    }
    this.recordsPerEpoch = fitting.length;
    this.dropped = shards.records - fitting.length;
    this.learnedRows = packed ? this.sizes.learnedRowsFor(batchSize) : batchSize * context;
    this.#order = this.#shuffle();
  }

  get isPacked(): boolean {
    return this.#options.packed;
  }

  /**
   * The next batch, [B,T], with its spans, or with one record per row without. Rows are padded at their ends. Targets
   * are learned from the first token after `SQL:` up to and including the end token, and where the prompt has a weight, a
   * sample of those before. The caller owns the arrays.
   */
  next(): CountedBatch {
    const { batchSize, context, padId, packed } = this.#options;
    const batch = emptyBatch(batchSize, context, { padId, packed });
    for (let row = 0; row < batchSize; row++) {
      const limits = {
        positions: context,
        learned: this.learnedRows - batch.lossTokens,
        records: packed ? Infinity : 1,
      };
      this.#fillWindow();
      let first = 0;
      for (const record of packRow(this.#pending, this.sizes, limits)) {
        this.#place(record, batch, row * context, first);
        first += this.sizes.positionsOf(record);
      }
    }
    return batch;
  }

  /** Writes a record into the row that begins at index `row`, from position `first` onwards. */
  #place(record: number, batch: CountedBatch, row: number, first: number): void {
    const stored = this.#shards.read(record);
    const random = new Random(this.#options.seed, record * EPOCHS + (this.#epoch % EPOCHS));
    placeRecord(batch, stored, { row, first }, this.#positions.ofPrompt(stored, random));
  }

  state(): BatchReaderState {
    const { seed, context, batchSize, packed } = this.#options;
    return {
      version: STATE_VERSION,
      corpus: this.#shards.fingerprint,
      seed,
      context,
      batchSize,
      packed,
      learned: this.#positions.describe(),
      epoch: this.#epoch,
      position: this.#position,
      pending: [...this.#pending],
    };
  }

  /**
   * Returns to a saved state: the next batch is the one that followed `state()`.
   *
   * @throws DataError `batch-state` if the state is of an older version, or of another corpus or other options
   */
  restore(state: BatchReaderState): void {
    const own = this.state();
    const fail = (field: string, message: string, hint?: string): DataError =>
      new DataError({ code: 'batch-state', field, message, hint });
    for (const field of SAME) {
      if (state[field] === own[field]) continue;
      if (field === 'version') {
        const message =
          'the state was saved before rows were packed, and the batches after it would be others';
        throw fail(field, message, 'train into another folder');
      }
      const hint = 'resume with the corpus and settings that the run began with';
      throw fail(field, `${state[field]} in the saved state, ${own[field]} here`, hint);
    }
    const { epoch, position, pending } = state;
    if (!isCount(epoch) || !isCount(position) || position > this.recordsPerEpoch) {
      throw fail('position', `this corpus has no epoch ${epoch}, record ${position}`);
    }
    const known = new Set(this.sizes.fitting);
    if (!Array.isArray(pending) || pending.length > WINDOW || !pending.every((record) => known.has(record))) {
      throw fail('pending', `it is not a list of at most ${WINDOW} records of this corpus`);
    }
    this.#epoch = epoch;
    this.#position = position;
    this.#pending = [...pending];
    this.#order = this.#shuffle();
  }

  #fillWindow(): void {
    const wanted = this.#options.packed ? Math.min(WINDOW, this.recordsPerEpoch) : 1;
    while (this.#pending.length < wanted) this.#pending.push(this.#draw());
  }

  #draw(): number {
    if (this.#position === this.recordsPerEpoch) {
      this.#epoch++;
      this.#position = 0;
      this.#order = this.#shuffle();
    }
    return this.#order[this.#position++]!;
  }

  /** Fisher–Yates shuffle of the fitting records, for the current epoch. */
  #shuffle(): Uint32Array {
    const random = new Random(this.#options.seed, this.#epoch);
    const order = this.sizes.fitting.slice();
    for (let last = order.length - 1; last > 0; last--) {
      const other = random.int(last + 1);
      const record = order[last]!;
      order[last] = order[other]!;
      order[other] = record;
    }
    return order;
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
