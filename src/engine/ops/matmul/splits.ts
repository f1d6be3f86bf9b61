import type { Product } from './product.js';

/** Multiprocessors of an H100. A GPU with fewer loses little by more parts: each of them is still long. */
const MULTIPROCESSORS = 132;
/** The least numbers of K in a part: below that, writing and adding the parts costs too much. */
const LEAST_PART = 512;

/**
 * Parts of K, so that a GPU has `each` workgroups for every multiprocessor although the tiles of C are few, as they are in
 * the gradient of a weight; more where a part would have more than `longest` numbers of K. 1 where C is not f32, and on software adapters, whose cores are few, unless the number of
 * multiprocessors was given.
 */
export function splitsFor(
  { batch, M, N, K, types, software, device }: Product,
  [rows, columns]: readonly [rows: number, columns: number],
  each: number,
  longest = Infinity,
): number {
  const multiprocessors = device.choices?.multiprocessors ?? (software ? undefined : MULTIPROCESSORS);
  if (multiprocessors === undefined || types.C !== 'f32' || batch > 1) return 1;
  const tiles = Math.ceil(M / rows) * Math.ceil(N / columns);
  const wanted = Math.max(Math.ceil((each * multiprocessors) / tiles), Math.ceil(K / longest));
  return Math.max(1, Math.min(wanted, Math.floor(K / LEAST_PART)));
}
