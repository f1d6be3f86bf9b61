import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every file below the folders, relative to the repository. */
function filesIn(...folders: string[]): string[] {
  return folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length)),
    );
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

test('no file imports itself through others, type imports included', async () => {
  const script = join(root, 'scripts', 'import-circles.mjs');
  const { code, stderr } = await promisify(execFile)(process.execPath, [script]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test.each([
  "import { answer } from '../../sql/agent.js';",
  "import type { Answer } from '../../sql/answer.js';",
  "export type { Answer } from '../../sql/answer.js';",
  "export const load = (): unknown => import('../../sql/agent.js');",
  "export type Answer = import('../../sql/answer.js').Answer;",
  "import type { Agent } from 'openward/sql';",
  "export const load = (): unknown => import('openward/sql');",
])('the engine may not write: %s', async (line) => {
  // The text is linted as if it were in this file, which must exist.
  const filePath = join(root, 'src', 'engine', 'gpu', 'kernel.ts');
  const [result] = await new ESLint({ cwd: root }).lintText(`${line}\n`, { filePath });
  const rules = result!.messages.map(({ ruleId }) => ruleId);
  expect(rules.filter((rule) => rule?.startsWith('no-restricted-'))).toHaveLength(1);
});

test('the pipeline may not import the server', async () => {
  const filePath = join(root, 'src', 'sql', 'agent.ts');
  const line = "export { createApp } from '../serve/app.js';\n";
  const [result] = await new ESLint({ cwd: root }).lintText(line, { filePath });
  expect(result!.messages.map(({ message }) => message).join()).toMatch(/src\/sql may import from/);
});

const MAX_LINES = 400;

test(`no file has more than ${MAX_LINES} lines, JSON and lock files aside`, () => {
  const long = filesIn('src', 'kernels', 'test', 'bench', 'examples', 'scripts')
    .filter((file) => !/\.(json|jsonl|lock)$/.test(file))
    .map((file) => ({ file, lines: read(file).replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > MAX_LINES);
  expect(long).toEqual([]);
});

const DEFINITION =
  /^export (?:declare |abstract |async )*(?:function\*?|class|const|let|interface|type|enum) +([\p{L}_$][\p{L}\p{N}_$]*)/gmu;

test('an exported name is defined in one file of src', () => {
  const definedIn = new Map<string, Set<string>>();
  for (const file of filesIn('src').filter((name) => name.endsWith('.ts'))) {
    for (const [, name] of read(file).matchAll(DEFINITION)) {
      definedIn.set(name!, (definedIn.get(name!) ?? new Set()).add(file));
    }
  }
  const repeated = [...definedIn]
    .filter(([, files]) => files.size > 1)
    .map(([name, files]) => `${name}: ${[...files].sort().join(', ')}`);
  expect(repeated).toEqual([]);
});
