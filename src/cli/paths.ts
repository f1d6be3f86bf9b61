import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
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
 * @param inputs files that are read meanwhile
 * @throws UsageError if the file that an option names cannot be written, or is one of `inputs`
 */
export function checkWritable(path: string, option: string, inputs: readonly string[] = []): void {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status) return;
  if (status.isDirectory()) throw new UsageError(`${option} ${path}: is a folder: name a file in it`);
  const own = realpathSync(path);
  if (inputs.some((input) => realpathSync(input) === own)) {
    throw new UsageError(`${option} ${path}: is the input too, and would be lost: name another file`);
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
