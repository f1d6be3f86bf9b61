import { IGNORE_INDEX } from '../../engine/ops/ignore-index.js';
import type { CountedBatch } from '../../engine/train/batch.js';
import type { StoredRecord } from './reader.js';

/** A batch [B,T] of padding, with its spans if rows are packed. */
export function emptyBatch(
  batchSize: number,
  context: number,
  { padId, packed }: { padId: number; packed: boolean },
): CountedBatch {
  const size = batchSize * context;
  return {
    inputs: new Uint32Array(size).fill(padId),
    targets: new Uint32Array(size).fill(IGNORE_INDEX),
    spans: packed ? paddingSpans(batchSize, context) : undefined,
    tokens: 0,
    lossTokens: 0,
  };
}

/**
 * Writes a record into the row that begins at index `row`, from position `first` onwards.
 *
 * @param ofPrompt the tokens of the prompt that are learned too, ascending
 */
export function placeRecord(
  batch: CountedBatch,
  { tokens, lossStart }: StoredRecord,
  { row, first }: { row: number; first: number },
  ofPrompt: Iterable<number>,
): void {
  const end = first + tokens.length - 1;
  const start = row + first;
  // The last token has no successor, so it is only a target.
  batch.inputs.set(tokens.subarray(0, tokens.length - 1), start);
  batch.targets.set(tokens.subarray(lossStart), start + lossStart - 1);
  const { spans } = batch;
  for (let at = 2 * start; spans && at < 2 * (row + end); at += 2) {
    spans[at] = first;
    spans[at + 1] = end;
  }
  batch.tokens += tokens.length - 1;
  batch.lossTokens += tokens.length - lossStart;
  for (const at of ofPrompt) {
    batch.targets[start + at - 1] = tokens[at]!;
    batch.lossTokens++;
  }
}

/** Spans of rows that are padding throughout: each position sees itself alone. */
function paddingSpans(batchSize: number, context: number): Uint32Array {
  const spans = new Uint32Array(2 * batchSize * context);
  for (let i = 0; i < spans.length; i++) spans[i] = ((i >> 1) % context) + (i & 1);
  return spans;
}
