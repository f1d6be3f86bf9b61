import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The folder of package.json, whether the code runs from `src/` or from `dist/src/`. */
export const packageRoot = findPackageRoot();

/** The package's kernels, one `.wgsl` file each. */
export const kernelFolder = join(packageRoot, 'kernels');

/** ENGINE_KERNELS names a folder whose files replace kernels of the same name. */
export const kernelOverrides = process.env.ENGINE_KERNELS;
