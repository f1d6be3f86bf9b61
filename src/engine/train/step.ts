import { DeviceError } from '../errors.js';
import type { Trace } from '../gpu/trace.js';
import { record, type Program } from '../gpu/program.js';
import type { Parameters } from '../nn/parameters.js';
import type { Tensor } from '../tensor/tensor.js';
import { adamw, type AdamW, type OptimizerSettings } from './adamw.js';
import {
  LanguageBatch,
  NamedBatch,
  type BatchData,
  type BatchField,
  type BatchInputs,
  type BatchSpec,
  type BatchTensors,
} from './batch.js';
import { StepRecipe } from './step-recipe.js';

export interface StepOptions<S extends BatchSpec> {
  /**
   * The inputs of the loss: `[B, T]` for a language model's inputs and targets, or tensors by name, such as
   * `{ x: [64, 2], label: { shape: [64], dtype: 'u32' } }`.
   */
  batch: S;
  /** Default: `adamw()`. */
  optimizer?: OptimizerSettings | undefined;
  /** Batches whose gradients are averaged before one update (default 1). */
  microBatches?: number | undefined;
  /** Whether to look for NaNs and infinities, for `TrainStep.verify`; several times slower (default false). */
  checkFinite?: boolean | undefined;
}

/**
 * Records a training step of any parameters and any loss: forward, backward, gradient clipping, AdamW.
 *
 * @param loss called once, while the step is recorded; returns the mean loss of a batch, [1] f32
 * @returns a step that can be run any number of times; dispose of it in the end
 * @throws ShapeError, DeviceError whatever the ops of the loss throw
 *
 * @example
 * const step = await trainStep(model.parameters, (batch) => model.loss(batch), { batch: [16, 64] });
 * for (const batch of windows(ids, { batch: [16, 64], steps: 100 })) await step.run(batch);
 * console.log(await step.loss());
 */
export async function trainStep<const S extends BatchSpec>(
  parameters: Parameters,
  loss: (batch: BatchTensors<S>) => Tensor,
  options: StepOptions<S>,
): Promise<TrainStep<BatchData<S>>> {
  const { batch, optimizer = adamw(), microBatches = 1, checkFinite = false } = options;
  const inputs = (lossScale: Tensor | undefined): BatchInputs<BatchTensors<S>, BatchData<S>> => {
    const made = isLanguageBatch(batch)
      ? new LanguageBatch(parameters.gpu, batch, { lossScale })
      : new NamedBatch(parameters.gpu, batch as Readonly<Record<string, BatchField>>);
    return made as unknown as BatchInputs<BatchTensors<S>, BatchData<S>>;
  };
  const recipe = new StepRecipe(parameters, loss, inputs, optimizer.options, microBatches);
  return TrainStep.record(recipe, { learningRate: optimizer.learningRate, checkFinite });
}

function isLanguageBatch(batch: BatchSpec): batch is readonly [number, number] {
  return Array.isArray(batch);
}

/** The parts of its recipe that a recorded step needs. */
type RunningRecipe<Data> = Pick<
  StepRecipe<unknown, Data>,
  'parameters' | 'optimizer' | 'inputs' | 'assertCount' | 'dispose'
>;

/** Steps that `run` lets the host submit before it waits. */
const MAX_STEPS_AHEAD = 16;

export interface StepPrograms {
  clear?: Program<unknown> | undefined;
  microBatch: Program<unknown>;
  update?: Program<unknown> | undefined;
}

/**
 * One training step, recorded once: forward, backward, clip, AdamW. With several micro-batches it is three programs:
 * clear the gradients, add those of one micro-batch, update.
 */
export class TrainStep<Data> {
  /** Steps that were run: the next one's number, counted from 0. */
  stepsDone = 0;
  #isStarted = false;
  #isDisposed = false;

  private constructor(
    private readonly recipe: RunningRecipe<Data>,
    private readonly learningRate: (step: number) => number,
    /** The mean loss of the latest step, before its update. [1] */
    readonly lossTensor: Tensor,
    readonly programs: StepPrograms,
    private readonly halves: Program<unknown> | undefined,
  ) {}

  /** The step owns the recipe and disposes of it; if recording fails, this does. */
  static async record<Tensors, Data>(
    recipe: StepRecipe<Tensors, Data>,
    {
      learningRate,
      checkFinite = false,
    }: { learningRate: (step: number) => number; checkFinite?: boolean | undefined },
  ): Promise<TrainStep<Data>> {
    const { parameters } = recipe;
    const names = [...parameters.tensors.values()].flatMap((weight) =>
      [weight, weight.grad, weight.half].filter((tensor) => tensor !== undefined),
    );
    const recorded: Program<unknown>[] = [];
    const keep = async <T>(body: () => T): Promise<Program<T>> => {
      const program = await record(parameters.gpu, body, { checkFinite, names });
      recorded.push(program);
      return program;
    };
    try {
      const { bodies } = recipe;
      const microBatch = await keep(bodies.microBatch);
      const programs = bodies.clear
        ? { clear: await keep(bodies.clear), microBatch, update: await keep(bodies.update) }
        : { microBatch };
      const halves = parameters.hasHalves ? await keep(() => parameters.recordHalves()) : undefined;
      return new TrainStep(recipe, learningRate, recipe.total ?? microBatch.outputs, programs, halves);
    } catch (error) {
      recorded.forEach((program) => program.dispose());
      recipe.dispose();
      throw error;
    }
  }

  get optimizer(): AdamW {
    return this.recipe.optimizer;
  }

  /**
   * Runs one step and, every few steps, waits for the device to catch up, so that the host never runs far ahead.
   *
   * @param batch one micro-batch, or a list of as many as the step was recorded for
   * @throws EngineError `uninitialised` when a parameter has no values
   * @throws ShapeError when the batch does not fit
   * @throws DeviceError `disposed` when the step or its parameters were disposed of
   */
  async run(batch: Data | readonly Data[]): Promise<void> {
    this.submit(batch);
    if (this.stepsDone % MAX_STEPS_AHEAD === 0) await this.recipe.parameters.gpu.idle();
  }

  /**
   * Submits one step without waiting: the parameters change, and `loss` and `optimizer.clip` hold its numbers. The host
   * may write weights before the first step, when their f16 copies are made, and later if it calls `weightsChanged`: the
   * optimizer keeps the copies up to date. Arguments and errors are those of `run`.
   *
   * @param step its number, counted from 0 (default: one more than the last)
   * @param learningRate default: the optimizer's for this step
   */
  submit(
    batch: Data | readonly Data[],
    step = this.stepsDone,
    learningRate: number = this.learningRate(step),
  ): void {
    for (const { program } of this.#phases(batch, step, learningRate)) program.run();
    this.stepsDone = step + 1;
  }

  /** The host has written weights since the last step: their f16 copies are made again before the next one. */
  weightsChanged(): void {
    this.#isStarted = false;
  }

  /** Waits for the steps so far. @returns the mean loss of the latest one, before its update */
  async loss(): Promise<number> {
    return (await this.lossTensor.read())[0]!;
  }

  /**
   * Runs one step, with the same result as `submit`, and times every dispatch separately. The trace receives the GPU's
   * dispatches and the host's work in a step that is not profiled: writing inputs and encoding.
   */
  async profile(
    batch: Data | readonly Data[],
    step: number,
    learningRate: number,
    trace: Trace,
  ): Promise<void> {
    const origin = performance.now();
    let start = origin;
    const host = (name: string, args: Record<string, number> = {}): void => {
      const end = performance.now();
      trace.addHost('training step', name, start - origin, end - origin, args);
      start = end;
    };
    for (const { name, program } of this.#phases(batch, step, learningRate)) {
      host(`write inputs of ${name}`);
      program.encode(); // only for its time: the commands submitted below contain timestamps
      const dispatches = program.dispatchCount;
      host(`encode ${name}`, {
        dispatches,
        'µs per dispatch': (1000 * (performance.now() - start)) / dispatches,
      });
      trace.addDispatches(name, await program.profile());
      start = performance.now();
    }
    this.stepsDone = step + 1;
  }

  /** The programs of one step in their order, each once its inputs have been written. */
  *#phases(
    batch: Data | readonly Data[],
    step: number,
    learningRate: number,
  ): Generator<{ name: string; program: Program<unknown> }> {
    const { parameters, inputs, optimizer } = this.recipe;
    const { clear, microBatch, update } = this.programs;
    if (this.#isDisposed) throw new DeviceError('disposed', 'the training step was disposed of');
    parameters.assertUsable();
    if (!this.#isStarted) {
      parameters.assertInitialised();
      this.halves?.run();
    }
    this.#isStarted = true;
    const batches = (Array.isArray(batch) ? batch : [batch]) as readonly Data[];
    this.recipe.assertCount(batches.length);
    inputs.begin(batches);
    optimizer.prepare(step, learningRate);
    if (clear) yield { name: 'clear', program: clear };
    for (const [i, data] of batches.entries()) {
      inputs.write(data);
      const name = batches.length > 1 ? `micro-batch ${i + 1}` : 'forward, backward, update';
      yield { name, program: microBatch };
    }
    if (update) yield { name: 'update', program: update };
  }

  /**
   * Checks the numbers of the latest step, if it was recorded with `checkFinite`.
   *
   * @throws NumericsError naming the op that first wrote a NaN or an infinity
   */
  async verify(): Promise<void> {
    await this.halves?.verify();
    await this.programs.clear?.verify();
    await this.programs.microBatch.verify();
    await this.programs.update?.verify();
  }

  /** Frees the step's memory; the parameters keep theirs. Disposing again does nothing. */
  dispose(): void {
    this.#isDisposed = true;
    const { clear, microBatch, update } = this.programs;
    for (const owner of [clear, microBatch, update, this.halves, this.recipe]) owner?.dispose();
  }
}
