/**
 * Writes the table of functions into `docs/shape.md`, from src/tsql/functions.ts. Run it after a function was added or
 * changed: `npx tsx scripts/shape.ts`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeFileAtomic } from '../src/base/files.js';
import { FUNCTIONS, type FunctionRow } from '../src/tsql/functions.js';

const BEGIN = '<!-- functions: written by scripts/shape.ts -->';
const END = '<!-- end of functions -->';

/** The document with its table of functions as the code has it. */
export function withFunctions(document: string): string {
  const [before, rest] = document.split(BEGIN) as [string, string];
  return `${before}${BEGIN}\n\n${functionTable()}\n\n${END}${rest.split(END)[1]!}`;
}

function functionTable(): string {
  const rows = [...FUNCTIONS].map(([name, row]) => [
    `\`${callOf(name, row)}\``,
    row.words.replace(/\{(part|number)\}/g, 'part').replace(/\{(\w+)\}/g, (_, n: string) => slot(n)),
    row.grammar === undefined ? '' : 'yes',
    Object.keys(row.elsewhere ?? {}).join(', '),
  ]);
  return pretty([['function', 'gives', 'the model writes it', 'instead of'], ...rows]);
}

function slot(name: string): string {
  return name === 'all' ? 'them' : LETTERS[Number(name) - 1]!;
}

const LETTERS = 'abcd';

/** `LEFT(a, b)`, `EOMONTH(a[, b])`, `COALESCE(a, b, …)`. */
function callOf(name: string, { args, datepart }: FunctionRow): string {
  const part = datepart === undefined ? [] : ['part'];
  const needed = [...part, ...LETTERS.slice(0, args.min)].join(', ');
  if (args.max > LETTERS.length) return `${name}(${needed}, …)`;
  const optional = [...LETTERS.slice(args.min, args.max)].map((letter) => `[, ${letter}]`).join('');
  return `${name}(${needed}${optional})`;
}

/** A Markdown table with columns of equal width, as Prettier writes it. */
function pretty(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = rows;
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const target = fileURLToPath(new URL('../docs/shape.md', import.meta.url));
  await writeFileAtomic(target, withFunctions(readFileSync(target, 'utf8')));
}
