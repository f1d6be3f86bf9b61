import { linear } from '../ops/linear.js';
import type { Tensor } from '../tensor/tensor.js';
import type { ParameterDeclaration, Parameters, ParameterSpec } from './parameters.js';

/**
 * y = x · Wᵀ (+ bias) (+ residual), where W is the parameter `name`, [out, in], and the bias is `NAME.bias`, [out], if there
 * is one.
 *
 * @param x [..., in]
 * @param residual [..., out] f32, added in the same pass
 * @returns [..., out] in x's dtype, in f32 with a residual
 * @throws ShapeError when the columns of x and W differ
 */
export function linearLayer(parameters: Parameters, name: string, x: Tensor, residual?: Tensor): Tensor {
  return linear(x, parameters.get(name), parameters.tensors.get(`${name}.bias`), residual);
}

/** The weight `name` [rows, columns] and `NAME.bias` [rows] of a linear layer, with default initial values. */
export function linearSpecs(name: string, rows: number, columns: number): ParameterDeclaration[] {
  return [
    { name, shape: [rows, columns] },
    { name: `${name}.bias`, shape: [rows] },
  ];
}

/** The weight [rows, columns] of a linear layer without bias, its initial values from N(0, std²). */
export function linearSpec(name: string, rows: number, columns: number, std: number): ParameterSpec {
  return { name, shape: [rows, columns], std, mean: 0, decay: true };
}
