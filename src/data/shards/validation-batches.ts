import { Random } from '../../base/random.js';
import type { CountedBatch } from '../../engine/train/batch.js';
import { LearnedPositions } from './learned-positions.js';
import { packRow } from './pack-row.js';
import { emptyBatch, placeRecord } from './place-record.js';
import type { BatchReaderOptions } from './batch-reader.js';
import { RecordSizes } from './record-sizes.js';
import type { RecordSource } from './record-source.js';

/**
 * Every record once, in packed batches [B,T] as training reads them. The same records and options give the same batches.
 * Records longer than the context are left out.
 */
export function validationBatches(
  records: RecordSource,
  { batchSize, context, padId, prompt, markers }: Omit<BatchReaderOptions, 'seed' | 'packed'>,
): CountedBatch[] {
  const positions = new LearnedPositions(prompt, markers);
  const sizes = new RecordSizes(records, context, positions);
  const pending = [...sizes.fitting];
  const batches: CountedBatch[] = [];
  while (pending.length > 0) {
    const batch = emptyBatch(batchSize, context, { padId, packed: true });
    for (let row = 0; row < batchSize; row++) {
      let first = 0;
      const limits = { positions: context, learned: Infinity, records: Infinity };
      for (const record of packRow(pending, sizes, limits)) {
        const stored = records.read(record);
        const learned = positions.ofPrompt(stored, new Random(0, record));
        placeRecord(batch, stored, { row: row * context, first }, learned);
        first += sizes.positionsOf(record);
      }
    }
    batches.push(batch);
  }
  return batches;
}
