import { basename, extname } from 'node:path';
import type { SchemaBundle } from '../bundle.js';
import { formatBundle } from '../format.js';
import { readText } from '../load.js';
import { splitWords } from '../words.js';
import { importDdl, type ImportOptions } from './import.js';

export interface ImportedFile {
  bundle: SchemaBundle;
  /** The text of the bundle file. */
  text: string;
  /** Declarations that were skipped, one line each. */
  notes: string[];
}

/**
 * Reads a DDL file and turns it into a bundle: `engine schema import --ddl FILE` without the writing. The bundle is
 * named after the file by default.
 * @throws SchemaError `schema-not-found`, `schema-unreadable`, and what importDdl throws
 */
export function importDdlFile(
  path: string,
  options: Omit<ImportOptions, 'name' | 'file' | 'onNote'> & { name?: string | undefined } = {},
): ImportedFile {
  const notes: string[] = [];
  const name = options.name ?? bundleName(path);
  const onNote = (note: string): number => notes.push(note);
  const bundle = importDdl(readText(path), { ...options, name, file: path, onNote });
  return { bundle, text: formatBundle(bundle), notes };
}

/** `dir/My Clinic-2.sql` → `my_clinic_2`, using only characters that bundle names allow. */
function bundleName(path: string): string {
  const words = splitWords(basename(path, extname(path))).map((word) => word.replace(/[^a-z0-9]/g, ''));
  return words.filter((word) => word !== '').join('_') || 'imported';
}
