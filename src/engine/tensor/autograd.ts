import { ShapeError } from '../errors.js';
import { gridFor } from './grid.js';
import { recorder } from './recorder.js';
import type { Recorder } from './recording.js';
import { formatShape, sameShape } from './shape.js';
import { inRanges } from './split.js';
import type { Storage } from './storage.js';
import type { Tensor } from './tensor.js';

/** One op on the tape: what went in, what came out, and how a gradient flows back through it. */
export interface TapeNode {
  op: string;
  /** Module path where the op was recorded. */
  path?: string | undefined;
  inputs: readonly Tensor[];
  output: Tensor;
  /** Dispatches the kernels that turn `dOutput` into gradients of the inputs, by way of `grads`. */
  backward(dOutput: Tensor, grads: Gradients): void;
}

/** The ops to differentiate in each recording, oldest first. */
const tapes = new WeakMap<Recorder, TapeNode[]>();

function tapeOf(recording: Recorder): TapeNode[] {
  let tape = tapes.get(recording);
  if (!tape) tapes.set(recording, (tape = []));
  return tape;
}

/** Where a gradient is to be written, and whether to add to what is there. */
export interface GradientTarget {
  tensor: Tensor;
  accumulate: boolean;
}

/** Names the op's dispatches, and appends it to the tape when any of its inputs wants a gradient. */
export function track(node: TapeNode): Tensor {
  const recording = recorder();
  recording.attribute(node.op, 'forward');
  if (node.inputs.some((input) => input.requiresGrad)) {
    node.output.requiresGrad = true;
    node.path = recording.path;
    tapeOf(recording).push(node);
  }
  return node.output;
}

export interface BackwardOptions {
  /** Add to the gradients that parameters hold already, instead of replacing them (micro-batches). */
  accumulate?: boolean | undefined;
  /** d L / d `loss`, where `loss` is no scalar but a tensor that a later L depends on; 1 unless told. */
  seed?: Tensor | undefined;
  /** Tensors whose gradient is wanted though they own no `grad`. */
  wanted?: readonly Tensor[] | undefined;
}

/**
 * Records the backward pass of everything recorded so far, from `loss` (one element) to every leaf that requires a
 * gradient. A leaf with a `grad` tensor of its own receives it there.
 *
 * @returns the gradients of `options.wanted`, in order
 * @throws ShapeError when `loss` is no scalar or does not depend on anything that requires a gradient
 */
export function backward(loss: Tensor, options: BackwardOptions = {}): Tensor[] {
  const { seed } = options;
  if (!seed && loss.size !== 1) {
    throw new ShapeError(
      'backward',
      `the loss is one number, not ${formatShape(loss.shape)}, unless a seed is given`,
    );
  }
  const recording = recorder();
  const tape = tapeOf(recording).splice(0);
  if (!tape.some((node) => node.output === loss)) {
    throw new ShapeError('backward', 'the loss depends on no tensor that requires a gradient');
  }
  const grads = new Gradients(recording, options.accumulate ?? false, options.wanted ?? []);
  grads.start(loss, seed);
  recording.attribute('loss', 'backward');
  for (const node of tape.reverse()) {
    const dOutput = grads.of(node.output);
    if (!dOutput) continue;
    node.backward(dOutput, grads);
    recording.attribute(node.op, 'backward', node.path);
    if (!grads.wanted.includes(node.output)) grads.settle(node.output);
  }
  return (options.wanted ?? []).map((tensor) => {
    const grad = grads.of(tensor);
    if (!grad) throw new ShapeError('backward', `no gradient reaches ${tensor.label}`);
    return grad;
  });
}

/** The gradients known so far during one backward pass. */
export class Gradients {
  readonly #found = new Map<Tensor, Tensor>();
  /** How many unsettled gradients share a storage: `add` hands one tensor to both of its operands. */
  readonly #holders = new Map<Storage, number>();

  constructor(
    readonly recording: Recorder,
    readonly accumulateLeaves: boolean,
    /** Tensors whose gradient the caller reads in the end. */
    readonly wanted: readonly Tensor[],
  ) {}

  /** d loss / d loss is 1, or what the caller says. */
  start(loss: Tensor, seed?: Tensor): void {
    if (seed) {
      this.#set(loss, seed);
      // The caller's tensor is nobody's to add to: one holder more than there are gradients.
      this.#holders.set(seed.storage.root, 2);
      return;
    }
    const one = this.recording.tensor(loss.shape, 'd loss');
    const kernel = loss.gpu.kernels.get('fill');
    this.recording.dispatch(kernel, { Y: one }, { N: one.size, value: 1 }, gridFor(kernel, one.size));
    this.#set(loss, one);
  }

  of(tensor: Tensor): Tensor | undefined {
    return this.#found.get(tensor);
  }

  /**
   * Where a kernel writes its contribution to the gradient of `input`; undefined where none is wanted. The kernel
   * must honour `accumulate`.
   */
  target(input: Tensor): GradientTarget | undefined {
    if (!input.requiresGrad) return undefined;
    const known = this.#found.get(input);
    if (!known) {
      const tensor = input.grad ?? this.recording.tensor(input.shape, `d ${input.label}`, input.dtype);
      this.#set(input, tensor);
      return { tensor, accumulate: input.grad !== undefined && this.accumulateLeaves };
    }
    // A parameter's own gradient is nobody else's, though it shares the storage of its arena.
    if (known !== input.grad && this.#holders.get(known.storage.root)! > 1) {
      // Somebody else still has to read this storage as its own gradient: add to a copy.
      const copy = this.recording.tensor(input.shape, `d ${input.label}`, known.dtype);
      this.#dispatch('copy', known, copy);
      this.#release(known);
      this.#set(input, copy);
      return { tensor: copy, accumulate: true };
    }
    return { tensor: known, accumulate: true };
  }

  /** Whether nobody but `output`'s own op reads its gradient: that op may then change it where it lies. */
  isExclusive(output: Tensor): boolean {
    const gradient = this.#found.get(output);
    if (!gradient || this.wanted.includes(output)) return false;
    return this.#holders.get(gradient.storage.root) === 1;
  }

  /** Hands over a finished gradient without a copy, where `input` has none yet. */
  pass(input: Tensor, gradient: Tensor): void {
    if (!input.requiresGrad) return;
    if (!sameShape(input.shape, gradient.shape)) {
      throw new ShapeError(
        'backward',
        `${input.label} is ${formatShape(input.shape)}, its gradient ${formatShape(gradient.shape)}`,
      );
    }
    if (!this.#found.has(input) && !input.grad) {
      this.#set(input, gradient);
      return;
    }
    const { tensor, accumulate } = this.target(input)!;
    this.#dispatch(accumulate ? 'accumulate' : 'copy', gradient, tensor);
  }

  /** The op that made `output` has read its gradient: nobody needs it any more. */
  settle(output: Tensor): void {
    const gradient = this.#found.get(output);
    if (!gradient) return;
    this.#found.delete(output);
    this.#release(gradient);
  }

  #set(tensor: Tensor, gradient: Tensor): void {
    this.#found.set(tensor, gradient);
    const { root } = gradient.storage;
    this.#holders.set(root, (this.#holders.get(root) ?? 0) + 1);
  }

  #release(gradient: Tensor): void {
    const { root } = gradient.storage;
    this.#holders.set(root, this.#holders.get(root)! - 1);
  }

  #dispatch(name: 'copy' | 'accumulate', from: Tensor, to: Tensor): void {
    if (from.dtype !== to.dtype) {
      throw new ShapeError('backward', `a gradient in ${from.dtype} meets ${to.label} in ${to.dtype}`);
    }
    const flags = name === 'accumulate' ? { flags: { F16: from.dtype === 'f16' } } : {};
    const kernel = from.gpu.kernels.get(name, flags);
    for (const [X, Y] of inRanges(from, to)) {
      // A word is one f32, or two f16.
      const N = X!.bytes / 4;
      this.recording.dispatch(kernel, { X: X!, Y: Y! }, { N }, gridFor(kernel, N), {
        flops: name === 'copy' ? 0 : X!.size,
        bytes: X!.bytes * (name === 'copy' ? 2 : 3),
      });
    }
  }
}
