import { alignUp, type Storage } from './buffers.js';

/** Where in the list of dispatches a storage is first and last touched. Kept storages live to the end. */
export interface Lifetime {
  storage: Storage;
  first: number;
  last: number;
}

/** One GPU buffer of the plan, and the storages that take turns in it. */
export interface PlannedBuffer {
  bytes: number;
  tenants: Lifetime[];
}

/**
 * Shares buffers between storages that are never alive at once: largest first, each into the buffer that fits it
 * with the fewest bytes to spare (greedy by size, as in Pisarchyk and Lee 2020, arXiv:2001.03288).
 *
 * Sharing is by whole buffers: WebGPU forbids one dispatch to read and write two ranges of the same buffer.
 */
export function planMemory(lifetimes: readonly Lifetime[]): PlannedBuffer[] {
  const buffers: PlannedBuffer[] = [];
  const bySize = [...lifetimes].sort((a, b) => b.storage.bytes - a.storage.bytes || a.first - b.first);
  for (const lifetime of bySize) {
    let best: PlannedBuffer | undefined;
    for (const buffer of buffers) {
      if (buffer.tenants.some((other) => other.first <= lifetime.last && lifetime.first <= other.last))
        continue;
      if (!best || buffer.bytes < best.bytes) best = buffer;
    }
    if (best) best.tenants.push(lifetime);
    else buffers.push({ bytes: alignUp(Math.max(lifetime.storage.bytes, 1)), tenants: [lifetime] });
  }
  return buffers;
}
