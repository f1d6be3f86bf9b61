import type { KernelHandle } from './backend.js';

/** Workgroups along x, y and z. */
export type Grid = readonly [x: number, y?: number, z?: number];

const MAX_GRID = 65_535;

/**
 * Workgroups along x for `items`, each workgroup taking `perWorkgroup` of them (one an invocation unless told). Every
 * kernel that is launched so walks the items in strides of the whole grid, so that a grid cut at WebGPU's limit of
 * 65,535 still covers them all.
 */
export function gridFor(
  kernel: KernelHandle,
  items: number,
  perWorkgroup: number = kernel.workgroupSize[0],
): Grid {
  return [Math.min(MAX_GRID, Math.max(1, Math.ceil(items / perWorkgroup)))];
}

/** Lanes that a row may have: 32 on GPUs. Where subgroups are narrower the kernels walk on in strides of the grid. */
const ROW_LANES = 32;

/** Workgroups for kernels in which one subgroup takes one of `rows`. */
export function gridForRows(kernel: KernelHandle, rows: number): Grid {
  return gridFor(kernel, rows, kernel.workgroupSize[0] / ROW_LANES);
}
