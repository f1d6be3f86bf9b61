import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';

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
