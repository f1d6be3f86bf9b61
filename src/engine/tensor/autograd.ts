import { EngineError, ShapeError } from '../errors.js';
import { gridFor } from './grid.js';
import { recorder } from './recorder.js';
import type { Recorder } from './recording.js';
import { formatShape, sameShape } from './shape.js';
import { inRanges } from './split.js';
import type { Storage } from './storage.js';
import type { Tensor } from './tensor.js';

/** One op on the tape: its inputs, its output, and how a gradient flows back through it. */
export interface TapeNode {
  op: string;
  /** Module path where the op was recorded. */
  path?: string | undefined;
  inputs: readonly Tensor[];
  output: Tensor;
  /** Dispatches the kernels that turn `dOutput` into gradients of the inputs, written to `grads`. */
  backward(dOutput: Tensor, grads: Gradients): void;
}

/** The ops to differentiate in each recording, oldest first. */
const tapes = new WeakMap<Recorder, TapeNode[]>();

function tapeOf(recording: Recorder): TapeNode[] {
  let tape = tapes.get(recording);
  if (!tape) tapes.set(recording, (tape = []));
  return tape;
}

/** Runs `body` with a tape of its own. @returns its result, and the ops to differentiate */
export function withTape<T>(recording: Recorder, body: () => T): { result: T; tape: TapeNode[] } {
  const outer = tapeOf(recording);
  const tape: TapeNode[] = [];
  tapes.set(recording, tape);
  try {
    return { result: body(), tape };
  } finally {
    tapes.set(recording, outer);
  }
}

/** Tensors inside the body of a `recompute`, whose gradients nobody outside it can ask for. */
const hidden = new WeakSet<Tensor>();

/** Refuses these tensors to every op that would differentiate them from now on. */
export function hide(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) hidden.add(tensor);
}

/** Where to write a gradient, and whether to add to what is there. */
export interface GradientTarget {
  tensor: Tensor;
  accumulate: boolean;
}

/**
 * Names the op's dispatches, and appends it to the tape if any input requires a gradient.
 *
 * @throws ShapeError when an input is a view that would cut off a gradient
 * @throws EngineError `inside-recompute` for an input that was made inside a `recompute` that is over
 */
export function track(node: TapeNode): Tensor {
  const recording = recorder();
  recording.attribute(node.op, 'forward');
  for (const input of node.inputs) {
    if (hidden.has(input)) {
      throw new EngineError(
        'inside-recompute',
        `${node.op}: ${input.label} ${formatShape(input.shape)} was made inside recompute, which computes it again for ` +
          'the backward pass; only the result of recompute can be used outside it',
      );
    }
    if (!input.cutsGradient) continue;
    throw new ShapeError(
      node.op,
      `${input.label} ${formatShape(input.shape)} is a view of a tensor that requires a gradient, and none flows ` +
        'through a view; use ops.reshape',
    );
  }
  if (node.inputs.some((input) => input.requiresGrad)) {
    node.output.requiresGrad = true;
    node.path = recording.path;
    tapeOf(recording).push(node);
  }
  return node.output;
}

export interface BackwardOptions {
  /** Adds to the parameters' gradients instead of replacing them, for micro-batches (default false). */
  accumulate?: boolean | undefined;
  /** dL/d`loss`, in the shape of `loss`, where a later L depends on it (default: 1, and `loss` has one element). */
  seed?: Tensor | undefined;
  /** Tensors whose gradients to return although they have no `grad`. */
  wanted?: readonly Tensor[] | undefined;
}

/**
 * Records the backward pass of everything recorded so far, from `loss` [1] to every leaf that requires a gradient. A leaf
 * with a `grad` tensor receives its gradient there.
 *
 * @returns the gradients of `options.wanted`, in order
 * @throws ShapeError when `loss` has several elements, or depends on nothing that requires a gradient
 * @throws EngineError `inside-recompute` in the body of a `recompute`
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
  if (recording.watcher) {
    throw new EngineError(
      'inside-recompute',
      'backward runs outside recompute, which only records a forward pass',
    );
  }
  const tape = tapeOf(recording).splice(0);
  if (!tape.some((node) => node.output === loss)) {
    throw new ShapeError('backward', 'the loss depends on no tensor that requires a gradient');
  }
  const grads = new Gradients(recording, options.accumulate ?? false, options.wanted ?? []);
  grads.start(loss, seed);
  recording.attribute('loss', 'backward');
  differentiate(tape, grads);
  return (options.wanted ?? []).map((tensor) => {
    const grad = grads.of(tensor);
    if (!grad) throw new ShapeError('backward', `no gradient reaches ${tensor.label}`);
    return grad;
  });
}

/** Walks a tape from its end, and passes every gradient on to the inputs. */
export function differentiate(tape: readonly TapeNode[], grads: Gradients): void {
  for (const node of [...tape].reverse()) {
    const dOutput = grads.of(node.output);
    if (!dOutput) continue;
    node.backward(dOutput, grads);
    grads.recording.attribute(node.op, 'backward', node.path);
    if (!grads.wanted.includes(node.output)) grads.settle(node.output);
  }
}

/** The gradients found so far in one backward pass. */
export class Gradients {
  readonly #found = new Map<Tensor, Tensor>();
  /** How many unsettled gradients share a storage: `add` passes one tensor to both of its operands. */
  readonly #holders = new Map<Storage, number>();

  constructor(
    readonly recording: Recorder,
    readonly accumulateLeaves: boolean,
    /** Tensors whose gradients the caller reads in the end. */
    readonly wanted: readonly Tensor[],
  ) {}

  /** d loss / d loss is 1, or the caller's seed. */
  start(loss: Tensor, seed?: Tensor): void {
    if (seed) {
      this.#set(loss, seed);
      // The extra holder keeps anything from being added to the caller's tensor.
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
   * Where a kernel writes its contribution to the gradient of `input`; undefined if `input` requires none. The kernel
   * must respect `accumulate`.
   */
  target(input: Tensor): GradientTarget | undefined {
    if (!input.requiresGrad) return undefined;
    const known = this.#found.get(input);
    if (!known) {
      const tensor = input.grad ?? this.recording.tensor(input.shape, `d ${input.label}`, input.dtype);
      this.#set(input, tensor);
      return { tensor, accumulate: input.grad !== undefined && this.accumulateLeaves };
    }
    // A parameter's gradient is not shared, although its arena's storage is.
    if (known !== input.grad && this.#holders.get(known.storage.root)! > 1) {
      // Another tensor's gradient is still in this storage: add to a copy.
      const copy = this.recording.tensor(input.shape, `d ${input.label}`, known.dtype);
      this.#dispatch('copy', known, copy);
      this.#release(known);
      this.#set(input, copy);
      return { tensor: copy, accumulate: true };
    }
    return { tensor: known, accumulate: true };
  }

  /** Whether only the op of `output` reads its gradient, and so may overwrite it. */
  isExclusive(output: Tensor): boolean {
    const gradient = this.#found.get(output);
    if (!gradient || this.wanted.includes(output)) return false;
    return this.#holders.get(gradient.storage.root) === 1;
  }

  /** Passes on a finished gradient, without a copy if `input` has none yet. */
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

  /** Gives the gradient of `from` to `to`, the same tensor computed again. */
  hand(from: Tensor, to: Tensor): void {
    const gradient = this.#found.get(from);
    if (!gradient) return;
    this.#set(to, gradient);
    if (!this.wanted.includes(from)) this.settle(from);
  }

  /** Releases the gradient of `output`, which its op has read. */
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
