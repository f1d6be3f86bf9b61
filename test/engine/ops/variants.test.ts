import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kernelFolder } from '../../../src/base/paths.js';
import { ATTENTION_PASSES, attentionVariantFor } from '../../../src/engine/ops/attention/variants.js';
import { productOn, type Product, type ProductTypes } from '../../../src/engine/ops/matmul/product.js';
import { MATMUL_VARIANTS, matmulVariantFor } from '../../../src/engine/ops/matmul/variants.js';
import { variantName } from '../../../src/engine/ops/choose-variant.js';
import type { Backend, KernelChoices } from '../../../src/engine/tensor/backend.js';
import type { DType, KernelPath } from '../../../src/engine/tensor/dtype.js';

// The kernels that each kind of device uses, written out: rearranging the tables of variants must not change them.

const F32: ProductTypes = { A: 'f32', B: 'f32', C: 'f32' };
const F16: ProductTypes = { A: 'f16', B: 'f16', C: 'f16' };
const HALF_WEIGHT: ProductTypes = { A: 'f32', B: 'f16', C: 'f32' };

/** M, N, K, transposeA, transposeB, dtypes: a letter each in the lists below. */
const PRODUCTS: [number, number, number, boolean, boolean, ProductTypes][] = [
  [64, 64, 64, false, false, F32],
  [64, 64, 64, true, true, F32],
  [64, 63, 61, false, true, F32],
  [1, 64, 64, false, true, F32],
  [4, 64, 64, false, true, F32],
  [5, 64, 64, false, true, F32],
  [1, 64, 64, false, false, F32],
  [4, 64, 64, true, true, F32],
  [1, 64, 6, false, true, F32],
  [1, 64, 16, false, true, HALF_WEIGHT],
  [1, 64, 12, false, true, HALF_WEIGHT],
  [64, 64, 64, false, true, HALF_WEIGHT],
  [64, 64, 64, false, true, F16],
  [1, 64, 64, false, true, F16],
  [64, 64, 64, true, false, { A: 'f16', B: 'f16', C: 'f32' }],
  [64, 64, 64, false, false, { A: 'f32', B: 'f16', C: 'f16' }],
];
const HEADS: [DType, number][] = [
  ['f32', 32],
  ['f32', 64],
  ['f32', 4],
  ['f16', 32],
  ['f16', 36],
  ['f16', 64],
  ['f16', 128],
];

type Kind = 'gpu' | 'software';

/** Device, subgroups, path; the kernels for PRODUCTS, the heads that they rotate, the forward kernels for HEADS. */
const CHOICES: [Kind, boolean, KernelPath, string, string, string][] = [
  ['gpu', true, 'f32', 'bbbrrbbbbrbbbbbb', '64 64 - - - 64 64 64 - - 64 64 64 64 64 64', 'bbbbbbb'],
  ['gpu', true, 'f16', 'bbbrrbbbbrbbbbbb', '64 64 - - - 64 64 64 - - 64 64 64 64 64 64', 'bbbbbbb'],
  [
    'gpu',
    true,
    'tensor',
    'bbbrrbbbbrmmmmmm',
    '64 64 - - - 64 64 64 - - 64+128 64+128 64+128 64+128 64+128 64+128',
    'bbbmbmm',
  ],
  ['gpu', false, 'f32', 'bbbbbbbbbbbbbbbb', '64 64 - 64 64 64 64 64 - 64 64 64 64 64 64 64', 'bbbbbbb'],
  ['gpu', false, 'f16', 'bbbbbbbbbbbbbbbb', '64 64 - 64 64 64 64 64 - 64 64 64 64 64 64 64', 'bbbbbbb'],
  [
    'gpu',
    false,
    'tensor',
    'bbbbbbbbbmmmmmmm',
    '64 64 - 64 64 64 64 64 - 64+128 64+128 64+128 64+128 64+128 64+128 64+128',
    'bbbmbmm',
  ],
  ['software', true, 'f32', 'qqqrrqqqqrbbbbbb', '- - - - - - - - - - 64 64 64 64 64 64', 'qqbbbbb'],
  ['software', true, 'f16', 'qqqrrqqqqrbbbbbb', '- - - - - - - - - - 64 64 64 64 64 64', 'qqbbbbb'],
  [
    'software',
    true,
    'tensor',
    'qqqrrqqqqrmmmmmm',
    '- - - - - - - - - - 64+128 64+128 64+128 64+128 64+128 64+128',
    'qqbmbmm',
  ],
  ['software', false, 'f32', 'nnnnnnnnnbbbbbbb', '- - - - - - - - - 64 64 64 64 64 64 64', 'qqbbbbb'],
  ['software', false, 'f16', 'nnnnnnnnnbbbbbbb', '- - - - - - - - - 64 64 64 64 64 64 64', 'qqbbbbb'],
  [
    'software',
    false,
    'tensor',
    'nnnnnnnnnmmmmmmm',
    '- - - - - - - - - 64+128 64+128 64+128 64+128 64+128 64+128 64+128',
    'qqbmbmm',
  ],
];

const ROWS = { T: 256, spans: false };

/** The letter of a kernel in the lists: the first letter after its number or its op. */
const letter = (file: string): string => file.replace(/^.*[.-]/, '')[0]!;

test.each(CHOICES)('%s, subgroups %s, path %s', (kind, subgroups, path, matmuls, turned, attentions) => {
  const features = subgroups ? ['subgroups'] : [];
  const device = {
    path,
    adapter: { name: 'some', kind, features },
    matrixFlags: { MATRIX: false, MATRIX_8: false },
    limits: { maxComputeWorkgroupStorageSize: 32_768 },
  };
  const choices = PRODUCTS.map(([M, N, K, transposeA, transposeB, types]) => {
    const product = productOn(
      device as unknown as Backend,
      { batch: 1, M, N, K, transposeA, transposeB },
      types,
    );
    const variant = matmulVariantFor(product);
    const heads = [32, 64, 128].filter((headDim) => variant.turnsHeads?.(product, headDim));
    return { kernel: letter(variant.file), heads: heads.join('+') || '-' };
  });
  expect(choices.map(({ kernel }) => kernel).join('')).toBe(matmuls);
  expect(choices.map(({ heads }) => heads).join(' ')).toBe(turned);
  for (const pass of ['forward', 'dq', 'dkv'] as const) {
    const kernels = HEADS.map(([dtype, headDim]) =>
      attentionVariantFor(pass, { device, dtype, headDim, ...ROWS }),
    );
    // Only the forward kernel in quads is unrolled for heads of 64.
    const expected = pass === 'forward' ? attentions : attentions.replace('qq', 'qb');
    expect(kernels.map(({ file }) => letter(file)).join(''), pass).toBe(expected);
  }
});

test('subgroups of 8 take quads in pairs, and large products in tiles of 32', () => {
  const device = {
    path: 'f32',
    adapter: { name: 'some', kind: 'software', features: ['subgroups'], subgroupSize: 8 },
    matrixFlags: { MATRIX: false, MATRIX_8: false },
  } as unknown as Backend;
  const choice = (M: number, N: number, K: number): string =>
    variantName(
      matmulVariantFor(productOn(device, { batch: 1, M, N, K, transposeA: false, transposeB: false })),
    );
  expect(choice(17, 64, 64)).toBe('matmul.4-quads+wide');
  expect(choice(16, 64, 64)).toBe('matmul.4-quads+eight');
  expect(choice(64, 63, 64)).toBe('matmul.4-quads+eight');
  for (const pass of ['forward', 'dq', 'dkv'] as const) {
    const variant = attentionVariantFor(pass, { device, dtype: 'f32', headDim: 32, ...ROWS });
    expect(variantName(variant)).toMatch(/^attention_\w+\.quads\+eight$/);
  }
});

describe('matrix units of 16', () => {
  type Extents = readonly [M: number, N: number, K: number];
  const onUnits = (
    [M, N, K]: Extents,
    layout: 'A·B' | 'A·Bᵀ' | 'Aᵀ·B',
    types: ProductTypes,
    { size = 16, memory = 49_152, turnsHeads = 0 } = {},
  ): string => {
    const device = {
      path: 'tensor',
      adapter: { name: 'some', kind: 'gpu', features: ['subgroups'] },
      matrixFlags: { MATRIX: true, MATRIX_8: size === 8 },
      limits: { maxComputeWorkgroupStorageSize: memory },
    } as unknown as Backend;
    const [transposeA, transposeB] = [layout === 'Aᵀ·B', layout === 'A·Bᵀ'];
    const product = productOn(device, { batch: 1, M, N, K, transposeA, transposeB }, types);
    const variant = matmulVariantFor(product);
    if (turnsHeads) expect(variant.turnsHeads?.(product, turnsHeads)).toBe(true);
    const parts = types.C === 'f32' ? (variant.splits?.(product) ?? 1) : 1;
    return `${variant.way ?? variant.file}${parts > 1 ? ` in ${parts}` : ''}`;
  };
  const type = (letters: string): ProductTypes => {
    const [A, B, C] = [...letters].map((letter): DType => (letter === 'h' ? 'f16' : 'f32'));
    return { A: A!, B: B!, C: C! };
  };
  const MODELS: [
    string,
    width: number,
    mlpWidth: number,
    rows: number,
    vocabSize: number,
    parts: number[],
  ][] = [
    ['carry', 512, 1408, 32_768, 8192, [6, 17, 6, 6, 2]],
    ['tier-a', 1024, 2752, 8192, 8192, [2, 5, 2, 2, 1]],
  ];

  test.each(MODELS)('compute the products of a step of %s', (_name, C, F, rows, V, parts) => {
    const chunk = 4096;
    const headDim = 64;
    const forward = 'square-shallow-double-unrolled';
    // Queries, keys and values; gate and up.
    expect(onUnits([rows, 3 * C, C], 'A·Bᵀ', type('hhh'), { turnsHeads: headDim })).toBe(forward);
    expect(onUnits([rows, 2 * F, C], 'A·Bᵀ', type('hhh'))).toBe(forward);
    // Back to the residual stream, and logits.
    expect(onUnits([rows, C, C], 'A·Bᵀ', type('hhf'))).toBe(forward);
    expect(onUnits([rows, C, F], 'A·Bᵀ', type('hhf'))).toBe(forward);
    expect(onUnits([chunk, V, C], 'A·Bᵀ', type('hhf'))).toBe(forward);
    // Gradients of inputs.
    expect(onUnits([rows, C, 3 * C], 'A·B', type('hhh'))).toBe('shallow-double-unrolled');
    expect(onUnits([rows, C, 2 * F], 'A·B', type('hhh'))).toBe('shallow-double-unrolled');
    expect(onUnits([rows, C, C], 'A·B', type('fhh'))).toBe('low-unrolled');
    expect(onUnits([rows, F, C], 'A·B', type('fhh'))).toBe('low-unrolled');
    expect(onUnits([chunk, C, V], 'A·B', type('fhh'))).toBe('low-unrolled');
    // Gradients of weights.
    const weights = [
      onUnits([3 * C, C, rows], 'Aᵀ·B', type('hhf')),
      onUnits([C, C, rows], 'Aᵀ·B', type('fhf')),
      onUnits([2 * F, C, rows], 'Aᵀ·B', type('hhf')),
      onUnits([C, F, rows], 'Aᵀ·B', type('fhf')),
      onUnits([V, C, chunk], 'Aᵀ·B', type('fhf')),
    ];
    const ways = ['direct', 'shallow-double', 'direct', 'shallow-double', 'shallow-double'];
    expect(weights).toEqual(ways.map((way, i) => `${way}-unrolled${parts[i]! > 1 ? ` in ${parts[i]}` : ''}`));
  });

  test('use the plain kernel where workgroup memory is too small for another, as units of 8 do everywhere', () => {
    const shape = [4096, 512, 512] as const;
    const plain = 'matmul.5-matrix';
    expect(onUnits(shape, 'A·B', type('hhh'), { memory: 24_576 })).toBe('shallow-double-unrolled');
    expect(onUnits(shape, 'A·B', type('hhh'), { memory: 24_575 })).toBe(plain);
    expect(onUnits(shape, 'A·B', type('fhh'), { memory: 20_479 })).toBe('matmul.4-blocks');
    expect(onUnits(shape, 'A·B', type('hhh'), { size: 8 })).toBe(plain);
    expect(onUnits(shape, 'Aᵀ·B', type('hhh'))).toBe('shallow-double-unrolled');
  });

  test('sum no more than 6144 numbers of K in a part', () => {
    expect(onUnits([8192, 8192, 6144], 'Aᵀ·B', type('hhf'))).toBe('direct-unrolled');
    expect(onUnits([8192, 8192, 6152], 'Aᵀ·B', type('hhf'))).toBe('direct-unrolled in 2');
    expect(onUnits([8192, 8192, 6152], 'Aᵀ·B', type('hhf'), { size: 8 })).toBe('matmul.5-matrix');
  });
});

describe('the gradient of a weight', () => {
  const splits = (kind: Kind, path: KernelPath, [M, N, K]: number[], multiprocessors?: number): number => {
    const device = {
      path,
      adapter: { name: 'some', kind, features: ['subgroups'] },
      matrixFlags: { MATRIX: false, MATRIX_8: false },
      limits: { maxComputeWorkgroupStorageSize: 49_152 },
      choices: { preferred: [], stored: new Map(), multiprocessors },
    } as unknown as Backend;
    const type = path === 'f32' ? 'f32' : 'f16';
    const shape = { batch: 1, M: M!, N: N!, K: K!, transposeA: true, transposeB: false };
    const product = productOn(device, shape, { A: type, B: type, C: 'f32' });
    return matmulVariantFor(product).splits?.(product) ?? 1;
  };

  test('is computed in parts where a GPU would otherwise have few workgroups', () => {
    // 16, 88 and 344 tiles of 128 × 128, for 264 workgroups; 32, 176 and 688 of 128 × 64, for 528.
    const shapes = [
      [512, 512, 32768],
      [2816, 512, 32768],
      [5504, 1024, 8192],
    ];
    expect(shapes.map((shape) => splits('gpu', 'tensor', shape))).toEqual([17, 3, 1]);
    expect(shapes.map((shape) => splits('gpu', 'f16', shape))).toEqual([17, 3, 1]);
    expect(shapes.map((shape) => splits('gpu', 'f32', shape))).toEqual([17, 3, 1]);
  });

  test('has parts of at least 512 along K, and none on software or where multiprocessors are few', () => {
    expect(splits('gpu', 'tensor', [128, 128, 1100])).toBe(2);
    expect(splits('gpu', 'tensor', [128, 128, 1000])).toBe(1);
    expect(splits('software', 'tensor', [128, 128, 32768])).toBe(1);
    expect(splits('software', 'tensor', [128, 128, 32768], 4)).toBe(8);
    expect(splits('gpu', 'tensor', [512, 512, 32768], 8)).toBe(1);
  });
});

describe('a device that prefers a variant', () => {
  const product = (choices: KernelChoices, K = 64): Product =>
    productOn(
      {
        path: 'f32',
        adapter: { name: 'some', kind: 'gpu', features: ['subgroups'] },
        matrixFlags: { MATRIX: false, MATRIX_8: false },
        choices,
      } as unknown as Backend,
      { batch: 1, M: 64, N: 32, K, transposeA: false, transposeB: true },
    );
  const stored = new Map([['matmul 64×32×64 A·Bᵀ f32·f32→f32', 'matmul.2-tiles']]);

  test('by name uses it wherever it can', () => {
    const choices = { preferred: ['matmul.4-quads+wide', 'attention_forward.quads'], stored };
    expect(variantName(matmulVariantFor(product(choices)))).toBe('matmul.4-quads+wide');
    expect(variantName(matmulVariantFor(product(choices, 63)))).toBe('matmul.4-blocks');
  });

  test('of attention by name uses it wherever it can', () => {
    const choices = { preferred: ['attention_forward.blocks', 'attention_backward_dq.matrix'], stored };
    const { device } = product(choices);
    const use = {
      device: { ...device, adapter: { name: 'some', kind: 'software' as const, features: [] } },
      dtype: 'f32' as const,
      headDim: 32,
      ...ROWS,
    };
    const chosen = (['forward', 'dq'] as const).map((pass) => variantName(attentionVariantFor(pass, use)));
    expect(chosen).toEqual(['attention_forward.blocks', 'attention_backward_dq.quads']);
  });

  test('as it was stored for attention uses it for rows of that length alone, and with or without spans', () => {
    const choices = {
      preferred: [],
      stored: new Map([['attention dq 256×32 f32 spans', 'attention_backward_dq.blocks']]),
    };
    const device = {
      ...product(choices).device,
      adapter: { name: 'some', kind: 'software' as const, features: [], subgroupSize: 4 },
    };
    const chosen = (T: number, spans: boolean): string =>
      variantName(attentionVariantFor('dq', { device, dtype: 'f32', headDim: 32, T, spans }));
    expect(chosen(256, true)).toBe('attention_backward_dq.blocks');
    expect(chosen(256, false)).toBe('attention_backward_dq.quads');
    expect(chosen(128, true)).toBe('attention_backward_dq.quads');
  });

  test('as it was stored for one shape uses it for that shape alone', () => {
    expect(variantName(matmulVariantFor(product({ preferred: [], stored })))).toBe('matmul.2-tiles');
    expect(variantName(matmulVariantFor(product({ preferred: [], stored }, 68)))).toBe('matmul.4-blocks');
  });

  test('ignores a stored name that is no variant', () => {
    const old = new Map([['matmul 64×32×64 A·Bᵀ f32·f32→f32', 'matmul.old']]);
    expect(variantName(matmulVariantFor(product({ preferred: [], stored: old })))).toBe('matmul.4-blocks');
  });
});

test('each variant has a name of its own, and a file', () => {
  const variants = [
    ...MATMUL_VARIANTS,
    ...Object.values(ATTENTION_PASSES).flatMap(({ variants }) => variants),
  ];
  const names = variants.map(variantName);
  expect(new Set(names).size).toBe(names.length);
  for (const { file } of variants) expect(existsSync(join(kernelFolder, `${file}.wgsl`)), file).toBe(true);
});
