/** A target of this value counts neither in the loss nor in its gradient (`kernels/cross_entropy*.wgsl`). */
export const IGNORE_INDEX = 0xffffffff;
