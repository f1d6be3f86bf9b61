import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { validate } from '../src/sql/validator/validate.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'src/data/corpus/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .sort(),
];

/** A document without its fenced code blocks. */
function proseOf(file: string): string {
  return read(file).replace(/^```.*?^```$/gms, '');
}

/** The anchors that GitHub gives to a document's headings. */
function anchorsOf(file: string): Set<string> {
  const headings = [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replace(/ /g, '-'),
    ),
  );
}

test('every relative link of a document leads to a file and a heading that exist', () => {
  const broken: string[] = [];
  for (const document of documents) {
    for (const [, target] of proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path, anchor] = target!.split('#') as [string, string?];
      const file = path === '' ? document : relative(root, resolve(root, dirname(document), path));
      const isThere = existsSync(join(root, file));
      const hasAnchor = anchor === undefined || (isThere && anchorsOf(file).has(anchor));
      if (!isThere || !hasAnchor) broken.push(`${document}: ${target}`);
    }
  }
  expect(broken).toEqual([]);
});

/** Whether a source file defines a name: at its top level, or as `Owner.member`. */
function defines(source: string, symbol: string): boolean {
  const [name, member] = symbol.split('.').map((part) => part.replace(/[$]/g, '\\$&')) as [string, string?];
  const definition = `\\b(?:function\\*?|class|const|let|interface|type|enum|fn|struct|override) +${name}\\b`;
  if (!new RegExp(definition).test(source)) return false;
  if (member === undefined) return true;
  const modifiers = '(?:(?:static|async|private|readonly|get|set) |\\*)*';
  return new RegExp(`^ +${modifiers}${member}\\??(?:<[^>]*>)?[(:]`, 'm').test(source);
}

test('every file and symbol that a table names as `path` / `symbol` exists', () => {
  const missing: string[] = [];
  let references = 0;
  for (const document of documents) {
    const rows = proseOf(document)
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .join('\n');
    for (const [, path, symbol] of rows.matchAll(/`([\w./-]+)` \/ `([\w.$]+)`/g)) {
      references++;
      const file = join(root, path!);
      if (!existsSync(file)) missing.push(`${document}: ${path}`);
      else if (!defines(readFileSync(file, 'utf8'), symbol!))
        missing.push(`${document}: ${path} / ${symbol}`);
    }
  }
  expect(missing).toEqual([]);
  // Fewer would mean that the pattern no longer reads the tables.
  expect(references).toBeGreaterThan(100);
});

/** Folders at the top of the repository whose files documents name from there. */
const FOLDERS = 'src|kernels|test|docs|examples|bench|configs|schemas|scripts';

test('every path in backticks exists', () => {
  const missing: string[] = [];
  for (const document of documents.filter((file) => file !== 'CHANGELOG.md')) {
    for (const [, path] of proseOf(document).matchAll(
      new RegExp(`\`((?:${FOLDERS})/[\\w./-]*)(?::\\d+)*\``, 'g'),
    )) {
      // `kernels/NAME.wgsl` stands for a file of the reader's own.
      if (/\b[A-Z]{3,}\b(?!\.md)/.test(path!)) continue;
      const file = join(root, path!);
      const isThere = existsSync(file) && (!path!.endsWith('/') || statSync(file).isDirectory());
      if (!isThere) missing.push(`${document}: ${path}`);
    }
  }
  expect(missing).toEqual([]);
});

test('the index of decisions lists every decision', () => {
  const index = read('docs/decisions/README.md');
  const files = readdirSync(join(root, 'docs', 'decisions')).filter((file) => /^\d{4}-/.test(file));
  expect(files.filter((file) => !index.includes(`](${file})`))).toEqual([]);
});

test('every result file that docs/numbers.md names is in bench/results', () => {
  const files = [...read('docs/numbers.md').matchAll(/`([\w.-]+-\d{4}-\d\d-\d\d\.json)`/g)].map(
    ([, file]) => file!,
  );
  expect(files.filter((file) => !existsSync(join(root, 'bench', 'results', file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(0);
});

test("README's statement is one that the validator accepts", () => {
  const [, statement] = /^> `(SELECT [^`]+;)`$/m.exec(read('README.md'))!;
  const schema = new SchemaIndex(loadBundle(join(root, 'schemas', 'omop_cdm_5_4.json')));
  expect(validate(statement!, schema).errors).toEqual([]);
});

const FIRST_EXAMPLE = 'char';

test("README's first code block is examples/char.ts", () => {
  const [, block] = /^```ts\n(.*?)^```$/ms.exec(read('README.md'))!;
  expect(block).toBe(read(`examples/${FIRST_EXAMPLE}.ts`));
});

test('README and the walks fit on few screens', () => {
  for (const document of ['README.md', 'docs/architecture.md']) {
    expect(read(document).split('\n').length, document).toBeLessThanOrEqual(151);
  }
});
