import { ShapeError } from '../errors.js';
import type { DType } from '../tensor/dtype.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

const FLOATS: readonly DType[] = ['f32', 'f16'];

/** @throws ShapeError when `x` is neither f32 nor f16, or not one of the dtypes that the op serves */
export function checkDType(op: string, name: string, x: Tensor, served: readonly DType[] = FLOATS): void {
  if (served.includes(x.dtype)) return;
  throw new ShapeError(
    op,
    `${name} is ${formatShape(x.shape)} in ${x.dtype}: it must be in ${served.join(' or ')}`,
  );
}

/** @throws ShapeError when `x` and `y` differ in shape, or in dtype */
export function checkSame(op: string, x: Tensor, y: Tensor): void {
  if (!sameShape(x.shape, y.shape)) {
    throw new ShapeError(
      op,
      `x is ${formatShape(x.shape)} and y is ${formatShape(y.shape)}: they must be equal`,
    );
  }
  if (x.dtype !== y.dtype) {
    throw new ShapeError(op, `x is in ${x.dtype} and y is in ${y.dtype}: they must be equal`);
  }
}

/**
 * @param given what the caller passed beside it and where C comes from, such as `x is [2,3]`
 * @throws ShapeError when a parameter such as a bias is not [C] in f32
 */
export function checkVector(op: string, name: string, parameter: Tensor, C: number, given: string): void {
  if (parameter.shape.length !== 1 || parameter.size !== C) {
    throw new ShapeError(op, `${given} and ${name} is ${formatShape(parameter.shape)}: it must be [${C}]`);
  }
  checkDType(op, name, parameter, ['f32']);
}
