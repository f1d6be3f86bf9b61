import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runNode } from '../cli/run-engine.js';

// Below the repository, where `openward/engine` is found. The scripts call Gpu.open() themselves.
mkdirSync('.cache', { recursive: true });
const folder = mkdtempSync(join('.cache', 'tutorial-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The files of the tutorial: each code block belongs to the file that is named above it, in order. */
function filesOf(document: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const [, name, code] of document.matchAll(/^\*\*([\w./]+)\*\*\n\n```(?:ts|wgsl)\n([\s\S]*?)^```$/gm)) {
    files.set(name!, (files.get(name!) ?? '') + code!);
  }
  return files;
}

function run(files: ReadonlyMap<string, string>): { stdout: string; stderr: string; code: number | null } {
  for (const [name, code] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), code);
  }
  return runNode([join(folder, 'relu2.ts')]);
}

const text = readFileSync('docs/your-own-kernel.md', 'utf8');
const files = filesOf(text);

/** The two errors that the script prints. */
const errorsIn = (stdout: string): number[] =>
  [.../largest error: (\S+), of the gradient: (\S+)/.exec(stdout)!.slice(1)].map(Number);

test('every code block of the tutorial belongs to a file', () => {
  expect(text.match(/^```(ts|wgsl)$/gm)).toHaveLength(4);
  expect([...files.keys()]).toEqual(['kernels/relu2.wgsl', 'relu2.ts']);
});

test('the code of the tutorial runs, and finds its kernel right', () => {
  const { code, stdout, stderr } = run(files);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const [worst, worstGradient] = errorsIn(stdout);
  expect(worst).toBeLessThan(1e-6);
  expect(worstGradient).toBeLessThan(1e-3);
  expect(stdout.match(/^.*relu2.*: \d+(\.\d+)? ns$/gm)).toHaveLength(4);
});

test('the faults that the tutorial plants make its errors grow', () => {
  const kernel = files.get('kernels/relu2.wgsl')!;
  const broken = (from: string, to: string): Map<string, string> => {
    expect(kernel).toContain(from);
    return new Map(files).set('kernels/relu2.wgsl', kernel.replace(from, to));
  };
  const swapped = errorsIn(run(broken('max(0.0', 'min(0.0')).stdout);
  const overwritten = errorsIn(run(broken('    value += Y[i];\n', '')).stdout);
  expect(swapped[0]).toBeGreaterThan(0.1);
  expect(overwritten[1]).toBeGreaterThan(0.1);
  const { code, stderr } = run(broken('max(0.0', 'maximum(0.0'));
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/relu2\.wgsl:20:\d+: .*unresolved/);
});
