import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelFolder, packageRoot } from '../../src/base/paths.js';
import { importParts } from '../../src/engine/nn/export-parts.js';
import { runNode } from '../cli/run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'gpu-scripts-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WORK = join(root, 'work');
const MOST_FILES = 8;
const MOST_BYTES = 16 * 2 ** 20;

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

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

function environment(extra: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...process.env, ...REHEARSAL, ...extra };
}

function script(name: string, args: string[], extra: NodeJS.ProcessEnv): Outcome {
  const { status, stdout, stderr } = spawnSync('bash', [`bench/gpu/${name}`, ...args], {
    cwd: packageRoot,
    env: environment(extra),
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** A script that is cut. In a process group of its own, so that nothing of it is left behind. */
function start(
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

async function until(condition: () => boolean, child: ChildProcess, log: () => string): Promise<void> {
  while (!condition()) {
    if (child.exitCode !== null) throw new Error(`the script ended too early:\n${log()}`);
    await sleep(50);
  }
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

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
    expect(read('kernel-choices.json')).toMatch(/matmul 64×64×64 A·Bᵀ/);
    expect(read('kernel-choices.json')).toMatch(/matmul 64×32×64 Aᵀ·B /);
    expect(read('kernel-choices.json')).toMatch(/attention dkv f32×32/);
    expect(code).toBe(0);
  });
});

/**
 * A folder whose `node` answers for the engine at once, writes its calls of `train` to $WORK/calls, and runs lines of
 * bash in place of a command that `instead` names. Other programs run on Node.
 */
function quickEngine(work: string, instead: Record<string, string> = {}): string {
  const folder = join(work, 'bin');
  mkdirSync(folder, { recursive: true });
  const step = JSON.stringify({
    shape: { preset: 'tiny', B: 1, T: 80 },
    kernels: 'f32',
    tokensPerSecond: 8000,
    spread: 0,
    medianMs: 10,
    memory: {},
  });
  const commands: Record<string, string> = {
    'bench/gpu/check.ts': 'exit 0',
    doctor: 'exit 0',
    'bench step': `while [ $# -gt 0 ]; do [ "$1" = --out ] && echo '${step}' >"$2"; shift; done; exit 0`,
    'bench kernels': 'exit 0',
    'data build': `mkdir -p "$WORK/corpus" && echo '{}' >"$WORK/corpus/index.json"; exit`,
    train: 'exit 0',
    export: 'exit 0',
    ...instead,
  };
  const cases = Object.entries(commands).map(([words, lines]) => {
    const prefix = words.endsWith('.ts') ? '' : 'src/cli/main.ts ';
    return `  *" ${prefix}${words} "*) ${lines} ;;`;
  });
  const lines = [
    '#!/bin/bash',
    'case " $* " in *" src/cli/main.ts train "*) echo "$*" >>"$WORK/calls" ;; esac',
    'case " $* " in',
    ...cases,
    'esac',
    `exec '${process.execPath}' "$@"`,
  ];
  writeFileSync(join(folder, 'node'), lines.join('\n'));
  chmodSync(join(folder, 'node'), 0o755);
  return `${folder}:${process.env['PATH']}`;
}

/** The values of an option in the calls of `train`. */
const given = (work: string, option: string): string[] =>
  readFileSync(join(work, 'calls'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => new RegExp(` ${option} (\\S+)`).exec(line)![1]!);

describe.skipIf(process.platform !== 'linux')('the time of a call', () => {
  const quick = (
    name: string,
    instead: Record<string, string> = {},
  ): NodeJS.ProcessEnv & { WORK: string } => {
    const work = join(root, name);
    return {
      WORK: work,
      OUT: join(work, 'out'),
      PATH: quickEngine(work, instead),
      PATHS: 'f32',
      SLOWNESS: '1',
    };
  };

  test('training gets what the call leaves, if that is less than it should have', () => {
    const env = quick('short');
    const { code, stdout } = script('first-contact.sh', [], { ...env, TRAIN: '270', SECONDS_IN_ALL: '100' });
    expect(stdout).toMatch(/ train: done/);
    expect(code).toBe(0);
    const [seconds] = given(env.WORK, '--for').map(parseFloat);
    expect(seconds).toBeGreaterThan(20);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(given(env.WORK, '--checkpoint-every')).toEqual([String(25 * seconds! + 1)]);
  });

  test('no training begins that could not end', () => {
    const env = quick('none');
    const { code, stdout } = script('first-contact.sh', [], { ...env, TRAIN: '270', SECONDS_IN_ALL: '40' });
    expect(stdout).toMatch(/train: left out: no time left/);
    expect(existsSync(join(env.WORK, 'calls'))).toBe(false);
    expect(code).toBe(1);
  });

  test('training that hangs is killed early enough for the export to end with the call', () => {
    const env = quick('hangs', {
      train: `mkdir -p "$WORK/model/checkpoints"; trap '' TERM; exec sleep 300`,
      export: 'echo "exported at $(date +%s)"; exit 0',
    });
    const began = Date.now() / 1000;
    const { code, stdout } = script('first-contact.sh', [], { ...env, TRAIN: '2', SECONDS_IN_ALL: '54' });
    expect(stdout).toMatch(/ train: out of time/);
    expect(Number(/exported at (\d+)/.exec(stdout)![1]) - began).toBeLessThan(54);
    expect(Date.now() / 1000 - began).toBeLessThan(54 + 6);
    expect(code).toBe(1);
  });

  test('a second call trains from where the checkpoint is, also after one that was cut', () => {
    const env = quick('twice', { train: 'exit 124' });
    const checkpoints = join(env.WORK, 'model', 'checkpoints');
    mkdirSync(join(env.WORK, 'corpus'), { recursive: true });
    writeFileSync(join(env.WORK, 'corpus', 'index.json'), '{}');
    writeFileSync(
      join(env.WORK, 'first-contact'),
      'KERNELS=f32 PRESET=tiny BATCH=1 CONTEXT=80 STEP_US=10000\n',
    );
    const call = (): number | null => script('second-contact.sh', ['train'], { ...env, MORE: '50' }).code;
    expect(call()).toBe(1);
    mkdirSync(checkpoints, { recursive: true });
    for (const [step, seconds] of [
      [900, 90],
      [1234, 123.4],
    ]) {
      const name = `checkpoint-${String(step).padStart(8, '0')}.json`;
      writeFileSync(join(checkpoints, name), JSON.stringify({ step, meta: { seconds } }));
    }
    expect(call()).toBe(1);
    expect(call()).toBe(1);
    expect(given(env.WORK, '--for')).toEqual(['50s', '174s', '174s']);
    expect(given(env.WORK, '--checkpoint-every')).toEqual(['1251', '1251', '1251']);
  });

  test('variants are timed at all three products of both models, what costs most first', () => {
    const env = quick('order', { 'bench kernels': 'echo "$*" >>"$WORK/timed"; exit 0' });
    writeFileSync(
      join(env.WORK, 'first-contact'),
      'KERNELS=f32 PRESET=tiny BATCH=1 CONTEXT=80 STEP_US=10000\n',
    );
    const { code, stdout } = script('second-contact.sh', ['variants'], env);
    const timed = readFileSync(join(env.WORK, 'timed'), 'utf8').trim().split('\n');
    const shapes = timed.map((line) => / --extents (\S+)(?: --layout (\w+))? --keep /.exec(line)!.slice(1));
    expect(shapes.slice(0, 5)).toEqual([
      ['32768,2816,512', 'forward'],
      ['32768,512,2816', 'input'],
      ['2816,512,32768', 'weight'],
      ['64,512,8,64', undefined],
      ['8192,5504,1024', 'forward'],
    ]);
    expect(new Set(timed.map((line) => / --out (\S+)/.exec(line)![1])).size).toBe(timed.length);
    expect(stdout).toMatch(/variants-input-32768-512-2816: done/);
    expect(code).toBe(0);
  });

  test('ended from outside, it leaves no process behind, not even one that ignores the signal', async () => {
    const env = quick('left', {
      'data build': `echo $$ >"$WORK/builder"; trap '' TERM; exec sleep 300`,
      train: 'exit 1',
    });
    const { child, log } = start('first-contact.sh', [], env);
    const exit = ended(child);
    await until(() => /fastest right path/.test(log()), child, log);
    child.kill('SIGTERM');
    expect(await exit).toBe(143);
    const builder = Number(readFileSync(join(env.WORK, 'builder'), 'utf8'));
    expect(existsSync(`/proc/${builder}`)).toBe(false);
  });

  test('killed at once, it has left the table of the stages that had ended', async () => {
    const env = quick('killed-early', { 'data build': 'exec sleep 300' });
    const { child, log } = start('first-contact.sh', [], env);
    const exit = ended(child);
    await until(() => /fastest right path/.test(log()), child, log);
    process.kill(-child.pid!, 'SIGKILL');
    await exit;
    expect(readFileSync(join(env.OUT!, 'table.md'), 'utf8')).toMatch(/\| step-tiny-1x80-f32 \| done \|/);
  });
});

test.skipIf(process.platform !== 'linux')('the table says how many records were left out of training', () => {
  const logs = join(root, 'table-logs');
  mkdirSync(logs);
  writeFileSync(
    join(logs, 'train.log'),
    'engine: 19 of 380 records are longer than the context and are left out\nstep 1\n',
  );
  const { stdout } = runNode(['bench/gpu/table.mjs', logs]);
  expect(stdout).toMatch(/Left out of training: 19 of 380 records \(5\.0%\)/);
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
