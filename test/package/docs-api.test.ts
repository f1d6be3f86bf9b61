import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';

test('fewer than ten types of signatures are internal', () => {
  const settings = JSON.parse(readFileSync(join(packageRoot, 'typedoc.json'), 'utf8')) as {
    intentionallyNotExported: string[];
  };
  expect(settings.intentionallyNotExported.length).toBeLessThan(10);
});

test('the documentation of the public API builds without a warning', () => {
  const typedoc = join(packageRoot, 'node_modules', 'typedoc', 'bin', 'typedoc');
  // The settings make a warning an error; nothing is written.
  const { status, stdout, stderr } = spawnSync(process.execPath, [typedoc, '--emit', 'none'], {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect(stdout + stderr).not.toMatch(/warning\]|error\]/);
  expect(status, stdout + stderr).toBe(0);
});
