import { HALVES_PER_READ } from '../../tensor/dtype.js';
import { chooseVariant } from '../choose-variant.js';
import { MATRIX_VARIANTS } from './matrix-variants.js';
import { productName, typeFlags, type MatmulVariant, type Product } from './product.js';
import { splitsFor } from './splits.js';

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
  ...MATRIX_VARIANTS,
  quads('wide', { WIDE: true, EIGHT: true }),
  quads('eight', { WIDE: false, EIGHT: true }),
  quads(undefined, { WIDE: false, EIGHT: false }),
  {
    file: 'matmul.4-blocks',
    tile: [128, 64],
    can: () => true,
    serves: ({ mixed, software }) => mixed || !software,
    flags: ({ types, aligned }) => ({ ALIGNED: aligned, ...typeFlags(types) }),
    // Several workgroups of it run on a multiprocessor at once.
    splits: (product) => splitsFor(product, [128, 64], 4),
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

/** The variant that computes a product. */
export function matmulVariantFor(product: Product): MatmulVariant {
  // The last two entries take every product.
  return chooseVariant(MATMUL_VARIANTS, product, product.device.choices, () => productName(product));
}
