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

/** Where the kernels lie, one `.wgsl` file each: `kernels/`, unless ENGINE_KERNELS names a folder of variants. */
export const kernelFolder = process.env.ENGINE_KERNELS ?? join(packageRoot, 'kernels');
