import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TensorBoardLog } from '../../../src/engine/report/tensorboard.js';
import { progressOf, reportOf } from './a-run.js';
import { readEvents, readRecords } from './tf-events.js';

const root = mkdtempSync(join(tmpdir(), 'events-'));
afterAll(() => rmSync(root, { recursive: true }));

function written(name: string, write: (log: TensorBoardLog) => void): Buffer {
  const log = new TensorBoardLog(join(root, name), () => 1_700_000_000_500);
  write(log);
  log.close();
  return readFileSync(log.file);
}

test('an independent reader finds every number at its step', () => {
  const file = written('numbers', (log) => {
    for (let step = 1; step <= 10; step++) log.step(reportOf(step));
    log.progress(progressOf(10));
  });
  const [first, ...events] = readEvents(file);
  expect(first).toMatchObject({ version: 'brain.Event:2', wallTime: 1_700_000_000.5 });
  for (let step = 1; step <= 10; step++) {
    const { loss, gradNorm } = reportOf(step);
    const { scalars } = events.find((event) => event.step === step)!;
    expect(scalars['loss/step']).toBe(Math.fround(loss));
    expect(scalars['optimizer/gradient norm']).toBe(Math.fround(gradNorm));
  }
  const last = events.filter(({ step }) => step === 10);
  expect(Object.assign({}, ...last.map(({ scalars }) => scalars))).toMatchObject({
    'loss/validation': Math.fround(2.6),
    'answers/right': 0.5,
    'speed/tokens per second': 110,
  });
});

test('sampled answers are text for the text plugin', () => {
  const file = written('texts', (log) => log.step(reportOf(10)));
  const [text] = readEvents(file).flatMap(({ texts }) => texts['answers/samples'] ?? []);
  expect(text).toContain('**How many <b>beds</b>?**');
  expect(text).toContain('    SELECT COUNT(*)\n    FROM bed');
  expect(text).toContain('wrong: rows');
});

test('a resumed run and a return to a checkpoint make readers forget the steps that are done again', () => {
  const file = written('again', (log) => {
    log.resumed(3);
    log.step(reportOf(4));
    log.step({ ...reportOf(2), rolledBackFrom: 4 });
  });
  expect(readEvents(file).map(({ step, restarts }) => [step, restarts])).toEqual([
    [0, false],
    [4, true],
    [4, false],
    [2, true],
    [2, false],
  ]);
});

test('steps beyond 32 bits and lengths beyond one byte are read back', () => {
  const far = 2 ** 40 + 5;
  const file = written('far', (log) => log.step({ ...reportOf(10), step: far }));
  expect(readEvents(file).at(-1)!.step).toBe(far);
  expect(readRecords(file).some((record) => record.length > 127)).toBe(true);
});

test('a flipped bit does not pass the reader', () => {
  const file = written('flipped', (log) => log.step(reportOf(1)));
  file[file.length - 10]! ^= 1;
  expect(() => readRecords(file)).toThrow(/checksum of the data/);
});
