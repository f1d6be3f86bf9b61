import { DeviceError, EngineError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { record } from '../gpu/program.js';
import { recorder } from '../tensor/recorder.js';
import { gridFor } from '../tensor/grid.js';
import { inRanges } from '../tensor/split.js';
import { sizeOf, type Shape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';
import { defaultInitialisation, writeInitialValues, type Initialisation } from './initialisation.js';

/** One trainable tensor. Linear weights are [out, in], as in PyTorch. */
export interface ParameterSpec extends Initialisation {
  name: string;
  shape: Shape;
  /** Whether weight decay applies: to matrices, not to norms and biases. */
  decay: boolean;
  /** The rows in memory are padded with zeros to a multiple of this; see `Parameters.padded`. */
  rowMultiple?: number | undefined;
}

/** A parameter as a caller declares it: name and shape are enough. */
export type ParameterDeclaration = Pick<ParameterSpec, 'name' | 'shape'> & Partial<ParameterSpec>;

/** Parameters that lie side by side in one buffer and share their weight decay. */
export interface Arena {
  decay: boolean;
  weights: Tensor;
  /** Absent in a model that only decodes. */
  grads: Tensor | undefined;
  /** The f16 copy, if products read one; matrices have it, norms do not. */
  half: Tensor | undefined;
}

export interface ParameterOptions {
  /** Whether to keep gradients (default true). */
  trainable?: boolean | undefined;
  /** Whether to keep an f16 copy of the matrices, for products in f16 (default false). */
  halves?: boolean | undefined;
  /** Gives the parameters their initial values at once; see `Parameters.initialise`. */
  seed?: number | undefined;
  /** What messages call this set (default "parameters"). */
  label?: string | undefined;
}

/** Views start at multiples of this many elements: 256 bytes in f16, 512 in f32. */
const STRIDE = 128;

/** The shape in memory: rows rounded up. */
function paddedShape({ shape, rowMultiple = 1 }: ParameterSpec): Shape {
  return shape.map((extent, axis) => (axis === 0 ? Math.ceil(extent / rowMultiple) * rowMultiple : extent));
}

const elementsOf = (spec: ParameterSpec): number => Math.ceil(sizeOf(paddedShape(spec)) / STRIDE) * STRIDE;

/**
 * A set of trainable tensors. They lie in a few flat buffers, so the optimizer needs only a few dispatches for any number of
 * tensors; each tensor is a view into one. Padding between tensors stays zero.
 *
 * A set has no values until `initialise` is called, a seed is given, or every tensor is written: training, decoding and
 * the first run of any program refuse parameters without them.
 *
 * @example
 * const parameters = new nn.Parameters(gpu, [{ name: 'w', shape: [64, 2] }], { seed: 1 });
 * parameters.get('w'); // a Tensor [64, 2]
 */
export class Parameters {
  /** By name, in the order of their declaration. */
  readonly tensors = new Map<string, Tensor>();
  readonly arenas: Arena[] = [];
  readonly specs: readonly ParameterSpec[];
  readonly label: string;
  readonly #padded = new Map<string, Tensor>();
  #isDisposed = false;

  /** @throws EngineError `duplicate-parameter` for a name that is declared twice */
  constructor(
    readonly gpu: Gpu,
    declarations: readonly ParameterDeclaration[],
    options: ParameterOptions = {},
  ) {
    this.specs = declarations.map((given) => ({
      ...defaultInitialisation(given.shape),
      decay: given.shape.length > 1,
      ...given,
    }));
    this.label = options.label ?? 'parameters';
    const names = new Set<string>();
    for (const { name } of declarations) {
      if (names.has(name)) {
        throw new EngineError('duplicate-parameter', `${this.label}: ${name} is declared twice`);
      }
      names.add(name);
    }
    const limit = Math.min(gpu.limits.maxStorageBufferBindingSize, gpu.limits.maxBufferSize);
    for (const decay of [true, false]) {
      let group: ParameterSpec[] = [];
      let bytes = 0;
      for (const spec of this.specs.filter((candidate) => candidate.decay === decay)) {
        const own = 4 * elementsOf(spec);
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
    if (options.seed !== undefined) this.initialise(options.seed);
  }

  #addArena(specs: ParameterSpec[], decay: boolean, options: ParameterOptions): void {
    const { trainable = true, halves = false } = options;
    const elements = specs.reduce((sum, spec) => sum + elementsOf(spec), 0);
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
    for (const spec of specs) {
      const { name, shape } = spec;
      const view = (extents: Shape): Tensor => {
        const tensor = weights.view(extents, start, name);
        tensor.requiresGrad = trainable;
        tensor.grad = grads?.view(extents, start, `d ${name}`);
        tensor.half = half?.view(extents, start, `${name} (f16)`);
        tensor.assertValues = () => this.#assertWritten(name);
        if (tensor.half) tensor.half.assertValues = tensor.assertValues;
        return tensor;
      };
      this.tensors.set(name, view(shape));
      const inMemory = paddedShape(spec);
      if (sizeOf(inMemory) !== sizeOf(shape)) this.#padded.set(name, view(inMemory));
      start += elementsOf(spec);
    }
    this.arenas.push({ decay, weights, grads, half });
  }

  /** @throws EngineError `no-parameter` for a name that was not declared */
  get(name: string): Tensor {
    const tensor = this.tensors.get(name);
    if (tensor) return tensor;
    const known = [...this.tensors.keys()].join(', ');
    throw new EngineError('no-parameter', `${this.label}: there is no parameter ${name}; known: ${known}`);
  }

  /**
   * The same memory as `get`, with the rows that pad it to its `rowMultiple`. Ops must use one of the two throughout a
   * recording, since each has its own gradient.
   */
  padded(name: string): Tensor {
    return this.#padded.get(name) ?? this.get(name);
  }

  /** Draws the initial values on the host. The same seed gives the same bytes, on any adapter. */
  initialise(seed: number): void {
    let drawn = 0;
    for (const spec of this.specs) drawn = writeInitialValues(this.get(spec.name), spec, seed, drawn);
  }

  /** @throws DeviceError `disposed` */
  assertUsable(): void {
    if (this.#isDisposed) throw new DeviceError('disposed', `${this.label}: the parameters were disposed of`);
  }

  /** @throws EngineError `uninitialised` naming the first parameter without values; DeviceError `disposed` */
  assertInitialised(): void {
    this.assertUsable();
    for (const name of this.tensors.keys()) this.#assertWritten(name);
  }

  #assertWritten(name: string): void {
    if (this.get(name).isWritten || this.padded(name).isWritten) return;
    throw new EngineError(
      'uninitialised',
      `${this.label}: ${name} has no values; call initialise(seed), pass a seed, or load a checkpoint first`,
    );
  }

  /** Whether products read an f16 copy of the matrices. */
  get hasHalves(): boolean {
    return this.arenas.some(({ half }) => half);
  }

  /** Records copying all weights into their f16 copies. */
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

  /** Updates the f16 copies after the host wrote weights. */
  async refreshHalves(): Promise<void> {
    if (!this.hasHalves) return;
    const program = await record(this.gpu, () => this.recordHalves());
    program.run();
    program.dispose();
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const { weights, grads, half } of this.arenas) {
      weights.dispose();
      grads?.dispose();
      half?.dispose();
    }
  }
}
