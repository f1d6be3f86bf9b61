import { IGNORE_INDEX } from '../../engine/ops/ignore-index.js';
import type { CountedBatch } from '../../engine/train/batch.js';
import { Random } from '../../base/random.js';
import { DataError } from '../errors.js';
import type { ShardSet } from './reader.js';

export interface BatchReaderOptions {
  /** Rows per batch, B. */
  batchSize: number;
  /** Tokens per row, T. Records with more than T + 1 tokens are dropped. */
  context: number;
  padId: number;
  seed: number;
}

/** A reader's position, as JSON for a checkpoint. */
export interface BatchReaderState {
  /** Fingerprint of the corpus. */
  corpus: string;
  seed: number;
  context: number;
  epoch: number;
  /** Records of this epoch that have been returned. */
  position: number;
}

/**
 * Returns the records of a corpus in an endless series of batches. Each epoch is shuffled by seed and epoch number
 * alone and contains every record once. A batch may span two epochs. Two numbers, epoch and position, are the reader's
 * whole state.
 */
export class BatchReader {
  /** Number of records that are too long for the context. */
  readonly dropped: number;
  /** Number of records in an epoch. */
  readonly recordsPerEpoch: number;
  private readonly fitting: Uint32Array;
  private order: Uint32Array;
  private epoch = 0;
  private position = 0;

  /** @throws DataError `batch-options` if a size is not a positive integer, or no record fits */
  constructor(
    private readonly shards: ShardSet,
    private readonly options: BatchReaderOptions,
  ) {
    for (const field of ['batchSize', 'context'] as const) {
      if (Number.isInteger(options[field]) && options[field] > 0) continue;
      throw new DataError({
        code: 'batch-options',
        field,
        message: `${options[field]} is not a positive integer`,
      });
    }
    const fitting: number[] = [];
    for (let record = 0; record < shards.records; record++) {
      if (shards.length(record) <= options.context + 1) fitting.push(record);
    }
    if (fitting.length === 0) {
      throw new DataError({
        code: 'batch-options',
        field: 'context',
        message: `none of the ${shards.records} records fits in ${options.context} tokens`,
        hint: 'build a corpus, or choose a longer context',
      });
    }
    this.fitting = Uint32Array.from(fitting);
    this.recordsPerEpoch = fitting.length;
    this.dropped = shards.records - fitting.length;
    this.order = this.shuffle();
  }

  /**
   * The next batch, [B,T]: one record per row, padded at its end. Targets are learned from the first token after
   * `SQL:` up to and including the end token. The caller owns the arrays.
   */
  next(): CountedBatch {
    const { batchSize, context, padId } = this.options;
    const batch: CountedBatch = {
      inputs: new Uint32Array(batchSize * context).fill(padId),
      targets: new Uint32Array(batchSize * context).fill(IGNORE_INDEX),
      tokens: 0,
      lossTokens: 0,
    };
    for (let row = 0; row < batchSize; row++) {
      const { tokens, lossStart } = this.shards.read(this.nextRecord());
      const start = row * context;
      // The last token has no successor, so it is only a target.
      batch.inputs.set(tokens.subarray(0, tokens.length - 1), start);
      batch.targets.set(tokens.subarray(lossStart), start + lossStart - 1);
      batch.tokens += tokens.length - 1;
      batch.lossTokens += tokens.length - lossStart;
    }
    return batch;
  }

  state(): BatchReaderState {
    return {
      corpus: this.shards.fingerprint,
      seed: this.options.seed,
      context: this.options.context,
      epoch: this.epoch,
      position: this.position,
    };
  }

  /**
   * Returns to a saved position: the next batch is the one that followed `state()`.
   * @throws DataError `batch-state` if the state has another corpus, seed or context
   */
  restore(state: BatchReaderState): void {
    const own = this.state();
    for (const field of ['corpus', 'seed', 'context'] as const) {
      if (state[field] === own[field]) continue;
      throw new DataError({
        code: 'batch-state',
        field,
        message: `${state[field]} in the saved state, ${own[field]} here`,
        hint: 'resume with the corpus and settings that the run began with',
      });
    }
    const { epoch, position } = state;
    if (!isCount(epoch) || !isCount(position) || position > this.recordsPerEpoch) {
      throw new DataError({
        code: 'batch-state',
        field: 'position',
        message: `this corpus has no epoch ${epoch}, record ${position}`,
      });
    }
    this.epoch = epoch;
    this.position = position;
    this.order = this.shuffle();
  }

  private nextRecord(): number {
    if (this.position === this.recordsPerEpoch) {
      this.epoch++;
      this.position = 0;
      this.order = this.shuffle();
    }
    return this.order[this.position++]!;
  }

  /** Fisher–Yates shuffle of the fitting records, for the current epoch. */
  private shuffle(): Uint32Array {
    const random = new Random(this.options.seed, this.epoch);
    const order = this.fitting.slice();
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
