import type { Command } from 'commander';
import type { ColumnOverview, SchemaOverview, TableOverview } from '../data/schema/overview.js';
import { OVERLAY_HELP } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';

interface ShowFlags {
  overlay?: string;
  columns?: true;
  json?: true;
  html?: string;
}

export function schemaShowCommand(command: Command): void {
  command
    .command('show')
    .description('show a schema: tables by role, with keys and words')
    .argument('<bundle>', 'bundle file, or the name of a bundle of this package')
    .option('--overlay <file>', OVERLAY_HELP)
    .option('--columns', 'show every column with its role, not only keys and times')
    .option('--json', 'print JSON')
    .option(
      '--html <file>',
      'write a page with a diagram and a search; it needs no network',
      fileToWrite('--html'),
    )
    .action(show);
}

async function show(schema: string, { overlay, columns, json, html }: ShowFlags): Promise<void> {
  const { loadBundle } = await import('../data/schema/load.js');
  const { overviewOf } = await import('../data/schema/overview.js');
  const overview = overviewOf(loadBundle(schema, overlay));
  if (html !== undefined) {
    const { overviewPage } = await import('../data/schema/overview-page.js');
    const { writeFileAtomic } = await import('../base/files.js');
    await writeFileAtomic(html, overviewPage(overview));
    note(`${html}: ${overview.tables.length} tables`);
    return;
  }
  if (json) return printJson(overview);
  for (const line of overviewLines(overview, columns === true)) await printLine(line);
}

function overviewLines({ title, tables }: SchemaOverview, allColumns: boolean): string[] {
  const lines = [`${title}: ${tables.length} tables`];
  let role: string | undefined;
  for (const table of tables) {
    if (table.role !== role) {
      role = table.role;
      lines.push('', `${role} (${tables.filter((other) => other.role === role).length})`);
    }
    lines.push(...tableLines(table, allColumns));
  }
  return lines;
}

function tableLines(table: TableOverview, allColumns: boolean): string[] {
  const called = [table.words, ...table.synonyms.slice(0, 4)].filter((word) => word !== table.name);
  const lines = [`  ${table.name}${table.isView ? ' [view]' : ''}: ${called.join(', ') || '-'}`];
  if (allColumns) return [...lines, ...table.columns.map((column) => `      ${columnText(column)}`)];
  const key = table.columns.filter((column) => column.isKey).map((column) => column.name);
  const points = new Set(table.columns.flatMap(({ pointsTo }) => pointsTo ?? []));
  const facts = [
    key.length > 0 ? `key ${key.join(', ')}` : 'no key',
    ...(['time', 'patient', 'encounter'] as const).flatMap((of) => (table[of] ? `${of} ${table[of]}` : [])),
    ...(points.size > 0 ? [`-> ${[...points].join(', ')}`] : []),
    `${table.columns.length} columns`,
  ];
  return [...lines, `      ${facts.join('; ')}`];
}

function columnText({ name, type, role, isKey, pointsTo, words, synonyms }: ColumnOverview): string {
  const arrow = pointsTo === undefined ? '' : ` -> ${pointsTo}`;
  return `${name} ${type}${isKey ? ' pk' : ''}${arrow}  [${role}] ${[words, ...synonyms.slice(0, 3)].join(', ')}`;
}
