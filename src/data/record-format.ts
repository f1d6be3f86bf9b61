/**
 * How a training record is written. A corpus is built in one format, which its index names; a model is asked in the
 * format that it was trained on, which its folder names. Training and inference write prompts with the same functions.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJsonAtomic } from '../base/files.js';
import { DataError } from './errors.js';

export const recordFormatShape = z.strictObject({
  /** Which part comes first. Behind the question, a decoder reads every column knowing what is asked. */
  order: z.enum(['schema-first', 'question-first']),
  /** `words`: names are written as plain words in prompt and statement (see `namesOf`), and code writes T-SQL from them. */
  names: z.enum(['identifiers', 'words']),
  /** `terse`: one line of names per table, with a character for a key or a type; see `renderSchema`. */
  schema: z.enum(['typed', 'terse']),
  /** Whether tables and columns are marked that the question names. */
  marks: z.boolean(),
  /** `initials` of the table, or `numbered`: t1, t2, … in the order of FROM. */
  aliases: z.enum(['initials', 'numbered']),
  /** Whether the ID map says which part of a text a value is (`begins`); left out in formats before it. */
  parts: z.boolean().optional(),
  /**
   * What prompts show: the linker's choice within these limits, in training too. Null: training prompts are drawn, and the
   * linker uses its own limits.
   */
  link: z.strictObject({ maxTables: z.int().min(1), maxColumnsPerTable: z.int().min(1) }).nullable(),
});
export type RecordFormat = z.infer<typeof recordFormatShape>;

/** The format of models and corpora that name none. */
export const FIRST_FORMAT: RecordFormat = {
  order: 'schema-first',
  names: 'identifiers',
  schema: 'typed',
  marks: false,
  aliases: 'initials',
  link: null,
};

/** In a model's folder. */
export const FORMAT_FILE = 'format.json';

export async function saveRecordFormat(folder: string, format: RecordFormat): Promise<void> {
  await writeJsonAtomic(join(folder, FORMAT_FILE), format);
}

/** The format of a model; the first one if its folder names none. @throws DataError `bad-format` */
export async function loadRecordFormat(folder: string): Promise<RecordFormat> {
  const file = join(folder, FORMAT_FILE);
  if (!existsSync(file)) return FIRST_FORMAT;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const message = `broken JSON (${(cause as Error).message})`;
    throw new DataError({ code: 'bad-format', file, message }, { cause });
  }
  return parseRecordFormat(value, file);
}

/** @throws DataError `bad-format` naming the field at fault */
export function parseRecordFormat(value: unknown, file?: string): RecordFormat {
  const parsed = recordFormatShape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue!.path.join('.');
  throw new DataError({ code: 'bad-format', file, field, message: issue!.message });
}

/** The format of a corpus, from the `config` of its index. @throws DataError `bad-format` */
export function formatOfCorpus(config: unknown, file?: string): RecordFormat {
  const stored = (config as { knobs?: { format?: unknown } } | null)?.knobs?.format;
  return stored === undefined ? FIRST_FORMAT : parseRecordFormat(stored, file);
}
