import { ShapeError } from '../../errors.js';
import type { GradientTarget } from '../../tensor/autograd.js';
import { BYTES_PER_ELEMENT, HALVES_PER_READ } from '../../tensor/dtype.js';
import type { Grid } from '../../tensor/grid.js';
import { recorder } from '../../tensor/recorder.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { sumOfRows } from '../column-sum.js';
import {
  productOn,
  rowsAreMultiples,
  type MatmulShape,
  type MatmulVariant,
  type ProductTypes,
} from './product.js';
import { matmulVariantFor } from './variants.js';

export interface DispatchOptions {
  /** [batch, M, N] f32, added to the product. */
  residual?: Tensor | undefined;
  /** Turns queries and keys before they are written; only for a variant that `turnsHeads`. */
  rotary?: { table: Tensor; T: number; headDim: number; spans?: Tensor | undefined } | undefined;
  /** The variant to use; by default the one that `matmulVariantFor` chooses. */
  variant?: MatmulVariant | undefined;
  /** Where the kernel comes from; by default the device's kernels. */
  kernels?: Tensor['gpu']['kernels'] | undefined;
}

/**
 * Dispatches one product into `target`.
 *
 * @throws ShapeError when an operand is f16 and rows in memory are not multiples of 8 elements
 */
export function dispatchMatmul(
  problem: MatmulShape,
  A: Tensor,
  B: Tensor,
  target: GradientTarget,
  { residual, rotary, variant: wanted, kernels = A.gpu.kernels }: DispatchOptions = {},
): void {
  const { batch, M, N, K, transposeA, transposeB } = problem;
  const C = target.tensor;
  const types = { A: A.dtype, B: B.dtype, C: C.dtype };
  const product = productOn(A.gpu, problem, types);
  if (product.mixed && !rowsAreMultiples(problem, HALVES_PER_READ)) {
    throw new ShapeError(
      'matmul',
      `A ${formatShape(A.shape)} (${A.dtype}), B ${formatShape(B.shape)} (${B.dtype}) to ${formatShape(C.shape)} ` +
        `(${C.dtype}): with f16 the columns of all three must be a multiple of ${HALVES_PER_READ}`,
    );
  }
  const variant = wanted ?? matmulVariantFor(product);
  const splits = residual || rotary ? 1 : (variant.splits?.(product) ?? 1);
  const parts = splits > 1 ? recorder().tensor([splits, M, N], 'parts of a product') : undefined;
  const flags: Record<string, boolean | number> = {
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ACCUMULATE: target.accumulate && !parts,
    RESIDUAL: residual !== undefined,
    ...variant.flags?.(product),
  };
  if (variant.splits) flags.SPLIT = splits > 1;
  if (variant.turnsHeads) {
    flags.ROTARY = rotary !== undefined;
    flags.SPANS = rotary?.spans !== undefined;
  }
  const kernel = kernels.get(variant.file, { flags });
  const [rows, columns] = variant.tile;
  const grid: Grid = [Math.ceil(N / columns), Math.ceil(M / rows), batch * splits];
  const tensors = {
    A,
    B,
    C: parts ?? C,
    ...(residual && { R: residual }),
    ...(rotary && { table: rotary.table }),
    ...(rotary?.spans && { spans: rotary.spans }),
  };
  const params = {
    M,
    N,
    K,
    ...(splits > 1 && { splits }),
    ...(rotary && { T: rotary.T, headDim: rotary.headDim }),
  };
  const elements = { A: M * K, B: K * N, C: M * N };
  const bytesOf = (operand: keyof ProductTypes): number =>
    BYTES_PER_ELEMENT[types[operand]] * batch * elements[operand];
  const bytes = bytesOf('A') + bytesOf('B') + bytesOf('C');
  recorder().dispatch(kernel, tensors, params, grid, { flops: 2 * batch * M * N * K, bytes });
  if (parts) sumOfRows(parts.view([splits, M * N]), target);
}
