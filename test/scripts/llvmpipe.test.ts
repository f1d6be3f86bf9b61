import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';

const root = mkdtempSync(join(tmpdir(), 'llvmpipe-'));
afterAll(() => rmSync(root, { recursive: true }));

const script = join(packageRoot, 'scripts', 'llvmpipe.sh');

/** A folder as the script unpacks it, whose dynamic loader only drops its own options. */
function unpacked(): string {
  const folder = join(root, 'unpacked');
  const libraries = join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
  mkdirSync(libraries, { recursive: true });
  const loader = join(libraries, 'ld-linux-x86-64.so.2');
  writeFileSync(loader, '#!/bin/sh\nLOADED="$2" exec "$3" "$4" "$5" "$6" "$7"\n', { mode: 0o755 });
  return folder;
}

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('scripts/llvmpipe.sh', () => {
  test('starts node, and the processes that node starts, with the libraries and the driver of its folder', () => {
    const folder = unpacked();
    const inner = 'JSON.stringify([process.execPath, process.env.LOADED, process.env.VK_DRIVER_FILES])';
    const code = `console.log(require('child_process').execFileSync(process.execPath, ['-p', ${JSON.stringify(inner)}]) + '')`;
    const output = execFileSync('bash', [script, 'node', '-e', code], {
      encoding: 'utf8',
      env: { ...process.env, LLVMPIPE_FOLDER: folder },
    });
    const libraries = join(folder, 'usr', 'lib', 'x86_64-linux-gnu');
    const driver = join(folder, 'bin', 'llvmpipe.json');
    expect(JSON.parse(output)).toEqual([join(folder, 'bin', 'node'), libraries, driver]);
    expect(JSON.parse(readFileSync(driver, 'utf8'))).toMatchObject({
      ICD: { library_path: join(libraries, 'libvulkan_lvp.so') },
    });
  });

  test('says what is missing, and leaves nothing behind', () => {
    const tools = join(root, 'tools');
    mkdirSync(tools);
    const env = { PATH: tools, HOME: root, LLVMPIPE_FOLDER: join(root, 'absent') };
    writeFileSync(join(tools, 'uname'), '#!/bin/sh\necho Linux x86_64\n', { mode: 0o755 });
    const { status, stderr } = spawnSync('/bin/bash', [script, 'true'], { env, encoding: 'utf8' });
    expect(stderr).toBe('llvmpipe.sh: it needs apt-get\n');
    expect(status).toBe(2);
  });
});
