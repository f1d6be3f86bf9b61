import { splitsFor } from './splits.js';
import { typeFlags, type MatmulVariant, type Product } from './product.js';

/** What distinguishes an entry from the plain one. The kernel explains the flags. */
interface MatrixWay {
  /** Extents of a workgroup's tile (default 128) and of a step along K (default 32). */
  M?: number;
  N?: number;
  K?: number;
  /** Matrices of a subgroup: rows and columns (default 4 by 2). */
  block?: readonly [rows: number, columns: number];
  flags?: readonly MatrixFlag[];
}

const MATRIX_FLAGS = ['UNROLLED', 'APART', 'DOUBLE', 'BARE', 'DIRECT'] as const;
type MatrixFlag = (typeof MATRIX_FLAGS)[number];

const SQUARE = [4, 4] as const;
const SMALL = [2, 2] as const;

/**
 * The entries for matrix units, which multiply f16. Units of 16 use those of `wayFor`, and all others the plain one. The
 * rest are in reserve.
 */
export const MATRIX_VARIANTS: readonly MatmulVariant[] = [
  matrix('apart', { flags: ['APART'] }),
  matrix('unrolled', { flags: ['UNROLLED'] }),
  matrix('deep', { K: 64 }),
  matrix('deep-unrolled', { K: 64, flags: ['UNROLLED'] }),
  matrix('double', { flags: ['DOUBLE'] }),
  matrix('double-unrolled', { flags: ['DOUBLE', 'UNROLLED'] }),
  matrix('shallow-double-unrolled', { K: 16, flags: ['DOUBLE', 'UNROLLED'] }),
  matrix('square', { block: SQUARE }),
  matrix('square-unrolled', { block: SQUARE, flags: ['UNROLLED'] }),
  matrix('square-deep-unrolled', { K: 64, block: SQUARE, flags: ['UNROLLED'] }),
  matrix('square-double-unrolled', { block: SQUARE, flags: ['DOUBLE', 'UNROLLED'] }),
  matrix('square-shallow-double-unrolled', { K: 16, block: SQUARE, flags: ['DOUBLE', 'UNROLLED'] }),
  matrix('tall', { M: 256, block: SQUARE }),
  matrix('tall-unrolled', { M: 256, block: SQUARE, flags: ['UNROLLED'] }),
  matrix('wide-unrolled', { N: 256, block: SQUARE, flags: ['UNROLLED'] }),
  matrix('low', { M: 64, block: SMALL }),
  matrix('low-unrolled', { M: 64, block: SMALL, flags: ['UNROLLED'] }),
  matrix('small-unrolled', { M: 64, N: 64, block: SMALL, flags: ['UNROLLED'] }),
  matrix('small-deep-unrolled', { M: 64, N: 64, K: 64, block: SMALL, flags: ['UNROLLED'] }),
  matrix('bare-unrolled', { flags: ['BARE', 'UNROLLED'] }),
  matrix('bare-square-unrolled', { block: SQUARE, flags: ['BARE', 'UNROLLED'] }),
  matrix('direct', { flags: ['DIRECT'] }),
  matrix('direct-unrolled', { flags: ['DIRECT', 'UNROLLED'] }),
  matrix('direct-square-unrolled', { block: SQUARE, flags: ['DIRECT', 'UNROLLED'] }),
  // Last, because it serves every product that the others leave.
  matrix(undefined, {}),
];

/** Whether the device has units of 16 × 16 × 16 and does not emulate them. */
const hasUnitsOf16 = ({ matrixFlags: { MATRIX, MATRIX_8 } }: Product['device']): boolean =>
  MATRIX && !MATRIX_8;

/**
 * What units of 16 use: the fastest of what an H200 timed for the products of a training step, by operands and layout.
 * docs/kernels.md has the figures.
 */
function wayFor({ transposeA, transposeB, types: { A, B, C } }: Product): string {
  const halves = A === 'f16' && B === 'f16';
  if (transposeA) return halves && C === 'f32' ? 'direct-unrolled' : 'shallow-double-unrolled';
  if (!halves) return 'low-unrolled';
  return transposeB ? 'square-shallow-double-unrolled' : 'shallow-double-unrolled';
}

/**
 * The most numbers of K in a part. On an H200 the error of a sum grows with its length, as if its units truncated: a
 * product was off by 7.2e-6 of itself with parts of 5,461 numbers, by 3.9e-5 with 32,768.
 */
const LONGEST_PART = 6144;

function matrix(
  way: string | undefined,
  { M: rows = 128, N: columns = 128, K: depth = 32, block = [4, 2], flags = [] }: MatrixWay,
): MatmulVariant {
  const tile = [rows, columns] as const;
  const set = Object.fromEntries(MATRIX_FLAGS.map((flag) => [flag, flags.includes(flag)])) as Record<
    MatrixFlag,
    boolean
  >;
  // A lane holds eight elements of each matrix.
  const invocations = (rows * columns) / (8 * block[0] * block[1]);
  // In items of 16 bytes: padded rows of both tiles; a row of results for each subgroup, as much as matrices of 8 take.
  const tiles = set.BARE ? 0 : (rows + columns) * (depth / 8 + 1) * (set.DOUBLE ? 2 : 1);
  const results = invocations * (2 * block[1] + 1);
  const memory = set.APART ? tiles : Math.max(tiles, results);
  const workgroupBytes = 16 * (set.APART ? tiles + results : memory);
  const isWhole = ({ M, N, K }: Product): boolean => M % rows === 0 && N % columns === 0 && K % depth === 0;
  return {
    file: 'matmul.5-matrix',
    way,
    tile,
    can: (product) =>
      product.mixed &&
      product.device.path === 'tensor' &&
      workgroupBytes <= product.device.limits.maxComputeWorkgroupStorageSize &&
      (!set.DIRECT || product.types.C === 'f32') &&
      (!set.BARE || (product.types.A === 'f16' && product.types.B === 'f16' && isWhole(product))),
    serves: (product) => way === undefined || (hasUnitsOf16(product.device) && way === wayFor(product)),
    flags: ({ types, device }) => ({
      ...device.matrixFlags,
      ...typeFlags(types),
      ...set,
      TILE_M: rows,
      TILE_N: columns,
      TILE_K: depth,
      ROWS: block[0],
      COLUMNS: block[1],
      INVOCATIONS: invocations,
      LOADS_A: (rows * depth) / 8 / invocations,
      LOADS_B: (columns * depth) / 8 / invocations,
      MEMORY: memory,
    }),
    splits: (product) => splitsFor(product, tile, 2, hasUnitsOf16(product.device) ? LONGEST_PART : Infinity),
    turnsHeads: (_, headDim) => (headDim === 64 || headDim === 128) && columns % headDim === 0,
  };
}
