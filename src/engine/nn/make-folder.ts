import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CheckpointError } from '../errors.js';

/**
 * Makes a model folder that appears under its name once it is whole.
 *
 * @param fill writes the folder's files into the folder that it is given
 * @throws CheckpointError `model-exists` when the folder holds anything; it is then left as it is
 */
export async function makeModelFolder<T>(
  folder: string,
  fill: (unfinished: string) => Promise<T>,
): Promise<T> {
  const present = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (present !== undefined && present.length > 0) {
    throw new CheckpointError('model-exists', folder, 'is not empty: choose a folder that does not exist');
  }
  const unfinished = join(dirname(folder), `.${basename(folder)}.${process.pid}.tmp`);
  try {
    await mkdir(unfinished, { recursive: true });
    const result = await fill(unfinished);
    if (present !== undefined) await rmdir(folder);
    await rename(unfinished, folder);
    return result;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}
