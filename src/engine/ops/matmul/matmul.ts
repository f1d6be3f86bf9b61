import { ShapeError } from '../../errors.js';
import { track, type Gradients } from '../../tensor/autograd.js';
import { recorder } from '../../tensor/recorder.js';
import { formatShape, sameShape, sizeOf, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { dispatchMatmul } from './dispatch.js';
import type { MatmulShape } from './product.js';

export interface MatmulOptions {
  transposeA?: boolean | undefined;
  transposeB?: boolean | undefined;
  /** [..., M, N] f32, added to the product in the same pass; the result is then f32. */
  residual?: Tensor | undefined;
}

/**
 * C = op(A) · op(B) (+ residual). A is [..., M, K] ([..., K, M] with `transposeA`), B is [..., K, N] ([..., N, K] with
 * `transposeB`), f32 or f16. Leading axes are a batch and must agree; a B of two axes serves every row of A. An f32 B
 * may be read from its f16 copy, see `operandRead`.
 *
 * @returns [..., M, N] in A's dtype, in f32 with a residual
 * @throws ShapeError when inner extents or batches differ, or an operand is f16 and its columns are not a multiple of 8
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { problem, shape } = matmulShape(a.shape, b.shape, options);
  const { residual } = options;
  if (residual && (residual.dtype !== 'f32' || !sameShape(residual.shape, shape))) {
    throw new ShapeError(
      'matmul',
      `the product is ${formatShape(shape)}, so the residual must have this shape in f32; it is ${formatShape(residual.shape)} in ${residual.dtype}`,
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

/** The tensor that a product with `a` reads as `b`: its f16 copy, if it has one, when `a` is f16 or `b` is not trained. */
export function operandRead(a: Tensor, b: Tensor): Tensor {
  return a.dtype === 'f16' || !b.requiresGrad ? (b.half ?? b) : b;
}

/** Computes the gradients of both operands from that of the product; `bRead` is the tensor that the product read as `b`. */
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
  if (a.length < 2 || b.length < 2) fail('both need at least two axes');
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
    // One weight for all rows: the leading axes of A are more rows.
    const rows = sizeOf(batchA) * M;
    return { problem: { batch: 1, M: rows, N, K, transposeA, transposeB }, shape: [...batchA, M, N] };
  }
  if (batchA.join() !== batchB.join()) fail('the leading axes must agree');
  return { problem: { batch: sizeOf(batchA), M, N, K, transposeA, transposeB }, shape: [...batchA, M, N] };
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
