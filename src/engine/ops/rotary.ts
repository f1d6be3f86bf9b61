import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import type { Backend } from '../tensor/backend.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { DType } from '../tensor/dtype.js';
import { newTensor, type Tensor } from '../tensor/tensor.js';
import { attentionShape, checkSpans, type AttentionShape } from './attention/shape.js';
import { gridFor } from '../tensor/grid.js';
import { dispatchMatmul } from './matmul/dispatch.js';
import { matmul, matmulShape, operandRead, productGradients } from './matmul/matmul.js';
import { productOn } from './matmul/product.js';
import { matmulVariantFor } from './matmul/variants.js';

export interface RotaryOptions {
  nHead: number;
  /** How many leading dimensions of each head rotate; even. All of them by default. */
  rotaryDim?: number | undefined;
  /** Dimension d turns by base^(-2d / rotaryDim) radians per position; 10,000 by default. */
  base?: number | undefined;
  /** [B] u32: the position of each sequence's first row; 0 by default. */
  starts?: Tensor | undefined;
  /** [B, T, 2] u32, as `attention` takes them: positions count from the first of each record. Not with `starts`. */
  spans?: Tensor | undefined;
  /** Upper bound of all positions: required with `starts`, T by default. One table is kept for each value. */
  maxT?: number | undefined;
}

/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864): rotates the first rotaryDim dimensions of every query
 * and key by its position, dimension d paired with d + rotaryDim/2 as in GPT-NeoX, Llama and StableLM.
 *
 * @param qkv [B, T, 3C] f32 or f16, C = nHead · headDim: queries, keys, values, head by head; it is not changed
 * @returns [B, T, 3C] in qkv's dtype
 * @throws ShapeError when rotaryDim does not fit the heads, or positions have no bound
 */
export function rotary(qkv: Tensor, options: RotaryOptions): Tensor {
  const plan = rotaryPlan(qkv.shape, qkv.dtype, options);
  if (plan.rotaryDim === 0) return qkv;
  const output = recorder().tensor(qkv.shape, 'rotary', qkv.dtype);
  turn(plan, 1, { from: qkv, to: output });
  return track({
    op: 'rotary',
    inputs: [qkv],
    output,
    backward(dY, grads) {
      // A rotation's gradient is the rotation back.
      if (grads.isExclusive(output)) {
        turn(plan, -1, { to: dY });
        grads.pass(qkv, dY);
        return;
      }
      const target = grads.target(qkv);
      if (target) turn(plan, -1, { from: dY, to: target.tensor, accumulate: target.accumulate });
    },
  });
}

/**
 * rotary(x · Wᵀ): the projection to queries, keys and values. If the matmul kernel computes whole heads, it rotates them in its
 * epilogue; otherwise `rotary` runs after it.
 *
 * @param x [B, T, C] f32 or f16
 * @param weight [3C, C] f32
 * @returns [B, T, 3C] in x's dtype
 * @throws ShapeError as `matmul` and `rotary` do
 */
export function projectRotated(x: Tensor, weight: Tensor, options: RotaryOptions): Tensor {
  const { problem, shape } = matmulShape(x.shape, weight.shape, { transposeB: true });
  const plan = rotaryPlan(shape, x.dtype, options);
  const { T, headDim, rotaryDim, spans } = plan;
  const bRead = operandRead(x, weight);
  const product = productOn(x.gpu, problem, { A: x.dtype, B: bRead.dtype, C: x.dtype });
  const turns = matmulVariantFor(product).turnsHeads?.(product, headDim) ?? false;
  if (rotaryDim !== headDim || options.starts || !turns) {
    return rotary(matmul(x, weight, { transposeB: true }), options);
  }
  const output = recorder().tensor(shape, 'projection', x.dtype);
  const table = rotaryTable(x.gpu, plan);
  dispatchMatmul(
    problem,
    x,
    bRead,
    { tensor: output, accumulate: false },
    { rotary: { table, T, headDim, spans } },
  );
  return track({
    op: 'projectRotated',
    inputs: [x, weight],
    output,
    backward(dY, grads) {
      const inPlace = grads.isExclusive(output);
      const dProduct = inPlace ? dY : recorder().tensor(shape, 'd projection', dY.dtype);
      turn(plan, -1, inPlace ? { to: dY } : { from: dY, to: dProduct });
      productGradients(problem, { a: x, b: weight, bRead }, dProduct, grads);
    },
  });
}

interface RotaryPlan extends AttentionShape {
  rotaryDim: number;
  base: number;
  maxT: number;
  starts: Tensor | undefined;
  spans: Tensor | undefined;
}

/** @throws ShapeError when rotaryDim does not fit the heads, or positions have no bound */
function rotaryPlan(shape: Shape, dtype: DType, options: RotaryOptions): RotaryPlan {
  const { nHead, starts, spans } = options;
  const { B, T, headDim } = attentionShape('rotary', shape, nHead);
  const { rotaryDim = headDim, base = 10_000, maxT = T } = options;
  const fail = (reason: string): never => {
    throw new ShapeError('rotary', `qkv is ${formatShape(shape)} with ${nHead} heads: ${reason}`);
  };
  if (!Number.isInteger(rotaryDim) || rotaryDim % 2 !== 0 || rotaryDim < 0 || rotaryDim > headDim)
    fail(`rotaryDim is ${rotaryDim}; it must be even and at most the head's ${headDim} dimensions`);
  if (dtype === 'f16' && (rotaryDim % 4 !== 0 || headDim % 4 !== 0))
    fail(`rotaryDim is ${rotaryDim}; in f16 it must be a multiple of 4, as the head's dimensions`);
  if (T > maxT) fail(`${T} positions, and maxT is ${maxT}`);
  if (starts && starts.size !== B) fail(`starts is ${formatShape(starts.shape)}, it must be [${B}]`);
  if (starts && options.maxT === undefined) fail('starts needs maxT, the bound of all positions');
  if (starts && spans) fail('positions come from starts or from spans, not from both');
  checkSpans('rotary', spans, { B, T });
  return { B, T, nHead, headDim, rotaryDim, base, maxT, starts, spans };
}

/** Rotates queries and keys: from `from` to `to`, or in place without `from`. */
function turn(
  plan: RotaryPlan,
  direction: 1 | -1,
  { from, to, accumulate = false }: { from?: Tensor; to: Tensor; accumulate?: boolean },
): void {
  const { B, T, nHead, headDim, rotaryDim, starts, spans } = plan;
  const F16 = to.dtype === 'f16';
  const kernel = to.gpu.kernels.get('rotary', {
    flags: {
      ACCUMULATE: accumulate,
      STARTS: starts !== undefined,
      SPANS: spans !== undefined,
      F16,
      IN_PLACE: from === undefined,
    },
  });
  const params = { N: B * T, T, nHead, headDim, rotaryDim, direction };
  const bytes = from ? 2 * to.bytes : (4 / 3) * to.bytes * (rotaryDim / headDim);
  const work = { flops: 6 * B * T * nHead * rotaryDim, bytes };
  const tensors = {
    ...(from && { X: from }),
    table: rotaryTable(to.gpu, plan),
    Y: to,
    ...(starts && { starts }),
    ...(spans && { spans }),
  };
  recorder().dispatch(kernel, tensors, params, gridFor(kernel, (B * T * headDim) / (F16 ? 4 : 2)), work);
}

const tables = new WeakMap<Backend, Map<string, Tensor>>();

/**
 * Cosines, then sines, of each position's angles: [maxT, rotaryDim] f32. The host computes them in float64, because f32
 * has only four decimals left for an angle of a thousand radians. The table lives as long as the device.
 */
function rotaryTable(
  gpu: Backend,
  { maxT, rotaryDim, base }: Pick<RotaryPlan, 'maxT' | 'rotaryDim' | 'base'>,
): Tensor {
  const ofGpu = tables.get(gpu) ?? new Map<string, Tensor>();
  tables.set(gpu, ofGpu);
  const key = [maxT, rotaryDim, base].join();
  const known = ofGpu.get(key);
  if (known) return known;

  const half = rotaryDim / 2;
  const values = new Float32Array(maxT * rotaryDim);
  for (let position = 0; position < maxT; position++) {
    for (let d = 0; d < half; d++) {
      const angle = rotaryAngle(position, d, rotaryDim, base);
      values[position * rotaryDim + d] = Math.cos(angle);
      values[position * rotaryDim + half + d] = Math.sin(angle);
    }
  }
  const table = newTensor(gpu, [maxT, rotaryDim], values, { label: 'rotary table' });
  ofGpu.set(key, table);
  return table;
}

function rotaryAngle(position: number, d: number, rotaryDim: number, base: number): number {
  return position * base ** ((-2 * d) / rotaryDim);
}

/** The definition, in float64. */
export function rotaryReference(
  { B, T, nHead, headDim }: AttentionShape,
  qkv: ArrayLike<number>,
  options: { rotaryDim?: number; base?: number; starts?: ArrayLike<number>; spans?: ArrayLike<number> } = {},
): Float64Array {
  const { rotaryDim = headDim, base = 10_000, starts, spans } = options;
  const y = Float64Array.from(qkv);
  const half = rotaryDim / 2;
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      const position = (starts?.[b] ?? 0) + t - (spans?.[2 * (b * T + t)] ?? 0);
      // Queries and keys are the first 2 · nHead heads of a row, values the last nHead.
      for (let head = 0; head < 2 * nHead; head++) {
        const start = ((b * T + t) * 3 * nHead + head) * headDim;
        for (let d = 0; d < half; d++) {
          const angle = rotaryAngle(position, d, rotaryDim, base);
          const near = qkv[start + d]!;
          const far = qkv[start + half + d]!;
          y[start + d] = near * Math.cos(angle) - far * Math.sin(angle);
          y[start + half + d] = far * Math.cos(angle) + near * Math.sin(angle);
        }
      }
    }
  }
  return y;
}
