import { DeviceError } from '../errors.js';
import { KERNEL_PATHS, type KernelPath } from '../tensor/dtype.js';

/** Rows and columns of the square matrices that a matrix unit multiplies. The kernels know two sizes. */
export type MatrixSize = 16 | 8;

/** Best first. */
const MATRIX_SIZES: readonly MatrixSize[] = [16, 8];

/** The required subgroup width: each lane holds eight elements of a result. */
const subgroupFor = (size: MatrixSize): number => size ** 2 / 8;

export const MATRIX_FEATURE = 'chromium-experimental-subgroup-matrix';

/** The adapter's properties that decide the kernel path, by Dawn's names. */
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

/**
 * The size of square f16 matrices that an adapter multiplies into f32: 16 with subgroups of 32 (NVIDIA's GPUs), 8 with
 * subgroups of 8 (llvmpipe, used in tests); undefined for an adapter with neither.
 */
export function matrixUnitsOf(features: readonly string[], info: PathInfo): MatrixSize | undefined {
  if (!features.includes(MATRIX_FEATURE) || !features.includes('shader-f16')) return undefined;
  const configs = [...(info.subgroupMatrixConfigs ?? [])];
  return MATRIX_SIZES.find((size) => {
    const subgroup = subgroupFor(size);
    if (info.subgroupMinSize !== subgroup || info.subgroupMaxSize !== subgroup) return false;
    return configs.some(
      ({ componentType, resultComponentType, M, N, K }) =>
        componentType === 'f16' &&
        resultComponentType === 'f32' &&
        [M, N, K].every((extent) => extent === size),
    );
  });
}

/** The paths that `auto` may choose, the fastest first. Software adapters gain nothing from f16. */
export function candidatePaths(kind: 'gpu' | 'software', matrixUnits: boolean): KernelPath[] {
  if (kind === 'software') return ['f32'];
  return matrixUnits ? ['tensor', 'f16', 'f32'] : ['f16', 'f32'];
}

/**
 * The requested path, or the fastest one of `candidatePaths`.
 *
 * @throws DeviceError `no-matrix-units` when they are requested and missing, `unknown-kernel-path` for another path
 */
export function choosePath(
  requested: KernelPath | 'auto',
  adapter: { name: string; kind: 'gpu' | 'software' },
  matrixUnits: boolean,
): KernelPath {
  if (requested !== 'auto' && !KERNEL_PATHS.includes(requested)) {
    const known = [...KERNEL_PATHS, 'auto'].join(', ');
    throw new DeviceError(
      'unknown-kernel-path',
      `there is no kernel path ${String(requested)}; known: ${known}`,
    );
  }
  if (requested === 'auto') return candidatePaths(adapter.kind, matrixUnits)[0]!;
  if (requested === 'tensor' && !matrixUnits) {
    throw new DeviceError(
      'no-matrix-units',
      `the tensor kernel path: ${adapter.name} offers no products of f16 with f32 results, ` +
        MATRIX_SIZES.map((size) => `${size}×${size}×${size} by subgroups of ${subgroupFor(size)}`).join(
          ' or ',
        ) +
        ` (${MATRIX_FEATURE}); use f16 or f32`,
    );
  }
  return requested;
}
