import { gridFor, type Grid } from '../tensor/grid.js';
import { recorder } from '../tensor/recorder.js';
import type { KernelVariant } from '../tensor/backend.js';
import type { Work } from '../tensor/recording.js';
import type { DType } from '../tensor/dtype.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

export interface RunKernelOptions extends KernelVariant, Work {
  /** Elements or rows that the invocations divide among themselves; the first tensor's elements by default. */
  items?: number | undefined;
  /** Workgroups, for a kernel that does not walk its items in strides of the grid. */
  grid?: Grid | undefined;
}

/**
 * Records one dispatch of the kernel `NAME.wgsl`, from `kernels/` or from the `kernelFolder` that the device was opened
 * with. Buffers and parameters are bound by the names that the WGSL gives them. Use `track` to let a gradient flow
 * through it.
 *
 * @throws DeviceError when there is no such kernel, it does not compile, or a name is missing or unknown
 */
export function runKernel(
  name: string,
  tensors: Readonly<Record<string, Tensor>>,
  params: Readonly<Record<string, number>>,
  options: RunKernelOptions = {},
): void {
  const [first] = Object.values(tensors) as [Tensor];
  const { flags, constants, items = first.size, grid, flops, bytes } = options;
  const kernel = first.gpu.kernels.get(name, { flags, constants });
  recorder().dispatch(kernel, tensors, params, grid ?? gridFor(kernel, items), { flops, bytes });
}

/** A tensor of the recording in progress, for a kernel to write; its content is undefined until one does. */
export function emptyTensor(shape: Shape, dtype: DType = 'f32', label = 'result'): Tensor {
  return recorder().tensor(shape, label, dtype);
}
