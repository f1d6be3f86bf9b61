import { track } from '../../tensor/autograd.js';
import { recorder } from '../../tensor/recorder.js';
import type { Tensor } from '../../tensor/tensor.js';
import { attentionShape, checkSpans, type AttentionShape } from './shape.js';
import { dispatchAttention } from './dispatch.js';

export interface AttentionOptions {
  nHead: number;
  /**
   * [B, T, 2] u32, for rows that hold several records: of each position, the first position of its record within the
   * row, and one past the last. Records are contiguous and cover the row. A query then sees only keys of its own
   * record. Without spans a row is one record.
   */
  spans?: Tensor | undefined;
}

/**
 * Causal self-attention, fused: softmax(Q·Kᵀ / sqrt(headDim), keys ≤ query) · V for each head, in one pass over the
 * keys with a running maximum (FlashAttention, arXiv:2205.14135), so no T×T matrix is ever in memory. The
 * backward passes recompute the probabilities from the log-sum-exp of each query.
 *
 * @param qkv [B, T, 3C] f32 or f16, C = nHead · headDim: a row holds queries, then keys, then values, head by head
 * @returns [B, T, C] in qkv's dtype
 * @throws ShapeError when the columns do not split into 3 · nHead heads of a multiple of 4, up to 128, dimensions, or
 *   spans is not [B, T, 2] u32
 */
export function attention(qkv: Tensor, { nHead, spans }: AttentionOptions): Tensor {
  const shape = attentionShape('attention', qkv.shape, nHead);
  checkSpans('attention', spans, shape);
  const { B, T, headDim } = shape;
  const O = recorder().tensor([B, T, nHead * headDim], 'attention', qkv.dtype);
  const L = recorder().tensor([B, nHead, T], 'attention log-sum-exp');
  dispatchAttention('forward', shape, { QKV: qkv, O, L }, { spans });
  return track({
    op: 'attention',
    inputs: [qkv],
    output: O,
    backward(dO, grads) {
      const target = grads.target(qkv);
      if (!target) return;
      const { tensor: dQKV, accumulate } = target;
      const options = { accumulate, spans };
      const delta = recorder().tensor([B, nHead, T], 'attention delta');
      dispatchAttention('dq', shape, { QKV: qkv, O, L, dO, delta, dQKV }, options);
      dispatchAttention('dkv', shape, { QKV: qkv, L, dO, delta, dQKV }, options);
    },
  });
}

/** Output and log-sum-exp by the definition, in float64. `spans` as in AttentionOptions. */
export function attentionReference(
  { B, T, nHead, headDim }: AttentionShape,
  qkv: ArrayLike<number>,
  spans?: ArrayLike<number>,
): { O: Float64Array; L: Float64Array } {
  const C = nHead * headDim;
  const O = new Float64Array(B * T * C);
  const L = new Float64Array(B * nHead * T);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < nHead; h++) {
      for (let i = 0; i < T; i++) {
        const q = (b * T + i) * 3 * C + h * headDim;
        const first = spans?.[2 * (b * T + i)] ?? 0;
        const scores: number[] = [];
        for (let j = first; j <= i; j++) {
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
        for (let j = first; j <= i; j++) {
          const p = Math.exp(scores[j - first]! - logSum);
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
  spans?: ArrayLike<number>,
): Float64Array {
  const C = nHead * headDim;
  const scale = 1 / Math.sqrt(headDim);
  const { L } = attentionReference({ B, T, nHead, headDim }, qkv, spans);
  const dQKV = new Float64Array(B * T * 3 * C);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < nHead; h++) {
      for (let i = 0; i < T; i++) {
        const q = (b * T + i) * 3 * C + h * headDim;
        const o = (b * T + i) * C + h * headDim;
        const first = spans?.[2 * (b * T + i)] ?? 0;
        const p: number[] = [];
        const dp: number[] = [];
        let mean = 0; // of dp under p: what the softmax's Jacobian subtracts
        for (let j = first; j <= i; j++) {
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
          mean += p.at(-1)! * dProbability;
        }
        for (let j = first; j <= i; j++) {
          const k = (b * T + j) * 3 * C + C + h * headDim;
          const v = k + C;
          const dScore = p[j - first]! * (dp[j - first]! - mean) * scale;
          for (let d = 0; d < headDim; d++) {
            dQKV[q + d]! += dScore * qkv[k + d]!;
            dQKV[k + d]! += dScore * qkv[q + d]!;
            dQKV[v + d]! += p[j - first]! * dO[o + d]!;
          }
        }
      }
    }
  }
  return dQKV;
}
