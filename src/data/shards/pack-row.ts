/** What a record takes: positions of its row, and how many of them are learned. */
export interface RecordExtents {
  positionsOf(record: number): number;
  learnedOf(record: number): number;
}

/** What a row may take at most. */
export interface RowLimits {
  positions: number;
  /** Positions that are learned. */
  learned: number;
  records: number;
}

/**
 * Chooses the records of one row and removes them from `pending`: the one that has waited longest, then again and again
 * the longest that still fits. So the row is nearly full, and every record's turn comes.
 *
 * @param pending records in the order in which they arrived
 * @returns the records of the row, in their order; none if nothing pending fits
 */
export function packRow(
  pending: number[],
  { positionsOf, learnedOf }: RecordExtents,
  limits: RowLimits,
): number[] {
  let { positions, learned } = limits;
  const fits = (record: number): boolean => positionsOf(record) <= positions && learnedOf(record) <= learned;
  const row: number[] = [];
  while (row.length < limits.records) {
    const place = row.length === 0 ? pending.findIndex(fits) : longest(pending, fits, positionsOf);
    if (place === -1) break;
    const [record] = pending.splice(place, 1) as [number];
    row.push(record);
    positions -= positionsOf(record);
    learned -= learnedOf(record);
  }
  return row;
}

/** The place of the longest record that fits, the first of equals; -1 if none does. */
function longest(
  pending: readonly number[],
  fits: (record: number) => boolean,
  positionsOf: (record: number) => number,
): number {
  let best = -1;
  let most = 0;
  pending.forEach((record, place) => {
    const positions = positionsOf(record);
    if (positions <= most || !fits(record)) return;
    best = place;
    most = positions;
  });
  return best;
}
