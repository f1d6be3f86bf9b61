import type { Gpu } from './device.js';
import { record } from './program.js';
import { recorder } from '../tensor/recorder.js';
import { packHalves, unpackHalves } from '../tensor/half.js';
import { dispatchMatmul } from '../ops/matmul/dispatch.js';
import { matmulReference } from '../ops/matmul/matmul.js';
import type { MatmulShape } from '../ops/matmul/product.js';

export interface SelfTest {
  /** Whether every number is as close to the float64 reference as float32 allows. */
  ok: boolean;
  /** Largest difference from the reference, in units of the rounding bound for sums of K products. */
  worst: number;
  /** Milliseconds of one product, without the first run, which compiles. */
  ms: number;
  gflops: number;
  problem: MatmulShape;
}

/** Unit roundoff of float32. */
const ROUNDOFF = 2 ** -24;

/**
 * Tests driver, compiler and memory: multiplies two matrices on the device's kernel path and compares every element with
 * float64. The bound is Higham's for a sum of K products in any order (Accuracy and Stability of Numerical Algorithms,
 * 2nd ed., section 3.1): K·u/(1 − K·u) times the sum of the products' magnitudes.
 */
export async function selfTest(gpu: Gpu): Promise<SelfTest> {
  const problem = { batch: 1, M: 192, N: 160, K: 224, transposeA: false, transposeB: false };
  const { M, N, K } = problem;
  const dtype = gpu.path === 'f32' ? 'f32' : 'f16';
  const values = (count: number, factor: number): Float32Array => {
    const sines = Float32Array.from({ length: count }, (_, i) => Math.sin(i * factor + 1));
    return dtype === 'f16' ? unpackHalves(packHalves(sines)) : sines;
  };
  const a = values(M * K, 0.7);
  const b = values(K * N, 1.3);
  const A = gpu.tensor([M, K], a, { dtype });
  const B = gpu.tensor([K, N], b, { dtype });
  const program = await record(gpu, () => {
    const C = recorder().tensor([M, N], 'product');
    dispatchMatmul(problem, A, B, { tensor: C, accumulate: false });
    return C;
  });
  try {
    program.run();
    const result = await program.outputs.read();
    const start = performance.now();
    program.run();
    await gpu.idle();
    const ms = performance.now() - start;
    const worst = worstError(problem, result, a, b);
    return { ok: worst <= 1, worst, ms, gflops: program.flops / ms / 1e6, problem };
  } finally {
    program.dispose();
    A.dispose();
    B.dispose();
  }
}

function worstError(problem: MatmulShape, result: Float32Array, a: Float32Array, b: Float32Array): number {
  const exact = matmulReference(problem, a, b);
  const magnitudes = matmulReference(problem, a.map(Math.abs), b.map(Math.abs));
  const factor = (problem.K * ROUNDOFF) / (1 - problem.K * ROUNDOFF);
  let worst = 0;
  exact.forEach((value, i) => {
    const error = Math.abs(result[i]! - value) / (factor * magnitudes[i]!);
    // NaN must not pass as a small error.
    worst = Math.max(worst, Number.isNaN(error) ? Infinity : error);
  });
  return worst;
}
