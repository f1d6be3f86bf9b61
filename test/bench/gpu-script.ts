/** Runs the scripts of bench/gpu in small. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import type { Outcome } from '../cli/run-engine.js';

/** A folder for everything that a test file writes, removed after it. */
export const root = mkdtempSync(join(tmpdir(), 'gpu-scripts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

export const WORK = join(root, 'work');

/** Seconds in place of minutes, the smallest model, and patience for a busy machine. */
const REHEARSAL = {
  WORK,
  BARE: join(root, 'no pack'),
  ADAPTER: 'swiftshader',
  PRESET: 'tiny',
  BATCH: '1',
  CONTEXT: '80',
  LARGE: 'tiny:1:32',
  SAMPLES: '200',
  DATA_OPTIONS:
    '--schema schemas/omop_cdm_5_4.json --knobs configs/corpus.demo.json --held-out 10 --hold-out statements --vocab-size 1024',
  TRAIN: '4',
  SECONDS_IN_ALL: '3000',
  SLOWNESS: '30',
};

function environment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...REHEARSAL, ...extra };
}

export function script(name: string, args: string[], extra: NodeJS.ProcessEnv): Outcome {
  const { status, stdout, stderr } = spawnSync('bash', [`bench/gpu/${name}`, ...args], {
    cwd: packageRoot,
    env: environment(extra),
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** A script that is cut. In a process group of its own, so that nothing of it is left behind. */
export function start(
  name: string,
  args: string[],
  extra: NodeJS.ProcessEnv,
): { child: ChildProcess; log: () => string } {
  const child = spawn('bash', [`bench/gpu/${name}`, ...args], {
    cwd: packageRoot,
    env: environment(extra),
    detached: true,
  });
  let log = '';
  child.stdout.on('data', (text: Buffer) => (log += text.toString()));
  child.stderr.on('data', (text: Buffer) => (log += text.toString()));
  return { child, log: () => log };
}

export async function until(condition: () => boolean, child: ChildProcess, log: () => string): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null) throw new Error(`the script ended too early:\n${log()}`);
    await sleep(50);
  }
}

export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));
