import type { Backend } from '../../tensor/backend.js';
import { HALVES_PER_READ, type DType } from '../../tensor/dtype.js';
import { chooseVariant, type Variant } from '../choose-variant.js';

/** What decides whether a kernel can compute attention, and serves. */
export interface AttentionUse {
  device: Pick<Backend, 'path' | 'matrixFlags' | 'adapter' | 'choices'>;
  dtype: DType;
  headDim: number;
}

/** A use of attention in a program. Which kernel is fastest depends on the length of rows and of records, too. */
export interface AttentionProblem extends AttentionUse {
  T: number;
  /** Whether rows hold several records. */
  spans: boolean;
}

/** One kernel of a pass of attention. */
export interface AttentionVariant extends Variant<AttentionUse> {
  /** Queries, in `dkv` keys, that one workgroup takes. */
  rows: number;
  /** Flags and constants of the kernel, besides SPANS, and ACCUMULATE in the backward passes. */
  flags?(use: AttentionUse): Record<string, boolean | number>;
  constants?(use: AttentionUse): Record<string, number>;
}

/** One pass of attention: its cost and its kernels, of which the first that can and serves is used. */
export interface AttentionPass {
  /** FLOPs of a pair of query and key, as a multiple of its B · nHead · headDim. */
  flops: number;
  /** Bytes moved, as a multiple of the output's. */
  bytes: number;
  variants: readonly AttentionVariant[];
}

type Way = Pick<AttentionVariant, 'can' | 'serves' | 'flags' | 'constants'>;

/**
 * Shared among quads, everything in registers: for software adapters, where workgroup memory is slow. Unrolled for the
 * given heads. On SwiftShader, 6 to 20 times as fast as blocks (docs/kernels.md). Subgroups of 8 lanes, as those of llvmpipe,
 * take two quads at once.
 */
const quads = (file: string, heads: readonly number[]): AttentionVariant[] =>
  [true, false].map((EIGHT) => ({
    file,
    way: EIGHT ? 'eight' : undefined,
    rows: EIGHT ? 32 : 16,
    can: ({ dtype, headDim }) => dtype === 'f32' && heads.includes(headDim),
    serves: ({ device: { adapter } }) =>
      adapter.kind === 'software' && EIGHT === (adapter.subgroupSize === 8),
    flags: ({ headDim }) => ({ EIGHT, HEAD_VECTORS: headDim / 4 }),
  }));

/** What `#for` lines of the backward kernels for matrix units count besides matrices: the fours in a lane's eight numbers. */
const HALVES = 2;

/** For matrix units, which take f16 only. */
const matrix = {
  can: ({ device, dtype, headDim }) =>
    device.path === 'tensor' && dtype === 'f16' && headDim % HALVES_PER_READ === 0,
  serves: () => true,
  flags: ({ device, headDim }) => {
    const HEAD_128 = headDim > 64;
    const BLOCKS = (HEAD_128 ? 128 : 64) / sizeOn(device);
    return { ...device.matrixFlags, HEAD_128, UNROLLED: false, BLOCKS };
  },
  constants: ({ headDim }) => ({ HEAD_EIGHTS: headDim / HALVES_PER_READ }),
} satisfies Way;

/** Rows and columns of the matrices that a device multiplies or emulates. */
const sizeOn = ({ matrixFlags: { MATRIX_8 } }: AttentionUse['device']): number => (MATRIX_8 ? 8 : 16);

/** Keys that the forward kernel for matrix units visits at a time. */
const KEYS = 32;

/** The way of an entry for matrix units: `carried-unrolled`. */
const wayOf = (words: Readonly<Record<string, boolean>>): string | undefined =>
  Object.keys(words)
    .filter((word) => words[word])
    .join('-') || undefined;

const gradient = (file: string): AttentionVariant[] =>
  [false, true].map((UNROLLED) => ({
    ...matrix,
    file,
    way: wayOf({ unrolled: UNROLLED }),
    rows: 64,
    serves: () => !UNROLLED, // not timed on a GPU yet
    flags: (use: AttentionUse) => ({ ...matrix.flags(use), UNROLLED, HALVES }),
  }));

/** Tiles in workgroup memory and blocks in registers: any head, any adapter with subgroups. */
const blocks: Way = {
  can: () => true,
  serves: () => true,
  flags: ({ dtype }) => ({ F16: dtype === 'f16' }),
  constants: ({ headDim }) => ({ HEAD_VECTORS: headDim / 4 }),
};

export type AttentionPassName = 'forward' | 'dq' | 'dkv';

export const ATTENTION_PASSES: Readonly<Record<AttentionPassName, AttentionPass>> = {
  forward: {
    flops: 2,
    bytes: 4,
    variants: [
      ...quads('attention_forward.quads', [32, 64]),
      ...[
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ].map(([CARRIED = false, UNROLLED = false]) => ({
        ...matrix,
        file: 'attention_forward.matrix',
        way: wayOf({ carried: CARRIED, unrolled: UNROLLED }),
        rows: 64,
        serves: () => !CARRIED && !UNROLLED, // no other has been right on a GPU yet: docs/kernels.md
        flags: (use: AttentionUse) => {
          const flags = matrix.flags(use);
          const ACROSS = KEYS / sizeOn(use.device);
          return { ...flags, UNROLLED, CARRIED, ACROSS, GROUPS: flags.BLOCKS / ACROSS };
        },
      })),
      { file: 'attention_forward.blocks', rows: 64, ...blocks },
    ],
  },
  dq: {
    flops: 3,
    bytes: 7,
    variants: [
      ...quads('attention_backward_dq.quads', [32]),
      ...gradient('attention_backward_dq.matrix'),
      { file: 'attention_backward_dq.blocks', rows: 32, ...blocks },
    ],
  },
  dkv: {
    flops: 4,
    bytes: 6,
    variants: [
      ...quads('attention_backward_dkv.quads', [32]),
      ...gradient('attention_backward_dkv.matrix'),
      { file: 'attention_backward_dkv.blocks', rows: 32, ...blocks },
    ],
  },
};

/** The variant that computes a pass. */
export function attentionVariantFor(pass: AttentionPassName, problem: AttentionProblem): AttentionVariant {
  const { variants } = ATTENTION_PASSES[pass];
  // The last entry takes every head.
  return chooseVariant(variants, problem, problem.device.choices, () => attentionUseName(pass, problem));
}

/**
 * The name under which the fastest variant of a pass is stored: `attention dq 1024×64 f16 spans` for rows of 1,024 tokens,
 * packed with records, and heads of 64. It holds for every B and nHead.
 */
export function attentionUseName(
  pass: AttentionPassName,
  { T, dtype, headDim, spans }: AttentionProblem,
): string {
  return `attention ${pass} ${T}×${headDim} ${dtype}${spans ? ' spans' : ''}`;
}
