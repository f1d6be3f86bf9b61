import { describe, expect, test } from 'vitest';
import { answer, type AnswerOptions } from '../../src/sql/agent.js';
import type { Answer } from '../../src/sql/answer.js';
import type { LanguageModel } from '../../src/sql/language-model.js';
import { createGrammar } from '../../src/sql/grammar/index.js';
import { validate } from '../../src/sql/validator/validate.js';
import { tokenizerOf } from './grammar/decoding.js';
import { diceModel, indexOf, samplesOf, untrainedModel } from './untrained.js';

const index = indexOf('omop_cdm_5_4');
const tokenizer = tokenizerOf(samplesOf(index, 300, 1));
const grammar = createGrammar(index, tokenizer);
const QUESTION = 'How many visits did patient 0048213 have since March 5, 2024?';

async function ask(question: string, options: Partial<AnswerOptions> = {}): Promise<Answer> {
  const model = options.model ?? (await untrainedModel(tokenizer));
  return answer(question, { index, model, grammar, maxNewTokens: 56, sense: false, ...options });
}

/** A model that writes the same texts for every prompt. */
function reciting(texts: readonly [sql: string, logProb: number][]): LanguageModel {
  return {
    tokenizer,
    context: 512,
    complete: (_prompt, { count }) =>
      Promise.resolve(
        texts
          .slice(0, count)
          .map(([sql, logProb]) => ({ tokens: tokenizer.encode(` ${sql}`), logProb, leastLogProb: logProb })),
      ),
  };
}

describe('candidates', () => {
  test('an untrained model under the grammar writes several statements, all valid, most confident first', async () => {
    const result = await ask(QUESTION, { candidates: 3 });
    // Two of the three beams may be one text in different tokens.
    expect(result.candidates.length).toBeGreaterThanOrEqual(2);
    expect(new Set(result.candidates.map(({ sql }) => sql)).size).toBe(result.candidates.length);
    const sure = result.candidates.map(({ confidence }) => confidence!.whole);
    expect(sure).toEqual([...sure].sort((a, b) => b - a));
    for (const { confidence, errors } of result.candidates) {
      expect(errors).toEqual([]);
      expect(confidence!.least).toBeLessThanOrEqual(confidence!.mean);
      expect(confidence!.mean).toBeLessThanOrEqual(1);
    }
    expect(result.rawSql).toBe(result.candidates[0]!.sql);
    expect(validate(result.statement!, index).ok).toBe(true);
    expect(result.statement).toContain('0048213');
  });

  test('the best of several is no worse than a single one, and the same each time', async () => {
    const model = await untrainedModel(tokenizer);
    const one = await ask(QUESTION, { model });
    const three = await ask(QUESTION, { model, candidates: 3 });
    expect(three.confidence!.whole).toBeGreaterThanOrEqual(one.confidence!.whole - 1e-5);
    expect((await ask(QUESTION, { model, candidates: 3 })).candidates).toEqual(three.candidates);
  });

  test('sampled ones depend on the seed and nothing else', async () => {
    const draw = async (seed: number): Promise<string[]> => {
      const model = await untrainedModel(tokenizer, { search: 'sample', seed });
      const { candidates } = await ask(QUESTION, { model, candidates: 3 });
      return candidates.map(({ sql }) => sql).sort();
    };
    const first = await draw(5);
    expect(await draw(5)).toEqual(first);
    expect(await draw(6)).not.toEqual(first);
  });

  test('a value that does not fit where the model puts it is a refusal, which does not show it', async () => {
    const visits = 'SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.visit_start_date';
    const model = reciting([[`${visits} < DATEADD(day, 1, __DATE_1__);`, -1]]);
    const result = await ask('How many visits began by December 31, 9999?', { model, candidates: 1 });
    expect(result.candidates[0]!.errors.map(({ code }) => code)).toEqual(['rendered-invalid']);
    expect(result.refusal).toMatchObject({ code: 'unsure', message: expect.stringMatching(/^not sure: /) });
    expect(result.refusal!.message).not.toContain('9999');
  });

  test('a single statement that turns the question round is followed by a second round', async () => {
    const visits = 'SELECT COUNT(*) FROM measurement AS m WHERE m.value_as_number';
    const rounds: number[] = [];
    const model = reciting([
      [`${visits} < __NUM_1__;`, -1],
      [`${visits} > __NUM_1__;`, -2],
    ]);
    const counting: LanguageModel = {
      ...model,
      complete: (prompt, options) => {
        rounds.push(options.count);
        return model.complete(prompt, options);
      },
    };
    const question = 'How many measurements have a value above 7.5?';
    const alone = await ask(question, { model: counting, candidates: 1, sense: true });
    expect(alone.refusal?.code).toBe('unsure');
    expect(alone.candidates[0]!.errors.map(({ code }) => code)).toEqual(['said-otherwise']);
    const answered = await ask(question, { model: counting, candidates: 1, retry: 3, sense: true });
    expect(answered.rawSql).toBe(`${visits} > __NUM_1__;`);
    expect(rounds).toEqual([1, 1, 3]);
  });

  test('the best that passes is taken, and the others are listed with their errors', async () => {
    const model = reciting([
      ['SELECT COUNT(*) FROM visits AS v WHERE v.person_id = __ID_1__;', -1],
      ['SELECT COUNT(*) FROM visit_occurrence AS vo WHERE vo.person_id = __ID_1__;', -9],
      ['SELECT COUNT(*) FROM person AS p WHERE p.person_source_value = __ID_1__;', -3],
    ]);
    const result = await ask('How many visits did patient 48213 have?', { model, candidates: 3 });
    expect(result.rawSql).toContain('FROM person AS p');
    expect(result.candidates.map(({ errors }) => errors[0]?.code)).toEqual([
      'unknown-table',
      undefined,
      undefined,
    ]);
    expect(result.confidence!.least).toBeCloseTo(Math.exp(-3), 9);
    const none = await ask('How many visits did patient 48213 have?', { model });
    expect(none).toMatchObject({ statement: undefined, rawSql: undefined, confidence: undefined });
    expect(none.verdict).toMatchObject({ ok: false, errors: [{ code: 'unknown-table' }] });
  });

  test('an untrained model without the grammar writes nothing that passes', async () => {
    const model = await untrainedModel(tokenizer);
    const result = await answer(QUESTION, { index, model, candidates: 2, maxNewTokens: 40 });
    expect(result.statement).toBeUndefined();
    expect(result.candidates.every(({ errors }) => errors.length > 0)).toBe(true);
  });
});

describe('values', () => {
  test('appear only in the question, the statement, its explanation and the placeholders', async () => {
    const told: string[] = [];
    const model = diceModel(tokenizer, (prompt) => told.push(prompt));
    let values = 0;
    for (const { rawQuestion } of samplesOf(index, 40, 77)) {
      const { question, statement, explanation, placeholders, ...open } = await ask(rawQuestion, {
        model,
        candidates: 2,
        maxNewTokens: 120,
      });
      expect(question).toBe(rawQuestion);
      expect(statement).toBeDefined();
      expect(explanation).toBeDefined();
      const visible = JSON.stringify([open, told.at(-1)]);
      for (const { name, text, value } of placeholders) {
        // A threshold may be any short number, which can also appear in a schema name or a probability.
        if (name.startsWith('__NUM_') || text.length < 4) continue;
        // A value that is said outside its quotes as well is a word of the question: hospitals of the type 'hospital'.
        if (rawQuestion.split(value).length > 2) continue;
        values++;
        for (const spelling of [text, value]) expect(visible).not.toContain(spelling);
      }
    }
    expect(values).toBeGreaterThan(20);
  });

  test('do not appear in the errors of a refused statement', async () => {
    const model = reciting([
      ['SELECT COUNT(*) FROM person AS p WHERE p.person_id = __ID_1__;', -1],
      ['SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth = __ID_1__;', -2],
      ['SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime = __ID_1__;', -3],
    ]);
    const result = await ask('How many visits has patient 99999999999999999998?', { model, candidates: 3 });
    expect(result.candidates.every(({ errors }) => errors.length > 0)).toBe(true);
    expect(JSON.stringify([result.candidates, result.verdict])).not.toContain('99999');
  });
});

describe('refusal', () => {
  test('a value that no column can take is refused before decoding', async () => {
    const small = { ...index.table('person')! };
    const columns = index.columns('person').filter(({ column }) => column.name === 'gender_source_value');
    expect(columns).toHaveLength(1);
    const { SchemaIndex } = await import('../../src/data/schema/schema-index.js');
    const bundle = {
      ...index.bundle,
      tables: [{ ...small, primaryKey: [], foreignKeys: [], columns: [columns[0]!.column] }],
      joins: [],
    };
    const only = new SchemaIndex(bundle);
    const model = reciting([['SELECT 1;', -1]]);
    const result = await answer('How many people since March 5, 2024?', {
      index: only,
      model,
      grammar: createGrammar(only, tokenizer),
    });
    expect(result.refusal).toMatchObject({ code: 'unplaceable' });
    expect(result.refusal!.message).toContain('__DATE_1__');
    expect(result).toMatchObject({ statement: undefined, candidates: [], verdict: { ok: false } });
  });
});
