import { ShapeError } from '../errors.js';
import { Gpu } from '../gpu/device.js';
import { planProgram } from '../gpu/plan.js';
import type { Recompute } from '../nn/block.js';
import type { DecoderConfig } from '../nn/config.js';
import { Decoder } from '../nn/decoder.js';
import type { Tensor } from '../tensor/tensor.js';
import { ADAMW_DEFAULTS, type AdamWOptions } from './adamw.js';
import { LanguageBatch, type Batch } from './batch.js';
import { TrainStep } from './step.js';
import { assertPositive, StepRecipe } from './step-recipe.js';

export interface StepShape {
  batchSize: number;
  context: number;
  /** Batches before one update; its loss is the mean over the targets of all of them. */
  microBatches: number;
  /** Whether batches have spans: several records in a row, each of which attends to itself alone (default false). */
  packed?: boolean | undefined;
  /** The most targets of a micro-batch that are learned; the head reads as many positions (default: all positions). */
  learnedRows?: number | undefined;
}

export interface DecoderStepOptions {
  /** See `StepOptions.checkFinite`. */
  checkFinite?: boolean | undefined;
}

/**
 * A decoder's training step, whose learning rate comes with each run.
 *
 * @throws ShapeError for a context beyond the model's, or extents that are not positive
 */
export async function decoderStep(
  decoder: Decoder,
  options: AdamWOptions,
  shape: StepShape,
  { checkFinite }: DecoderStepOptions = {},
): Promise<TrainStep<Batch>> {
  return TrainStep.record(recipeFor(decoder, options, shape), { learningRate: noRate, checkFinite });
}

const noRate = (): number => {
  throw new ShapeError('train', 'a step of decoderStep needs its learning rate');
};

function recipeFor(
  decoder: Decoder,
  options: AdamWOptions,
  { batchSize: B, context: T, microBatches, packed, learnedRows }: StepShape,
): StepRecipe<LanguageBatch, Batch> {
  assertPositive('batchSize', B);
  assertPositive('context', T);
  if (learnedRows !== undefined) assertPositive('learnedRows', learnedRows);
  if (T > decoder.config.context) {
    throw new ShapeError('train', `context is ${T} and the model's is ${decoder.config.context}`);
  }
  const inputs = (lossScale: Tensor | undefined): LanguageBatch => {
    const batch = new LanguageBatch(decoder.gpu, [B, T], { lossScale, packed, learnedRows });
    // Made here rather than while recording, so that the plan counts its memory as the step's.
    decoder.tokensOf(batch);
    return batch;
  };
  const loss = (batch: LanguageBatch): Tensor => decoder.loss(batch);
  return new StepRecipe(decoder.parameters, loss, inputs, options, microBatches);
}

/** Bytes of a training step by part, as its recording's memory plan counts them. */
export interface StepMemory {
  weights: number;
  /** The f16 copies of the weights, if products read them. */
  halves: number;
  gradients: number;
  moments: number;
  /** Activations, their gradients and work space: the plan of the recorded step. */
  activations: number;
  /** Tokens, targets, hyperparameters. */
  inputs: number;
  total: number;
  /** FLOPs of one step, all micro-batches together. */
  flops: number;
  /** The part of them that computes activations again in the backward pass. */
  recomputedFlops: number;
}

/** Plans a step without a GPU. @throws the errors of recording the step, such as `tensor-too-large` */
export function planStep(
  config: DecoderConfig,
  shape: StepShape,
  planner: Gpu = Gpu.planning(),
  recompute: Recompute = 'none',
): StepMemory {
  const before = planner.buffers.liveBytes;
  const decoder = new Decoder(planner, config, { recompute });
  const weights = decoder.parameters.arenas.reduce((sum, arena) => sum + arena.weights.bytes, 0);
  const halves = decoder.parameters.arenas.reduce((sum, { half }) => sum + (half?.bytes ?? 0), 0);
  const recipe = recipeFor(decoder, ADAMW_DEFAULTS, shape);
  const moments = recipe.optimizer.moments.reduce((sum, { m, v }) => sum + m.bytes + v.bytes, 0);
  const owned = planner.buffers.liveBytes - before;
  const { bodies } = recipe;
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
    recomputedFlops: microBatch.recomputedFlops * shape.microBatches,
  };
}
