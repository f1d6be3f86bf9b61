import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { Gpu } from '../gpu/device.js';
import { record } from '../gpu/program.js';
import { recorder } from '../tensor/recorder.js';
import { gridFor } from '../tensor/grid.js';
import { inRanges } from '../tensor/split.js';
import { sizeOf } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import type { ParameterSpec } from './config.js';

/** A stretch of parameters that lie side by side in one buffer and share their weight decay. */
export interface Arena {
  decay: boolean;
  weights: Tensor;
  /** Absent in a model that only decodes. */
  grads: Tensor | undefined;
  /** The weights in f16, where products read them so; matrices have it, norms do not. */
  half: Tensor | undefined;
}

export interface ParameterOptions {
  trainable: boolean;
  /** Keep a copy of the matrices in f16, for products of f16. */
  halves?: boolean;
}

/** Elements from which a view may start, in f32 and in f16: 256 bytes and more. */
const STRIDE = 128;

const padded = (shape: readonly number[]): number => Math.ceil(sizeOf(shape) / STRIDE) * STRIDE;

/**
 * The parameters of a model. They lie in few flat buffers, so that the optimizer is a few dispatches whatever the
 * number of tensors; each tensor is a view into one. The padding between tensors stays zero.
 */
export class Parameters {
  readonly tensors = new Map<string, Tensor>();
  readonly arenas: Arena[] = [];

  constructor(
    readonly gpu: Gpu,
    readonly specs: readonly ParameterSpec[],
    options: ParameterOptions,
  ) {
    const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    for (const decay of [true, false]) {
      let group: ParameterSpec[] = [];
      let bytes = 0;
      for (const spec of specs.filter((candidate) => candidate.decay === decay)) {
        const own = 4 * padded(spec.shape);
        if (group.length && bytes + own > limit) {
          this.#addArena(group, decay, options);
          group = [];
          bytes = 0;
        }
        group.push(spec);
        bytes += own;
      }
      if (group.length) this.#addArena(group, decay, options);
    }
  }

  #addArena(specs: ParameterSpec[], decay: boolean, { trainable, halves }: ParameterOptions): void {
    const elements = specs.reduce((sum, { shape }) => sum + padded(shape), 0);
    const kind = decay ? 'matrices' : 'norms';
    const weights = this.gpu.tensor([elements], undefined, { label: `weights (${kind})` });
    const grads = trainable
      ? this.gpu.tensor([elements], undefined, { label: `gradients (${kind})` })
      : undefined;
    const half =
      halves && decay
        ? this.gpu.tensor([elements], undefined, { label: `weights (${kind}, f16)`, dtype: 'f16' })
        : undefined;
    let start = 0;
    for (const { name, shape } of specs) {
      const tensor = weights.view(shape, start, name);
      tensor.requiresGrad = trainable;
      tensor.grad = grads?.view(shape, start, `d ${name}`);
      tensor.half = half?.view(shape, start, `${name} (f16)`);
      this.tensors.set(name, tensor);
      start += padded(shape);
    }
    this.arenas.push({ decay, weights, grads, half });
  }

  /** Records the copying of all weights that have a copy in f16. */
  recordHalves(): void {
    const kernel = this.gpu.kernels.get('to_half');
    for (const { weights, half } of this.arenas) {
      if (!half) continue;
      for (const [X, Y] of inRanges(weights, half)) {
        const N = X!.size / 4;
        recorder().dispatch(kernel, { X: X!, Y: Y! }, { N }, gridFor(kernel, N), { bytes: 24 * N });
      }
    }
  }

  /** Makes the copies in f16 anew, after weights were written from outside. */
  async refreshHalves(): Promise<void> {
    if (!this.arenas.some(({ half }) => half)) return;
    const program = await record(this.gpu, () => this.recordHalves());
    program.run();
    program.dispose();
  }

  get(name: string): Tensor {
    return this.tensors.get(name)!;
  }

  /** Seeded initial values; the same seed gives the same bytes. */
  initialise(seed: number): void {
    const normal = normalNumbers(seed);
    for (const { name, shape, std, mean } of this.specs) {
      const values = new Float32Array(sizeOf(shape)).fill(mean);
      if (std > 0) values.forEach((_, i) => (values[i] = mean + std * normal()));
      this.get(name).write(values);
    }
  }

  dispose(): void {
    for (const { weights, grads, half } of this.arenas) {
      weights.dispose();
      grads?.dispose();
      half?.dispose();
    }
  }
}

/** Standard normal numbers (Box and Muller 1958), two for each pair of uniform ones. */
function normalNumbers(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(generator)));
    const angle = 2 * Math.PI * uniformFloat64(generator);
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
