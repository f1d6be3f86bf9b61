import { readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { whyUnreadable } from '../../../base/system-faults.js';
import { SchemaError } from '../../errors.js';
import type { SchemaBundle } from '../bundle.js';
import { formatBundle } from '../format.js';
import { splitWords } from '../words.js';
import type { ReadScript } from './assemble.js';
import { decodeScript, type Decoded } from './decode.js';
import { dialectMarks, guessDialect } from './dialect.js';
import { skippedText, type Skipped } from './fault.js';
import { scriptFiles } from './files.js';
import { bundleOfScripts, type ImportOptions } from './import.js';
import { DdlParser } from './parser.js';
import type { Dialect } from './tokens.js';

/** A larger script is refused: it would not fit into one string with room to spare. */
const MAX_BYTES = 256 << 20;

export interface ImportedFile {
  bundle: SchemaBundle;
  /** The text of the bundle file. */
  text: string;
  /** Declarations that did not come in, one line each. */
  notes: string[];
}

export interface ImportFilesOptions extends Omit<ImportOptions, 'name' | 'file' | 'onSkipped'> {
  /** By default the bundle is named after the first path. */
  name?: string | undefined;
  /** Called now and then with the bytes that are read and those there are. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads scripts and turns them into one bundle: `engine schema import --ddl PATH…` without the writing. Only one script is
 * in memory at a time.
 *
 * @param paths files, folders, database projects or patterns; see scriptFiles
 * @throws SchemaError `schema-not-found`, `schema-unreadable`, `ddl-too-large`, and what bundleOfScripts throws
 */
export async function importDdlFiles(
  paths: readonly string[],
  options: ImportFilesOptions = {},
): Promise<ImportedFile> {
  const files = scriptFiles(paths);
  const sizes = files.map((file) => statSync(file).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const isAsked = new Set(paths);
  const unread: Skipped[] = [];
  const scripts: ReadScript[] = [];
  const otherwise = options.dialect ?? (files.length > 1 ? commonDialect(files) : undefined);
  let before = 0;
  for (const [i, file] of files.entries()) {
    const size = sizes[i]!;
    const decoded = readScript(file, size);
    if (decoded) {
      const { text, encoding } = decoded;
      const dialect = options.dialect ?? guessDialect(dialectMarks(text), otherwise);
      const parser = new DdlParser(text, dialect, file);
      for (const offset of parser.steps()) {
        options.onProgress?.(before + Math.round((size * offset) / text.length), total);
        await setImmediate();
      }
      scripts.push({ dialect, script: parser.script });
      if (encoding === 'windows-1252') unread.push(noteOn(file, 'is not UTF-8 and was read as Windows-1252'));
    } else if (isAsked.has(file)) {
      throw new SchemaError({ code: 'schema-unreadable', file, message: 'is not a text file' });
    } else unread.push(noteOn(file, 'is left out: it is not a text file'));
    before += size;
    options.onProgress?.(before, total);
  }
  const notes = unread.map(skippedText);
  const bundle = bundleOfScripts(scripts, {
    ...options,
    name: options.name ?? bundleName(paths[0]!),
    file: paths[0]!,
    onSkipped: (skipped) => notes.push(skippedText(skipped)),
  });
  return { bundle, text: formatBundle(bundle), notes };
}

function noteOn(file: string, reason: string): Skipped {
  return { file, line: 1, column: 1, code: 'encoding', reason };
}

/** The text of a script; undefined if it is no text. @throws SchemaError */
function readScript(file: string, size: number): Decoded | undefined {
  if (size > MAX_BYTES) {
    const message = `has ${Math.round(size / (1 << 20))} MiB; at most ${MAX_BYTES >> 20} are read`;
    const hint = 'script the schema without its data';
    throw new SchemaError({ code: 'ddl-too-large', file, message, hint });
  }
  try {
    return decodeScript(readFileSync(file));
  } catch (error) {
    throw new SchemaError(
      { code: 'schema-unreadable', file, message: whyUnreadable(error) },
      { cause: error },
    );
  }
}

/** The dialect of all files together: a file of one small table may show no mark of its own. */
function commonDialect(files: readonly string[]): Dialect {
  const sums = new Map<Dialect, number>();
  for (const file of files) {
    const text = statSync(file).size > MAX_BYTES ? '' : (decodeScript(readFileSync(file))?.text ?? '');
    for (const [dialect, count] of dialectMarks(text)) sums.set(dialect, (sums.get(dialect) ?? 0) + count);
  }
  return guessDialect(sums);
}

/** `dir/My Clinic-2.sql` → `my_clinic_2`, using only characters that bundle names allow. */
function bundleName(path: string): string {
  const base = basename(path.replace(/[*?].*$/, ''), extname(path));
  const words = splitWords(base).map((word) => word.replace(/[^a-z0-9]/g, ''));
  const name = words.filter((word) => word !== '').join('_');
  return name === '' ? 'imported' : /^[a-z]/.test(name) ? name : `db_${name}`;
}
