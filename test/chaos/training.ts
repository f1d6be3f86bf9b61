import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../src/base/paths.js';
import { Random } from '../../src/base/random.js';

/** How `engine` is started: the arguments of Node before those of the command. */
export const BUILT = [join(packageRoot, 'dist', 'src', 'cli', 'main.js')];
export const FROM_SOURCE = ['--import', 'tsx', join(packageRoot, 'src', 'cli', 'main.ts')];

/** When a training is killed. */
export type Plan =
  /** This long after the process began. */
  | { when: 'any time'; ms: number }
  /** This long after it began or resumed its steps. */
  | { when: 'after the start'; ms: number }
  /** This long after it opened a file in the folder of checkpoints for the nth time. */
  | { when: 'at a checkpoint'; nth: number; ms: number }
  | { when: 'never' };

/** One process, from its start to its end. */
export interface Life {
  pid: number;
  /** Null if it was killed. */
  code: number | null;
  stderr: string;
  /** Milliseconds from the start of the process until its first step or its return to a checkpoint, if it came so far. */
  startMs: number | undefined;
  /** Milliseconds from then to its end. */
  runMs: number;
}

/** Runs `engine` with these arguments and kills it as planned; `folder` is where it trains. */
export async function live(
  engine: readonly string[],
  args: string[],
  folder: string,
  plan: Plan,
): Promise<Life> {
  const checkpoints = join(folder, 'checkpoints');
  await mkdir(checkpoints, { recursive: true });
  const began = performance.now();
  const child = spawn(process.execPath, [...engine, ...args], {
    cwd: packageRoot,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve(code));
  });
  const killAfter = (ms: number): void => {
    if (ms < 1) child.kill('SIGKILL');
    else void sleep(ms).then(() => child.kill('SIGKILL'));
  };
  let stderr = '';
  let startMs: number | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (startMs !== undefined || !/^(resuming from step|step) \d/m.test(stderr)) return;
    startMs = performance.now() - began;
    if (plan.when === 'after the start') killAfter(plan.ms);
  });
  if (plan.when === 'any time') killAfter(plan.ms);
  const opened = new Set<string>();
  const watcher = watch(checkpoints, (_, name) => {
    if (plan.when !== 'at a checkpoint' || !name?.endsWith('.tmp') || opened.has(name)) return;
    opened.add(name);
    if (opened.size === plan.nth) killAfter(plan.ms);
  });
  const code = await ended;
  watcher.close();
  const runMs = startMs === undefined ? 0 : performance.now() - began - startMs;
  return { pid: child.pid!, code, stderr, startMs, runMs };
}

/** Steps of a run: enough for several kills, few enough for seconds. */
export const STEPS = 60;

/** Arguments of `engine train` for a decoder that compiles and trains in seconds on a software adapter. */
export function trainArguments(
  folder: string,
  text: string,
  { seed, steps = STEPS, adapter }: TrainOf,
): string[] {
  const shape = { nLayer: 1, nHead: 1, width: 16, mlpWidth: 32, context: 16 };
  const settings = {
    ...{ context: 16, 'batch-size': 1, seed, steps, 'warmup-steps': 4 },
    ...{ 'checkpoint-every': 2, 'validate-every': 10, sample: 0, adapter },
  };
  return [
    ...['train', '--text', text, '--model', folder],
    ...Object.entries(shape).flatMap(([name, value]) => ['--set', `model.${name}=${value}`]),
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ];
}

interface TrainOf {
  seed: number;
  steps?: number | undefined;
  adapter: string;
}

/** A text of 15 different letters, so that the vocabulary is small. */
export async function writeText(file: string): Promise<void> {
  const random = new Random(1, 0);
  const word = (): string =>
    Array.from({ length: random.between(2, 6) }, () => 'abcdefghiklmno'[random.int(14)]).join('');
  await writeFile(file, Array.from({ length: 1500 }, word).join(' '));
}
