import { describe, expect, test } from 'vitest';
import { evaluate, type Evaluated } from '../../../src/sql/eval/evaluate.js';
import type { Judge } from '../../../src/sql/eval/judge.js';
import type { SetQuestion } from '../../../src/sql/eval/question-set.js';
import { reportPage } from '../../../src/sql/eval/report-page.js';
import { summariseSet } from '../../../src/sql/eval/summary.js';

const result = (confidence: number, outcome: Evaluated['outcome']): Evaluated => ({
  id: '1', question: 'a < b', groups: {}, isAnswerable: true, exact: false, milliseconds: 1, found: 'SELECT 1;',
  confidence, outcome,
}); // prettier-ignore

describe('the page of an evaluation', () => {
  test('shows how often answers of each confidence are right, and what a minimum would do', () => {
    const results = [
      result(0.95, 'right'),
      result(0.97, 'right'),
      result(0.2, 'wrong'),
      result(0.25, 'right'),
    ];
    const page = reportPage([
      { set: 'values', model: 'm', step: 1, summary: summariseSet(results), results },
    ]);
    // One dot for 20% to 30%, half of them right; one above 90%, all right.
    const dots = [...page.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(dots).toEqual([[0.225 * 220, 110].map((value) => Number(value.toFixed(1))), [211.2, 0]]);
    const row = (least: string): string => new RegExp(`<tr><td>${least}</td>.*?</tr>`).exec(page)![0];
    expect(row('0.0%')).toMatch(/1 of 4/);
    expect(row('50.0%')).toMatch(/2 of 4.*0 of 2/);
    expect(page).not.toContain('a < b');
  });
});

describe('an evaluation', () => {
  test('asks no question after its time is up', async () => {
    const question: SetQuestion = { id: '1', question: 'q', index: {} as never, sql: undefined, groups: {} };
    let asked = 0;
    const ask = (): never => void asked++ as never;
    const late = performance.now() - 1;
    expect(await evaluate([question, question], ask, {} as Judge, { until: late })).toEqual([]);
    expect(asked).toBe(0);
  });
});
