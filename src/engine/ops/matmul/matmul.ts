import { track } from '../../tensor/autograd.js';
import { ShapeError } from '../../errors.js';
import type { Gradients, GradientTarget } from '../../tensor/autograd.js';
import type { Backend } from '../../tensor/backend.js';
import type { Grid } from '../../tensor/grid.js';
import { recorder } from '../../tensor/recorder.js';
import { BYTES_PER_ELEMENT, HALVES_PER_READ, type DType } from '../../tensor/dtype.js';
import { formatShape, sameShape, sizeOf, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  /** [..., M, N] f32, added to the product in the same pass; the result is f32 then. */
  residual?: Tensor | undefined;
}

/** One matrix product as the kernels see it: `batch` times C[M,N] = op(A) · op(B). */
export interface MatmulShape {
  batch: number;
  M: number;
  N: number;
  K: number;
  transposeA: boolean;
  transposeB: boolean;
}

/**
 * C = op(A) · op(B) (+ residual). A is [..., M, K] ([..., K, M] with `transposeA`), B is [..., K, N] ([..., N, K] with
 * `transposeB`), f32 or f16. Leading axes are a batch and must agree; a B of two axes serves every row of A. A B in f32
 * may be read from its copy in f16, see `operandRead`.
 *
 * @returns [..., M, N] in A's dtype, in f32 with a residual
 * @throws ShapeError when inner extents or batches differ, or f16 meets columns that are no multiple of 8
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { problem, shape } = matmulShape(a.shape, b.shape, options);
  const { residual } = options;
  if (residual && (residual.dtype !== 'f32' || !sameShape(residual.shape, shape))) {
    throw new ShapeError(
      'matmul',
      `the product is ${formatShape(shape)}, so the residual must be it in f32, not ${formatShape(residual.shape)} in ${residual.dtype}`,
    );
  }
  const output = recorder().tensor(shape, 'matmul', residual ? 'f32' : a.dtype);
  const bRead = operandRead(a, b);
  dispatchMatmul(problem, a, bRead, { tensor: output, accumulate: false }, { residual });
  return track({
    op: 'matmul',
    inputs: residual ? [a, b, residual] : [a, b],
    output,
    backward(dC, grads) {
      if (residual) grads.pass(residual, dC);
      productGradients(problem, { a, b, bRead }, dC, grads);
    },
  });
}

/** What a product with `a` reads as `b`: its copy in f16, if it has one, where `a` is f16 or nobody trains `b`. */
export function operandRead(a: Tensor, b: Tensor): Tensor {
  return a.dtype === 'f16' || !b.requiresGrad ? (b.half ?? b) : b;
}

/** From the gradient of a product to those of its operands; `bRead` is what the product read as `b`. */
export function productGradients(
  { transposeA, transposeB, batch, M, N, K }: MatmulShape,
  { a, b, bRead }: { a: Tensor; b: Tensor; bRead: Tensor },
  dC: Tensor,
  grads: Gradients,
): void {
  const dA = grads.target(a);
  if (dA) {
    // dA = dC · op(B)ᵀ, or its transpose when A was transposed.
    if (transposeA)
      dispatchMatmul({ batch, M: K, N: M, K: N, transposeA: transposeB, transposeB: true }, bRead, dC, dA);
    else dispatchMatmul({ batch, M, N: K, K: N, transposeA: false, transposeB: !transposeB }, dC, bRead, dA);
  }
  const dB = grads.target(b);
  if (dB) {
    // dB = op(A)ᵀ · dC, or its transpose when B was transposed.
    if (transposeB)
      dispatchMatmul({ batch, M: N, N: K, K: M, transposeA: true, transposeB: transposeA }, dC, a, dB);
    else dispatchMatmul({ batch, M: K, N, K: M, transposeA: !transposeA, transposeB: false }, a, dC, dB);
  }
}

/** The problem and the shape of its result. @throws ShapeError */
export function matmulShape(
  a: Shape,
  b: Shape,
  options: MatmulOptions,
): { problem: MatmulShape; shape: number[] } {
  const { transposeA = false, transposeB = false } = options;
  const fail = (reason: string): never => {
    throw new ShapeError('matmul', `A is ${formatShape(a)} and B is ${formatShape(b)}: ${reason}`);
  };
  if (a.length < 2 || b.length < 2) fail('both need two axes at least');
  const [aRows, aColumns] = [a.at(-2)!, a.at(-1)!];
  const [bRows, bColumns] = [b.at(-2)!, b.at(-1)!];
  const [M, K] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, N] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (K !== inner) {
    const sideA = transposeA ? 'rows' : 'columns';
    const sideB = transposeB ? 'columns' : 'rows';
    const hint = K === N ? `; did you mean ${transposeB ? 'no ' : ''}transposeB?` : '';
    fail(`A's ${sideA} (${K}) must equal B's ${sideB} (${inner})${hint}`);
  }
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  if (batchB.length === 0 && !transposeA) {
    // One weight for all rows: the leading axes of A are rows like any other.
    const rows = sizeOf(batchA) * M;
    return { problem: { batch: 1, M: rows, N, K, transposeA, transposeB }, shape: [...batchA, M, N] };
  }
  if (batchA.join() !== batchB.join()) fail('the leading axes must agree');
  return { problem: { batch: sizeOf(batchA), M, N, K, transposeA, transposeB }, shape: [...batchA, M, N] };
}

/**
 * What can serve a product: the definition; tiles in workgroup memory, for GPUs; tiles for their matrix units; tiles in
 * the registers of a quad, for software adapters, where workgroup memory and barriers cost more than they save; and one
 * row after the other, for the few of decoding, on any device.
 */
export type MatmulKernel =
  'matmul.naive' | 'matmul.f32' | 'matmul.tensor' | 'matmul.f32.registers' | 'matmul.f32.vector';

/** Extent of C that one workgroup of a kernel takes. */
const TILES: Readonly<Record<MatmulKernel, { rows: number; columns: number }>> = {
  'matmul.naive': { rows: 8, columns: 8 },
  'matmul.f32': { rows: 128, columns: 64 },
  'matmul.tensor': { rows: 128, columns: 128 },
  'matmul.f32.registers': { rows: 16, columns: 16 },
  // 64 invocations, 4 columns a subgroup: for subgroups of 16; the others walk on, or have nothing to do.
  'matmul.f32.vector': { rows: 1, columns: 16 },
};

/** Up to here a row at a time is faster: on software adapters a tile takes about four times as long as a row. */
const FEW_ROWS = 4;

/** Of the operands and the result of a product. */
export interface ProductTypes {
  A: DType;
  B: DType;
  C: DType;
}

const ALL_F32: ProductTypes = { A: 'f32', B: 'f32', C: 'f32' };

/** Whether `matmul.f32.vector` can serve a product. */
export function isForVector({ transposeA, transposeB, K }: MatmulShape, { A, B, C }: ProductTypes): boolean {
  const inF32 = A === 'f32' && C === 'f32';
  return inF32 && !transposeA && transposeB && K % (B === 'f16' ? HALVES_PER_READ : 4) === 0;
}

/** Whether every row in memory, of A, B and C, holds a multiple of `width` elements. */
function rowsAreMultiples({ M, N, K, transposeA, transposeB }: MatmulShape, width: number): boolean {
  return [transposeA ? M : K, transposeB ? K : N, N].every((columns) => columns % width === 0);
}

/** The fastest kernel for a product on a device. */
export function matmulKernelFor(
  { adapter, path }: Backend,
  problem: MatmulShape,
  types: ProductTypes = ALL_F32,
): MatmulKernel {
  const subgroups = adapter.features.includes('subgroups');
  if (subgroups && problem.M <= FEW_ROWS && isForVector(problem, types)) return 'matmul.f32.vector';
  if (isMixed(types)) return path === 'tensor' ? 'matmul.tensor' : 'matmul.f32';
  if (adapter.kind !== 'software') return 'matmul.f32';
  return subgroups ? 'matmul.f32.registers' : 'matmul.naive';
}

function isMixed({ A, B, C }: ProductTypes): boolean {
  return [A, B, C].includes('f16');
}

export interface DispatchOptions {
  /** As C, f32, added to the product. */
  residual?: Tensor | undefined;
  /** Turns queries and keys on their way out, where `turnsHeads` says that the kernel can. */
  rotary?: { table: Tensor; T: number; headDim: number } | undefined;
  /** Instead of the fastest. */
  kernel?: MatmulKernel;
}

/** Whether a kernel can turn whole heads of a size in its epilogue: it must hold both halves of a head at once. */
export function turnsHeads(kernel: MatmulKernel, problem: MatmulShape, headDim: number): boolean {
  if (kernel === 'matmul.tensor') return headDim === 64 || headDim === 128;
  return kernel === 'matmul.f32' && headDim === 64 && rowsAreMultiples(problem, 4);
}

/**
 * Dispatches one product into `target`.
 *
 * @throws ShapeError when f16 meets columns that are no multiple of 8
 */
export function dispatchMatmul(
  problem: MatmulShape,
  A: Tensor,
  B: Tensor,
  target: GradientTarget,
  { residual, rotary, kernel: wanted }: DispatchOptions = {},
): void {
  const { batch, M, N, K, transposeA, transposeB } = problem;
  const C = target.tensor;
  const types = { A: A.dtype, B: B.dtype, C: C.dtype };
  if (isMixed(types) && !rowsAreMultiples(problem, HALVES_PER_READ)) {
    throw new ShapeError(
      'matmul',
      `A ${formatShape(A.shape)} (${A.dtype}), B ${formatShape(B.shape)} (${B.dtype}) to ${formatShape(C.shape)} ` +
        `(${C.dtype}): with f16 the columns of all three must be a multiple of ${HALVES_PER_READ}`,
    );
  }
  const name = wanted ?? matmulKernelFor(A.gpu, problem, types);
  const flags: Record<string, boolean> = {
    TRANSPOSE_A: transposeA,
    TRANSPOSE_B: transposeB,
    ACCUMULATE: target.accumulate,
    RESIDUAL: residual !== undefined,
  };
  // Four numbers at a time, where every row in memory holds a multiple of four; quads also walk K by fours.
  if (name === 'matmul.f32.registers') flags.ALIGNED = rowsAreMultiples(problem, 4) && K % 4 === 0;
  if (name === 'matmul.f32' || name === 'matmul.tensor') flags.ROTARY = rotary !== undefined;
  if (name === 'matmul.f32') {
    flags.ALIGNED = rowsAreMultiples(problem, 4);
    for (const [operand, dtype] of Object.entries(types)) flags[`${operand}_F16`] = dtype === 'f16';
  }
  if (name === 'matmul.f32.vector') flags.B_F16 = B.dtype === 'f16';
  if (name === 'matmul.tensor') {
    Object.assign(flags, A.gpu.matrixFlags);
    for (const [operand, dtype] of Object.entries(types)) flags[`${operand}_F32`] = dtype === 'f32';
  }
  const kernel = A.gpu.kernels.get(name, { flags });
  const { rows, columns } = TILES[name];
  const grid: Grid = [Math.ceil(N / columns), Math.ceil(M / rows), batch];
  const elements = { A: M * K, B: K * N, C: M * N };
  const bytesOf = (operand: keyof ProductTypes): number =>
    BYTES_PER_ELEMENT[types[operand]] * batch * elements[operand];
  const bytes = bytesOf('A') + bytesOf('B') + bytesOf('C');
  const tensors = { A, B, C, ...(residual && { R: residual }), ...(rotary && { table: rotary.table }) };
  const params = { M, N, K, ...(rotary && { T: rotary.T, headDim: rotary.headDim }) };
  recorder().dispatch(kernel, tensors, params, grid, { flops: 2 * batch * M * N * K, bytes });
}

/** The definition, in float64. */
export function matmulReference(
  { batch, M, N, K, transposeA, transposeB }: MatmulShape,
  A: ArrayLike<number>,
  B: ArrayLike<number>,
): Float64Array {
  const C = new Float64Array(batch * M * N);
  for (let i = 0; i < batch; i++) {
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) {
          const a = A[i * M * K + (transposeA ? k * M + m : m * K + k)]!;
          const b = B[i * K * N + (transposeB ? n * K + k : k * N + n)]!;
          sum += a * b;
        }
        C[i * M * N + m * N + n] = sum;
      }
    }
  }
  return C;
}
