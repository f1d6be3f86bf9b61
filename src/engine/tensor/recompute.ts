import { EngineError, ShapeError } from '../errors.js';
import { differentiate, hide, track, withTape, type TapeNode } from './autograd.js';
import { recorder } from './recorder.js';
import type { RecordedDispatch, Recorder, Watcher } from './recording.js';
import { formatShape } from './shape.js';
import type { Storage } from './storage.js';
import { Tensor } from './tensor.js';

/**
 * Runs `body` without keeping its activations: the backward pass computes them again from `inputs`, by recording the
 * body a second time (gradient checkpointing, Chen et al. 2016, arXiv:1604.06174). The numbers, gradients included, are
 * those of `body(...inputs)` to the bit. What the backward pass does not read is not computed again; what
 * `keepResults` keeps is not either. Calls may be nested. Without a backward pass the body runs once.
 *
 * @param body records ops on its arguments and on tensors that exist already; it runs twice and must record the same
 *   dispatches both times. Seeds that ops draw themselves, as `dropout` does, repeat.
 * @returns what the body returns: one tensor, the only one of the body that may be used outside it
 * @throws ShapeError when the body returns anything else
 * @throws EngineError `not-repeatable` when the second run records other dispatches than the first
 * @throws EngineError `overwritten` when the body writes a tensor that it did not make, or when a tensor that it reads
 *   was written after it ran
 *
 * @example
 * x = recompute((x) => ops.add(x, mlp(x)), x);
 */
export function recompute<const Inputs extends readonly Tensor[]>(
  body: (...inputs: Inputs) => Tensor,
  ...inputs: Inputs
): Tensor {
  const recording = recorder();
  const again = recording.bookmark();
  const name = recording.path ? `recompute of ${recording.path}` : 'recompute';
  const run = (before?: BodyRun): BodyRun => BodyRun.of(recording, name, () => body(...inputs), before);
  const first = run();
  const { output, tape } = first;
  if (!tape.some((node) => node.output === output)) return output; // no gradient flows through the body
  const made = new Set(tape.map((node) => node.output));
  const outside = new Set(tape.flatMap((node) => node.inputs).filter((input) => !made.has(input)));
  return track({
    op: 'recompute',
    inputs: [...outside],
    output,
    backward(_, grads) {
      first.assertUnchanged();
      const second = again(() => run(first));
      grads.hand(output, second.output);
      differentiate(second.tape, grads);
    },
  });
}

/**
 * Inside the body of a `recompute`: keeps every tensor that `body` makes, so that the backward pass does not compute them
 * again. Worth it for what is small and takes long, such as the result of attention. Elsewhere it only runs `body`.
 *
 * @throws EngineError `overwritten` when `body` writes a tensor that it did not make
 */
export function keepResults<T>(body: () => T): T {
  const { watcher } = recorder();
  return watcher instanceof BodyRun ? watcher.keep(body) : body();
}

/** One run of the body of a `recompute`. */
class BodyRun implements Watcher {
  /** All its dispatches, those of `keepResults` included. */
  readonly #script: RecordedDispatch[] = [];
  /** The storages that it made or kept, each with its number. */
  readonly #made = new Map<Storage, number>();
  /** In the order in which they were made. */
  readonly #kept: Storage[] = [];
  readonly #outer: BodyRun | undefined;
  private isKeeping: boolean;
  /** Dispatches of the recording when it ended. */
  #end = 0;
  #result: { output: Tensor; tape: TapeNode[] } | undefined;

  private constructor(
    private readonly recording: Recorder,
    private readonly name: string,
    /** The first run, if this is the second. */
    private readonly before: BodyRun | undefined,
  ) {
    this.#outer = recording.watcher instanceof BodyRun ? recording.watcher : undefined;
    this.isKeeping = this.#outer?.isKeeping ?? false;
  }

  static of(recording: Recorder, name: string, body: () => Tensor, before?: BodyRun): BodyRun {
    const run = new BodyRun(recording, name, before);
    recording.watcher = run;
    try {
      const { result: output, tape } = withTape(recording, body);
      if (!((output as unknown) instanceof Tensor)) {
        throw new ShapeError('recompute', 'the body must return one tensor');
      }
      if (before && run.#script.length !== before.#script.length) {
        run.#refuse(`the first run recorded ${before.#script.length} dispatches`, run.#script.length);
      }
      hide(tape.map((node) => node.output).filter((tensor) => tensor !== output));
      run.#result = { output, tape };
    } finally {
      recording.watcher = run.#outer;
    }
    run.#end = recording.dispatches.length;
    return run;
  }

  get output(): Tensor {
    return this.#result!.output;
  }

  get tape(): TapeNode[] {
    return this.#result!.tape;
  }

  get isRerun(): boolean {
    return this.#runs().some(({ before }) => before);
  }

  keep<T>(body: () => T): T {
    const outer = this.isKeeping;
    this.isKeeping = true;
    try {
      return body();
    } finally {
      this.isKeeping = outer;
    }
  }

  place(bytes: number, make: () => Storage): Storage {
    // Of nested runs only the outermost can be a second one: an inner body runs again in the backward pass.
    const rerun = this.isKeeping ? this.#runs().find(({ before }) => before) : undefined;
    const storage = rerun ? rerun.before!.#kept[rerun.#kept.length] : make();
    if (storage?.bytes !== bytes)
      return this.#refuse('the first run kept other tensors', this.#script.length);
    for (const run of this.#runs()) {
      run.#made.set(storage, run.#made.size);
      if (this.isKeeping) run.#kept.push(storage);
    }
    return storage;
  }

  admit(dispatch: RecordedDispatch): boolean {
    for (const run of this.#runs()) run.#note(dispatch, this.isKeeping);
    return !(this.isKeeping && this.isRerun);
  }

  #note(dispatch: RecordedDispatch, isKept: boolean): void {
    for (const tensor of writtenBy(dispatch)) {
      const { root } = tensor.storage;
      if (this.#made.has(root) && this.#kept.includes(root) === isKept) continue;
      throw new EngineError(
        'overwritten',
        `${this.name}: ${dispatch.kernel.label} writes ${tensor.label} ${formatShape(tensor.shape)}, which was made ` +
          `outside ${isKept ? 'keepResults' : 'the body, or kept'}: running it again would change the result`,
      );
    }
    const expected = this.before && this.before.#script[this.#script.length];
    if (this.before && !(expected && this.#repeats(dispatch, expected))) {
      const then = expected
        ? `${expected.kernel.label}, or with other tensors or parameters`
        : 'nothing more';
      this.#refuse(`it records ${dispatch.kernel.label}, and the first run ${then}`, this.#script.length + 1);
    }
    this.#script.push(dispatch);
  }

  #repeats(now: RecordedDispatch, then: RecordedDispatch): boolean {
    return (
      now.kernel.label === then.kernel.label &&
      JSON.stringify([now.params, now.grid]) === JSON.stringify([then.params, then.grid]) &&
      now.tensors.every((tensor, slot) => this.#isSame(tensor, then.tensors[slot]!))
    );
  }

  /** Whether both are the same place in the same tensor, which both runs made or neither. */
  #isSame({ storage: now }: Tensor, { storage: then }: Tensor): boolean {
    if (now.offset !== then.offset || now.bytes !== then.bytes) return false;
    const [number, numberThen] = [this.#made.get(now.root), this.before!.#made.get(then.root)];
    return number === numberThen && (number !== undefined || now.root === then.root);
  }

  /** @throws EngineError `overwritten` when a tensor that a second run would read has been written since this run */
  assertUnchanged(): void {
    const read = new Map<Storage, Tensor[]>();
    for (const { tensors } of this.#script) {
      for (const tensor of tensors) {
        const { root } = tensor.storage;
        if (this.#made.has(root) && !this.#kept.includes(root)) continue;
        read.set(root, [...(read.get(root) ?? []), tensor]);
      }
    }
    for (const dispatch of this.recording.dispatches.slice(this.#end)) {
      for (const written of writtenBy(dispatch)) {
        const tensor = read.get(written.storage.root)?.find((candidate) => overlap(candidate, written));
        if (!tensor) continue;
        throw new EngineError(
          'overwritten',
          `${this.name}: ${dispatch.kernel.label} wrote ${tensor.label} ${formatShape(tensor.shape)} after the body ` +
            'read it, so the body cannot run again for the backward pass',
        );
      }
    }
  }

  #refuse(reason: string, place: number): never {
    throw new EngineError(
      'not-repeatable',
      `${this.name}: the body must record the same dispatches when it runs again for the backward pass; at dispatch ` +
        `${place} ${reason}. Pass the tensors that it reads as inputs of recompute`,
    );
  }

  /** This run and those that it is nested in. */
  #runs(): BodyRun[] {
    return this.#outer ? [this, ...this.#outer.#runs()] : [this];
  }
}

function writtenBy({ kernel, tensors }: RecordedDispatch): Tensor[] {
  return tensors.filter((_, slot) => kernel.bindings[slot]!.access === 'read_write');
}

function overlap({ storage: a }: Tensor, { storage: b }: Tensor): boolean {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
