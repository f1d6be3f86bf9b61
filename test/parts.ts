import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { packageRoot } from '../src/base/paths.js';

const node = (args: readonly string[]): string[] => [
  ...['--import', 'tsx', join(packageRoot, 'src', 'cli', 'main.ts')],
  ...args,
];

/** Runs `engine` to its end in a process of its own. @returns what it printed */
export function finish(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, node(args), {
    cwd: packageRoot,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** Runs `engine` in a process that is killed after this time, if it has not ended by then. */
export async function killed(ms: number, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, node(args), { cwd: packageRoot, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await Promise.race([ended, sleep(ms)]);
  child.kill('SIGKILL');
  await ended;
}
