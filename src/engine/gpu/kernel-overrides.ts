import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { sha256 } from '../../base/files.js';
import { kernelFolder } from '../../base/paths.js';
import { nearestNames } from '../../base/suggest.js';
import { DeviceError } from '../errors.js';

/** The files of a folder and those below it, hidden ones aside, as `lib/put.wgsl`. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** @throws DeviceError `kernel-missing` when the path is no folder */
export function checkFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  const problem = found ? 'is a file' : 'does not exist';
  throw new DeviceError('kernel-missing', `the folder of kernels ${folder} ${problem}`);
}

/**
 * The files of the package that those in `folder` replace.
 *
 * @throws DeviceError `kernel-missing` when the path is no folder, or a file in it replaces nothing
 */
export function replacedFiles(folder: string): string[] {
  checkFolder(folder);
  const files = filesBelow(folder);
  const known = filesBelow(kernelFolder);
  const stray = files.find((file) => !known.includes(file));
  if (stray === undefined) return files;
  const nearest = nearestNames(stray, known, 3);
  throw new DeviceError(
    'kernel-missing',
    `${join(folder, stray)} replaces no kernel of the package; the nearest names are ${nearest.join(', ')}`,
  );
}

/**
 * A hash of the text of all kernels, and of those in `replacing` that replace some of them: a measurement or a proof holds
 * for this text alone.
 *
 * @throws DeviceError `kernel-missing` when the path is no folder
 */
export function kernelTextHash(replacing: string | undefined): string {
  if (replacing !== undefined) checkFolder(replacing);
  const folders = replacing === undefined ? [kernelFolder] : [kernelFolder, replacing];
  const files = folders.flatMap((folder) =>
    filesBelow(folder).map((file) => [file, sha256(readFileSync(join(folder, file)))]),
  );
  return sha256(JSON.stringify(files));
}
