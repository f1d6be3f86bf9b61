import type { Gpu } from '../../src/engine/gpu/device.js';

/** What an engine asks of WebGPU in one run: the same on any adapter. */
export interface Counts {
  dispatches: number;
  submits: number;
  /** Calls of `writeBuffer`, and buffers that are mapped when they are made. */
  writes: number;
  newBuffers: number;
  /** Bytes of the buffers that exist: made and not destroyed. */
  liveBytes: number;
}

type Method = (this: object, ...args: unknown[]) => unknown;

/** Calls `before` ahead of a method of every object of this kind. */
function observe(prototype: object, name: string, before: (self: object, args: unknown[]) => void): void {
  const methods = prototype as Record<string, Method>;
  const original = methods[name]!;
  methods[name] = function (...args) {
    before(this, args);
    return original.apply(this, args);
  };
}

/**
 * Counts the WebGPU calls of all engines of this process. They run one at a time, so what is counted while one runs is its
 * own, whichever device it uses.
 */
export class Counters {
  readonly #now: Counts = { dispatches: 0, submits: 0, writes: 0, newBuffers: 0, liveBytes: 0 };
  readonly #bytes = new WeakMap<object, number>();

  constructor({ device }: Gpu) {
    const now = this.#now;
    const kinds = samplePrototypes(device);
    observe(kinds.pass, 'dispatchWorkgroups', () => now.dispatches++);
    observe(kinds.pass, 'dispatchWorkgroupsIndirect', () => now.dispatches++);
    observe(kinds.queue, 'submit', () => now.submits++);
    observe(kinds.queue, 'writeBuffer', () => now.writes++);
    observe(kinds.buffer, 'destroy', (buffer) => {
      now.liveBytes -= this.#bytes.get(buffer) ?? 0;
      this.#bytes.delete(buffer);
    });
    const methods = kinds.device as Record<string, Method>;
    const createBuffer = methods['createBuffer']!;
    const bytes = this.#bytes;
    methods['createBuffer'] = function (...args) {
      const { size, mappedAtCreation = false } = args[0] as GPUBufferDescriptor;
      const buffer = createBuffer.apply(this, args) as object;
      bytes.set(buffer, size);
      now.newBuffers++;
      now.liveBytes += size;
      if (mappedAtCreation) now.writes++;
      return buffer;
    };
  }

  /** The counts so far; the difference of two is what happened between them. */
  get now(): Counts {
    return { ...this.#now };
  }
}

function samplePrototypes(device: GPUDevice): Record<'device' | 'queue' | 'pass' | 'buffer', object> {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.end();
  const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_DST });
  buffer.destroy();
  encoder.finish();
  const prototypeOf = (object: object): object => Object.getPrototypeOf(object) as object;
  return {
    device: prototypeOf(device),
    queue: prototypeOf(device.queue),
    pass: prototypeOf(pass),
    buffer: prototypeOf(buffer),
  };
}

/** What one run did; `liveBytes` are those that came since before the engine prepared the task. */
export function countsBetween(before: Counts, after: Counts, liveBefore: number): Counts {
  return {
    dispatches: after.dispatches - before.dispatches,
    submits: after.submits - before.submits,
    writes: after.writes - before.writes,
    newBuffers: after.newBuffers - before.newBuffers,
    liveBytes: after.liveBytes - liveBefore,
  };
}
