import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { recorder } from '../tensor/recorder.js';
import type { KeyValueCache } from '../ops/attention/decode.js';
import { gridFor } from '../tensor/grid.js';
import type { Tensor } from '../tensor/tensor.js';

/** The most sequences of one cache: the kernel keeps an element of each in registers. */
export const MAX_SEQUENCES = 16;

/**
 * Copies the positions [span[0], span[1]) of sequence parents[b] to sequence b, for all b at once.
 *
 * @param parents [B] u32, each below B
 * @param span [2] u32
 * @throws ShapeError for more than MAX_SEQUENCES sequences, or a cache that is not f32
 */
export function reorderCache({ keys, values }: KeyValueCache, parents: Tensor, span: Tensor): void {
  const [B, nHead, maxT, headDim] = keys.shape as [number, number, number, number];
  if (B > MAX_SEQUENCES || parents.size !== B) {
    throw new ShapeError(
      'reorderCache',
      `${B} sequences and ${parents.size} parents: one each, at most ${MAX_SEQUENCES}`,
    );
  }
  for (const { label, dtype } of [keys, values]) {
    if (dtype !== 'f32') throw new ShapeError('reorderCache', `${label} is ${dtype}: a cache is f32`);
  }
  const kernel = keys.gpu.kernels.get('kv_cache_reorder');
  recorder().dispatch(
    kernel,
    { K: keys, V: values, parents, span },
    { B, nHead, headDim, maxT },
    gridFor(kernel, (nHead * maxT * headDim) / 4),
    { bytes: 4 * keys.bytes },
  );
}

/** Copies the first sequence of each layer's cache to sequence b of another cache, which has the same context. */
export function copySequence(
  { device }: Gpu,
  { from, to, b }: { from: readonly KeyValueCache[]; to: readonly KeyValueCache[]; b: number },
): void {
  const encoder = device.createCommandEncoder();
  for (const [layer, source] of from.entries()) {
    for (const part of ['keys', 'values'] as const) {
      const [a, z] = [source[part].storage, to[layer]![part].storage];
      const bytes = source[part].bytes / source[part].shape[0]!;
      encoder.copyBufferToBuffer(a.buffer!, a.offset, z.buffer!, z.offset + b * bytes, bytes);
    }
  }
  device.queue.submit([encoder.finish()]);
}
