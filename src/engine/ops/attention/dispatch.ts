import { recorder } from '../../tensor/recorder.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { AttentionShape } from './shape.js';
import {
  ATTENTION_PASSES,
  attentionVariantFor,
  type AttentionPassName,
  type AttentionVariant,
} from './variants.js';

/** Tensors of each pass, named as the kernels' bindings are. */
export interface AttentionTensors {
  forward: { QKV: Tensor; O: Tensor; L: Tensor };
  dq: { QKV: Tensor; O: Tensor; L: Tensor; dO: Tensor; delta: Tensor; dQKV: Tensor };
  dkv: { QKV: Tensor; L: Tensor; dO: Tensor; delta: Tensor; dQKV: Tensor };
}

export interface AttentionDispatchOptions {
  /** [B, T, 2] u32, as `attention` takes them. */
  spans?: Tensor | undefined;
  /** Whether the backward passes add to dQKV; they write it by default. */
  accumulate?: boolean | undefined;
  /** The variant to use; by default the one that `attentionVariantFor` chooses. */
  variant?: AttentionVariant | undefined;
}

/** Dispatches one pass of attention: `forward` before `dq`, which leaves `delta` for `dkv`. */
export function dispatchAttention<Pass extends AttentionPassName>(
  pass: Pass,
  { B, T, nHead, headDim }: AttentionShape,
  tensors: AttentionTensors[Pass],
  { spans, accumulate = false, variant: wanted }: AttentionDispatchOptions = {},
): void {
  const { gpu: device, dtype } = tensors.QKV;
  const use = { device, dtype, headDim, T, spans: spans !== undefined };
  const variant = wanted ?? attentionVariantFor(pass, use);
  const kernel = device.kernels.get(variant.file, {
    constants: variant.constants?.(use),
    flags: {
      SPANS: use.spans,
      ...variant.flags?.(use),
      ...(pass !== 'forward' && { ACCUMULATE: accumulate }),
    },
  });
  const { flops, bytes } = ATTENTION_PASSES[pass];
  // Without spans T · (T + 1) / 2 pairs of query and key are under the mask; each costs 2 · headDim FLOPs in every product.
  // With spans there are fewer: how many is known only when the program runs.
  const pairFlops = B * nHead * T * (T + 1) * headDim;
  const outputBytes = tensors.QKV.bytes / 3;
  recorder().dispatch(
    kernel,
    { ...tensors, ...(spans && { spans }) },
    { T, nHead, scale: 1 / Math.sqrt(headDim) },
    [Math.ceil(T / variant.rows), nHead, B],
    { flops: flops * pairFlops, bytes: bytes * outputBytes },
  );
}
