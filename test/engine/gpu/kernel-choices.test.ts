import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';
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
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

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
  vi.stubEnv('ENGINE_VARIANTS', ' matmul.1-naive, attention_forward.quads+eight,');
  expect(choicesFor(adapter, {}, file).preferred).toEqual([
    'matmul.1-naive',
    'attention_forward.quads+eight',
  ]);
  expect(choicesFor(adapter, { preferred: ['matmul.4-blocks'] }, file).preferred).toEqual([
    'matmul.4-blocks',
  ]);
});

test.each(['matmull.4-blocks', 'matmul.4-block', 'blocks'])(
  'no device is opened or planned for an unknown variant %s in ENGINE_VARIANTS',
  async (name) => {
    vi.stubEnv('ENGINE_VARIANTS', `matmul.1-naive,${name}`);
    const message = new RegExp(
      `no kernel variant is named ${name} \\(ENGINE_VARIANTS\\); the nearest names are `,
    );
    expect(() => choicesFor(adapter, {}, file)).toThrow(message);
    await expect(Gpu.open({ adapter: 'no such adapter' })).rejects.toThrow(message);
  },
);

test('nor for an unknown variant in code', () => {
  expect(() => choicesFor(adapter, { preferred: ['matmul.4-quad'] }, file)).toThrow(
    /no kernel variant is named matmul\.4-quad; the nearest names are matmul\.4-quads/,
  );
});

test('the number of multiprocessors is that of ENGINE_MULTIPROCESSORS', () => {
  expect(choicesFor(adapter, NONE, file).multiprocessors).toBeUndefined();
  vi.stubEnv('ENGINE_MULTIPROCESSORS', '78');
  expect(choicesFor(adapter, NONE, file).multiprocessors).toBe(78);
});

test.each(['abc', '0', '-3', '1.5', '1e3', 'Infinity'])('ENGINE_MULTIPROCESSORS=%s is refused', (count) => {
  vi.stubEnv('ENGINE_MULTIPROCESSORS', count);
  expect(() => choicesFor(adapter, NONE, file)).toThrow(
    `ENGINE_MULTIPROCESSORS is ${count}: it must be a whole number above 0`,
  );
});
