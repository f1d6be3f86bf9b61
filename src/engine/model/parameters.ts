import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { alignUp } from '../gpu/buffers.js';
import type { Gpu } from '../gpu/device.js';
import { sizeOf, Tensor } from '../tensor.js';
import type { ParameterSpec } from './config.js';

/** A stretch of parameters that lie side by side in one buffer and share their weight decay. */
export interface Arena {
  decay: boolean;
  weights: Tensor;
  /** Absent in a model that only decodes. */
  grads: Tensor | undefined;
}

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
    options: { trainable: boolean },
  ) {
    const limit = Math.min(gpu.device.limits.maxStorageBufferBindingSize, gpu.device.limits.maxBufferSize);
    for (const decay of [true, false]) {
      let group: ParameterSpec[] = [];
      let bytes = 0;
      for (const spec of specs.filter((candidate) => candidate.decay === decay)) {
        const own = alignUp(4 * sizeOf(spec.shape));
        if (group.length && bytes + own > limit) {
          this.#addArena(group, decay, options.trainable);
          group = [];
          bytes = 0;
        }
        group.push(spec);
        bytes += own;
      }
      if (group.length) this.#addArena(group, decay, options.trainable);
    }
  }

  #addArena(specs: ParameterSpec[], decay: boolean, trainable: boolean): void {
    const elements = specs.reduce((sum, { shape }) => sum + alignUp(4 * sizeOf(shape)) / 4, 0);
    const kind = decay ? 'matrices' : 'norms';
    const weights = this.gpu.tensor([elements], undefined, { label: `weights (${kind})` });
    const grads = trainable
      ? this.gpu.tensor([elements], undefined, { label: `gradients (${kind})` })
      : undefined;
    let start = 0;
    for (const { name, shape } of specs) {
      const tensor = weights.view(shape, start, name);
      tensor.requiresGrad = trainable;
      tensor.grad = grads?.view(shape, start, `d ${name}`);
      this.tensors.set(name, tensor);
      start += alignUp(4 * sizeOf(shape)) / 4;
    }
    this.arenas.push({ decay, weights, grads });
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
    for (const { weights, grads } of this.arenas) {
      weights.dispose();
      grads?.dispose();
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
