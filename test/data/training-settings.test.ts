import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import {
  namedShape,
  overrideSettings,
  parseOverride,
  parseSettings,
  readSettings,
  storedSettings,
} from '../../src/data/training-settings.js';
import { PRESETS } from '../../src/engine/nn/config.js';

const root = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(root, { recursive: true }));

const read = (text: string): Promise<Record<string, unknown>> => {
  const file = join(root, 'settings.jsonc');
  writeFileSync(file, text);
  return readSettings(file);
};

test('a file may have comments and a comma at the end', async () => {
  expect(await read('// head\n{ "steps": 5, /* rows */ "batchSize": 2, }')).toEqual({
    steps: 5,
    batchSize: 2,
  });
});

test('a file that is not JSON is refused with line and column', async () => {
  await expect(read('{\n  "steps" 5 }')).rejects.toThrow(
    /settings\.jsonc: line 2, column 11: .*colon expected/,
  );
  await expect(read('[1]')).rejects.toThrow(/is not an object of settings/);
  await expect(readSettings(join(root, 'absent.json'))).rejects.toThrow(/there is no such file or folder/);
});

test('an unknown setting is refused with the nearest known one, inside a shape too', () => {
  expect(() => parseSettings({ batchsize: 1 }, 'f')).toThrow(
    /^f: batchsize: there is no such setting; did you mean 'batchSize'\?$/,
  );
  const model = { nLayer: 1, nHead: 1, width: 64, mlpwidth: 3 };
  expect(() => parseSettings({ model })).toThrow(/model\.mlpwidth: .* did you mean 'mlpWidth'\?/);
  // A part of a shape that stands outside it.
  expect(() => parseSettings({ widht: 3 })).toThrow(/^widht: .* did you mean 'model\.width'\?$/);
});

test('a shape replaces the preset, with the defaults of a shape', () => {
  const settings = parseSettings({ model: { nLayer: 3, nHead: 2, width: 64 } });
  expect(namedShape(settings)).toMatchObject({
    nLayer: 3,
    nHead: 2,
    width: 64,
    mlpWidth: 192,
    tiedHead: true,
  });
  expect(namedShape(parseSettings({ preset: 'small' }))).toEqual(PRESETS.small);
  expect(() => parseSettings({ preset: 'small', model: settings.model })).toThrow(
    /leave out preset or model/,
  );
});

test('the command line overrides any field of a file, a preset there its shape, and a shape its preset', () => {
  const given = { model: { nLayer: 3, nHead: 2, width: 64 }, steps: 9 };
  expect(overrideSettings(given, { 'model.width': 128, steps: undefined })).toEqual({
    model: { nLayer: 3, nHead: 2, width: 128 },
    steps: 9,
  });
  expect(given.model.width).toBe(64);
  expect(overrideSettings(given, { preset: 'tiny' })).toEqual({ preset: 'tiny', steps: 9 });
  const named = { preset: 'sanity', steps: 9 };
  expect(overrideSettings(named, { 'model.width': 32 })).toEqual({ model: { width: 32 }, steps: 9 });
  expect(() => parseSettings(overrideSettings(named, { preset: 'tiny', 'model.width': 32 }))).toThrow();
  expect(overrideSettings(given, { seconds: 60 })).not.toHaveProperty('steps');
});

test('--set takes numbers, booleans and words', () => {
  const set = (text: string): unknown => parseOverride(text)[1];
  expect(['beta2=0.99', 'dropLong=true', 'schedule=wsd'].map(set)).toEqual([0.99, true, 'wsd']);
  expect(() => parseOverride('beta2')).toThrow(/'beta2' is not NAME=VALUE/);
});

test('settings of a run that were written are read back the same', () => {
  const again = (value: unknown): unknown =>
    parseSettings(JSON.parse(JSON.stringify(storedSettings(parseSettings(value)))));
  for (const given of [{ steps: 7, schedule: 'wsd' }, { model: { nLayer: 1, nHead: 1, width: 64 } }])
    expect(again(given)).toEqual(parseSettings(given));
});

test.each(['phase-0-sanity', 'phase-1-main', 'phase-2-quality'])(
  'configs/%s.jsonc is valid',
  async (name) => {
    const file = join(packageRoot, 'configs', `${name}.jsonc`);
    const settings = parseSettings(await readSettings(file), file);
    expect(settings.steps).toBeGreaterThan(100);
    expect(settings.minLearningRate).toBeLessThan(settings.learningRate);
  },
);
