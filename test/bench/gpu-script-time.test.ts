import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runNode } from '../cli/run-engine.js';
import { ended, root, script, start, until } from './gpu-script.js';

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

  test('the shipped models train on with the corpora that were built, as long as the call has time', () => {
    const env = quick('models', {
      'data build':
        'while [ $# -gt 0 ]; do [ "$1" = --out ] && mkdir -p "$2" && echo "{}" >"$2/index.json"; shift; done; exit 0',
    });
    const stages = ['omop', 'general', 'learning'];
    const call = { ...env, KERNELS: 'f32', OMOP: '30', GENERAL: '900', AFTER: '7', SECONDS_IN_ALL: '200' };
    const { code, stdout } = script('models.sh', stages, call);
    expect(stdout).toMatch(/ train-before: done/);
    expect(code).toBe(0);
    const [omop, general, after, before] = given(env.WORK, '--for');
    expect([omop, after, before]).toEqual(['30s', '7s', '60s']);
    expect(parseFloat(general!)).toBeGreaterThan(100);
    expect(parseFloat(general!)).toBeLessThanOrEqual(160);
    expect(given(env.WORK, '--corpus').map((folder) => folder.replace(/.*-/, ''))).toEqual([
      'omop',
      'general',
      'after',
      'before',
    ]);
    const unknown = script('models.sh', ['omop', 'tiny'], env);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toBe('models.sh: there is no stage tiny: measure, omop, general or learning\n');
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
