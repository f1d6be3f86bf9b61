import { describe, expect, test } from 'vitest';
import { loadCalibration } from '../../src/sql/answerable/load.js';
import { strangeness } from '../../src/sql/answerable/score.js';
import { answer } from '../../src/sql/agent.js';
import { createGrammar } from '../../src/sql/grammar/index.js';
import { bundleIndex, corpusSamples, tokenizerOf } from './grammar/decoding.js';
import { diceModel } from './untrained.js';

const index = bundleIndex('omop_cdm_5_4');
const { counts, threshold, figures } = await loadCalibration();

describe('a question that the schema cannot answer', () => {
  test('is refused with the words that are missing, before the model is asked', async () => {
    const samples = corpusSamples(index, 200, 1);
    const tokenizer = tokenizerOf(samples);
    let asked = 0;
    const options = {
      index,
      model: diceModel(tokenizer, () => asked++),
      grammar: createGrammar(index, tokenizer),
    };
    const question = 'Which sailors boarded a vessel in a foreign harbour after March 5, 2024?';
    const result = await answer(question, { ...options, answerable: { counts, threshold } });
    expect(result.refusal).toMatchObject({ code: 'not_in_schema' });
    expect(result.refusal!.message).toMatch(/'(sailors|vessel|harbour)'/);
    expect(result.refusal!.message).not.toContain('2024');
    expect(result).toMatchObject({ sql: undefined, candidates: [], verdict: { ok: false } });
    expect(asked).toBe(0);
    expect((await answer(question, options)).sql).toBeDefined();
  });

  test('is told from one that it can, about as often as the calibration says', () => {
    // Seeds that the calibration did not use.
    const refused = corpusSamples(index, 200, 4711).filter(
      ({ record }) => strangeness(record.question, index, counts).score > threshold,
    );
    expect(refused.length / 200).toBeLessThan(figures.falseRefusals + 0.05);
    expect(figures.caughtOtherSchema).toBeGreaterThan(0.8);
  });
});

describe('strangeness', () => {
  test('counts each missing word once, seldom ones most, and nothing that the schema names', () => {
    const { words, score } = strangeness(
      'How many patients have a zeppelin, a zeppelin between visits?',
      index,
      counts,
    );
    expect(words.map(({ word }) => word)).toEqual(['zeppelin', 'between']);
    expect(words[0]!.weight).toBe(1);
    expect(words[1]!.weight).toBeLessThan(0.7);
    expect(score).toBeCloseTo(words[0]!.weight + words[1]!.weight, 12);
    expect(strangeness('How many patients were born before __DATE_1__?', index, counts).score).toBeLessThan(
      threshold,
    );
  });
});
