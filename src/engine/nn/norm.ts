import { layernorm } from '../ops/layernorm.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Parameters, ParameterSpec } from './parameters.js';

export interface NormOptions {
  eps?: number | undefined;
  /** Of the result (default f32). */
  dtype?: 'f32' | 'f16' | undefined;
}

/**
 * LayerNorm over the last axis with the parameters `NAME.gamma` and `NAME.beta`.
 *
 * @param x [..., C] f32
 * @returns [..., C]
 */
export function normLayer(
  parameters: Parameters,
  name: string,
  x: Tensor,
  options: NormOptions = {},
): Tensor {
  const gamma = parameters.get(`${name}.gamma`);
  const beta = parameters.get(`${name}.beta`);
  return layernorm(x, gamma, beta, options.eps, options.dtype);
}

/** `NAME.gamma` [width], all ones, and `NAME.beta` [width], all zeros. */
export function normSpecs(name: string, width: number): ParameterSpec[] {
  return [
    { name: `${name}.gamma`, shape: [width], std: 0, mean: 1, decay: false },
    { name: `${name}.beta`, shape: [width], std: 0, mean: 0, decay: false },
  ];
}
