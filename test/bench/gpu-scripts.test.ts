import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kernelFolder } from '../../src/base/paths.js';
import { importParts } from '../../src/engine/nn/export-parts.js';
import { runNode } from '../cli/run-engine.js';
import { ended, root, script, start, until, WORK } from './gpu-script.js';

const MOST_FILES = 8;
const MOST_BYTES = 16 * 2 ** 20;

/** What lies in a folder of results: its files, each small enough, and those of the archive. */
function results(out: string): { files: string[]; logs: string[]; read: (log: string) => string } {
  const files = readdirSync(out).sort();
  expect(files.length).toBeLessThanOrEqual(MOST_FILES);
  for (const file of files) {
    expect(file).toMatch(/^[\w.-]+$/);
    expect(statSync(join(out, file)).size).toBeLessThanOrEqual(MOST_BYTES);
  }
  const archive = join(out, 'logs.tgz');
  const logs = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
  const read = (log: string): string =>
    execFileSync('tar', ['-xzOf', archive, `logs/${log}`], { encoding: 'utf8' });
  return { files, logs, read };
}

const someWeights = (out: string): boolean =>
  existsSync(out) && readdirSync(out).some((file) => file.endsWith('.part'));

/** A Node on PATH that dies of a segmentation fault, as of a driver's, wherever a command names the path tensor. */
function crashingPath(): string {
  const folder = join(root, 'bin');
  mkdirSync(folder, { recursive: true });
  const lines = [
    '#!/bin/bash',
    'case " $* " in *" --path tensor "* | *" --kernels tensor "*) kill -SEGV $$ ;; esac',
    `exec '${process.execPath}' "$@"`,
  ];
  writeFileSync(join(folder, 'node'), lines.join('\n'));
  chmodSync(join(folder, 'node'), 0o755);
  return `${folder}:${process.env['PATH']}`;
}

/** Kernels of which one is wrong, on the f16 path alone. */
function wrongKernels(): string {
  const folder = join(root, 'kernels');
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(join(kernelFolder, 'swiglu_forward.wgsl'), 'utf8');
  const [right, ...others] = text.split('\n').filter((line) => line.includes('storedOf('));
  expect(others).toEqual([]);
  const wrong = ['#if F16', '    Y[i] = storedOf(gate);', '#else', right!, '#endif'].join('\n');
  writeFileSync(join(folder, 'swiglu_forward.wgsl'), text.replace(right!, wrong));
  return folder;
}

describe.skipIf(process.platform !== 'linux')('a rehearsal of the scripts for a GPU', () => {
  const first = join(root, 'first');
  let log = '';
  let code: number | null = null;

  // Ended from outside once the model is trained: the stages after that take minutes on a processor.
  beforeAll(async () => {
    const run = start('first-contact.sh', [], {
      OUT: first,
      PATHS: 'tensor f16 f32',
      PATH: crashingPath(),
      ENGINE_KERNELS: wrongKernels(),
    });
    const exit = ended(run.child);
    await until(() => / train: /.test(run.log()) && / weights: /.test(run.log()), run.child, run.log);
    run.child.kill('SIGTERM');
    code = await exit;
    log = run.log();
  });

  test('a path that crashes and a path that is wrong lose only themselves: the right one is trained', () => {
    expect(log).toMatch(/doctor-tensor: crashed with signal 11/);
    expect(log).toMatch(/check-f16: failed with exit code 1/);
    expect(log).toMatch(/check-f32: done/);
    expect(log).toMatch(/fastest right path: f32/);
    expect(log).toMatch(/ train: done/);
    expect(log).toMatch(/weights: exported step \d+ in f16/);
  });

  test('ended from outside, it keeps logs, table and weights in few small files', () => {
    expect(code).toBe(143);
    const { files, logs, read } = results(first);
    expect(files).toEqual(['logs.tgz', 'table.md', 'weights-1-of-1.part']);
    for (const name of [
      'check-f16.json',
      'check-f32.json',
      'step-tiny-1x80-f32.json',
      'metrics.jsonl',
      'train.log',
    ]) {
      expect(logs).toContain(`logs/${name}`);
    }
    const table = readFileSync(join(first, 'table.md'), 'utf8');
    expect(table).toBe(read('table.md'));
    expect(table).toMatch(/\| f16 \| (\d+) of \d+ \|.*swiglu/);
    expect(table).toMatch(/\| f32 \| (\d+) of \1 \|/);
    expect(table).toMatch(/Trained: \d+ steps, \d+ tokens/);
    expect(table).toMatch(/\| doctor-tensor \| crashed with signal 11 \|/);
    expect((JSON.parse(read('check-f32.json')) as { commit: string }).commit).toMatch(/^[0-9a-f]{7}/);
  });

  test('its weights are a model that can be trained further', async () => {
    const { step } = await importParts(first, join(root, 'model'));
    const lines = results(first).read('metrics.jsonl').trim().split('\n');
    expect(step).toBe(lines.length);
  });

  test('the second call trains on; killed at once, it has left the weights and the logs', async () => {
    const out = join(root, 'second');
    const run = start('second-contact.sh', ['train'], { OUT: out, MORE: '300' });
    const exit = ended(run.child);
    const log = join(WORK, 'logs', 'train.log');
    const trains = (): boolean =>
      existsSync(log) && /resuming from step \d+, after/.test(readFileSync(log, 'utf8'));
    await until(() => someWeights(out) && existsSync(join(out, 'logs.tgz')) && trains(), run.child, run.log);
    process.kill(-run.child.pid!, 'SIGKILL');
    await exit;
    expect(results(out).logs).toContain('logs/train.log');
    const { step } = await importParts(out, join(root, 'killed'));
    expect(step).toBeGreaterThan(0);
  });

  test('or it times the variants of the kernels, says which is the fastest right one, and brings it home', () => {
    const out = join(root, 'variants');
    const { code, stdout } = script('second-contact.sh', ['variants'], {
      OUT: out,
      SHAPES: 'forward:64,64,64 weight:64,32,64 attention:1,32,2,32',
    });
    expect(stdout).toMatch(/\| matmul \| .*64 64 64 \| .* \| fastest/);
    expect(stdout).toMatch(/\| attention \| .* \| fastest/);
    const { logs, read } = results(out);
    expect(logs).toContain('logs/variants-forward-64-64-64.json');
    // Whether a variant is faster beyond noise is chance here: then it is stored and comes home, else the log says so.
    for (const [log, use] of [
      ['variants-forward-64-64-64', 'matmul 64×64×64 A·Bᵀ f32·f32→f32'],
      ['variants-weight-64-32-64', 'matmul 64×32×64 Aᵀ·B f32·f32→f32'],
      ['variants-attention-1-32-2-32', 'attention dkv 32×32 f32 spans'],
    ] as const) {
      const [, said] = read(`${log}.log`).split(`${use}: `);
      expect(said, use).toBeDefined();
      if (!said!.startsWith('nothing stored')) expect(read('kernel-choices.json')).toContain(`"${use}"`);
    }
    expect(code).toBe(0);
  });
});

describe.skipIf(process.platform !== 'linux')('the scripts refuse, with one line and exit code 2,', () => {
  const pack = (name: string, commit: string, lock: string): string => {
    const folder = join(root, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'commit'), `${commit}\n`);
    writeFileSync(join(folder, 'lock.sha256'), `${lock}\n`);
    return folder;
  };
  const here = 'a'.repeat(40);
  const cases: [string, string, string[], () => NodeJS.ProcessEnv, RegExp][] = [
    [
      'a pack of another commit',
      'first-contact.sh',
      [],
      () => ({ BARE: pack('other', 'b'.repeat(40), 'c'), COMMIT: here }),
      /packed for commit bbbbbbbbbbbb, and this is aaaaaaaaaaaa/,
    ],
    [
      'a pack of another commit, in the second call too',
      'second-contact.sh',
      [],
      () => ({ BARE: pack('other-too', 'b'.repeat(40), 'c'), COMMIT: here }),
      /packed for commit bbbbbbbbbbbb/,
    ],
    [
      'a pack of other packages',
      'first-contact.sh',
      [],
      () => ({ BARE: pack('packages', here, 'c'), COMMIT: here.slice(0, 9) }),
      /packed for another package-lock\.json/,
    ],
    [
      'a pack that is not whole',
      'first-contact.sh',
      [],
      () => {
        mkdirSync(join(root, 'half'));
        return { BARE: join(root, 'half') };
      },
      /half is not whole/,
    ],
    [
      'a machine without Node and without a pack',
      'first-contact.sh',
      [],
      () => {
        const tools = join(root, 'tools');
        mkdirSync(tools);
        for (const tool of ['dirname', 'mkdir', 'rm', 'cat', 'bash']) {
          symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(tools, tool));
        }
        return { PATH: tools };
      },
      /there is no Node here/,
    ],
    [
      'a machine without the adapter',
      'first-contact.sh',
      [],
      () => ({ ADAPTER: 'no such adapter' }),
      /no adapter matches --adapter no such adapter/,
    ],
    [
      'a second call without a first',
      'second-contact.sh',
      ['train'],
      () => ({ WORK: join(root, 'nothing') }),
      /first-contact is not there: run .*first-contact\.sh first/,
    ],
    ['an unknown argument', 'second-contact.sh', ['rest'], () => ({}), /must be train or variants/],
  ];
  test.each(cases)('%s', (_name, name, args, extra, message) => {
    const out = join(root, 'refused');
    const { code, stdout, stderr } = script(name, args, {
      OUT: out,
      WORK: join(root, 'refused-work'),
      ...extra(),
    });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('the check refuses an unknown path', () => {
  const { code, stderr } = runNode(['bench/gpu/check.ts', '--path', 'nope']);
  expect(stderr).toMatch(/--path is nope; known: f32, f16, tensor/);
  expect(code).toBe(2);
});
