/**
 * Asks two other parsers of T-SQL about statements of the corpus, with their values: node-sql-parser, and sqlglot where a
 * Python has it. Both must find one SELECT with the same parts as ours.
 *
 *     npx tsx scripts/second-parsers.ts [--count 20000] [--seed 1] [--python python3]
 *
 * Prints how many statements each parser reads alike, and the disagreements by kind with an example. Exits with 1 if a
 * statement was read in another way.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadKnobs } from '../src/data/corpus/knobs.js';
import { generateSamples } from '../src/data/corpus/sample.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { loadBundle } from '../src/data/schema/load.js';
import { bundleFiles } from '../src/data/schema/shipped.js';
import { render } from '../src/sql/renderer/render.js';
import { children, type Expression, type Statement } from '../src/tsql/ast.js';
import { parse } from '../src/tsql/parser.js';

/** The parts of a statement that every parser can count. */
interface Parts {
  tables: string[];
  items: number;
  joins: number;
  where: boolean;
  groupBy: number;
  orderBy: number;
  distinct: boolean;
  columns: number;
}

type Reading = Parts | { error: string };

function columnsIn(node: Expression): number {
  return (node.kind === 'column' ? 1 : 0) + children(node).reduce((sum, child) => sum + columnsIn(child), 0);
}

function partsOf({ items, from, joins, where, groupBy, orderBy, distinct }: Statement): Parts {
  const expressions = [
    ...items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : [])),
    ...joins.map(({ on }) => on),
    ...(where ? [where] : []),
    ...groupBy,
    ...orderBy.map(({ expression }) => expression),
  ];
  const tables = [from, ...joins.map(({ table }) => table)].map(({ table }) => table.text.toLowerCase());
  // `t.*` is a column to the others; `*` is not.
  const stars = items.filter((item) => item.kind === 'star' && item.table !== undefined).length;
  return {
    tables: [...new Set(tables)].sort(),
    items: items.length,
    joins: joins.length,
    where: where !== undefined,
    groupBy: groupBy.length,
    orderBy: orderBy.length,
    distinct,
    columns: stars + expressions.reduce((sum, node) => sum + columnsIn(node), 0),
  };
}

interface PeerTree {
  type: string;
  columns: unknown[];
  from: { join?: string }[];
  where: unknown;
  groupby: { columns: unknown[] | null } | null;
  orderby: unknown[] | null;
  distinct: unknown;
}

const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/transactsql.js') as {
  Parser: new () => {
    parse(sql: string, options: { database: string }): { ast: unknown; tableList: string[] };
  };
};
const peer = new Parser();

interface PeerNode {
  type?: string;
  table?: unknown;
  column?: unknown;
  name?: unknown;
  args?: { value?: unknown[] };
}

/** Functions whose first argument, a datepart, node-sql-parser reads as a column. */
const TAKES_PART = /"DATE(ADD|DIFF|PART|NAME)"/i;

function columnRefsIn(node: unknown): number {
  if (Array.isArray(node)) return node.reduce((sum: number, one) => sum + columnRefsIn(one), 0);
  if (typeof node !== 'object' || node === null) return 0;
  const { type, table, column, name, args } = node as PeerNode;
  const isColumn = type === 'column_ref' && !(column === '*' && table === null);
  const isDated = type === 'function' && TAKES_PART.test(JSON.stringify(name));
  const parts = isDated ? [args?.value?.slice(1)] : Object.values(node);
  return (isColumn ? 1 : 0) + parts.reduce((sum: number, one) => sum + columnRefsIn(one), 0);
}

function readByNode(sql: string): Reading {
  let result;
  try {
    result = peer.parse(sql, { database: 'transactsql' });
  } catch (error) {
    return { error: (error as Error).message.split('\n')[0]!.replace(/.* but /, 'unexpected ') };
  }
  const trees = (Array.isArray(result.ast) ? result.ast : [result.ast]) as PeerTree[];
  const [tree] = trees;
  if (trees.length !== 1 || tree?.type !== 'select') return { error: `read as ${trees.length} statements` };
  const tables = result.tableList.map((entry) => entry.split('::').at(-1)!.toLowerCase());
  return {
    tables: [...new Set(tables)].sort(),
    items: tree.columns.length,
    joins: tree.from.filter(({ join }) => join !== undefined).length,
    where: tree.where !== null,
    groupBy: tree.groupby?.columns?.length ?? 0,
    orderBy: tree.orderby?.length ?? 0,
    distinct: tree.distinct !== null && tree.distinct !== undefined && tree.distinct !== '',
    columns: columnRefsIn([tree.columns, tree.from, tree.where, tree.groupby, tree.orderby]),
  };
}

function readByGlot(statements: readonly string[], python: string): Reading[] | undefined {
  const script = fileURLToPath(new URL('second-parsers.py', import.meta.url));
  const input = statements.map((sql) => JSON.stringify({ sql })).join('\n');
  const { status, stdout, stderr } = spawnSync(python, [script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) {
    console.log(`sqlglot: not asked (${stderr.trim().split('\n').at(-1) ?? `no ${python}`})`);
    return undefined;
  }
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Reading);
}

/** How the reading differs from ours, as a kind; undefined if it does not. */
function differenceOf(ours: Parts, theirs: Reading): string | undefined {
  if ('error' in theirs) return `cannot read: ${theirs.error.replace(/Line \d+, Col: \d+/, '').slice(0, 70)}`;
  const fields = Object.keys(ours) as (keyof Parts)[];
  const odd = fields.filter((field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs[field]));
  return odd.length === 0
    ? undefined
    : `other ${odd.map((field) => `${field} ${String(ours[field])}/${String(theirs[field])}`).join(', ')}`;
}

function report(name: string, statements: readonly string[], readings: readonly Reading[]): number {
  const kinds = new Map<string, { count: number; example: string }>();
  let other = 0;
  statements.forEach((sql, i) => {
    const kind = differenceOf(partsOf(parse(sql)), readings[i]!);
    if (kind === undefined) return;
    if (kind.startsWith('other')) other++;
    const known = kinds.get(kind);
    kinds.set(kind, { count: (known?.count ?? 0) + 1, example: known?.example ?? sql });
  });
  const odd = [...kinds.values()].reduce((sum, { count }) => sum + count, 0);
  console.log(
    `${name}: ${statements.length - odd} of ${statements.length} read alike, ${other} in another way`,
  );
  for (const [kind, { count, example }] of [...kinds].sort((a, b) => b[1].count - a[1].count)) {
    console.log(`  ${count} ${kind}\n    ${example}`);
  }
  return other;
}

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string', default: 'python3' },
  },
});
const schemas = bundleFiles().map((file) => new SchemaIndex(loadBundle(file)));
const knobs = { ...loadKnobs('configs/corpus.json'), syntheticShare: 0, format: undefined };
const byName = new Map(schemas.map((index) => [index.bundle.name, index]));
const statements: string[] = [];
for (const { record, values, schemaName } of generateSamples({
  schemas,
  knobs,
  seed: Number(options.seed),
  count: Number(options.count),
})) {
  const known = new Map(values.map((one) => [one.name, { ...one, value: one.value ?? one.text }]));
  statements.push(render(record.sql, byName.get(schemaName)!, known).sql);
}
let other = report('node-sql-parser', statements, statements.map(readByNode));
const byGlot = readByGlot(statements, options.python);
if (byGlot) other += report('sqlglot', statements, byGlot);
process.exit(other === 0 ? 0 : 1);
