import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { kernelFolder } from '../../../src/base/paths.js';
import { DeviceError } from '../../../src/engine/errors.js';
import { Gpu } from '../../../src/engine/gpu/device.js';
import { candidatePaths } from '../../../src/engine/gpu/path.js';
import { probe, provenPath, remembered, type ProbeSubject } from '../../../src/engine/gpu/probe.js';

const root = mkdtempSync(join(tmpdir(), 'probe-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => {
  const folder = join(root, String(++folders));
  mkdirSync(folder);
  return folder;
};

const filesOf = (cache: string): string[] =>
  readdirSync(join(cache, 'kernel-paths')).map((name) => join(cache, 'kernel-paths', name));

describe('a driver that misbehaves', () => {
  const module = new URL('probe-fault-child.ts', import.meta.url);
  const subject = (adapter: string): ProbeSubject => ({ adapter, driver: 'driver 1.0' });
  const faulty = (limitSeconds = 60) => ({ cache: newFolder(), module, limitSeconds });

  test('crashes only the child: the next path is taken, with the reason, and remembered', async () => {
    const settings = faulty();
    const adapter = 'a segmentation fault on tensor';
    const proven = await provenPath(subject(adapter), ['tensor', 'f16', 'f32'], settings);
    expect(proven.path).toBe('f16');
    expect(proven.note).toBe(
      `kernels: f16 on ${adapter}, because tensor crashes: the process was killed by SIGSEGV ` +
        '(engine doctor --probe tries again)',
    );
    const known = await remembered(subject(adapter), settings);
    expect(known.tensor).toMatchObject({ verdict: 'crashed', reason: 'the process was killed by SIGSEGV' });
    expect(known.f16).toMatchObject({ verdict: 'right', worst: { share: 0.1, where: 'matmul' }, ms: 1 });
    expect(known.f32).toBeUndefined();

    // The second time no process is started: with this module it could not even begin.
    const nowhere = { ...settings, module: new URL('no-such-child.ts', import.meta.url) };
    expect(await provenPath(subject(adapter), ['tensor', 'f16', 'f32'], nowhere)).toEqual(proven);
  });

  test('is killed after the time limit', async () => {
    const settings = faulty(3);
    const result = await probe(subject('a hang'), 'f16', settings);
    expect(result).toMatchObject({ verdict: 'crashed', reason: 'it did not finish within 3 s' });
    expect(result.seconds).toBeGreaterThan(3);
    expect((await remembered(subject('a hang'), settings)).f16).toEqual(result);
  });

  test('has its last words repeated', async () => {
    const { reason } = await probe(subject('an abort'), 'f16', faulty());
    expect(reason).toBe('the process ended with code 134: driver: assertion failed');
  });

  test('is told apart from an interrupt, which is not remembered', async () => {
    const settings = faulty();
    const result = await probe(subject('an interrupt'), 'f16', settings);
    expect(result).toMatchObject({ verdict: 'unknown', reason: 'the process was killed by SIGINT' });
    expect(await remembered(subject('an interrupt'), settings)).toEqual({});
  });

  test('leaves a path that could not be probed behind, for one that is right', async () => {
    const adapter = 'an abort on tensor and an interrupt on f16';
    const proven = await provenPath(subject(adapter), ['tensor', 'f16', 'f32'], faulty());
    expect(proven.path).toBe('f32');
    expect(proven.note).toMatch(
      /because tensor crashes: .*; f16 is not proven: the process was killed by SIGINT \(/,
    );
  });

  test('leaves the last path that could not be probed, with all reasons, if none is right', async () => {
    const adapter = 'an interrupt on tensor,f16 and an abort on f32';
    const proven = await provenPath(subject(adapter), ['tensor', 'f16', 'f32'], faulty());
    expect(proven.path).toBe('f16');
    expect(proven.note).toMatch(
      /: f16 on .*, without proof, because tensor is not proven: .*; f16 is not proven: .*; f32 crashes: /,
    );
  });

  test('on every path leaves an error with all reasons', async () => {
    const failure = await provenPath(subject('an abort'), ['f16', 'f32'], faulty()).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(DeviceError);
    expect(failure).toMatchObject({ code: 'no-kernel-path' });
    expect((failure as Error).message).toMatch(
      /no kernel path is right on an abort: f16 crashes: .*; f32 crashes: /,
    );
  });
});

describe('a remembered result', () => {
  const module = new URL('probe-fault-child.ts', import.meta.url);
  const subject: ProbeSubject = { adapter: 'some', driver: 'driver 1.0' };

  test('counts only for its adapter, driver and text of the kernels', async () => {
    const cache = newFolder();
    await probe(subject, 'f32', { cache, module });
    const knows = async (other: Partial<ProbeSubject>): Promise<boolean> =>
      'f32' in (await remembered({ ...subject, ...other }, { cache }));
    expect(await knows({})).toBe(true);
    expect(await knows({ adapter: 'other' })).toBe(false);
    expect(await knows({ driver: 'driver 1.1' })).toBe(false);
    const changed = newFolder();
    expect(await knows({ kernelFolder: changed })).toBe(true); // it replaces nothing
    writeFileSync(join(changed, 'add.wgsl'), '// another text');
    expect(await knows({ kernelFolder: changed })).toBe(false);
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2)],
    ['empty', () => ''],
    ['null', () => 'null'],
    ['of another format', (text: string) => text.replace('paths-1', 'paths-0')],
    ['with a verdict that does not exist', (text: string) => text.replace('"right"', '"fine"')],
  ])('in a file that is %s is ignored, and the file is written again', async (_name, damage) => {
    const cache = newFolder();
    await probe(subject, 'f32', { cache, module });
    const [file] = filesOf(cache);
    const whole = readFileSync(file!, 'utf8');
    writeFileSync(file!, damage(whole));
    expect(await remembered(subject, { cache })).toEqual({});
    expect(await provenPath(subject, ['f32'], { cache, module })).toEqual({ path: 'f32' });
    expect((await remembered(subject, { cache })).f32).toMatchObject({ verdict: 'right' });
    expect(filesOf(cache)).toEqual([file]);
  });

  test('is not needed: where nothing can be stored, a path is proven each time', async () => {
    const blocked = join(newFolder(), 'file');
    writeFileSync(blocked, '');
    expect(await provenPath(subject, ['f32'], { cache: blocked, module })).toEqual({ path: 'f32' });
  });
});

describe('the proof', () => {
  test('passes right kernels, and finds a planted fault', async () => {
    const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto', kernels: 'f32' });
    const { name, description } = gpu.adapter;
    gpu.close();
    const cache = newFolder();
    const subject = { adapter: name, driver: description };
    const right = await probe(subject, 'f32', { cache, limitSeconds: 3600 });
    expect(right).toMatchObject({ verdict: 'right', path: 'f32' });
    expect(right.worst!.share).toBeLessThan(0.5);

    const planted = newFolder();
    cpSync(join(kernelFolder, FAULT.kernel), join(planted, FAULT.kernel));
    const text = readFileSync(join(planted, FAULT.kernel), 'utf8');
    expect(text.split(FAULT.from)).toHaveLength(2);
    writeFileSync(join(planted, FAULT.kernel), text.replace(FAULT.from, FAULT.to));
    const wrong = await provenPath({ ...subject, kernelFolder: planted }, ['f16', 'f32'], {
      cache,
      limitSeconds: 3600,
    }).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'no-kernel-path' });
    expect((wrong as Error).message).toMatch(
      /f16 is wrong: attention, gradient is off: .* times the largest error that rounding allows; f32 is wrong: /,
    );
  });
});

/** In the gradient of keys and values, a key does not see its own query. */
const FAULT = {
  kernel: 'attention_backward_dkv.blocks.wgsl',
  from: 'key <= vec2u(i0 + query)',
  to: 'key < vec2u(i0 + query)',
};

test('the candidates: matrix units, then f16, then f32; software adapters have f32 alone', () => {
  expect(candidatePaths('gpu', true)).toEqual(['tensor', 'f16', 'f32']);
  expect(candidatePaths('gpu', false)).toEqual(['f16', 'f32']);
  expect(candidatePaths('software', true)).toEqual(['f32']);
});
