/**
 * The public face of the engine. Nothing else of `src/engine` is public.
 *
 * @example
 * const gpu = await Gpu.open();
 * const model = new Decoder(gpu, { vocabSize: 96, context: 64, nLayer: 4, nHead: 4, width: 128 }, { seed: 1 });
 * const step = await trainStep(model.parameters, (batch) => model.loss(batch), { batch: [16, 64] });
 * for (const batch of windows(ids, { batch: [16, 64], steps: 1000 })) await step.run(batch);
 * console.log(await step.loss(), await model.generate(ids.slice(0, 8), { tokens: 200, temperature: 0.8 }));
 * gpu.close();
 *
 * @module
 */
export { CheckpointError, DeviceError, EngineError, NumericsError, ShapeError } from './errors.js';
export { Gpu, type AdapterSummary, type GpuOptions } from './gpu/device.js';
export { type MatrixSize } from './gpu/path.js';
export { type Clock, type DispatchTime } from './gpu/profile.js';
export { type Race, type RaceOptions, type RaceReport } from './gpu/race-check.js';
export { type AdapterRequest } from './gpu/vulkan.js';
export { record, type Program, type RecordOptions } from './gpu/program.js';
export { type ContinueOptions } from './decode/continue-text.js';
export { type SessionModel } from './decode/session-state.js';
export { Decoder, type Attend, type DecoderOptions } from './nn/decoder.js';
export { preset, type DecoderConfig, type DecoderShape } from './nn/config.js';
export { loadModel, saveModel } from './nn/model-folder.js';
export { backward, type BackwardOptions } from './tensor/autograd.js';
export { keepResults, recompute } from './tensor/recompute.js';
export {
  type Backend,
  type DeviceLimits,
  type KernelChoices,
  type KernelBinding,
  type KernelHandle,
  type KernelVariant,
} from './tensor/backend.js';
export { type DType, type HostArray, type KernelPath } from './tensor/dtype.js';
export { type Grid } from './tensor/grid.js';
export { type Shape } from './tensor/shape.js';
export { Tensor, type TensorOptions } from './tensor/tensor.js';
export { adamw, type AdamWOptions, type OptimizerSettings } from './train/adamw.js';
export {
  type Batch,
  type BatchData,
  type BatchField,
  type BatchInputs,
  type BatchSpec,
  type BatchTensors,
  type CountedBatch,
  type LanguageBatch,
} from './train/batch.js';
export { trainStep, type StepOptions, type StepPrograms, type TrainStep } from './train/step.js';
export { windows, type WindowOptions } from './train/windows.js';
export * as nn from './nn/index.js';
export * as ops from './ops/index.js';
