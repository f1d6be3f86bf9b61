import { ShapeError } from '../../errors.js';
import { formatShape, type Shape } from '../../tensor/shape.js';
import type { Tensor } from '../../tensor/tensor.js';

/** Sizes of one attention problem, read from the packed projections. */
export interface AttentionShape {
  B: number;
  T: number;
  nHead: number;
  headDim: number;
}

/** @throws ShapeError whose message names `op` */
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

/** @throws ShapeError whose message names `op`, unless spans are u32 and [B, T, 2] */
export function checkSpans(
  op: string,
  spans: Tensor | undefined,
  { B, T }: Pick<AttentionShape, 'B' | 'T'>,
): void {
  if (!spans || (spans.dtype === 'u32' && spans.shape.join() === [B, T, 2].join())) return;
  throw new ShapeError(
    op,
    `spans is ${formatShape(spans.shape)} in ${spans.dtype}, it must be [${B},${T},2] in u32: of each position, ` +
      `the first position of its record and one past the last`,
  );
}
