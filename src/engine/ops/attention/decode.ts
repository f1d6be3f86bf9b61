import { ShapeError } from '../../errors.js';
import { recorder } from '../../tensor/recorder.js';
import { formatShape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { attentionShape } from './shape.js';
import { gridFor } from '../../tensor/grid.js';

/** Keys and values of one layer, for positions that need not be computed again. */
export interface KeyValueCache {
  /** [B, nHead, maxT, headDim] f32 */
  keys: Tensor;
  /** [B, nHead, maxT, headDim] f32 */
  values: Tensor;
  /**
   * [B] u32: positions each sequence has in the cache, less than maxT. Shared by all layers, and by `rotary` as its
   * `starts`; the caller raises it by T when all layers have run.
   */
  lengths: Tensor;
}

/**
 * Appends the keys and values of `qkv`'s T positions to the cache, after its `lengths` positions.
 *
 * @param qkv [B, T, 3C] f32, after `rotary`
 * @throws ShapeError when the cache was made for other heads or another batch, or anything is not f32
 */
export function appendToCache(qkv: Tensor, cache: KeyValueCache): void {
  const { T, nHead, headDim, maxT } = cacheShape('appendToCache', qkv, cache);
  const kernel = qkv.gpu.kernels.get('kv_cache_append');
  const N = qkv.rows;
  recorder().dispatch(
    kernel,
    { QKV: qkv, lengths: cache.lengths, K: cache.keys, V: cache.values },
    { N, T, nHead, headDim, maxT },
    gridFor(kernel, (N * nHead * headDim) / 4),
    { bytes: 16 * N * nHead * headDim },
  );
}

/**
 * Attention of T new positions of each sequence over all cached positions, those before them and themselves;
 * `appendToCache` comes first. For a few positions: a prompt is faster in `attention`.
 *
 * @param qkv [B, T, 3C] f32, after `rotary`
 * @returns [B, T, C]
 * @throws ShapeError when the cache was made for other heads or another batch, or anything is not f32
 */
export function attentionDecode(qkv: Tensor, cache: KeyValueCache): Tensor {
  const { B, T, nHead, headDim, maxT } = cacheShape('attentionDecode', qkv, cache);
  const C = nHead * headDim;
  const O = recorder().tensor([B, T, C], 'attention');
  const HEAD_VECTORS = headDim / 4;
  // On software adapters a barrier's cost grows with the invocations: use the fewest that cover a head (measured: half
  // the time of 64), in whole quads, like subgroups.
  const software = qkv.gpu.adapter.kind === 'software';
  const WORKGROUP = software ? Math.max(8, Math.ceil(HEAD_VECTORS / 4) * 4) : 64;
  const kernel = qkv.gpu.kernels.get('attention_decode', { constants: { HEAD_VECTORS, WORKGROUP } });
  recorder().dispatch(
    kernel,
    { QKV: qkv, K: cache.keys, V: cache.values, lengths: cache.lengths, O },
    { nHead, T, maxT, scale: 1 / Math.sqrt(headDim) },
    [nHead, B * T],
    { flops: 4 * B * T * maxT * C, bytes: 8 * B * T * maxT * C },
  );
  return O;
}

function cacheShape(
  op: string,
  qkv: Tensor,
  { keys, values, lengths }: KeyValueCache,
): { B: number; T: number; nHead: number; headDim: number; maxT: number } {
  const [B, nHead, maxT, headDim] = keys.shape as [number, number, number, number];
  const given = attentionShape(op, qkv.shape, nHead);
  if (given.B !== B || given.headDim !== headDim || values.shape.join() !== keys.shape.join()) {
    throw new ShapeError(
      op,
      `qkv is ${formatShape(qkv.shape)} and the cache ${formatShape(keys.shape)} and ${formatShape(values.shape)}: ` +
        `both caches must be [${given.B}, nHead, maxT, headDim] with nHead · headDim = ${qkv.columns / 3}`,
    );
  }
  for (const tensor of [qkv, keys, values]) {
    if (tensor.dtype === 'f32') continue;
    throw new ShapeError(op, `${tensor.label} is ${tensor.dtype}: a cache and what it serves are f32`);
  }
  if (lengths.size !== B)
    throw new ShapeError(op, `lengths is ${formatShape(lengths.shape)}, it must be [${B}]`);
  return { ...given, maxT };
}
