import { basename, extname } from 'node:path';
import type { SchemaBundle } from '../bundle.js';
import { formatBundle } from '../format.js';
import { readText } from '../load.js';
import { splitWords } from '../words.js';
import { importDdl, type ImportOptions } from './import.js';

export interface ImportedFile {
  bundle: SchemaBundle;
  /** The bundle file's text, as it should be written. */
  text: string;
  /** Declarations that were passed over, one line each. */
  notes: string[];
}

/**
 * What `engine schema import --ddl FILE` does, short of writing: reads the DDL and makes a bundle of it. The
 * bundle's name comes from the file's name unless it is given.
 * @throws SchemaError `schema-not-found`, `schema-unreadable`, and what importDdl throws
 */
export function importDdlFile(
  path: string,
  options: Omit<ImportOptions, 'file' | 'onNote' | 'name'> & { name?: string | undefined } = {},
): ImportedFile {
  const notes: string[] = [];
  const name = options.name ?? bundleName(path);
  const onNote = (note: string): number => notes.push(note);
  const bundle = importDdl(readText(path), { ...options, name, file: path, onNote });
  return { bundle, text: formatBundle(bundle), notes };
}

/** `dir/My Clinic-2.sql` → `my_clinic_2`, in the letters that a bundle's name may have. */
function bundleName(path: string): string {
  const words = splitWords(basename(path, extname(path))).map((word) => word.replace(/[^a-z0-9]/g, ''));
  return words.filter((word) => word !== '').join('_') || 'imported';
}
