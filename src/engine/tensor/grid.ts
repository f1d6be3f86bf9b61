import type { KernelHandle } from './backend.js';

/** Workgroups along x, y and z. */
export type Grid = readonly [x: number, y?: number, z?: number];

const MAX_GRID = 65_535;

/**
 * Workgroups along x for `items`, each of which takes `perWorkgroup` of them (default: one per invocation). The kernel
 * must walk the items in strides of the whole grid, since the grid is cut at WebGPU's limit of 65,535.
 */
export function gridFor(
  kernel: KernelHandle,
  items: number,
  perWorkgroup: number = kernel.workgroupSize[0],
): Grid {
  return [Math.min(MAX_GRID, Math.max(1, Math.ceil(items / perWorkgroup)))];
}

/** Lanes per row: 32 on GPUs. With narrower subgroups the kernels continue in strides of the grid. */
const ROW_LANES = 32;

/** Workgroups for kernels in which one subgroup takes one row at a time. */
export function gridForRows(kernel: KernelHandle, rows: number): Grid {
  return gridFor(kernel, rows, kernel.workgroupSize[0] / ROW_LANES);
}
