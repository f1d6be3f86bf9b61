import { accessSync, constants, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { systemFault } from '../base/system-faults.js';
import { UsageError } from './errors.js';

function fault(option: string, error: unknown, path: string): UsageError {
  return new UsageError(`${option} ${systemFault(error, path) ?? `${path}: ${String(error)}`}`, {
    cause: error,
  });
}

/** @throws UsageError if the file that an option names cannot be read; say so before long work begins */
export function checkReadable(path: string, option: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw fault(option, error, path);
  }
  if (statSync(path).isDirectory()) throw new UsageError(`${option} ${path}: is a folder, not a file`);
}

/**
 * Reads the path of a file that a command writes, before any work begins.
 * @throws UsageError as `checkWritable`
 */
export function fileToWrite(option: string): (path: string) => string {
  return (path) => {
    checkWritable(path, option);
    return path;
  };
}

/**
 * A folder is not made for the file: its name may be mistyped.
 *
 * @param inputs files that are read meanwhile
 * @throws UsageError if the file that an option names cannot be written, or is one of `inputs`
 */
export function checkWritable(path: string, option: string, inputs: readonly string[] = []): void {
  const folder = dirname(path);
  const above = statusOf(folder);
  if (!above)
    throw new UsageError(`${option} ${path}: there is no folder ${folder}: make it, or correct its name`);
  if (!above.isDirectory()) throw new UsageError(`${option} ${path}: ${folder} is a file, not a folder`);
  const status = statusOf(path);
  if (!status) return;
  if (status.isDirectory()) throw new UsageError(`${option} ${path}: is a folder: name a file in it`);
  const own = realpathSync(path);
  if (inputs.some((input) => realpathSync(input) === own)) {
    throw new UsageError(`${option} ${path}: is the input too, and would be lost: name another file`);
  }
}

/** Undefined where nothing is, and below a file. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** A small file as text. @throws UsageError if it cannot be read, or is not UTF-8 */
export function readOptionFile(path: string, option: string): string {
  checkReadable(path, option);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${option} ${path}: is not UTF-8`);
    throw fault(option, error, path);
  }
}
