import { trace } from '../tensor/recorder.js';
import type { Lifetime, Recorder } from '../tensor/recording.js';
import { alignUp, type Storage } from '../tensor/storage.js';
import { Tensor } from '../tensor/tensor.js';
import type { Gpu } from './device.js';

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

/** What one run of `body` would take: no kernel is compiled, and the device may be one that only plans. */
export function planProgram(
  gpu: Gpu,
  body: () => unknown,
): { bytes: number; flops: number; dispatches: number } {
  const { recording, outputs } = trace(gpu, body);
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  const plan = planMemory(recording.lifetimes(kept));
  for (const { bytes, tenants } of plan) gpu.buffers.assertFits(tenants[0]!.storage.label, bytes);
  return {
    bytes: plan.reduce((sum, buffer) => sum + buffer.bytes, 0),
    flops: recording.dispatches.reduce((sum, { work }) => sum + (work.flops ?? 0), 0),
    dispatches: recording.dispatches.length,
  };
}

/** Plans the memory of a recording and allocates it. The storages of `outputs` are kept to the end. */
export function assignMemory(
  gpu: Gpu,
  recording: Recorder,
  outputs: unknown,
): { buffers: GPUBuffer[]; lifetimes: Lifetime[] } {
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  const lifetimes = recording.lifetimes(kept);
  const buffers: GPUBuffer[] = [];
  try {
    for (const { bytes, tenants } of planMemory(lifetimes)) {
      const buffer = gpu.buffers.allocate(tenants[0]!.storage.label, bytes);
      buffers.push(buffer);
      for (const { storage } of tenants) storage.buffer = buffer;
    }
  } catch (error) {
    buffers.forEach((buffer) => gpu.buffers.release(buffer));
    throw error;
  }
  return { buffers, lifetimes };
}

function collectStorages(value: unknown, into: Set<Storage>): void {
  if (value instanceof Tensor) into.add(value.storage.root);
  else if (value instanceof Map) value.forEach((item) => collectStorages(item, into));
  else if (Array.isArray(value)) value.forEach((item) => collectStorages(item, into));
  else if (value && Object.getPrototypeOf(value) === Object.prototype) {
    Object.values(value).forEach((item) => collectStorages(item, into));
  }
}
