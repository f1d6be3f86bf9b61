import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const OPENS_ADAPTER = /\b(Gpu\.open|openAdapter|listAdapters)\(/;

/**
 * Splits the test files in two. `gpu` are those that open an adapter: directly, in a helper that they import, or in a
 * script that they run in a child process. `cpu` are all others; there, test/no-adapter.ts makes opening an adapter an
 * error, so that none is missed.
 *
 * @returns paths relative to the repository, with forward slashes
 */
export function testFiles(): { cpu: string[]; gpu: string[] } {
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(root, 'test', name));
  const known = new Map<string, boolean>();
  const shown = (file: string): string => relative(root, file).split(sep).join('/');
  return {
    cpu: all.filter((file) => !opensAdapter(file, known)).map(shown),
    gpu: all.filter((file) => opensAdapter(file, known)).map(shown),
  };
}

function opensAdapter(file: string, known: Map<string, boolean>): boolean {
  const before = known.get(file);
  if (before !== undefined) return before;
  known.set(file, false); // ends circles of imports
  const text = readFileSync(file, 'utf8');
  const folder = dirname(file);
  const imported = [...text.matchAll(/(?: from |import\()'(\.{1,2}\/[^']*)\.js'/g)].map(
    (match) => `${join(folder, match[1]!)}.ts`,
  );
  const named = [...text.matchAll(/'([\w./-]+\.ts)'/g)].flatMap(([, name]) => [
    join(folder, name!),
    join(root, name!),
    join(root, 'examples', name!),
  ]);
  // The engine itself may open adapters; only its callers count.
  const helpers = [...imported, ...named].filter(
    (helper) => !helper.startsWith(join(root, 'src') + sep) && existsSync(helper),
  );
  const result = OPENS_ADAPTER.test(text) || helpers.some((helper) => opensAdapter(helper, known));
  known.set(file, result);
  return result;
}
