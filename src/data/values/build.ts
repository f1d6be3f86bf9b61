import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isRunning, writeFileAtomic, type WrittenFile } from '../../base/files.js';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { ColumnFilter, isShort, type LeftOut } from './column-filter.js';
import { foldedWords, singularOf } from './fold.js';
import { structureHash } from './format.js';
import { collectWords, IndexWriter } from './index-writer.js';
import { LineSorter } from './line-sorter.js';
import type { ValueColumn, ValueSource } from './source.js';
import { excluder, isValueColumn } from './value-column.js';

/** Bytes of lines that are sorted in memory at once. */
const LINE_MEMORY = 48 << 20;
const WORD_MEMORY = 16 << 20;
/** Values, and words, that are remembered so that repetitions do not reach the sorter. */
const MOST_REMEMBERED = 1 << 17;

export type BuildStage = 'reading values' | 'sorting values';

export interface ValueBuildOptions {
  bundle: SchemaBundle;
  source: ValueSource;
  out: string;
  onProgress?: ((stage: BuildStage, done: number, total: number) => void) | undefined;
  onNote?: ((line: string) => void) | undefined;
  /** Bytes of values that are sorted in memory at once. */
  memory?: number | undefined;
  /** Stops the build: it then removes what it wrote and throws. */
  signal?: AbortSignal | undefined;
}

export interface ValueBuild {
  values: number;
  columns: number;
  file: WrittenFile;
  leftOut: (ValueColumn & { reason: LeftOut })[];
}

/**
 * The columns of a bundle whose values an index takes.
 * @param exclude patterns for `table.column`, or for the name of a column alone
 * @throws DataError `values-no-column` if there are none
 */
export function chooseColumns(bundle: SchemaBundle, exclude: readonly string[] = []): ValueColumn[] {
  const isExcluded = excluder(exclude);
  const all = bundle.tables.flatMap((table) =>
    table.columns
      .filter((column) => isValueColumn(table, column))
      .map((column) => ({ table: table.name, column: column.name })),
  );
  const kept = all.filter(({ table, column }) => !isExcluded(table, column));
  if (kept.length > 0) return kept;
  throw new DataError({
    code: 'values-no-column',
    message: `the bundle ${bundle.name} has no column of labels, names, states or codes`,
    hint: all.length > 0 ? `--exclude leaves out all ${all.length}` : 'an index would be empty',
  });
}

/**
 * Builds the index of a source's values and writes it, readable by its owner alone. Memory is bounded: values are sorted
 * in runs, in a folder beside `out` that is removed in any case. The same source gives the same bytes.
 * @throws DataError `values-none` if no column has a value for the index, `values-stopped` on the signal; and what the
 *   source throws
 */
export async function buildValueIndex(options: ValueBuildOptions): Promise<ValueBuild> {
  const { bundle, source, out, onProgress = () => {}, memory = LINE_MEMORY } = options;
  const folder = await runsFolder(dirname(out));
  let writer: IndexWriter | undefined;
  try {
    const lines = new LineSorter(folder, 'values', memory);
    const words = new LineSorter(folder, 'words', Math.min(memory, WORD_MEMORY));
    const { total, leftOut } = await readSource(options, lines, words);
    if (total === 0) {
      throw new DataError({
        code: 'values-none',
        message: `none of the ${source.columns.length} columns has a value for the index`,
        hint: 'numbers, dates, identifiers and free text are left out',
      });
    }
    const head = {
      bundle: { name: bundle.name, hash: structureHash(bundle) },
      columns: source.columns.map(({ table, column }) => `${table}.${column}`),
    };
    writer = new IndexWriter(folder, head, collectWords(words.sorted()));
    let done = 0;
    for (const line of lines.sorted()) {
      const [key = '', value = '', column = ''] = line.split('\t');
      writer.add({ words: key.split(' '), value, column: Number(column) });
      if (++done % 65_536 !== 0) continue;
      onProgress('sorting values', done, total);
      // Only between turns of the event loop does a signal arrive.
      await setImmediate();
      checkStopped(options);
    }
    const file = await writeFileAtomic(out, stoppable(writer.content(), options), { mode: 0o600 });
    onProgress('sorting values', total, total);
    return { values: writer.entries, columns: source.columns.length - leftOut.length, file, leftOut };
  } finally {
    writer?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const RUNS_FOLDER = /^\.values-(\d+)-/;

/** A new folder for runs, which only its owner can read. Folders of builds that were killed are removed. */
async function runsFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const pid = RUNS_FOLDER.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
  return mkdtemp(join(parent, `.values-${process.pid}-`));
}

function checkStopped({ signal, out }: ValueBuildOptions): void {
  if (!signal?.aborted) return;
  throw new DataError({ code: 'values-stopped', message: `stopped; ${out} was not written` });
}

function* stoppable(content: Iterable<Uint8Array>, options: ValueBuildOptions): Iterable<Uint8Array> {
  for (const chunk of content) {
    checkStopped(options);
    yield chunk;
  }
}

/** Passes the values of a source to the sorters. */
async function readSource(
  options: ValueBuildOptions,
  lines: LineSorter,
  words: LineSorter,
): Promise<{ total: number; leftOut: ValueBuild['leftOut'] }> {
  const { source, onProgress = () => {}, onNote = () => {} } = options;
  const filters = source.columns.map(({ column }) => new ColumnFilter(column));
  const seenValues = new Set<string>();
  const seenWords = new Set<string>();
  let total = 0;
  const passes = source.columns.map((_, column) => (value: string): void => {
    const line = `${value}\t${column}`;
    if (!remember(seenValues, line)) return;
    const singulars = foldedWords(value).map(singularOf);
    if (!isShort(singulars)) return;
    for (const word of singulars) if (remember(seenWords, word)) words.add(word);
    lines.add(`${singulars.join(' ')}\t${line}`);
    total++;
  });
  await source.read({
    value(column, text) {
      filters[column]!.add(text, passes[column]!);
    },
    // Values of another table are other lines: nothing that is remembered would help.
    table: () => seenValues.clear(),
    progress(done, of) {
      checkStopped(options);
      onProgress('reading values', done, of);
    },
    note: onNote,
  });
  filters.forEach((filter, i) => filter.end(passes[i]!));
  const leftOut = source.columns.flatMap((column, i) => {
    const reason = filters[i]!.reason;
    return reason === undefined ? [] : [{ ...column, reason }];
  });
  return { total, leftOut };
}

/** Whether `text` is new. Forgets everything when it knows too much. */
function remember(seen: Set<string>, text: string): boolean {
  if (seen.has(text)) return false;
  if (seen.size >= MOST_REMEMBERED) seen.clear();
  seen.add(text);
  return true;
}
