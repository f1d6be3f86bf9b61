import type { KernelChoices } from '../tensor/backend.js';

/** An entry in a table of kernels that compute the same thing. */
export interface Variant<Use> {
  /** In `kernels/`, without `.wgsl`. */
  file: string;
  /** What distinguishes this entry from others with the same file, as `wide`. */
  way?: string | undefined;
  /** Whether the kernel can compute this on the device. */
  can(use: Use): boolean;
  /** Whether to use it when it can, unless an entry above it is used. */
  serves(use: Use): boolean;
}

/** The name of an entry, which is unique among all tables: `matmul.5-matrix`, or `matmul.5-matrix+wide`. */
export function variantName({ file, way }: { file: string; way?: string | undefined }): string {
  return way === undefined ? file : `${file}+${way}`;
}

/**
 * The entry of a table to use: one that the device prefers by name, else the one stored for this shape, else the first
 * that serves. Preferred and stored entries are used only where they can compute `use`. The last entry of a table that
 * can must serve.
 *
 * @param shape names the op, the extents and the dtypes, as the choice was stored: see `storeChoices`
 */
export function chooseVariant<Use, Entry extends Variant<Use>>(
  table: readonly Entry[],
  use: Use,
  choices: KernelChoices | undefined,
  shape: () => string,
): Entry {
  if (choices && choices.preferred.length + choices.stored.size > 0) {
    const stored = choices.stored.size > 0 ? choices.stored.get(shape()) : undefined;
    for (const name of [...choices.preferred, stored]) {
      const entry = table.find((one) => variantName(one) === name);
      if (entry?.can(use)) return entry;
    }
  }
  return table.find((one) => one.can(use) && one.serves(use))!;
}
