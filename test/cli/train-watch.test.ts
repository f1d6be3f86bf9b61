import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { watchTraining, type TrainWatch } from '../../src/cli/train-watch.js';
import type { AllTrainOptions } from '../../src/cli/train-options.js';
import { readSessions } from '../../src/engine/report/sessions.js';
import { findBrowser, inBrowser } from '../data/schema/browser.js';
import { progressOf, reportOf, writeRun } from '../engine/report/a-run.js';
import { readEvents } from '../engine/report/tf-events.js';
import { engine } from './run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'watch-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.restoreAllMocks());
const browser = await findBrowser();

const GPU = { adapter: { name: 'Test Device', kind: 'software', driver: 'bundled' }, path: 'f32' };
const START = { resumedFrom: 0, secondsBefore: 0, positions: 1, warnings: [] };

/** Watches an invented training, and returns what was noted on stderr besides. */
async function watch(
  name: string,
  options: Partial<AllTrainOptions>,
): Promise<{ folder: string; watched: TrainWatch; noted: string[] }> {
  const folder = join(root, name);
  writeRun(folder, 0);
  rmSync(join(folder, 'sessions.jsonl'));
  const noted: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => noted.push(String(text)) > 0);
  const all = { model: folder, ...options } as AllTrainOptions;
  return { folder, watched: await watchTraining(all, GPU), noted };
}

const urlIn = (noted: string[]): string => /http:\S+/.exec(noted.join(''))![0];

/** Reads server-sent events until the server ends them. */
async function eventsOf(url: string): Promise<{ next: () => Promise<string>; rest: () => Promise<string> }> {
  const response = await fetch(`${url}/events`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const next = async (): Promise<string> => (await reader.read()).value ?? '';
  return {
    next,
    async rest() {
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += value;
      }
    },
  };
}

test('each start is noted with adapter, kernels, commit and Node', async () => {
  const { folder, watched } = await watch('noted', {});
  watched.start(START);
  watched.start({ ...START, resumedFrom: 7 });
  await watched.close();
  const [first, second] = await readSessions(folder);
  expect(first).toMatchObject({ resumedFrom: 0, kernels: 'f32', node: process.versions.node });
  expect(first!.adapter).toBe('Test Device (software, bundled driver)');
  expect(first!.commit).not.toBe('');
  expect(second!.resumedFrom).toBe(7);
});

test('an open page gets the run, then each group of steps, then the end, and the port is free again', async () => {
  const { watched, noted } = await watch('events', { ui: true, uiPort: 0 });
  const url = urlIn(noted);
  const { next, rest } = await eventsOf(url);
  watched.start(START);
  watched.step(reportOf(1)); // while the folder is read
  const run = await next();
  expect(run).toMatch(/^event: run\ndata: \{"name":"events"/);
  expect(JSON.parse(run.split('data: ')[1]!)).toMatchObject({ curves: { totals: { step: 1 } } });
  watched.step(reportOf(2));
  watched.at(progressOf(2));
  const steps = await next();
  expect(steps).toMatch(/^event: steps\n/);
  expect(JSON.parse(steps.split('data: ')[1]!)).toMatchObject({
    reports: [{ step: 1 }, { step: 2 }],
    totals: { step: 2, tokens: 200 },
    progress: { step: 2 },
  });
  await watched.close();
  expect(await rest()).toBe('event: end\ndata: {}\n\n');
  await expect(fetch(url)).rejects.toThrow();
});

test('the page answers under its own name only, and states a policy without exceptions', async () => {
  const { watched, noted } = await watch('policy', { ui: true, uiPort: 0 });
  const url = urlIn(noted);
  const policy = (await fetch(url)).headers.get('content-security-policy')!;
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-.*connect-src 'self';.*frame-ancestors 'none'$/,
  );
  expect(policy).not.toContain('unsafe');
  const foreign = await new Promise((done) =>
    get(`${url}/events`, { headers: { host: 'other.example' } }, ({ statusCode }) => done(statusCode)),
  );
  expect(foreign).toBe(403);
  expect((await fetch(url, { headers: { origin: 'https://other.example' } })).status).toBe(403);
  const port = Number(new URL(url).port);
  await expect(watch('taken', { ui: true, uiPort: port })).rejects.toThrow(/--ui-port chooses another/);
  await watched.close();
});

const LIVE = `(async () => {
  const until = async (isSo) => { while (!isSo()) await new Promise((done) => setTimeout(done, 20)); };
  const text = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
  await until(() => document.title === 'live');
  await until(() => text('#figures dd')[0] === '20 of 0' && text('figcaption').length === 6);
  return { charts: text('figcaption'), evaluations: text('summary'), state: text('#state'), tokens: text('#figures dd')[text('#figures dt').indexOf('tokens')] };
})()`;

test.skipIf(browser === undefined)('a browser draws the steps as they come, under that policy', async () => {
  const { watched, noted } = await watch('live', { ui: true, uiPort: 0 });
  watched.start(START);
  let step = 0;
  const training = setInterval(() => {
    if (step === 20) return;
    watched.step(reportOf(++step));
    watched.at(progressOf(step));
  }, 30);
  try {
    const { value, errors } = await inBrowser(browser!, urlIn(noted), LIVE);
    expect(errors).toEqual([]);
    expect(value).toEqual({
      charts: ['Loss', 'Right answers', 'Learning rate', 'Gradient norm', 'Loss scale', 'Tokens a second'],
      evaluations: [
        'step 20 · validation loss 2.4000 · 1 of 2 right',
        'step 10 · validation loss 2.6000 · 1 of 2 right',
      ],
      state: ['training'],
      tokens: '2,000',
    });
  } finally {
    clearInterval(training);
    await watched.close();
  }
});

test('event files lie in the model folder unless a folder is named; a resumed run restarts its steps', async () => {
  const { folder, watched } = await watch('events-file', { tensorboard: true });
  watched.start({ ...START, resumedFrom: 2 });
  watched.step(reportOf(3));
  watched.at(progressOf(3));
  await watched.close();
  const [name] = readdirSync(join(folder, 'tensorboard'));
  const events = readEvents(readFileSync(join(folder, 'tensorboard', name!)));
  expect(events.map(({ step, restarts }) => [step, restarts])).toEqual([
    [0, false],
    [3, true],
    [3, false],
    [3, false],
  ]);
});

test('a port without --ui is a usage error', async () => {
  await expect(watch('usage', { uiPort: 1 })).rejects.toMatchObject({ code: 'usage' });
});

test('engine report writes the page of a run, and refuses a folder without one', () => {
  const folder = join(root, 'reported');
  writeRun(folder, 20);
  const done = engine(['report', folder]);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toBe(`${join(folder, 'report.html')}: 20 steps, 2 validations\n`);
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
  writeFileSync(join(folder, 'metrics.jsonl'), '');
  const refused = engine(['report', folder, '--out', join(root, 'none.html')]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/^engine: .*metrics\.jsonl: has no step/);
  expect(existsSync(join(root, 'none.html'))).toBe(false);
});
