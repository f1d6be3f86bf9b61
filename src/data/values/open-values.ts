import { closeSync, openSync, readSync } from 'node:fs';
import type { SchemaBundle } from '../schema/bundle.js';
import type { ValueLookup } from './longest.js';
import { openValueIndex } from './value-index.js';
import { readValueList } from './value-list.js';

/**
 * Opens the values of a database: an index, or a list (one JSON object a line).
 * @throws DataError what `openValueIndex` and `readValueList` throw
 */
export function openValues(path: string, bundle: SchemaBundle): ValueLookup {
  return startsLikeJson(path) ? readValueList(path, bundle) : openValueIndex(path, bundle);
}

function startsLikeJson(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const start = Buffer.alloc(1);
    return readSync(file, start, 0, 1, 0) === 1 && start.toString() === '{';
  } finally {
    closeSync(file);
  }
}
