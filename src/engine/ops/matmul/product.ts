import type { Backend } from '../../tensor/backend.js';
import type { DType } from '../../tensor/dtype.js';
import type { Variant } from '../choose-variant.js';

/** One matrix product as the kernels see it: `batch` times C[M,N] = op(A) · op(B). */
export interface MatmulShape {
  batch: number;
  M: number;
  N: number;
  K: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** Dtypes of the operands and the result of a product. */
export interface ProductTypes {
  A: DType;
  B: DType;
  C: DType;
}

/** A product and its device: everything that the choice of a kernel depends on. */
export interface Product extends MatmulShape {
  types: ProductTypes;
  /** Whether A, B or C is f16. */
  mixed: boolean;
  /** Whether the rows in memory of A, B and C are all multiples of 4 elements long. */
  aligned: boolean;
  software: boolean;
  subgroups: boolean;
  /** Whether subgroups have 8 lanes, as those of llvmpipe. */
  eightLanes: boolean;
  device: Pick<Backend, 'path' | 'matrixFlags' | 'choices' | 'limits'>;
}

/** One kernel that multiplies matrices. */
export interface MatmulVariant extends Variant<Product> {
  /** Rows and columns of C that one workgroup takes. */
  tile: readonly [rows: number, columns: number];
  /** Flags and constants of the kernel, besides TRANSPOSE_A, TRANSPOSE_B, ACCUMULATE and RESIDUAL. */
  flags?(product: Product): Record<string, boolean | number>;
  /**
   * Into how many parts along K the product is split; each part is a matrix of its own, and the parts are then added. A
   * variant with this function takes the flag SPLIT. Not with a residual or turned heads.
   */
  splits?(product: Product): number;
  /**
   * Whether the kernel can rotate whole heads by their positions before it writes them: a workgroup must compute both
   * halves of a head. A variant with this function takes the flags ROTARY and SPANS.
   */
  turnsHeads?(product: Product, headDim: number): boolean;
}

/** The flags of a kernel that takes f32 or f16 for each of A, B and C. */
export const typeFlags = ({ A, B, C }: ProductTypes): Record<string, boolean> => ({
  A_F16: A === 'f16',
  B_F16: B === 'f16',
  C_F16: C === 'f16',
});

/** Whether the rows in memory of A, B and C are all multiples of `width` elements long. */
export function rowsAreMultiples({ M, N, K, transposeA, transposeB }: MatmulShape, width: number): boolean {
  return [transposeA ? M : K, transposeB ? K : N, N].every((columns) => columns % width === 0);
}

export function productOn(
  { adapter, path, matrixFlags, choices, limits }: Backend,
  shape: MatmulShape,
  types: ProductTypes = { A: 'f32', B: 'f32', C: 'f32' },
): Product {
  return {
    ...shape,
    types,
    mixed: Object.values(types).includes('f16'),
    aligned: rowsAreMultiples(shape, 4),
    software: adapter.kind === 'software',
    subgroups: adapter.features.includes('subgroups'),
    eightLanes: adapter.subgroupSize === 8,
    device: { path, matrixFlags, choices, limits },
  };
}

/** The name under which the fastest variant for a product is stored: `matmul 64×256×128 A·Bᵀ f16·f16→f32`. */
export function productName({ batch, M, N, K, transposeA, transposeB, types }: Product): string {
  const extents = [...(batch > 1 ? [batch] : []), M, N, K].join('×');
  const layout = `${transposeA ? 'Aᵀ' : 'A'}·${transposeB ? 'Bᵀ' : 'B'}`;
  return `matmul ${extents} ${layout} ${types.A}·${types.B}→${types.C}`;
}
