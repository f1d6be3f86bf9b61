import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { engine } from './run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'paths-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, 'folder');
const file = join(root, 'file');
mkdirSync(folder);
writeFileSync(file, 'x');
const missing = join(root, 'missing');
const serve = ['serve', '--schema', 'omop_cdm_5_4'];

test.each<[string, string[], string]>([
  [
    'import --gguf',
    ['import', '--gguf', folder, '--model', join(root, 'm')],
    `${folder}: is a folder: name a file`,
  ],
  [
    'serve --api-key-file',
    [...serve, '--api-key-file', folder],
    `--api-key-file ${folder}: is a folder, not a file`,
  ],
  ['serve --schema', ['serve', '--schema', folder], `${folder}: is a folder: name a file`],
  ['inspect', ['inspect', file], `${file}: is a file: name a model's folder`],
  ['report', ['report', missing], `${missing}: there is no such folder`],
  ['runs', ['runs', file], `${file}: is a file: name a folder`],
  ['runs', ['runs', missing], `${missing}: there is no such file or folder`],
])('a path of the wrong kind is one sentence without a code of the system: %s', (_, args, message) => {
  const { code, stderr } = engine(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `engine: ${message}\n` });
});

test.each<[string, string[], string]>([
  ['schema words', ['schema', 'words', 'omop_cdm_5_4', '--out', join(missing, 'w.json')], '--out'],
  ['serve --feedback', [...serve, '--feedback', join(missing, 'f.jsonl')], '--feedback'],
  ['serve --save-words', [...serve, '--save-words', join(missing, 'w.json')], '--save-words'],
])('a file in a folder that does not exist is refused before anything begins: %s', (_, args, option) => {
  const { code, stderr } = engine(args);
  expect(code).toBe(2);
  expect(stderr).toContain(`engine: ${option} ${args.at(-1)}: there is no folder ${missing}: make it`);
});

test('a mistyped name of a bundle is answered with the one that was probably meant', () => {
  const { stderr } = engine(['schema', 'show', 'omop_cdm_54']);
  expect(stderr).toBe("engine: omop_cdm_54: no such file; did you mean 'omop_cdm_5_4'?\n");
});

test('an option of --run-on without it is an error', () => {
  const { code, stderr } = engine([...serve, '--run-rows', '5']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: 'engine: --run-rows needs --run-on\n' });
});
