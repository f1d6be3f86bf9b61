import { backward } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import { Gpu } from '../gpu/device.js';
import { planProgram } from '../gpu/plan.js';
import { record, type Program } from '../gpu/program.js';
import { recorder } from '../tensor/recorder.js';
import type { Trace } from '../gpu/trace.js';
import type { DecoderConfig } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import { TokenBatch } from '../ops/embedding.js';
import { gridFor } from '../tensor/grid.js';
import { inRanges } from '../tensor/split.js';
import type { Tensor } from '../tensor/tensor.js';
import { AdamW, type AdamWOptions } from './adamw.js';

/** What a trainer learns from: rows of tokens and, for each, the token that follows. */
export interface Batch {
  /** [B, T] */
  inputs: Uint32Array;
  /** [B, T], `IGNORE_INDEX` where nothing is to be learned. */
  targets: Uint32Array;
  /** Inputs that are not padding. */
  tokens: number;
  /** Targets that are learned. */
  lossTokens: number;
}

export interface StepShape {
  batchSize: number;
  context: number;
  /** Batches whose gradients are summed before one update. */
  microBatches: number;
}

/**
 * One training step, recorded once: forward, backward, clip, AdamW. With several micro-batches it is three programs:
 * clear the gradients, add one micro-batch's, update.
 */
export class TrainStep {
  private constructor(
    readonly decoder: Decoder,
    readonly optimizer: AdamW,
    readonly shape: StepShape,
    private readonly batch: TokenBatch,
    private readonly targets: Tensor,
    private readonly scale: Tensor,
    private readonly halves: Program<unknown> | undefined,
    /** [1]: the mean loss over all targets of the step. */
    readonly loss: Tensor,
    readonly programs: { clear?: Program<unknown>; microBatch: Program<unknown>; update?: Program<unknown> },
  ) {}

  static async create(
    decoder: Decoder,
    options: AdamWOptions,
    shape: StepShape,
    { checkFinite = false }: { checkFinite?: boolean } = {},
  ): Promise<TrainStep> {
    const { gpu } = decoder;
    const inputs = stepInputs(decoder, options, shape);
    const { optimizer, batch, targets, scale, total } = inputs;
    const bodies = stepBodies(decoder, inputs);
    const names = [...decoder.parameters.tensors.values()].flatMap((weight) =>
      [weight, weight.grad, weight.half].filter((tensor) => tensor !== undefined),
    );
    const recorded: Program<unknown>[] = [];
    const keep = async <T>(body: () => T): Promise<Program<T>> => {
      const program = await record(gpu, body, { checkFinite, names });
      recorded.push(program);
      return program;
    };
    try {
      const microBatch = await keep(bodies.microBatch);
      const programs = bodies.clear
        ? { clear: await keep(bodies.clear), microBatch, update: await keep(bodies.update) }
        : { microBatch };
      const halves =
        decoder.dtype === 'f16' ? await keep(() => decoder.parameters.recordHalves()) : undefined;
      const loss = total ?? microBatch.outputs;
      return new TrainStep(decoder, optimizer, shape, batch, targets, scale, halves, loss, programs);
    } catch (error) {
      recorded.forEach((program) => program.dispose());
      disposeInputs(inputs);
      throw error;
    }
  }

  #halvesAreCurrent = false;

  /**
   * Submits one step; the parameters change, and `loss` and `optimizer.clip` hold its numbers. Weights may be written
   * from outside before the first step only: their copies in f16 are made then, and kept by the optimizer.
   */
  run(batches: readonly Batch[], step: number, learningRate: number): void {
    for (const { program } of this.#phases(batches, step, learningRate)) program.run();
  }

  /**
   * One step with the same result as `run`, every dispatch timed by itself. The trace receives what the GPU did, and
   * what the host does in a step that is not profiled: write inputs, encode.
   */
  async profile(batches: readonly Batch[], step: number, learningRate: number, trace: Trace): Promise<void> {
    const origin = performance.now();
    let start = origin;
    const host = (name: string, args: Record<string, number> = {}): void => {
      const end = performance.now();
      trace.addHost('training step', name, start - origin, end - origin, args);
      start = end;
    };
    for (const { name, program } of this.#phases(batches, step, learningRate)) {
      host(`write inputs of ${name}`);
      program.encode(); // for its time; what is submitted has timestamps in it
      const dispatches = program.dispatchCount;
      host(`encode ${name}`, {
        dispatches,
        'µs a dispatch': (1000 * (performance.now() - start)) / dispatches,
      });
      trace.addDispatches(name, await program.profile());
      start = performance.now();
    }
  }

  /** The programs of one step in their order, each when its inputs have been written. */
  *#phases(
    batches: readonly Batch[],
    step: number,
    learningRate: number,
  ): Generator<{ name: string; program: Program<unknown> }> {
    const { clear, microBatch, update } = this.programs;
    if (!this.#halvesAreCurrent) this.halves?.run();
    this.#halvesAreCurrent = true;
    const lossTokens = batches.reduce((sum, { lossTokens }) => sum + lossTokens, 0);
    this.scale.write(Float32Array.of(1 / Math.max(1, lossTokens)));
    this.optimizer.prepare(step, learningRate);
    if (clear) yield { name: 'clear', program: clear };
    for (const [i, { inputs, targets }] of batches.entries()) {
      this.batch.write(inputs);
      this.targets.write(targets);
      yield {
        name: batches.length > 1 ? `micro-batch ${i + 1}` : 'forward, backward, update',
        program: microBatch,
      };
    }
    if (update) yield { name: 'update', program: update };
  }

  /**
   * Looks at the numbers of the step just run, where `create` was told to check them.
   *
   * @throws NumericsError naming the op that first wrote a NaN or an infinity
   */
  async verify(): Promise<void> {
    await this.halves?.verify();
    await this.programs.clear?.verify();
    await this.programs.microBatch.verify();
    await this.programs.update?.verify();
  }

  dispose(): void {
    Object.values(this.programs).forEach((program: Program<unknown>) => program.dispose());
    this.halves?.dispose();
    const { optimizer, batch, targets, scale } = this;
    const total = this.shape.microBatches > 1 ? this.loss : undefined;
    disposeInputs({ optimizer, batch, targets, scale, total });
  }
}

function disposeInputs({ optimizer, batch, targets, scale, total }: StepInputs): void {
  for (const owner of [optimizer, batch, targets, scale, total]) owner?.dispose();
}

interface StepInputs {
  optimizer: AdamW;
  batch: TokenBatch;
  targets: Tensor;
  scale: Tensor;
  /** [1], only with several micro-batches: the sum of their losses. */
  total: Tensor | undefined;
}

function stepInputs(decoder: Decoder, options: AdamWOptions, shape: StepShape): StepInputs {
  const { gpu } = decoder;
  const { batchSize: B, context: T, microBatches } = shape;
  for (const [field, value] of Object.entries({ batchSize: B, context: T, microBatches })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ShapeError('train', `${field} is ${value}: it must be a positive whole number`);
    }
  }
  if (T > decoder.config.context) {
    throw new ShapeError('train', `context is ${T} and the model's is ${decoder.config.context}`);
  }
  return {
    optimizer: new AdamW(gpu, decoder.parameters, options),
    batch: new TokenBatch(gpu, [B, T], decoder.config.vocabSize),
    targets: gpu.tensor([B * T], undefined, { dtype: 'u32', label: 'targets' }),
    scale: gpu.tensor([1], undefined, { label: 'mean over targets' }),
    total: microBatches > 1 ? gpu.tensor([1], undefined, { label: 'loss' }) : undefined,
  };
}

/** What is recorded: everything in one program, or `clear`, a program for each micro-batch, `update`. */
function stepBodies(
  decoder: Decoder,
  { optimizer, batch, targets, scale, total }: StepInputs,
): { clear?: () => void; microBatch: () => Tensor; update: () => void } {
  const { gpu } = decoder;
  const forwardBackward = (accumulate: boolean): Tensor => {
    const options = optimizer.scalesLoss ? { gradientScale: scaled(scale, optimizer.lossScale) } : {};
    const loss = decoder.loss(batch, targets, scale, options);
    backward(loss, { accumulate });
    return loss;
  };
  const update = (): void => optimizer.record();
  if (!total) {
    const microBatch = (): Tensor => {
      const loss = forwardBackward(false);
      update();
      return loss;
    };
    return { microBatch, update };
  }
  return {
    clear: () => {
      fillZero(gpu, total);
      decoder.parameters.arenas.forEach(({ grads }) => fillZero(gpu, grads!));
    },
    microBatch: () => {
      const loss = forwardBackward(true);
      const kernel = gpu.kernels.get('accumulate', { flags: { F16: false } });
      recorder().dispatch(kernel, { X: loss, Y: total }, { N: 1 }, [1]);
      recorder().attribute('sum of losses', 'update');
      return loss;
    },
    update,
  };
}

/** Bytes of a training step by part, as the recording's own memory plan counts them. */
export interface StepMemory {
  weights: number;
  /** Their copies in f16, where products read them so. */
  halves: number;
  gradients: number;
  moments: number;
  /** Activations, their gradients and work space: what the plan of the recorded step takes. */
  activations: number;
  /** Tokens, targets, hyperparameters. */
  inputs: number;
  total: number;
  /** FLOPs of one step, all micro-batches together. */
  flops: number;
}

/** Plans a step without a GPU. @throws what recording the step throws, `tensor-too-large` included */
export function planStep(config: DecoderConfig, shape: StepShape, planner: Gpu = Gpu.planning()): StepMemory {
  const before = planner.buffers.liveBytes;
  const decoder = new Decoder(planner, config, { trainable: true });
  const weights = decoder.parameters.arenas.reduce((sum, arena) => sum + arena.weights.bytes, 0);
  const halves = decoder.parameters.arenas.reduce((sum, { half }) => sum + (half?.bytes ?? 0), 0);
  const options = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, clipNorm: 1 };
  const inputs = stepInputs(decoder, options, shape);
  const moments = inputs.optimizer.moments.reduce((sum, { m, v }) => sum + m.bytes + v.bytes, 0);
  const owned = planner.buffers.liveBytes - before;
  const bodies = stepBodies(decoder, inputs);
  const microBatch = planProgram(planner, bodies.microBatch);
  const update = bodies.clear ? planProgram(planner, bodies.update) : { bytes: 0, flops: 0 };
  const activations = microBatch.bytes + update.bytes;
  return {
    weights,
    halves,
    gradients: weights,
    moments,
    activations,
    inputs: owned - 2 * weights - halves - moments,
    total: owned + activations,
    flops: microBatch.flops * shape.microBatches + update.flops,
  };
}

/** scale · lossScale[0], [1]. */
function scaled(scale: Tensor, lossScale: Tensor): Tensor {
  const product = recorder().tensor([1], 'gradient scale');
  const kernel = scale.gpu.kernels.get('scale_by', { flags: { ACCUMULATE: false, F16: false } });
  recorder().dispatch(kernel, { X: scale, factor: lossScale, Y: product }, { N: 1 }, [1]);
  return product;
}

function fillZero(gpu: Gpu, tensor: Tensor): void {
  const kernel = gpu.kernels.get('fill');
  for (const [Y] of inRanges(tensor)) {
    recorder().dispatch(kernel, { Y: Y! }, { N: Y!.size, value: 0 }, gridFor(kernel, Y!.size));
  }
}
