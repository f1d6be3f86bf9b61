import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Table } from '../data/schema/bundle.js';
import type { NameWords, WordSource } from '../data/schema/words/derive.js';
import { UsageError } from './errors.js';
import { OVERLAY_HELP } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface WordsFlags {
  overlay?: string;
  table?: string;
  json?: true;
  out?: string;
  force?: true;
}

export function schemaWordsCommand(command: Command): void {
  command
    .command('words')
    .description('show what tables and columns are called, and where each word comes from')
    .argument('<bundle>', 'bundle file, or the name of a bundle of this package')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--table <name>', 'only this table')
    .option('--json', 'print JSON')
    .option(
      '--out <file>',
      'write an overlay with all words and roles, for editing, instead of showing them',
      fileToWrite('--out'),
    )
    .option('--force', 'with --out: replace the file, and what was edited in it')
    .action(showWords);
}

async function showWords(
  schema: string,
  { overlay, table: only, json, out, force }: WordsFlags,
): Promise<void> {
  if (out !== undefined) checkKept(out, overlay, force);
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { wordsOf } = await import('../data/schema/words/derive.js');
  const bundle = loadBundle(schema, overlay);
  if (out !== undefined) {
    const { formatOwnOverlay } = await import('../data/schema/words/own-overlay.js');
    const { writeFileAtomic } = await import('../base/files.js');
    await writeFileAtomic(out, formatOwnOverlay(bundle));
    note(`${out}: ${bundle.tables.length} tables; edit it, then give it as --overlay ${out}`);
    return;
  }
  const published = overlay === undefined ? undefined : new SchemaIndex(loadBundle(schema));
  const chosen = only === undefined ? undefined : new SchemaIndex(bundle).table(only);
  if (only !== undefined && !chosen) throw new UsageError(`${schema} has no table "${only}"`);
  const words = wordsOf(bundle);
  const tables = (chosen ? [chosen] : bundle.tables).map((table) => ({
    name: table.name,
    ...withOverlay(words.ofTable(table), published?.table(table.name)?.synonyms, overlay),
    columns: table.columns.map((column) => {
      const before = published?.column(table.name, column.name)?.column.synonyms;
      return { name: column.name, ...withOverlay(words.ofColumn(column), before, overlay) };
    }),
  }));
  if (json) return printJson(tables);
  for (const table of tables) {
    await printLine(entry('', table));
    for (const column of table.columns) await printLine(entry('  ', column));
  }
  note('after each synonym: n the name itself, d dictionary, l lexicon, b bundle, o overlay');
}

/** Words that a person edited are lost only if they say so. */
function checkKept(out: string, overlay: string | undefined, force: true | undefined): void {
  const isKept = overlay !== undefined && resolve(overlay) === resolve(out);
  if (force || isKept || !existsSync(out)) return;
  throw new UsageError(
    `${out} exists: --overlay ${out} keeps its words and adds what is new, --force replaces them`,
  );
}

type ShownSource = WordSource | 'overlay';
interface Shown {
  words: string;
  source: NameWords['source'];
  synonyms: { text: string; source: ShownSource }[];
}

/** Words by hand that the bundle alone does not have come from the overlay. */
function withOverlay(
  { words, source, synonyms }: NameWords,
  published: Table['synonyms'],
  overlay: string | undefined,
): Shown {
  const isOwn = (text: string): boolean => overlay !== undefined && !(published ?? []).includes(text);
  return {
    words,
    source,
    synonyms: synonyms.map((synonym) =>
      synonym.source === 'bundle' && isOwn(synonym.text)
        ? { text: synonym.text, source: 'overlay' }
        : synonym,
    ),
  };
}

function entry(indent: string, { name, words, source, synonyms }: Shown & { name: string }): string {
  const list = synonyms.map((synonym) => `${synonym.text} (${synonym.source[0]})`).join(', ');
  const readable = source === 'dictionary' ? `${words} (d)` : words;
  return `${indent}${name}: ${readable}${list === '' ? '' : ` ~ ${list}`}`;
}
