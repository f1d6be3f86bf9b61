import { trace } from '../tensor/recorder.js';
import type { Lifetime, RecordedDispatch, Recorder } from '../tensor/recording.js';
import { alignUp, type Storage } from '../tensor/storage.js';
import { Tensor } from '../tensor/tensor.js';
import type { Gpu } from './device.js';

/** One GPU buffer of the plan, and the storages that share it in turn. */
export interface PlannedBuffer {
  bytes: number;
  tenants: Lifetime[];
}

/**
 * Lets storages that are never alive at once share buffers: largest first, each in the smallest buffer that fits (greedy
 * by size, as in Pisarchyk and Lee 2020, arXiv:2001.03288).
 *
 * Whole buffers are shared, not ranges: WebGPU forbids a dispatch to read and write two ranges of one buffer.
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

/** Memory and work of one run of `body`. No kernel is compiled, and the device may be `Gpu.planning`. */
export function planProgram(
  gpu: Gpu,
  body: () => unknown,
): { bytes: number; flops: number; recomputedFlops: number; dispatches: number } {
  const { recording, outputs } = trace(gpu, body);
  const plan = planMemory(lifetimesOf(recording, outputs));
  const flops = (dispatches: readonly RecordedDispatch[]): number =>
    dispatches.reduce((sum, { work }) => sum + (work.flops ?? 0), 0);
  for (const { bytes, tenants } of plan) gpu.buffers.assertFits(tenants[0]!.storage.label, bytes);
  return {
    bytes: plan.reduce((sum, buffer) => sum + buffer.bytes, 0),
    flops: flops(recording.dispatches),
    recomputedFlops: flops(recording.dispatches.filter(({ isRecomputed }) => isRecomputed)),
    dispatches: recording.dispatches.length,
  };
}

/** Plans and allocates the memory of a recording. The storages of `outputs` are kept to the end. */
export function assignMemory(
  gpu: Gpu,
  recording: Recorder,
  outputs: unknown,
): { buffers: GPUBuffer[]; lifetimes: Lifetime[] } {
  const lifetimes = lifetimesOf(recording, outputs);
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

/** Drops the dispatches that nobody needs, and finds when each storage is alive. */
function lifetimesOf(recording: Recorder, outputs: unknown): Lifetime[] {
  const kept = new Set<Storage>();
  collectStorages(outputs, kept);
  recording.dropUnused(kept);
  return recording.lifetimes(kept);
}

function collectStorages(value: unknown, into: Set<Storage>): void {
  if (value instanceof Tensor) into.add(value.storage.root);
  else if (value instanceof Map) value.forEach((item) => collectStorages(item, into));
  else if (Array.isArray(value)) value.forEach((item) => collectStorages(item, into));
  else if (value && Object.getPrototypeOf(value) === Object.prototype) {
    Object.values(value).forEach((item) => collectStorages(item, into));
  }
}
