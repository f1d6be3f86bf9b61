import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { runNode, type Outcome } from './run-engine.js';

const hide = pathToFileURL(join(packageRoot, 'test', 'cli', 'hide-packages.mjs')).href;
const src = (file: string): string => pathToFileURL(join(packageRoot, 'src', file)).href;

function runWithout(packageName: string, args: string[]): Outcome {
  const env = { HIDDEN_PACKAGES: packageName, OPENWARD_SQL_PASSWORD: 'secret' };
  return runNode(['--import', hide, ...args], { env });
}

test.each([
  ['mssql', ['schema', 'import', '--server', 'mssql://me@localhost/clinic'], 'talking to a SQL Server'],
  ['benny', ['bench', 'sql'], 'timing'],
])('without %s, a command that needs it says so', (name, args, purpose) => {
  const { code, stdout, stderr } = runWithout(name, [join(packageRoot, 'src', 'cli', 'main.ts'), ...args]);
  expect(stderr).toBe(
    `engine: ${purpose} needs the package ${name}: npm i ${name} (add -g if openward is installed globally)\n`,
  );
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('without @electric-sql/pglite, the embedded database says so', () => {
  const script = `
    const { EmbeddedServer } = await import('${src('sql/embedded/index.ts')}');
    await EmbeddedServer.start().catch(({ name, code, message }) => console.log([name, code, message].join('|')));`;
  const { stdout } = runWithout('@electric-sql/pglite', ['--input-type=module', '-e', script]);
  expect(stdout).toMatch(
    /^MissingPackageError\|not-installed\|the embedded database needs the package @electric-sql\/pglite: npm i @electric/,
  );
});

test('without @sparticuz/chromium there is no bundled driver, and no failure', () => {
  const script = `
    const { unpackSwiftShader } = await import('${src('engine/gpu/swiftshader.ts')}');
    console.log(String(unpackSwiftShader()));`;
  const { stdout } = runWithout('@sparticuz/chromium', ['--input-type=module', '-e', script]);
  expect(stdout).toBe('undefined\n');
});
