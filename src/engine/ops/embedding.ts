import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';
import { inRows } from '../tensor/split.js';
import { checkDType } from './check.js';

export interface TokenBatchOptions {
  /** Whether rows hold several records each, and `spans` say where each begins and ends (default false). */
  packed?: boolean | undefined;
}

/** What `TokenBatch.write` takes besides the tokens. */
export interface TokenDetails {
  /** [B, T, 2], in a packed batch: the first position of each position's record, and one past the last. */
  spans?: Uint32Array | undefined;
  /** By position, 0 where the gradient is known to be zero, which then need not be added (default: nowhere). */
  hasGradient?: Uint8Array | undefined;
}

/**
 * A batch of tokens on the GPU, with the rows sorted by token, which the backward pass of `embedding` needs. The host
 * sorts when it uploads, so the GPU needs no atomics and adds in a fixed order.
 */
export class TokenBatch {
  readonly tokens: Tensor;
  readonly order: Tensor;
  readonly starts: Tensor;
  /** [B, T, 2] u32, for attention and rotary; undefined if each row is one record. */
  readonly spans: Tensor | undefined;

  constructor(
    gpu: Gpu,
    /** [B, T] */
    readonly shape: Shape,
    readonly vocabSize: number,
    { packed = false }: TokenBatchOptions = {},
  ) {
    this.tokens = gpu.tensor(shape, undefined, { dtype: 'u32', label: 'tokens' });
    this.order = gpu.tensor([this.tokens.size], undefined, { dtype: 'u32', label: 'token order' });
    this.starts = gpu.tensor([vocabSize + 1], undefined, { dtype: 'u32', label: 'token starts' });
    this.spans = packed ? gpu.tensor([...shape, 2], undefined, { dtype: 'u32', label: 'spans' }) : undefined;
  }

  /** Replaces the tokens. @throws ShapeError when one lies outside the vocabulary, or spans are missing or too many */
  write(tokens: Uint32Array, { spans, hasGradient }: TokenDetails = {}): void {
    if ((spans === undefined) !== (this.spans === undefined)) {
      throw new ShapeError('embedding', 'a batch has spans if it is packed, and only then');
    }
    const starts = new Uint32Array(this.vocabSize + 1);
    const counts = (row: number): boolean => hasGradient === undefined || hasGradient[row] !== 0;
    tokens.forEach((token, row) => {
      if (token >= this.vocabSize) {
        throw new ShapeError('embedding', `token ${token} is outside the vocabulary of ${this.vocabSize}`);
      }
      if (counts(row)) starts[token + 1]!++;
    });
    for (let token = 0; token < this.vocabSize; token++) starts[token + 1]! += starts[token]!;
    const next = starts.slice();
    const order = new Uint32Array(tokens.length);
    tokens.forEach((token, row) => {
      if (counts(row)) order[next[token]!++] = row;
    });
    this.tokens.write(tokens);
    this.order.write(order);
    this.starts.write(starts);
    if (spans) this.spans?.write(spans);
  }

  dispose(): void {
    this.spans?.dispose();
    this.tokens.dispose();
    this.order.dispose();
    this.starts.dispose();
  }
}

/**
 * Rows of `table`, one for each token.
 *
 * @param table [V, C] f32
 * @param tokens [...] u32, each below V: an index outside the table gives a row of NaN. A `TokenBatch` holds the order
 *   that the backward pass needs; for a plain tensor the GPU makes it, in time that grows with the square of the tokens.
 * @returns [..., C]
 * @throws ShapeError when the table has not two axes, the tokens are not u32, or the batch is for another vocabulary
 */
export function embedding(table: Tensor, tokens: TokenBatch | Tensor): Tensor {
  const batch = tokens instanceof TokenBatch ? tokens : undefined;
  const ids = tokens instanceof TokenBatch ? tokens.tokens : tokens;
  const [V, C] = table.shape as [number, number];
  if (table.shape.length !== 2 || (batch && V !== batch.vocabSize)) {
    const source = batch ? `the tokens are from a vocabulary of ${batch.vocabSize}` : 'it must have two axes';
    throw new ShapeError('embedding', `the table is ${formatShape(table.shape)} and ${source}`);
  }
  checkDType('embedding', 'table', table, ['f32']);
  checkDType('embedding', 'tokens', ids, ['u32']);
  const N = ids.size;
  const output = recorder().tensor([...tokens.shape, C], 'embedding');
  const kernel = table.gpu.kernels.get('embedding_forward');
  const grid = gridFor(kernel, N * C);
  // A table larger than one binding is read in several parts: each dispatch serves the tokens of its rows.
  for (const { first, rows: W } of inRows(table)) {
    const params = { N, C, V, first, rows: W.rows };
    recorder().dispatch(kernel, { W, tokens: ids, Y: output }, params, grid, { bytes: 8 * N * C });
  }
  return track({
    op: 'embedding',
    inputs: [table],
    output,
    backward(dY, grads) {
      const target = grads.target(table);
      if (!target) return;
      const { order, starts } = batch ?? tokenOrder(ids, V);
      const kernel = table.gpu.kernels.get('embedding_backward', {
        flags: { ACCUMULATE: target.accumulate },
      });
      for (const { first, rows: dW } of inRows(target.tensor)) {
        const grid = gridFor(kernel, dW.size);
        const work = { flops: N * C, bytes: 4 * (N * C + dW.size) };
        recorder().dispatch(kernel, { order, starts, dY, dW }, { V: dW.rows, C, first }, grid, work);
      }
    },
  });
}

/** The rows sorted by token, and where each token's rows begin, computed on the GPU. */
function tokenOrder(tokens: Tensor, V: number): { order: Tensor; starts: Tensor } {
  const N = tokens.size;
  const order = recorder().tensor([N], 'token order', 'u32');
  const starts = recorder().tensor([V + 1], 'token starts', 'u32');
  const sort = tokens.gpu.kernels.get('token_order', { flags: { STARTS: false } });
  recorder().dispatch(sort, { tokens, order }, { N, V }, gridFor(sort, N), { bytes: 4 * N * N });
  const find = tokens.gpu.kernels.get('token_order', { flags: { STARTS: true } });
  const work = { bytes: 8 * V * Math.ceil(Math.log2(N + 1)) };
  recorder().dispatch(find, { tokens, order, starts }, { N, V }, gridFor(find, V + 1), work);
  return { order, starts };
}

export function embeddingReference(
  table: ArrayLike<number>,
  tokens: ArrayLike<number>,
  C: number,
): Float64Array {
  const y = new Float64Array(tokens.length * C);
  for (let n = 0; n < tokens.length; n++) {
    for (let c = 0; c < C; c++) y[n * C + c] = table[tokens[n]! * C + c]!;
  }
  return y;
}
