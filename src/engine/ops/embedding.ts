import { track } from '../tensor/autograd.js';
import { ShapeError } from '../errors.js';
import type { Gpu } from '../gpu/device.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape, type Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { gridFor } from '../tensor/grid.js';
import { inRows } from '../tensor/split.js';

/**
 * A batch of tokens on the GPU, with what the embedding's backward pass needs: the rows sorted by token. The host
 * sorts while it uploads, which spares the GPU atomics and keeps sums in one order.
 */
export class TokenBatch {
  readonly tokens: Tensor;
  readonly order: Tensor;
  readonly starts: Tensor;

  constructor(
    gpu: Gpu,
    /** [B, T] */
    readonly shape: Shape,
    readonly vocabSize: number,
  ) {
    this.tokens = gpu.tensor(shape, undefined, { dtype: 'u32', label: 'tokens' });
    this.order = gpu.tensor([this.tokens.size], undefined, { dtype: 'u32', label: 'token order' });
    this.starts = gpu.tensor([vocabSize + 1], undefined, { dtype: 'u32', label: 'token starts' });
  }

  /** Replaces the tokens. @throws ShapeError when one lies outside the vocabulary */
  write(tokens: Uint32Array): void {
    const starts = new Uint32Array(this.vocabSize + 1);
    for (const token of tokens) {
      if (token >= this.vocabSize) {
        throw new ShapeError('embedding', `token ${token} is outside the vocabulary of ${this.vocabSize}`);
      }
      starts[token + 1]!++;
    }
    for (let token = 0; token < this.vocabSize; token++) starts[token + 1]! += starts[token]!;
    const next = starts.slice();
    const order = new Uint32Array(tokens.length);
    tokens.forEach((token, row) => (order[next[token]!++] = row));
    this.tokens.write(tokens);
    this.order.write(order);
    this.starts.write(starts);
  }

  dispose(): void {
    this.tokens.dispose();
    this.order.dispose();
    this.starts.dispose();
  }
}

/**
 * Rows of `table` [V, C] f32, one for each token of `batch` [B, T].
 *
 * @returns [B, T, C]
 * @throws ShapeError when the batch was made for another vocabulary
 */
export function embedding(table: Tensor, batch: TokenBatch): Tensor {
  const [V, C] = table.shape as [number, number];
  if (table.shape.length !== 2 || V !== batch.vocabSize) {
    throw new ShapeError(
      'embedding',
      `the table is ${formatShape(table.shape)} and the tokens are from a vocabulary of ${batch.vocabSize}`,
    );
  }
  const { tokens, order, starts } = batch;
  const N = tokens.size;
  const output = recorder().tensor([...batch.shape, C], 'embedding');
  const kernel = table.gpu.kernels.get('embedding_forward');
  const grid = gridFor(kernel, N * C);
  // What one binding cannot hold of the table is taken in stretches of its rows: each finds its own tokens.
  for (const { first, rows: W } of inRows(table)) {
    const params = { N, C, V, first, rows: W.rows };
    recorder().dispatch(kernel, { W, tokens, Y: output }, params, grid, { bytes: 8 * N * C });
  }
  return track({
    op: 'embedding',
    inputs: [table],
    output,
    backward(dY, grads) {
      const target = grads.target(table);
      if (!target) return;
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
