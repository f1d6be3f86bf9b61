import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../src/sql/answer.js';
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
    expect(page).not.toContain('processor time');
  });

  test('says how long a question takes alone', () => {
    const page = reportPage([], { questions: 8, elapsed: 812.4, processor: 1500 });
    expect(page).toContain(
      'median 812 ms from question to statement, 1500 ms of processor time (8 questions)',
    );
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

  test('asks as many questions at once as it may, judges one at a time, and keeps their order', async () => {
    const questions = [30, 1, 20, 5, 1].map(
      (delay, i): SetQuestion => ({
        id: `${i}`, question: `${delay}`, index: {} as never, sql: 'SELECT 1;', groups: {},
      }),
    ); // prettier-ignore
    const most = { asking: 0, judging: 0 };
    const now = { asking: 0, judging: 0 };
    const during = async <T>(what: 'asking' | 'judging', delay: number, value: T): Promise<T> => {
      most[what] = Math.max(most[what], ++now[what]);
      await new Promise((done) => setTimeout(done, delay));
      now[what]--;
      return value;
    };
    const ask = ({ question }: SetQuestion): Promise<Answer> =>
      during('asking', Number(question), { statement: question, candidates: [] } as unknown as Answer);
    const judge = {
      judge: (_: string, found: string) => during('judging', 5, { exact: false, right: found === '1' }),
    } as unknown as Judge;
    const done: number[] = [];
    const options = { atOnce: 3, onProgress: (count: number) => done.push(count) };
    const results = await evaluate(questions, ask, judge, options);
    expect(results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      '0 wrong',
      '1 right',
      '2 wrong',
      '3 wrong',
      '4 right',
    ]);
    expect(most).toEqual({ asking: 3, judging: 1 });
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  test('says which word of the question speaks against a refused statement, and what the model wrote', async () => {
    const question: SetQuestion = {
      id: '1', question: 'q', index: {} as never, sql: 'SELECT 1;', groups: {},
    }; // prettier-ignore
    const message = "not sure: the question says 'not', and the statement takes nothing away for it";
    const refusal = { code: 'unsure', message };
    const candidates = [
      { sql: 'SELECT 2;', errors: [{ code: 'sense-idle', message: 'idle' }, { code: 'negation-lost', message }] },
    ]; // prettier-ignore
    const answer = { refusal, candidates, verdict: { ok: false, errors: [refusal] } } as unknown as Answer;
    const ask = (): Promise<Answer> => Promise.resolve(answer);
    const [result] = await evaluate([question], ask, {} as Judge);
    expect(result).toMatchObject({ outcome: 'refused', reason: 'negation-lost', written: 'SELECT 2;' });
    candidates[0]!.errors = [];
    const [unsure] = await evaluate([question], ask, {} as Judge);
    expect(unsure!.reason).toBe('unsure');
  });
});
