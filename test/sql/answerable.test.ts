import { describe, expect, test } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Candidate } from '../../src/sql/answer.js';
import { withAgreement } from '../../src/sql/answerable/agreement.js';
import { calibrateConfidence, chanceOf, CONFIDENCE_FILE } from '../../src/sql/answerable/confidence.js';
import type { Evaluated } from '../../src/sql/eval/evaluate.js';
import { CALIBRATION_FILE, loadCalibration, loadConfidence } from '../../src/sql/answerable/load.js';
import { judge } from '../../src/sql/answerable/gate.js';
import { strangeness } from '../../src/sql/answerable/score.js';
import { extract, knowledgeOf } from '../../src/sql/vault/index.js';
import { answer } from '../../src/sql/agent.js';
import type { LanguageModel } from '../../src/sql/language-model.js';
import { createGrammar } from '../../src/sql/grammar/index.js';
import { bundleIndex, corpusSamples, tokenizerOf } from './grammar/decoding.js';
import { diceModel } from './untrained.js';

const index = bundleIndex('omop_cdm_5_4');
const { threshold, figures } = await loadCalibration(CALIBRATION_FILE);

describe('a question that the schema cannot answer', () => {
  test('is refused before the model is asked, with the words that are missing', async () => {
    const samples = corpusSamples(index, 200, 1);
    const tokenizer = tokenizerOf(samples);
    let asked = 0;
    const options = {
      index,
      model: diceModel(tokenizer, () => asked++),
      grammar: createGrammar(index, tokenizer),
      sense: false,
    };
    const question = 'Which sailors boarded a vessel in a foreign harbour after March 5, 2024?';
    const result = await answer(question, { ...options, answerable: { threshold } });
    expect(result.refusal).toMatchObject({ code: 'not-in-schema' });
    expect(result.refusal!.message).toMatch(/'vessel'|__TEXT_\d__/);
    expect(result.refusal!.message).not.toContain('2024');
    expect(result).toMatchObject({ statement: undefined, candidates: [], verdict: { ok: false } });
    expect(asked).toBe(0);
    expect((await answer(question, options)).statement).toBeDefined();
  });

  test('is told apart from an answerable one about as often as the calibration says', () => {
    // A seed that the calibration did not use.
    const refused = corpusSamples(index, 200, 4711).filter(
      ({ record, values }) =>
        strangeness({ question: record.question, placeholders: values }, index).score > threshold,
    );
    expect(refused.length / 200).toBeLessThan(figures.falseRefusals + 0.05);
    expect(figures.caughtOtherSchema).toBeGreaterThan(0.8);
  });
});

describe('the gate', () => {
  const knowledge = knowledgeOf(index.bundle);
  const verdict = (question: string): ReturnType<typeof judge> =>
    judge(extract(question, { knowledge }), index, { threshold });
  const codes = (question: string): string[] => verdict(question).reasons.map(({ code }) => code);

  test.each([
    'How many patients were born before 1950?',
    'Could you please tell me which drugs were given to patient 4711 last year?',
    'Was a hemoglobin test ever done for patient 12?',
    'Patients with at least 3 days in hospital',
    'List the top ten providers by number of visits',
  ])('lets through what is asked in ordinary words: %s', (question) => {
    expect(codes(question)).toEqual([]);
  });

  test.each([
    ['What is the weather in Berlin?', 'weather'],
    ['Who won the football match on Sunday?', 'football'],
    ['Which sailors boarded a vessel in a foreign harbour after March 5, 2024?', 'vessel'],
    ['When is the next appointment of patient 12?', 'appointment'],
    ['Which drug shall patient 12 take tomorrow?', 'shall'],
  ])('refuses by the name of what is missing: %s', (question, missing) => {
    const { reasons } = verdict(question);
    expect(reasons.map(({ code }) => code)).toEqual(['not-in-schema']);
    const masked = extract(question, { knowledge });
    const hidden = masked.placeholders.find(({ text }) => text.toLowerCase().includes(missing));
    expect(reasons[0]!.message).toContain(hidden?.name ?? `'${missing}'`);
  });

  test('counts words in other scripts as unknown', () => {
    expect(codes('Сколько пациентов поступило вчера?')).toEqual(['not-in-schema']);
    expect(codes('患者は何人いますか')).toEqual(['not-in-schema']);
  });

  test.each([
    ['Patients with more than three visits', 'needs-having', 'HAVING'],
    ['Which providers have 20 or more patients?', 'needs-having', 'HAVING'],
    ['Who was admitted more than once?', 'needs-having', 'HAVING'],
    ['What is the second to last visit of patient 12?', 'needs-window', 'window'],
    ['Which drug is the third most common?', 'needs-window', 'window'],
    ['Which visits cost more than the average?', 'needs-subquery', 'subquery'],
    ['One combined list of drugs and devices', 'needs-union', 'UNION'],
  ])('refuses what needs another shape, before any statement: %s', (question, code, construct) => {
    const { reasons } = verdict(question);
    expect(reasons[0]).toMatchObject({ code, message: expect.stringContaining(construct) as string });
  });

  test.each(['Stays of more than three days', 'The three most common drugs', 'Patients older than 80 years'])(
    'takes an amount for no size of a group: %s',
    (question) => {
      expect(codes(question)).toEqual([]);
    },
  );

  test('shows no value and no name of a person', () => {
    const { reasons } = verdict('Which tractors does Wanda Kowalczyk, SSN 219-45-6781, drive to Oslo?');
    expect(reasons).not.toEqual([]);
    expect(JSON.stringify(reasons)).not.toMatch(/Wanda|Kowalczyk|219-45|6781/i);
  });

  test('a name that no value of the database has counts for more than one of which nothing is known', () => {
    const asked = extract('How many patients took zorvaxin with plibrexan?', { knowledge });
    const score = (hasValues: boolean): number => strangeness(asked, index, { hasValues }).score;
    expect(score(true)).toBeGreaterThan(score(false));
  });
});

describe('a statement that the model is unsure of', () => {
  test('is refused with its confidence and the minimum, and still listed', async () => {
    const tokenizer = tokenizerOf(corpusSamples(index, 200, 1));
    const options = {
      index,
      model: diceModel(tokenizer),
      grammar: createGrammar(index, tokenizer),
      sense: false,
    };
    const question = 'How many patients were born before March 5, 2024?';
    const sure = await answer(question, options);
    expect(sure.confidence!.whole).toBeLessThan(0.9);
    const result = await answer(question, { ...options, minConfidence: 0.9 });
    expect(result).toMatchObject({ statement: undefined, rawSql: undefined, refusal: { code: 'unsure' } });
    expect(result.refusal!.message).toMatch(
      /confidence in its statement is \d+\.\d%, and 90\.0% is required/,
    );
    expect(result.candidates.map(({ errors }) => errors)).toEqual([[]]);
    // No minimum but the one that was asked for: the very confidence passes, a little more does not.
    const { whole } = sure.confidence!;
    expect(whole).toBeLessThan(0.5);
    const again = { ...options, model: diceModel(tokenizer) };
    expect((await answer(question, { ...again, minConfidence: whole })).refusal).toBeUndefined();
    const stricter = { ...options, model: diceModel(tokenizer), minConfidence: whole * (1 + 1e-9) };
    expect((await answer(question, stricter)).refusal).toMatchObject({ code: 'unsure' });
  });

  test('is refused if the model gives up every statement, which it may below the minimum', async () => {
    const tokenizer = tokenizerOf(corpusSamples(index, 200, 1));
    const floors: (number | undefined)[] = [];
    const model: LanguageModel = {
      ...diceModel(tokenizer),
      complete: (_, { floor }) => {
        floors.push(floor);
        return Promise.resolve([]);
      },
    };
    const question = 'How many patients were born before March 5, 2024?';
    const options = { index, model, candidates: 4 };
    const { refusal } = await answer(question, { ...options, minConfidence: 0.9 });
    expect(refusal).toMatchObject({ code: 'unsure' });
    expect(refusal!.message).toMatch(/no statement reaches the required confidence of 90\.0%/);
    const { refusal: none, verdict } = await answer(question, options);
    expect([none, verdict.ok]).toEqual([undefined, false]);
    expect(floors).toEqual([0.225, 0]);
  });

  /** Answers of which the surer are right more often: nearly all above 60%, half below. */
  const answers = (count: number): Evaluated[] =>
    Array.from({ length: count }, (_, i) => {
      const confidence = ((i * 37) % 100) / 100;
      const isRight = confidence > 0.6 ? i % 40 !== 0 : i % 4 < 2;
      const outcome = isRight ? 'right' : 'wrong';
      const base = { id: String(i), question: 'q', groups: {}, isAnswerable: true, exact: false };
      return { ...base, milliseconds: 1, found: 'SELECT 1;', confidence, outcome };
    });

  test('is one below the lowest confidence from which on few answers are wrong', () => {
    const sets = new Map([['values', answers(2000)]]);
    const options = { step: 7, candidates: 4 };
    const { step, threshold, figures } = calibrateConfidence(sets, options);
    expect(step).toBe(7);
    expect(threshold).toBeGreaterThan(0.5);
    expect(threshold).toBeLessThan(0.62);
    expect(figures.values!.wrong).toBeLessThan(0.07);
    expect(figures.values!.wrongBefore).toBeGreaterThan(0.2);
    expect(figures.values!.refused).toBeCloseTo(0.58, 1);
    expect(calibrateConfidence(sets, { ...options, allowedWrong: 1 }).threshold).toBe(0);
  });

  test('is set by the questions of all sets: on a set that the model answers badly, it is sure for nothing', () => {
    const right = answers(400).map((one): Evaluated => ({ ...one, outcome: 'right' }));
    const wrong = answers(100).map((one): Evaluated => ({ ...one, outcome: 'wrong' }));
    const of = (sets: [string, Evaluated[]][]): number =>
      calibrateConfidence(new Map(sets), { step: 0, candidates: 1 }).threshold;
    expect(of([['values', right]])).toBe(0);
    expect(
      of([
        ['values', right],
        ['schemas', wrong],
      ]),
    ).toBe(1);
  });

  test('leaves room for chance: few answers prove little', () => {
    const right = answers(200).map((one): Evaluated => ({ ...one, outcome: 'right' }));
    const options = { step: 0, candidates: 1 };
    const of = (results: Evaluated[]): number =>
      calibrateConfidence(new Map([['values', results]]), options).threshold;
    expect(of(right)).toBe(0);
    expect(of(right.slice(0, 80))).toBe(1);
    // One wrong answer of sixty is 1.7%, and may well be 5% of all.
    const most = right
      .slice(0, 120)
      .map((one, i): Evaluated => (i === 0 ? { ...one, outcome: 'wrong' } : one));
    expect(of(most)).toBeGreaterThan(0);
  });

  test('is measured on other questions than those that set the threshold', () => {
    const all = answers(400);
    const [even, odd] = [0, 1].map((rest) => all.filter((_, i) => i % 2 === rest));
    const wrong = odd!.map((one): Evaluated => ({ ...one, outcome: 'wrong' }));
    const mixed = even!.flatMap((one, i) => [{ ...one, outcome: 'right' as const }, wrong[i]!]);
    const { threshold, figures } = calibrateConfidence(new Map([['values', mixed]]), {
      step: 0,
      candidates: 1,
    });
    expect(threshold).toBe(0);
    expect(figures.values).toMatchObject({ wrong: 1, wrongBefore: 1, refused: 0 });
  });

  test('is every one if no confidence is safe; a model that says nothing has no threshold to pass', () => {
    const wrong = answers(50).map((one): Evaluated => ({ ...one, outcome: 'wrong' }));
    const options = { step: 0, candidates: 1 };
    expect(calibrateConfidence(new Map([['values', wrong]]), options).threshold).toBe(1);
    const mute = wrong.map((one): Evaluated => ({ ...one, found: undefined, outcome: 'refused' }));
    const { figures } = calibrateConfidence(new Map([['values', mute]]), options);
    expect(figures.values).toMatchObject({ refused: 1, wrong: 0 });
  });

  test('a higher confidence never has a lower chance, and the chance is the share that was right', () => {
    const { curve } = calibrateConfidence(new Map([['values', answers(400)]]), { step: 0, candidates: 1 });
    for (let i = 1; i < curve.length; i++) {
      expect(curve[i]![0]).toBeGreaterThan(curve[i - 1]![0]);
      expect(curve[i]![1]).toBeGreaterThan(curve[i - 1]![1]);
    }
    expect(chanceOf(curve, 0.3)).toBeCloseTo(0.5, 1);
    expect(chanceOf(curve, 0.9)).toBeGreaterThan(0.9);
    expect(chanceOf([[0.5, 1]], 0.2)).toBeUndefined();
  });

  test('is surer of a statement that several candidates spell differently', () => {
    const candidate = (
      sql: string,
      whole: number,
      errors: Candidate['errors'] = [],
    ): { candidate: Candidate } => ({
      candidate: { sql, errors, confidence: { mean: 0.9, least: 0.5, whole } },
    });
    const year = (where: string): string => `SELECT COUNT(*) FROM person AS t1 WHERE ${where};`;
    const [first, second, third, fourth] = withAgreement(
      [
        candidate(year('t1.year_of_birth > 1950 AND t1.month_of_birth = 2'), 0.3),
        candidate(year('t1.month_of_birth = 2 AND t1.year_of_birth > 1950'), 0.25),
        candidate(year('t1.year_of_birth > 1950'), 0.1),
        candidate('SELECT nonsense', 0.2, [{ code: 'bad', message: '' }]),
      ],
      index,
    );
    expect(first!.candidate.confidence!.whole).toBeCloseTo(0.55);
    expect(second!.candidate.confidence!.whole).toBeCloseTo(0.55);
    expect(third!.candidate.confidence!.whole).toBe(0.1);
    expect(fourth!.candidate.confidence!.whole).toBe(0.2);
  });

  test('is judged by the threshold in the model folder, and a broken file is an error', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'confidence-'));
    expect(await loadConfidence(folder)).toBeUndefined();
    const calibration = calibrateConfidence(new Map([['values', answers(40)]]), { step: 0, candidates: 1 });
    await writeFile(join(folder, CONFIDENCE_FILE), JSON.stringify(calibration));
    expect(await loadConfidence(folder)).toEqual(calibration);
    await writeFile(join(folder, CONFIDENCE_FILE), '{"threshold": 2}');
    await expect(loadConfidence(folder)).rejects.toThrow(/is not a calibration/);
    await rm(folder, { recursive: true });
  });
});
