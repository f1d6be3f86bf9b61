import { setTimeout as sleep } from 'node:timers/promises';
import type { Gpu } from '../gpu/device.js';
import type { Tensor } from '../tensor/tensor.js';
import type { AdamW } from './adamw.js';

/** The numbers of one step that are computed on the GPU. */
export interface StepNumbers {
  loss: number;
  /** Global norm of the gradients before clipping. */
  gradNorm: number;
  /** Whether the step changed nothing because its gradients were not finite. */
  skipped: boolean;
  /** The factor of the loss after the step, if gradients pass through f16. */
  lossScale?: number | undefined;
}

/** How long the host runs ahead of the GPU between reads. */
const TARGET_INTERVAL_MS = 1000;
const MAX_STEPS_AHEAD = 64;
/** Loss, norm, clip factor, loss scale. */
const BYTES_PER_STEP = 16;

/** How much longer than usual a step may count as, so that one slow step on a busy machine does not slow the next ones. */
const MOST_GROWTH = 1.05;

/**
 * Milliseconds that a step usually takes. A shorter step counts at once, a longer one little by little: the host sleeps for
 * most of this time, and whatever it sleeps too long becomes part of the next measurement.
 */
export function usualStepMs(usual: number, latest: number): number {
  return usual === 0 ? latest : Math.min(latest, usual * MOST_GROWTH);
}

/**
 * Collects each step's loss and norm on the GPU and reads them in groups. A pending read makes Dawn poll, which takes a
 * whole core (costly on a software adapter), so the host sleeps until the work should be done.
 */
export class MetricsReader {
  #staging: GPUBuffer | undefined;
  #waiting = 0;
  #group = 1;
  #scalesLoss = false;
  #started = performance.now();
  /** Milliseconds per step in the latest group. */
  stepMs = 0;
  #usualMs = 0;

  constructor(readonly gpu: Gpu) {}

  /** Copies the numbers of the step just submitted. @returns whether it is time to `read` */
  note(
    loss: Tensor,
    { clip, lossScale, scalesLoss }: Pick<AdamW, 'clip' | 'lossScale' | 'scalesLoss'>,
  ): boolean {
    this.#staging ??= this.gpu.device.createBuffer({
      label: 'metrics',
      size: MAX_STEPS_AHEAD * BYTES_PER_STEP,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    const at = this.#waiting * BYTES_PER_STEP;
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(loss.storage.buffer!, loss.storage.offset, this.#staging, at, 4);
    encoder.copyBufferToBuffer(clip.storage.buffer!, clip.storage.offset, this.#staging, at + 4, 8);
    encoder.copyBufferToBuffer(
      lossScale.storage.buffer!,
      lossScale.storage.offset,
      this.#staging,
      at + 12,
      4,
    );
    this.gpu.device.queue.submit([encoder.finish()]);
    this.#scalesLoss = scalesLoss;
    this.#waiting++;
    return this.#waiting >= this.#group;
  }

  /** The numbers of all steps since the last read, in order. @throws DeviceError when the device has failed */
  async read(): Promise<StepNumbers[]> {
    const count = this.#waiting;
    if (count === 0) return [];
    const staging = this.#staging!;
    const expected = this.#usualMs * count * 0.9 - (performance.now() - this.#started);
    if (expected > 2) await sleep(expected);
    this.gpu.throwIfFailed();
    await staging.mapAsync(GPUMapMode.READ, 0, count * BYTES_PER_STEP).catch((error: unknown) => {
      this.gpu.throwIfFailed();
      throw error;
    });
    this.gpu.throwIfFailed();
    const values = new Float32Array(staging.getMappedRange(0, count * BYTES_PER_STEP).slice(0));
    staging.unmap();
    this.#waiting = 0;
    const now = performance.now();
    this.stepMs = (now - this.#started) / count;
    this.#usualMs = usualStepMs(this.#usualMs, this.stepMs);
    this.#started = now;
    this.#group = Math.min(MAX_STEPS_AHEAD, Math.max(1, Math.floor(TARGET_INTERVAL_MS / this.stepMs)));
    return Array.from({ length: count }, (_, i) => ({
      loss: values[4 * i]!,
      gradNorm: values[4 * i + 1]!,
      skipped: values[4 * i + 2] === 0,
      lossScale: this.#scalesLoss ? values[4 * i + 3] : undefined,
    }));
  }

  /** Leaves out the time spent elsewhere, such as on writing a checkpoint. */
  restartClock(): void {
    this.#started = performance.now();
  }

  dispose(): void {
    this.#staging?.destroy();
  }
}
