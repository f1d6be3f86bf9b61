import { matmul } from '../ops/matmul/matmul.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Parameters, ParameterSpec } from './parameters.js';

/**
 * y = x · Wᵀ (+ residual), where W is the parameter `name`, [out, in].
 *
 * @param x [..., in]
 * @param residual [..., out] f32, added in the same pass
 * @returns [..., out] in x's dtype, in f32 with a residual
 * @throws ShapeError when the columns of x and W differ
 */
export function linearLayer(parameters: Parameters, name: string, x: Tensor, residual?: Tensor): Tensor {
  return matmul(x, parameters.get(name), { transposeB: true, residual });
}

/** The weight [rows, columns] of a linear map, its initial values from N(0, std²). */
export function linearSpec(name: string, rows: number, columns: number, std: number): ParameterSpec {
  return { name, shape: [rows, columns], std, mean: 0, decay: true };
}
