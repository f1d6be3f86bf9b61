import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '../../src/base/errors.js';
import { packageRoot } from '../../src/base/paths.js';
import { DataError, SchemaError } from '../../src/data/errors.js';
import { ServerError } from '../../src/data/server/errors.js';
import { CheckpointError, DeviceError, NumericsError, ShapeError } from '../../src/engine/errors.js';
import { EmbeddedError } from '../../src/sql/embedded/errors.js';
import { AgentError, RenderError, ValidationError } from '../../src/sql/errors.js';
import { GrammarError } from '../../src/sql/grammar/errors.js';
import { CODES } from '../../src/sql/validator/codes.js';
import { VaultError } from '../../src/sql/vault/errors.js';

const details = { code: 'broken-json', message: 'is cut short' };

test.each<[string, AppError, string]>([
  ['DeviceError', new DeviceError('no-adapter', 'none'), 'no-adapter'],
  ['ShapeError', new ShapeError('matmul', 'wrong'), 'shape'],
  ['NumericsError', new NumericsError('NaN'), 'not-finite'],
  ['CheckpointError', new CheckpointError('cut-short', 'model.json', 'is cut short'), 'cut-short'],
  ['DataError', new DataError(details), 'broken-json'],
  ['SchemaError', new SchemaError(details), 'broken-json'],
  ['ServerError', new ServerError(details), 'broken-json'],
  ['ValidationError', new ValidationError('syntax', 'no', { offset: 0, line: 1, column: 1 }), 'syntax'],
  ['RenderError', new RenderError('not-a-date', 'no'), 'not-a-date'],
  ['AgentError', new AgentError('too-long', 'no'), 'too-long'],
  ['VaultError', new VaultError('not-text', 'no'), 'not-text'],
  ['GrammarError', new GrammarError('finished', 'no'), 'finished'],
  ['EmbeddedError', new EmbeddedError('bad-rows', 'no'), 'bad-rows'],
])('%s is an AppError with its own name and a code', (name, error, code) => {
  expect(error).toBeInstanceOf(AppError);
  expect(error.name).toBe(name);
  expect(error.code).toBe(code);
});

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/;

test('every code of the validator is in kebab-case', () => {
  expect(Object.keys(CODES).filter((code) => !KEBAB_CASE.test(code))).toEqual([]);
});

test('no error in src/ is thrown with a code in snake_case', () => {
  const src = join(packageRoot, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const codes = files.flatMap((name) => {
    const text = readFileSync(join(src, name), 'utf8');
    return [...text.matchAll(/(?:new \w+Error\(|\bcode: )\s*'([^']*)'/g)].map((match) => match[1]!);
  });
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((code) => /^[a-z0-9]+_[a-z0-9_]+$/.test(code))).toEqual([]);
});
