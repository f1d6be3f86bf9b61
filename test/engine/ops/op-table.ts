import { crossEntropy, crossEntropyReference } from '../../../src/engine/ops/cross-entropy.js';
import { dropout, dropoutReference } from '../../../src/engine/ops/dropout.js';
import { embedding, embeddingReference } from '../../../src/engine/ops/embedding.js';
import { gatherRows, gatherRowsReference } from '../../../src/engine/ops/gather-rows.js';
import { gelu, geluReference } from '../../../src/engine/ops/gelu.js';
import { add, addReference } from '../../../src/engine/ops/add.js';
import { IGNORE_INDEX } from '../../../src/engine/ops/ignore-index.js';
import { rmsNorm, rmsNormReference } from '../../../src/engine/ops/layernorm.js';
import { linear, linearReference } from '../../../src/engine/ops/linear.js';
import { mul, mulReference } from '../../../src/engine/ops/mul.js';
import { relu, reluReference } from '../../../src/engine/ops/relu.js';
import { reshape, reshapeReference } from '../../../src/engine/ops/reshape.js';
import { scale, scaleReference } from '../../../src/engine/ops/scale.js';
import { softmax, softmaxReference } from '../../../src/engine/ops/softmax.js';
import { mean, meanReference, sum, sumReference } from '../../../src/engine/ops/sum.js';
import { newTensor, type Tensor } from '../../../src/engine/tensor/tensor.js';
import type { OpCase } from './op-check.js';

/** Results in f16 are rounded to 11 bits. */
const IN_F16 = { tolerance: 5e-4 };

/** Unordered tokens from a vocabulary of V, most of them several times. */
const tokens = (count: number, V: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, n) => (n * n + 3 * n) % V);

/** Like `tokens`, but every third one does not count in the loss. */
const targets = (count: number, V: number): Uint32Array =>
  tokens(count, V).map((token, n) => (n % 3 === 1 ? IGNORE_INDEX : token));

/** Every other row of N in descending order, each once, and after each of them an index that is ignored. */
const chosen = (N: number): Uint32Array =>
  Uint32Array.from({ length: N }, (_, r) => (r % 2 ? IGNORE_INDEX : N - 1 - r));

/** Where `chosen` has each row. */
const placesOf = (rows: Uint32Array, N: number): Uint32Array =>
  Uint32Array.from({ length: N }, (_, n) => (rows.includes(n) ? rows.indexOf(n) : IGNORE_INDEX));

const u32 = (like: Tensor, values: Uint32Array): Tensor => newTensor(like.gpu, [values.length], values);

/**
 * One row per op. ops.test.ts checks each: the result against float64, gradients against finite differences.
 * strides.test.ts applies each twice, so that gradients are added, on a grid too small for the problem: more than 256
 * elements, or 128 rows for an op that works by rows.
 */
export const OP_TABLE: readonly OpCase[] = [
  {
    name: 'gelu',
    shapes: [[5, 53]],
    apply: ([x]) => gelu(x!),
    reference: ([x]) => geluReference(x!),
  },
  {
    name: 'gelu in f16',
    shapes: [[9, 40]],
    dtypes: ['f16'],
    apply: ([x]) => gelu(x!),
    reference: ([x]) => geluReference(x!),
    ...IN_F16,
  },
  {
    name: 'relu',
    shapes: [[5, 53]],
    apply: ([x]) => relu(x!),
    reference: ([x]) => reluReference(x!),
  },
  {
    name: 'relu in f16',
    shapes: [[9, 40]],
    dtypes: ['f16'],
    apply: ([x]) => relu(x!),
    reference: ([x]) => reluReference(x!),
    ...IN_F16,
  },
  {
    name: 'scale',
    shapes: [[5, 53]],
    apply: ([x]) => scale(x!, -0.75),
    reference: ([x]) => scaleReference(x!, -0.75),
  },
  {
    name: 'dropout',
    shapes: [[5, 53]],
    apply: ([x]) => dropout(x!, 0.3, { step: newTensor(x!.gpu, [1], Uint32Array.of(7)), seed: 5 }),
    reference: ([x]) => dropoutReference(x!, 0.3, { step: 7, seed: 5 }),
  },
  {
    name: 'dropout in f16',
    shapes: [[9, 40]],
    dtypes: ['f16'],
    apply: ([x]) => dropout(x!, 0.3, { step: newTensor(x!.gpu, [1], Uint32Array.of(7)), seed: 5 }),
    reference: ([x]) => dropoutReference(x!, 0.3, { step: 7, seed: 5 }),
    ...IN_F16,
  },
  {
    name: 'add in f16',
    shapes: [
      [9, 40],
      [9, 40],
    ],
    dtypes: ['f16', 'f16'],
    apply: ([x, y]) => add(x!, y!),
    reference: ([x, y]) => addReference(x!, y!),
    ...IN_F16,
  },
  {
    name: 'mul',
    shapes: [
      [5, 53],
      [5, 53],
    ],
    apply: ([x, y]) => mul(x!, y!),
    reference: ([x, y]) => mulReference(x!, y!),
  },
  {
    name: 'mul of a tensor with itself',
    shapes: [[5, 53]],
    apply: ([x]) => mul(x!, x!),
    reference: ([x]) => mulReference(x!, x!),
  },
  {
    name: 'mul in f16',
    shapes: [
      [9, 40],
      [9, 40],
    ],
    dtypes: ['f16', 'f16'],
    apply: ([x, y]) => mul(x!, y!),
    reference: ([x, y]) => mulReference(x!, y!),
    ...IN_F16,
  },
  {
    name: 'reshape, beside another reader of the same tensor',
    shapes: [
      [35, 12],
      [60, 7],
    ],
    apply: ([x, y]) => mul(reshape(mul(x!, x!), [60, 7]), add(reshape(x!, [60, 7]), y!)),
    reference: ([x, y]) => {
      const flat = reshapeReference(x!);
      return mulReference(reshapeReference(mulReference(x!, x!)), addReference(flat, y!));
    },
  },
  {
    name: 'sum of all elements, in several chunks',
    shapes: [[3, 701]],
    apply: ([x]) => sum(x!),
    reference: ([x]) => sumReference(x!),
  },
  {
    name: 'sum of the last axis',
    shapes: [[2, 70, 37]],
    apply: ([x]) => sum(x!, { axis: -1 }),
    reference: ([x]) => sumReference(x!, 37),
  },
  {
    name: 'mean of all elements',
    shapes: [[5, 53]],
    apply: ([x]) => mean(x!),
    reference: ([x]) => meanReference(x!),
  },
  {
    name: 'mean of the last axis',
    shapes: [[140, 5]],
    apply: ([x]) => mean(x!, { axis: -1 }),
    reference: ([x]) => meanReference(x!, 5),
  },
  {
    name: 'softmax',
    shapes: [[131, 7]],
    apply: ([x]) => softmax(x!),
    reference: ([x]) => softmaxReference(x!, 7),
  },
  {
    name: 'softmax of more columns than a subgroup has lanes',
    shapes: [[2, 150]],
    apply: ([x]) => softmax(x!),
    reference: ([x]) => softmaxReference(x!, 150),
  },
  {
    name: 'rmsNorm',
    shapes: [[131, 5], [5]],
    apply: ([x, gamma]) => rmsNorm(x!, gamma!),
    reference: ([x, gamma]) => rmsNormReference(x!, gamma!),
  },
  {
    name: 'rmsNorm of four columns at a time, eps 3',
    shapes: [[3, 40], [40]],
    apply: ([x, gamma]) => rmsNorm(x!, gamma!, 3),
    reference: ([x, gamma]) => rmsNormReference(x!, gamma!, 3),
  },
  {
    name: 'linear with bias',
    shapes: [[3, 50, 5], [7, 5], [7]],
    apply: ([x, weight, bias]) => linear(x!, weight!, bias!),
    reference: ([x, weight, bias]) => linearReference(x!, weight!, 5, bias!),
  },
  {
    name: 'linear with bias and residual',
    shapes: [[13, 5], [7, 5], [7], [13, 7]],
    apply: ([x, weight, bias, residual]) => linear(x!, weight!, bias!, residual!),
    reference: ([x, weight, bias, residual]) => linearReference(x!, weight!, 5, bias!, residual!),
  },
  {
    name: 'linear with bias in f16',
    shapes: [[20, 8], [16, 8], [16]],
    dtypes: ['f16', 'f32', 'f32'],
    apply: ([x, weight, bias]) => linear(x!, weight!, bias!),
    reference: ([x, weight, bias]) => linearReference(x!, weight!, 8, bias!),
    ...IN_F16,
  },
  {
    name: 'embedding of a tensor of tokens',
    shapes: [[150, 3]],
    apply: ([table]) => embedding(table!, newTensor(table!.gpu, [2, 70], tokens(140, 150))),
    reference: ([table]) => embeddingReference(table!, tokens(140, 150), 3),
  },
  {
    name: 'gather of rows, some ignored',
    shapes: [[60, 5]],
    apply: ([x]) => gatherRows(x!, u32(x!, chosen(60)), u32(x!, placesOf(chosen(60), 60))),
    reference: ([x]) => gatherRowsReference(x!, chosen(60), 5),
  },
  {
    name: 'gather of rows in f16',
    shapes: [[70, 8]],
    dtypes: ['f16'],
    apply: ([x]) => gatherRows(x!, u32(x!, chosen(70)), u32(x!, placesOf(chosen(70), 70))),
    reference: ([x]) => gatherRowsReference(x!, chosen(70), 8),
    ...IN_F16,
  },
  {
    name: 'cross entropy',
    shapes: [[131, 9]],
    apply: ([logits]) => crossEntropy(logits!, newTensor(logits!.gpu, [131], targets(131, 9))),
    reference: ([logits]) => Float64Array.of(crossEntropyReference(logits!, targets(131, 9), 9)),
  },
];
