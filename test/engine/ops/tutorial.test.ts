import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/base/paths.js';

const read = (file: string): string => readFileSync(join(packageRoot, file), 'utf8');

/** Removes indentation and line breaks, which Prettier may set differently in Markdown. */
const words = (code: string): string => code.split(/\s+/).filter(Boolean).join(' ');

test('the tutorial in CONTRIBUTING.md shows the current code of GELU', () => {
  const text = read('CONTRIBUTING.md');
  const section = text.slice(text.indexOf('## To add a kernel or an op'));
  const blocks = [...section.matchAll(/```(?:wgsl|ts)\n([\s\S]*?)```/g)].map(([, code]) => words(code!));
  const [kernel, op, row, faults] = blocks;
  expect(kernel).toBe(words(read('kernels/gelu.wgsl')));
  expect(op).toBe(words(read('src/engine/ops/gelu.ts')));
  expect(words(read('test/engine/ops/op-table.ts'))).toContain(row!.replace(/[;,]+$/, ''));
  expect(words(read('test/mutants/elements.ts'))).toContain(faults!.replace(/[;,]+$/, ''));
});
