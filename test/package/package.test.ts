import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';

const temporary = mkdtempSync(join(tmpdir(), 'package-'));
const project = join(temporary, 'project');
const installed = join(project, 'node_modules', 'openward');
afterAll(() => rmSync(temporary, { recursive: true }));

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: readonly string[], cwd: string): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

function succeed(command: string, args: readonly string[], cwd: string): string {
  const { code, stdout, stderr } = run(command, args, cwd);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

/** Runs a module of the project that installed the package. */
const evaluate = (code: string): Outcome =>
  run(process.execPath, ['--input-type=module', '-e', code], project);

// Builds, packs and unpacks in a folder of its own: no registry, and nothing in the repository's dist/.
beforeAll(() => {
  const source = join(temporary, 'source');
  mkdirSync(source);
  for (const name of ['package.json', 'README.md', 'LICENSE']) {
    copyFileSync(join(packageRoot, name), join(source, name));
  }
  for (const name of ['src', 'kernels', 'schemas', 'configs']) {
    cpSync(join(packageRoot, name), join(source, name), { recursive: true });
  }
  const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
  const build = [tsc, '-p', 'tsconfig.build.json', '--outDir', join(source, 'dist')];
  succeed(process.execPath, build, packageRoot);
  succeed('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', temporary], source);
  const [archive] = readdirSync(temporary).filter((name) => name.endsWith('.tgz'));
  mkdirSync(installed, { recursive: true });
  succeed('tar', ['-xzf', join(temporary, archive!), '-C', installed, '--strip-components', '1'], temporary);
  // The dependencies are those of the repository.
  for (const name of readdirSync(join(packageRoot, 'node_modules'))) {
    if (name.startsWith('.') || name === 'openward') continue;
    symlinkSync(join(packageRoot, 'node_modules', name), join(project, 'node_modules', name), 'junction');
  }
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  linkCommand();
});

/** The command as npm links it, by the package's own `bin`. */
const command = join(project, 'node_modules', '.bin', 'engine');
function linkCommand(): void {
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    bin: { engine: string };
  };
  const target = join(installed, bin.engine);
  chmodSync(target, 0o755);
  mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
  symlinkSync(target, command);
}

test('has the files that its package.json lists, and no others', () => {
  expect(readdirSync(installed).sort()).toEqual(
    ['LICENSE', 'README.md', 'configs', 'dist', 'kernels', 'package.json', 'schemas', 'src'].sort(),
  );
  expect(existsSync(join(installed, 'dist', 'test'))).toBe(false);
});

test('exports the engine, the agent and the schema bundles', () => {
  const { code, stdout, stderr } = evaluate(`
    const { Gpu } = await import('openward/engine');
    const { loadBundle } = await import('openward/sql');
    const { default: bundle } = await import('openward/schemas/synthea.json', { with: { type: 'json' } });
    console.log(typeof Gpu, loadBundle('omop_cdm_5_4').name, bundle.name);`);
  expect(code, stderr).toBe(0);
  expect(stdout).toBe('function omop_cdm_5_4 synthea\n');
});

test.each(['openward', 'openward/dist/src/engine/gpu/device.js', 'openward/engine/gpu/device.js'])(
  'does not export %s',
  (name) => {
    const { code, stderr } = evaluate(`await import('${name}');`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
  },
);

test('its command prints help, and finds a bundle by its name', () => {
  const bin = join(installed, 'dist', 'src', 'cli', 'main.js');
  expect(succeed(process.execPath, [bin, '--help'], project)).toMatch(/generate/);
  const sql = 'SELECT year_of_birth FROM person;';
  const args = [bin, 'validate', '--schema', 'omop_cdm_5_4', sql];
  expect(succeed(process.execPath, args, project)).toBe('ok\n');
});

test.skipIf(process.platform === 'win32')('its linked command runs by its own first line', () => {
  // A repository around the installed package is not the package's: its commit is not named.
  succeed('git', ['init', '-q'], project);
  expect(succeed(command, ['--version'], project)).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(succeed(command, ['completion', 'bash'], project)).toMatch(/complete .*engine/);
  const model = join(packageRoot, 'models', 'omop');
  const file = join(project, 'omop.gguf');
  const written = succeed(command, ['export', '--model', model, '--format', 'gguf', '--out', file], project);
  expect(written).toMatch(/^exported step \d+ in f16/);
  const inspected = succeed(command, ['inspect', model, '--tensor', 'norm', '--json'], project);
  expect(JSON.parse(inspected)).toHaveProperty('tensors');
});

test('its command looks at the machine, and answers a question', () => {
  const bin = join(installed, 'dist', 'src', 'cli', 'main.js');
  expect(succeed(process.execPath, [bin, 'doctor'], project)).toMatch(/SwiftShader|llvmpipe|GPU/i);
  const model = ['--schema', 'omop_cdm_5_4', '--model', join(packageRoot, 'models', 'omop')];
  const question = 'How many patients were born in 1950?';
  const sql = succeed(process.execPath, [bin, 'generate', ...model, question], project);
  expect(sql).toMatch(/^SELECT COUNT\(.*1950.*;\n$/);
});

test('a script in TypeScript finds the types of the engine and of the agent', () => {
  const script = (dtype: string): string => `
    import { Gpu, ops, type Tensor } from 'openward/engine';
    import { openAgent, type Answer } from 'openward/sql';
    export const double = (x: Tensor): Tensor => ops.scale(x, ${dtype});
    export async function ask(question: string): Promise<Answer> {
      const gpu = await Gpu.open();
      const agent = await openAgent({ schema: 'omop_cdm_5_4', model: 'model', gpu });
      return agent.ask(question);
    }`;
  const check = (): Outcome => {
    const tsc = join(packageRoot, 'node_modules', 'typescript', 'bin', 'tsc');
    const settings = ['--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', '--noEmit'];
    return run(process.execPath, [tsc, ...settings, '--types', 'node', 'typed.ts'], project);
  };
  writeFileSync(join(project, 'typed.ts'), script('2'));
  const right = check();
  expect(right.code, right.stdout).toBe(0);
  writeFileSync(join(project, 'typed.ts'), script("'2'"));
  expect(check().stdout).toMatch(/'string' is not assignable to parameter of type 'number'/);
});

test('trains a model from a folder that is not the repository', () => {
  copyFileSync(join(packageRoot, 'examples/char.ts'), join(project, 'char.ts'));
  const args = ['--import', 'tsx', 'char.ts', join(packageRoot, 'README.md'), '3'];
  expect(succeed(process.execPath, args, project)).toMatch(/^loss \d\.\d{3}$/m);
});
