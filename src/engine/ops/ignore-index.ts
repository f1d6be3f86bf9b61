/** Rows with this target add nothing to the loss or to a gradient. `kernels/cross_entropy*.wgsl` repeat the value. */
export const IGNORE_INDEX = 0xffffffff;
