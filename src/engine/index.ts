/** The public face of the engine. */
export { DeviceError, NumericsError, ShapeError } from './errors.js';
export { Gpu, type GpuOptions } from './gpu/device.js';
export { record, type Program } from './gpu/program.js';
export { backward } from './tensor/autograd.js';
export { Tensor } from './tensor/tensor.js';
export * as ops from './ops/index.js';
