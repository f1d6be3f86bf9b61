import { track } from '../../tensor/autograd.js';
import { ShapeError } from '../../errors.js';
import type { Backend } from '../../tensor/backend.js';
import type { KernelHandle } from '../../tensor/backend.js';
import { recorder } from '../../tensor/recorder.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import { HALVES_PER_READ, type DType } from '../../tensor/dtype.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Sizes of one attention problem, read from the packed projections. */
export interface AttentionShape {
  B: number;
  T: number;
  nHead: number;
  headDim: number;
}

/** Which kernels serve: their files' suffix, and how many queries (of dkv: keys) one workgroup takes. */
interface KernelFamily {
  suffix: string;
  flags: Record<string, boolean>;
  constants: Record<string, number>;
  forwardRows: number;
  backwardRows: number;
}

/**
 * Causal self-attention, fused: softmax(Q·Kᵀ / sqrt(headDim), keys ≤ query) · V for each head, in one pass over the
 * keys with a running maximum (FlashAttention, arXiv:2205.14135), so that no T×T matrix is ever in memory. The
 * backward pass recomputes the probabilities from the log-sum-exp of each query.
 *
 * @param qkv [B, T, 3C] f32 or f16, C = nHead · headDim: a row holds queries, then keys, then values, head by head
 * @returns [B, T, C] in qkv's dtype
 * @throws ShapeError when the columns do not split into 3 · nHead heads of a multiple of 4, up to 128, dimensions
 */
export function attention(qkv: Tensor, { nHead }: { nHead: number }): Tensor {
  const shape = attentionShape('attention', qkv.shape, nHead);
  const { B, T, headDim } = shape;
  const C = nHead * headDim;
  const { gpu } = qkv;
  const recording = recorder();
  const family = familyFor(gpu, headDim, qkv.dtype);
  const kernel = (name: string, flags: Record<string, boolean> = {}): KernelHandle =>
    gpu.kernels.get(`${name}.${family.suffix}`, {
      constants: family.constants,
      flags: { ...family.flags, ...flags },
    });
  const params = { T, nHead, scale: 1 / Math.sqrt(headDim) };
  // Pairs of query and key under the mask, each costing 2·headDim FLOPs in every product.
  const pairFlops = B * nHead * T * (T + 1) * headDim;

  const O = recording.tensor([B, T, C], 'attention', qkv.dtype);
  const L = recording.tensor([B, nHead, T], 'attention log-sum-exp');
  recording.dispatch(
    kernel('attention_forward'),
    { QKV: qkv, O, L },
    params,
    [Math.ceil(T / family.forwardRows), nHead, B],
    { flops: 2 * pairFlops, bytes: 4 * O.bytes },
  );
  return track({
    op: 'attention',
    inputs: [qkv],
    output: O,
    backward(dO, grads) {
      const target = grads.target(qkv);
      if (!target) return;
      const flags = { ACCUMULATE: target.accumulate };
      const grid = [Math.ceil(T / family.backwardRows), nHead, B] as const;
      const delta = recorder().tensor([B, nHead, T], 'attention delta');
      const dQKV = target.tensor;
      recorder().dispatch(
        kernel('attention_backward_dq', flags),
        { QKV: qkv, O, L, dO, delta, dQKV },
        params,
        grid,
        { flops: 3 * pairFlops, bytes: 7 * O.bytes },
      );
      recorder().dispatch(
        kernel('attention_backward_dkv', flags),
        { QKV: qkv, L, dO, delta, dQKV },
        params,
        grid,
        { flops: 4 * pairFlops, bytes: 6 * O.bytes },
      );
    },
  });
}

/** @throws ShapeError in the words of `op`'s caller */
export function attentionShape(op: string, qkv: Shape, nHead: number): AttentionShape {
  const [B, T, columns] = qkv as [number, number, number];
  const fail = (reason: string): never => {
    throw new ShapeError(op, `qkv is ${formatShape(qkv)} with ${nHead} heads: ${reason}`);
  };
  if (qkv.length !== 3) fail('it must be [B, T, 3C]');
  const headDim = columns / (3 * nHead);
  if (!Number.isInteger(headDim))
    fail(`its columns hold queries, keys and values, so they must be a multiple of ${3 * nHead}`);
  if (headDim % 4 !== 0 || headDim > 128)
    fail(`heads of ${headDim} dimensions; they must be a multiple of 4, up to 128`);
  return { B, T, nHead, headDim };
}

/**
 * Matrix units take f16 only. Software adapters have cheap registers and dear workgroup memory, GPUs the reverse; the kernels for the former are
 * unrolled for heads of 32, and were 20 to 40 times as fast there.
 */
function familyFor(gpu: Backend, headDim: number, dtype: DType): KernelFamily {
  if (dtype === 'f32' && gpu.adapter.kind === 'software' && headDim === 32) {
    return { suffix: 'f32.registers', flags: {}, constants: {}, forwardRows: 16, backwardRows: 16 };
  }
  if (dtype === 'f16' && gpu.path === 'tensor' && headDim % HALVES_PER_READ === 0) {
    const flags = { ...gpu.matrixFlags, HEAD_128: headDim > 64 };
    const constants = { HEAD_EIGHTS: headDim / HALVES_PER_READ };
    return { suffix: 'tensor', flags, constants, forwardRows: 64, backwardRows: 64 };
  }
  const flags = { F16: dtype === 'f16' };
  const constants = { HEAD_VECTORS: headDim / 4 };
  return { suffix: 'f32', flags, constants, forwardRows: 64, backwardRows: 32 };
}

/** Output and log-sum-exp by the definition, in float64. */
export function attentionReference(
  { B, T, nHead, headDim }: AttentionShape,
  qkv: ArrayLike<number>,
): { O: Float64Array; L: Float64Array } {
  const C = nHead * headDim;
  const O = new Float64Array(B * T * C);
  const L = new Float64Array(B * nHead * T);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < nHead; h++) {
      for (let i = 0; i < T; i++) {
        const q = (b * T + i) * 3 * C + h * headDim;
        const scores: number[] = [];
        for (let j = 0; j <= i; j++) {
          const k = (b * T + j) * 3 * C + C + h * headDim;
          let dot = 0;
          for (let d = 0; d < headDim; d++) dot += qkv[q + d]! * qkv[k + d]!;
          scores.push(dot / Math.sqrt(headDim));
        }
        const highest = Math.max(...scores);
        let sum = 0;
        for (const score of scores) sum += Math.exp(score - highest);
        const logSum = highest + Math.log(sum);
        L[(b * nHead + h) * T + i] = logSum;
        for (let j = 0; j <= i; j++) {
          const p = Math.exp(scores[j]! - logSum);
          const v = (b * T + j) * 3 * C + 2 * C + h * headDim;
          for (let d = 0; d < headDim; d++) O[(b * T + i) * C + h * headDim + d]! += p * qkv[v + d]!;
        }
      }
    }
  }
  return { O, L };
}

/** Gradient of sum(O ∘ dO) with respect to qkv, by the chain rule through the softmax, in float64. */
export function attentionBackwardReference(
  { B, T, nHead, headDim }: AttentionShape,
  qkv: ArrayLike<number>,
  dO: ArrayLike<number>,
): Float64Array {
  const C = nHead * headDim;
  const scale = 1 / Math.sqrt(headDim);
  const { L } = attentionReference({ B, T, nHead, headDim }, qkv);
  const dQKV = new Float64Array(B * T * 3 * C);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < nHead; h++) {
      for (let i = 0; i < T; i++) {
        const q = (b * T + i) * 3 * C + h * headDim;
        const o = (b * T + i) * C + h * headDim;
        const p: number[] = [];
        const dp: number[] = [];
        let mean = 0; // of dp under p: what the softmax's Jacobian subtracts
        for (let j = 0; j <= i; j++) {
          const k = (b * T + j) * 3 * C + C + h * headDim;
          const v = k + C;
          let score = 0;
          let dProbability = 0;
          for (let d = 0; d < headDim; d++) {
            score += qkv[q + d]! * qkv[k + d]! * scale;
            dProbability += dO[o + d]! * qkv[v + d]!;
          }
          p.push(Math.exp(score - L[(b * nHead + h) * T + i]!));
          dp.push(dProbability);
          mean += p[j]! * dProbability;
        }
        for (let j = 0; j <= i; j++) {
          const k = (b * T + j) * 3 * C + C + h * headDim;
          const v = k + C;
          const dScore = p[j]! * (dp[j]! - mean) * scale;
          for (let d = 0; d < headDim; d++) {
            dQKV[q + d]! += dScore * qkv[k + d]!;
            dQKV[k + d]! += dScore * qkv[q + d]!;
            dQKV[v + d]! += p[j]! * dO[o + d]!;
          }
        }
      }
    }
  }
  return dQKV;
}
