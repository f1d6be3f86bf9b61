import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { whyUnreadable } from '../../base/system-faults.js';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { MAGIC } from './format.js';
import type { ValueLookup } from './longest.js';
import { openValueIndex } from './value-index.js';
import { readValueList } from './value-list.js';

/**
 * Opens the values of a database: an index, a list (one JSON object a line), or a folder that has one of them under the
 * bundle's name (`omop_cdm_5_4.values`, `omop_cdm_5_4.jsonl`).
 * @throws DataError `values-not-found`, `values-unreadable` for what is none of these; what `openValueIndex` and
 *   `readValueList` throw
 */
export function openValues(path: string, bundle: SchemaBundle): ValueLookup {
  if (!isFolder(path)) return openFile(path, bundle);
  const values = valuesIn(path, bundle);
  if (values !== undefined) return values;
  const message = `the folder has no values of the bundle ${bundle.name}: neither ${bundle.name}.values nor ${bundle.name}.jsonl`;
  throw new DataError({ code: 'values-not-found', file: path, message });
}

function openFile(path: string, bundle: SchemaBundle): ValueLookup {
  const start = startOf(path);
  const text = start.toString('utf8').trimStart();
  if (text.startsWith('{')) return readValueList(path, bundle);
  if (start.toString('latin1', 0, MAGIC.length) === MAGIC) return openValueIndex(path, bundle);
  throw unreadable(path, whatItIs(start, text));
}

/** What the files of a folder are called after the bundle's name: an index, a list. */
const ENDINGS = ['.values', '.jsonl'];

/**
 * Opens a bundle's values in a folder; undefined if it has none of that bundle.
 * @throws DataError as `openValues` does
 */
export function valuesIn(folder: string, bundle: SchemaBundle): ValueLookup | undefined {
  const file = valuesFileIn(folder, bundle);
  return file === undefined ? undefined : openFile(file, bundle);
}

/** The file that `valuesIn` opens, if there is one. @throws DataError when there is no such folder */
export function valuesFileIn(folder: string, { name }: SchemaBundle): string | undefined {
  if (!isFolder(folder)) throw unreadable(folder, 'is no folder');
  const files = ENDINGS.map((ending) => join(folder, name + ending));
  return files.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

const LIST_HINT = `a list of values has one object a line: {"table": "concept", "column": "concept_name", "values": ["aspirin"]}`;

function whatItIs(start: Buffer, text: string): string {
  if (text === '') return 'is empty';
  if (start.includes(0) || text.includes('\ufffd'))
    return 'is a binary file and no value index of this version';
  if (text.startsWith('[')) return 'is a JSON array, not JSON lines';
  return 'has no tables and columns';
}

function unreadable(path: string, message: string): DataError {
  return new DataError({ code: 'values-unreadable', file: path, message, hint: LIST_HINT });
}

/** Enough to tell kinds of file apart. */
const START_BYTES = 512;

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, whyUnreadable(error));
    throw new DataError({ code: 'values-not-found', file: path, message: 'no such file', hint: LIST_HINT });
  }
}

function startOf(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(START_BYTES);
    return wholeCharacters(start.subarray(0, readSync(file, start, 0, START_BYTES, 0)));
  } finally {
    closeSync(file);
  }
}

/** Without a character of several bytes that the end cuts, and without a byte order mark. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length;
  if (end === START_BYTES) {
    while (end > 0 && (bytes[end - 1]! & 0xc0) === 0x80) end--;
    if (end > 0 && bytes[end - 1]! >= 0xc0) end--;
  }
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.subarray(hasMark ? 3 : 0, end);
}
