import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  choicesFor,
  deviceKey,
  storeChoices,
  storedChoices,
} from '../../../src/engine/gpu/kernel-choices.js';

const adapter = { name: 'some GPU', description: 'driver 1.2' };
const NONE = { preferred: [] };
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'choices-'));
  file = join(folder, 'cache', 'kernel-choices.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('choices that were stored are used on the next run, shape by shape', async () => {
  await storeChoices(deviceKey(adapter), { 'matmul 1×2×3': 'a', 'matmul 4×5×6': 'b' }, file);
  await storeChoices(deviceKey(adapter), { 'matmul 4×5×6': 'c' }, file);
  expect([...choicesFor(adapter, NONE, file).stored]).toEqual([
    ['matmul 1×2×3', 'a'],
    ['matmul 4×5×6', 'c'],
  ]);
});

test('another adapter, another driver and other kernels have choices of their own', async () => {
  await storeChoices(deviceKey(adapter), { 'matmul 1×2×3': 'a' }, file);
  expect(choicesFor({ ...adapter, name: 'other GPU' }, NONE, file).stored.size).toBe(0);
  expect(choicesFor({ ...adapter, description: 'driver 1.3' }, NONE, file).stored.size).toBe(0);
  writeFileSync(join(folder, 'copy.wgsl'), '// another text');
  expect(choicesFor(adapter, { ...NONE, kernelFolder: folder }, file).stored.size).toBe(0);
});

test.each(['', '{"format":1', '[]', 'null', '{"format":2,"choices":{}}', '{"format":1,"choices":7}'])(
  'a file with %j has no choices, and the next run replaces it',
  async (text) => {
    file = join(folder, 'kernel-choices.json');
    writeFileSync(file, text);
    expect(storedChoices(file)).toEqual({});
    await storeChoices('device', { shape: 'name' }, file);
    expect(storedChoices(file)).toEqual({ device: { shape: 'name' } });
  },
);

test('names are those given, else those of ENGINE_VARIANTS', () => {
  process.env.ENGINE_VARIANTS = ' matmul.1-naive, matmul.2-tiles,';
  try {
    expect(choicesFor(adapter, {}, file).preferred).toEqual(['matmul.1-naive', 'matmul.2-tiles']);
    expect(choicesFor(adapter, { preferred: ['matmul.4-blocks'] }, file).preferred).toEqual([
      'matmul.4-blocks',
    ]);
  } finally {
    delete process.env.ENGINE_VARIANTS;
  }
});
