import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { CurveBook } from '../../../src/engine/report/curves.js';
import { runPage } from '../../../src/engine/report/page.js';
import { noteSession } from '../../../src/engine/report/sessions.js';
import { readRun } from '../../../src/engine/report/view.js';
import { findBrowser, inBrowser } from '../../data/schema/browser.js';
import { progressOf, reportOf, SESSION, START, writeRun } from './a-run.js';

const root = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(root, { recursive: true }));
const browser = await findBrowser();

function newRun(name: string, steps = 40): string {
  const folder = join(root, name);
  writeRun(folder, steps);
  return folder;
}

describe('curves', () => {
  test('steps that are done again replace the earlier ones, and are counted once', () => {
    const book = new CurveBook();
    for (const step of [1, 2, 3, 4, 3, 4, 5]) book.step(reportOf(step));
    for (const step of [2, 4, 3]) book.clock(progressOf(step));
    const { steps, clock, totals } = book.curves();
    expect(steps.step).toEqual([1, 2, 3, 4, 5]);
    expect(clock.step).toEqual([2, 3]);
    expect(totals).toMatchObject({ step: 5, tokens: 500, learned: 300 });
  });

  test('a long run is drawn with fewer points: mean loss, highest norm', () => {
    const book = new CurveBook();
    for (let step = 1; step <= 10; step++) book.step({ ...reportOf(step), loss: step, gradNorm: step % 4 });
    const { steps, stepsPerPoint, totals } = book.curves(4);
    expect(stepsPerPoint).toBe(3);
    expect(steps.step).toEqual([3, 6, 9, 10]);
    expect(steps.loss).toEqual([2, 5, 8, 10]);
    expect(steps.gradNorm).toEqual([3, 2, 3, 2]);
    expect(totals.step).toBe(10);
  });

  test('numbers that are not finite are gaps, and a run without smoothed losses gets them', () => {
    const book = new CurveBook();
    book.step({ step: 1, loss: 4 });
    book.step({ step: 2, loss: NaN, gradNorm: Infinity, skipped: true });
    book.step({ step: 3, loss: 2 });
    const { steps, totals } = book.curves();
    expect(steps.loss).toEqual([4, null, 2]);
    expect(steps.smoothedLoss).toEqual([4, 4, 3]);
    expect(steps.gradNorm).toEqual([null, null, null]);
    expect(totals.skipped).toBe(1);
  });
});

describe('a run’s folder', () => {
  test('gives curves, settings, sessions and the time spent in all of them', async () => {
    const folder = newRun('whole');
    noteSession(folder, { ...SESSION, time: new Date(START + 3_600_000).toISOString(), resumedFrom: 40 });
    // The clock of the day has been set back meanwhile.
    const later = { ...progressOf(45), time: new Date(START - 3_600_000).toISOString(), sessionSeconds: 20 };
    appendFileSync(join(folder, 'progress.jsonl'), JSON.stringify(later) + '\n{"step":4');
    const { view } = await readRun(folder);
    expect(view).toMatchObject({ name: 'whole', settings: { steps: 40 }, secondsSpent: 40 + 20 });
    expect(view.savingShare).toBeCloseTo((0.8 + 0.9) / 60);
    expect(view.sessions).toHaveLength(2);
    expect(view.curves.validations.map(({ step }) => step)).toEqual([10, 20, 30, 40]);
  });

  test('of an older version, which did not count the seconds of a session, has the time by the clock of the day', async () => {
    const folder = newRun('by-the-clock');
    noteSession(folder, { ...SESSION, time: new Date(START + 3_600_000).toISOString(), resumedFrom: 40 });
    const older = { ...progressOf(45), sessionSeconds: undefined, savingSeconds: undefined };
    const late = { ...older, time: new Date(START + 3_620_000).toISOString() };
    appendFileSync(join(folder, 'progress.jsonl'), JSON.stringify(late) + '\n');
    expect((await readRun(folder)).view.secondsSpent).toBe(40 + 20);
  });

  test('says no time where the first session was not noted', async () => {
    const folder = newRun('older');
    writeFileSync(join(folder, 'sessions.jsonl'), JSON.stringify({ ...SESSION, resumedFrom: 20 }) + '\n');
    expect((await readRun(folder)).view.secondsSpent).toBeUndefined();
    rmSync(join(folder, 'sessions.jsonl'));
    expect((await readRun(folder)).view).toMatchObject({ sessions: [], secondsSpent: undefined });
  });

  test('without a step is refused, and one that is no model too', async () => {
    const folder = newRun('empty', 0);
    await expect(readRun(folder)).rejects.toMatchObject({ code: 'run-not-found' });
    await expect(readRun(root)).rejects.toMatchObject({ code: 'model-not-found' });
  });
});

describe('the page', () => {
  test('is the same for the same run, and names no other host', async () => {
    const folder = newRun('same');
    const { html, policy } = runPage((await readRun(folder)).view);
    expect(runPage((await readRun(folder)).view).html).toBe(html);
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(policy).not.toMatch(/unsafe|http|connect/);
    expect(html).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(html).not.toContain('List </script>');
  });

  const LOOK = `(async () => {
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 300)));
    const painted = (canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200) colours.add(data[i] + ',' + data[i + 1] + ',' + data[i + 2]);
      return colours.size;
    };
    const text = (selector) => [...document.querySelectorAll(selector)].map((one) => one.textContent);
    return {
      charts: text('figcaption'),
      blank: [...document.querySelectorAll('canvas')].filter((canvas) => painted(canvas) < 3).length,
      figures: Object.fromEntries(text('#figures dt').map((name, i) => [name, text('#figures dd')[i]])),
      evaluations: text('summary'),
      questions: text('details[open] .question'),
      verdicts: text('details[open] .verdict'),
      facts: text('#facts').join(),
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      background: getComputedStyle(document.body).backgroundColor,
    };
  })()`;

  test.skipIf(browser === undefined).each([
    { width: 1400, scheme: 'light', background: 'rgb(255, 255, 255)' },
    { width: 390, scheme: 'dark', background: 'rgb(18, 22, 28)' },
  ] as const)('opens in a browser, $width wide and $scheme, with every curve drawn', async (view) => {
    const file = join(root, 'page.html');
    writeFileSync(file, runPage((await readRun(newRun('drawn'))).view).html);
    const { value, errors } = await inBrowser(browser!, pathToFileURL(file).href, LOOK, view);
    expect(errors).toEqual([]);
    expect(value).toMatchObject({
      charts: ['Loss', 'Right answers', 'Learning rate', 'Gradient norm', 'Loss scale', 'Tokens a second'],
      blank: 0,
      figures: { step: '40 of 40', 'answers right': '1 of 2 at 40', tokens: '4,000', 'time spent': '40 s' },
      questions: ['How many <b>beds</b>?', 'List </script> wards'],
      verdicts: ['✓ right: the same result', '✗ wrong: rows'],
      overflow: 0,
      background: view.background,
    });
    const { evaluations, facts } = value as { evaluations: string[]; facts: string };
    expect(evaluations[0]).toBe('step 40 · validation loss 2.3000 · 1 of 2 right');
    expect(evaluations).toHaveLength(4);
    expect(facts).toContain('commit abc1234');
    expect(readFileSync(file, 'utf8').length).toBeLessThan(200_000);
  });
});
