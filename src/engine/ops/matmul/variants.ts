import type { Backend } from '../../tensor/backend.js';
import { HALVES_PER_READ, type DType } from '../../tensor/dtype.js';
import { chooseVariant, type Variant } from '../choose-variant.js';

/** One matrix product as the kernels see it: `batch` times C[M,N] = op(A) · op(B). */
export interface MatmulShape {
  batch: number;
  M: number;
  N: number;
  K: number;
  transposeA: boolean;
  transposeB: boolean;
}

/** Dtypes of the operands and the result of a product. */
export interface ProductTypes {
  A: DType;
  B: DType;
  C: DType;
}

/** A product and its device: everything that the choice of a kernel depends on. */
export interface Product extends MatmulShape {
  types: ProductTypes;
  /** Whether A, B or C is f16. */
  mixed: boolean;
  /** Whether the rows in memory of A, B and C are all multiples of 4 elements long. */
  aligned: boolean;
  software: boolean;
  subgroups: boolean;
  /** Whether subgroups have 8 lanes, as those of llvmpipe. */
  eightLanes: boolean;
  device: Pick<Backend, 'path' | 'matrixFlags' | 'choices' | 'limits'>;
}

/** One kernel that multiplies matrices. */
export interface MatmulVariant extends Variant<Product> {
  /** Rows and columns of C that one workgroup takes. */
  tile: readonly [rows: number, columns: number];
  /** Flags and constants of the kernel, besides TRANSPOSE_A, TRANSPOSE_B, ACCUMULATE and RESIDUAL. */
  flags?(product: Product): Record<string, boolean>;
  /**
   * Into how many parts along K the product is split; each part is a matrix of its own, and the parts are then added. 1 by
   * default. Not with a residual.
   */
  splits?: ((product: Product) => number) | undefined;
  /**
   * Whether the kernel can rotate whole heads by their positions before it writes them: a workgroup must compute both
   * halves of a head. A variant with this function takes the flags ROTARY and SPANS.
   */
  turnsHeads?(product: Product, headDim: number): boolean;
}

/** Up to this M, one row at a time is faster: on software adapters a tile takes about four times as long as a row. */
const FEW_ROWS = 4;

/** The kernels for matrix products. The first that can and serves is used. `docs/kernels.md` explains each of them. */
export const MATMUL_VARIANTS: readonly MatmulVariant[] = [
  {
    file: 'matmul.3-rows',
    // 64 invocations with 4 columns per subgroup fit subgroups of 16. Smaller ones loop, larger ones idle.
    tile: [1, 16],
    can: ({ types: { A, B, C }, transposeA, transposeB, K, subgroups }) =>
      subgroups &&
      A === 'f32' &&
      C === 'f32' &&
      !transposeA &&
      transposeB &&
      K % (B === 'f16' ? HALVES_PER_READ : 4) === 0,
    serves: ({ M }) => M <= FEW_ROWS,
    flags: ({ types }) => ({ B_F16: types.B === 'f16' }),
  },
  matrix(undefined, {}),
  // In reserve: to be timed on a GPU.
  matrix('unrolled', { UNROLLED: true }),
  matrix('deep', { DEEP: true, SHARED: true }),
  matrix('deep-unrolled', { DEEP: true, SHARED: true, UNROLLED: true }),
  matrix('low', { LOW: true }),
  matrix('low-deep', { LOW: true, DEEP: true, SHARED: true }),
  matrix('tall', { TALL: true, SHARED: true }),
  matrix('shared', { SHARED: true }),
  matrix('direct', { DIRECT: true }),
  matrix('split', { SPLIT: true }),
  quads('wide', { WIDE: true, EIGHT: true }),
  quads('eight', { WIDE: false, EIGHT: true }),
  quads(undefined, { WIDE: false, EIGHT: false }),
  {
    file: 'matmul.4-blocks',
    tile: [128, 64],
    can: () => true,
    serves: ({ mixed, software }) => mixed || !software,
    flags: ({ types, aligned }) => ({ ALIGNED: aligned, ...typeFlags(types) }),
    turnsHeads: ({ aligned }, headDim) => headDim === 64 && aligned,
  },
  {
    file: 'matmul.2-tiles',
    tile: [16, 16],
    can: ({ mixed }) => !mixed,
    serves: () => false, // for readers only
  },
  {
    file: 'matmul.1-naive',
    tile: [8, 8],
    can: ({ mixed }) => !mixed,
    serves: () => true,
  },
];

const MATRIX_WAYS = ['TALL', 'LOW', 'DEEP', 'SHARED', 'UNROLLED', 'DIRECT', 'SPLIT'] as const;

/** For matrix units, which multiply f16. The flags are explained in the kernel. */
function matrix(
  way: string | undefined,
  set: Partial<Record<(typeof MATRIX_WAYS)[number], true>>,
): MatmulVariant {
  const rows = set.TALL ? 256 : set.LOW ? 64 : 128;
  // As the kernel declares them: padded rows of both tiles, and unless SHARED 8 matrices of 16 rows of results.
  const items = (rows + 128) * (set.DEEP ? 9 : 5) + (set.SHARED && !set.DEEP ? 128 : 0);
  const workgroupBytes = 16 * items + (set.SHARED ? 0 : 4 * 8 * 16 * 20);
  // A subgroup's block, which a half of a head must not lie within: other subgroups compute the other half.
  const blockColumns = set.TALL ? 64 : 32;
  return {
    file: 'matmul.5-matrix',
    way,
    tile: [rows, 128],
    can: ({ mixed, types, batch, device }) =>
      mixed &&
      device.path === 'tensor' &&
      workgroupBytes <= device.limits.maxComputeWorkgroupStorageSize &&
      (!set.DIRECT || types.C === 'f32') &&
      (!set.SPLIT || (types.C === 'f32' && batch === 1)),
    serves: () => way === undefined,
    flags: ({ types, device }) => ({
      ...device.matrixFlags,
      ...typeFlags(types),
      ...Object.fromEntries(MATRIX_WAYS.map((name) => [name, set[name] ?? false])),
    }),
    splits: set.SPLIT && ((product) => splitsFor(product, rows)),
    turnsHeads: (_, headDim) =>
      !set.SPLIT && (headDim === 64 || headDim === 128) && headDim / 2 >= blockColumns,
  };
}

/** Multiprocessors of an H100. A GPU with fewer loses little by more parts: each of them still takes 128 steps along K. */
const MULTIPROCESSORS = 132;

/** Parts of K, so that there are twice as many workgroups as multiprocessors, but at least 128 numbers of K in each. */
function splitsFor({ M, N, K, device }: Product, rows: number): number {
  const tiles = Math.ceil(M / rows) * Math.ceil(N / 128);
  const wanted = Math.ceil((2 * (device.choices?.multiprocessors ?? MULTIPROCESSORS)) / tiles);
  return Math.max(1, Math.min(wanted, Math.floor(K / 128)));
}

/** Software adapters have fast registers and slow workgroup memory; GPUs have both, and wider subgroups. */
function quads(way: string | undefined, { WIDE, EIGHT }: { WIDE: boolean; EIGHT: boolean }): MatmulVariant {
  const TILE = WIDE ? 32 : 16;
  // Quads walk along K in fours, too.
  const inFours = ({ aligned, K }: Product): boolean => aligned && K % 4 === 0;
  return {
    file: 'matmul.4-quads',
    way,
    tile: [TILE, EIGHT ? 2 * TILE : TILE],
    can: (product) => !product.mixed && product.subgroups && (!WIDE || inFours(product)),
    // Subgroups of 4 lanes, as SwiftShader's, gain nothing from WIDE, which compiles ten times as long.
    serves: ({ software, eightLanes, M }) => software && EIGHT === eightLanes && (!WIDE || M > 16),
    flags: (product) => ({ ALIGNED: inFours(product), WIDE, EIGHT }),
  };
}

const typeFlags = ({ A, B, C }: ProductTypes): Record<string, boolean> => ({
  A_F16: A === 'f16',
  B_F16: B === 'f16',
  C_F16: C === 'f16',
});

/** Whether the rows in memory of A, B and C are all multiples of `width` elements long. */
export function rowsAreMultiples({ M, N, K, transposeA, transposeB }: MatmulShape, width: number): boolean {
  return [transposeA ? M : K, transposeB ? K : N, N].every((columns) => columns % width === 0);
}

export function productOn(
  { adapter, path, matrixFlags, choices, limits }: Backend,
  shape: MatmulShape,
  types: ProductTypes = { A: 'f32', B: 'f32', C: 'f32' },
): Product {
  return {
    ...shape,
    types,
    mixed: Object.values(types).includes('f16'),
    aligned: rowsAreMultiples(shape, 4),
    software: adapter.kind === 'software',
    subgroups: adapter.features.includes('subgroups'),
    eightLanes: adapter.subgroupSize === 8,
    device: { path, matrixFlags, choices, limits },
  };
}

/** The variant that computes a product. */
export function matmulVariantFor(product: Product): MatmulVariant {
  // The last two entries take every product.
  return chooseVariant(MATMUL_VARIANTS, product, product.device.choices, () => productName(product));
}

/** The name under which the fastest variant for a product is stored: `matmul 64×256×128 A·Bᵀ f16·f16→f32`. */
export function productName({ batch, M, N, K, transposeA, transposeB, types }: Product): string {
  const extents = [...(batch > 1 ? [batch] : []), M, N, K].join('×');
  const layout = `${transposeA ? 'Aᵀ' : 'A'}·${transposeB ? 'Bᵀ' : 'B'}`;
  return `matmul ${extents} ${layout} ${types.A}·${types.B}→${types.C}`;
}
