import { DeviceError } from '../errors.js';

/**
 * How matrices and activations are stored and multiplied:
 * - `f32`: everything in f32;
 * - `f16`: weights' copies and activations in f16, products and sums in f32;
 * - `tensor`: as `f16`, multiplied by the adapter's matrix units, which take f16 and sum in f32.
 */
export type KernelPath = 'f32' | 'f16' | 'tensor';

export const KERNEL_PATHS: readonly KernelPath[] = ['f32', 'f16', 'tensor'];

/** The one shape that the kernels are written for; f16 operands, f32 results. */
const MATRIX_SIZE = 16;
const MATRIX_SUBGROUP = 32;

const MATRIX_FEATURE = 'chromium-experimental-subgroup-matrix';

/** What a choice looks at; Dawn's own names. */
export interface PathInfo {
  subgroupMinSize?: number;
  subgroupMaxSize?: number;
  subgroupMatrixConfigs?: Iterable<{
    componentType: string;
    resultComponentType: string;
    M: number;
    N: number;
    K: number;
  }>;
}

/** Whether an adapter multiplies f16 matrices of 16 × 16 × 16 into f32, by subgroups of 32. */
export function hasMatrixUnits(features: readonly string[], info: PathInfo): boolean {
  if (!features.includes(MATRIX_FEATURE) || !features.includes('shader-f16')) return false;
  if (info.subgroupMinSize !== MATRIX_SUBGROUP || info.subgroupMaxSize !== MATRIX_SUBGROUP) return false;
  return [...(info.subgroupMatrixConfigs ?? [])].some(
    ({ componentType, resultComponentType, M, N, K }) =>
      componentType === 'f16' &&
      resultComponentType === 'f32' &&
      [M, N, K].every((extent) => extent === MATRIX_SIZE),
  );
}

/**
 * The path that is asked for, or the fastest: matrix units where there are any, else f16 on GPUs. A software adapter
 * gains nothing from f16.
 *
 * @throws DeviceError `no_matrix_units` when they are asked for and absent
 */
export function choosePath(
  requested: KernelPath | 'auto',
  adapter: { name: string; kind: 'gpu' | 'software' },
  matrixUnits: boolean,
): KernelPath {
  if (requested === 'auto') {
    if (adapter.kind === 'software') return 'f32';
    return matrixUnits ? 'tensor' : 'f16';
  }
  if (requested === 'tensor' && !matrixUnits) {
    throw new DeviceError(
      'no_matrix_units',
      `--kernels tensor: ${adapter.name} offers no ${MATRIX_SIZE}×${MATRIX_SIZE}×${MATRIX_SIZE} products of f16 with f32 ` +
        `results by subgroups of ${MATRIX_SUBGROUP} (${MATRIX_FEATURE}); use f16 or f32`,
    );
  }
  return requested;
}
