import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  answerShape,
  batchShape,
  chatShape,
  errorShape,
  healthShape,
  modelsShape,
  schemaShape,
  schemasShape,
  settingsShape,
  validateShape,
  vaultShape,
} from '../../src/serve/contract.js';
import { FeedbackFile } from '../../src/serve/feedback.js';
import { readPageFiles } from '../../src/serve/page-files.js';
import { stubApp } from './stub.js';

const folder = mkdtempSync(join(tmpdir(), 'serve-'));
afterAll(() => rmSync(folder, { recursive: true }));

const QUESTION = 'How many visits did patient 48213 have since March 5, 2024?';

/** The body, which has to be of the shape that the OpenAPI document states. */
async function bodyOf<T>(response: Response, shape: z.ZodType<T>, status = 200): Promise<T> {
  const body: unknown = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(status);
  return shape.parse(body);
}

async function codeOf(response: Response, status: number): Promise<string> {
  return (await bodyOf(response, errorShape, status)).error.code;
}

/** Events of a stream, in order. */
async function eventsOf(response: Response): Promise<{ event: string; data: string }[]> {
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  return (await response.text())
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => ({
      event: /^event: (.*)$/m.exec(part)?.[1] ?? '',
      data: /^data: (.*)$/m.exec(part)![1]!,
    }));
}

describe('POST /v1/sql', () => {
  test('answers with statement, verdict, kinds of placeholders and times, but no values beside them', async () => {
    const body = await bodyOf(await stubApp().post('/v1/sql', { question: QUESTION }), answerShape);
    expect(body.statement).toBe('SELECT COUNT(*) FROM person AS t1 WHERE t1.person_id = 48213;');
    expect(body.masked).toBe('How many visits did patient __ID_1__ have since __DATE_1__?');
    expect(body.placeholders.map(({ name, text, value }) => [name, text, value])).toEqual([
      ['__ID_1__', undefined, undefined],
      ['__DATE_1__', undefined, undefined],
    ]);
    expect(body.placeholders[0]!.spans).toEqual([{ start: 28, end: 33 }]);
    expect(body.verdict.gates.every(({ passed }) => passed === true)).toBe(true);
    expect(body.refusal).toBeNull();
    expect(body.schema).toBe('omop_cdm_5_4');
    expect(body.timings.total).toBeGreaterThanOrEqual(4);
  });

  test('shows the values when asked', async () => {
    const given = { question: QUESTION, values: true };
    const { placeholders } = await bodyOf(await stubApp().post('/v1/sql', given), answerShape);
    expect(placeholders.map(({ text, value }) => [text, value])).toEqual([
      ['48213', '48213'],
      ['March 5, 2024', '2024-03-05'],
    ]);
  });

  test('says why there is no statement, and which gate refused', async () => {
    const given = { question: 'How was the weather?' };
    const body = await bodyOf(await stubApp().post('/v1/sql', given), answerShape);
    expect(body.statement).toBeNull();
    expect(body.refusal).toEqual({ code: 'not-in-schema', message: expect.stringMatching(/weather/) });
    expect(body.verdict.gates.map(({ passed }) => passed)).toEqual([true, false, null, null, null, null]);
  });

  test('asks the schema that is named, and suggests one for a misspelt name', async () => {
    const { post } = stubApp();
    const named = await bodyOf(
      await post('/v1/sql', { question: 'How many?', schema: 'mimic_iv' }),
      answerShape,
    );
    expect(named.statement).toMatch(/FROM patients/);
    const response = await post('/v1/sql', { question: 'How many?', schema: 'mimic_vi' });
    const { error } = await bodyOf(response, errorShape, 404);
    expect(error).toMatchObject({ code: 'unknown-schema', message: expect.stringMatching(/'mimic_iv'/) });
  });

  test('answers a batch in order, each question for itself', async () => {
    const response = await stubApp().post('/v1/sql', { questions: ['How many?', '', 'How is the weather?'] });
    const { answers } = await bodyOf(response, batchShape);
    expect(answers.map((one) => ('error' in one ? one.error.code : one.refusal?.code))).toEqual([
      undefined,
      'empty-question',
      'not-in-schema',
    ]);
  });

  test('streams stages, the draft, and the same answer', async () => {
    const { post } = stubApp();
    const events = await eventsOf(await post('/v1/sql', { question: QUESTION, stream: true }));
    expect(events.map(({ event }) => event)).toEqual(['stage', 'stage', 'token', 'answer', 'done']);
    expect(JSON.parse(events[2]!.data)).toEqual({ index: 0, draft: 'SELECT' });
    const { index, ...answer } = JSON.parse(events[3]!.data) as { index: number };
    expect(index).toBe(0);
    const whole = await bodyOf(await post('/v1/sql', { question: QUESTION }), answerShape);
    expect({ ...answerShape.parse(answer), timings: 0 }).toEqual({ ...whole, timings: 0 });
  });

  test('streams an error of one question of a batch, and goes on', async () => {
    const given = { questions: ['', 'How many?'], stream: true };
    const events = await eventsOf(await stubApp().post('/v1/sql', given));
    const outcomes = events.filter(({ event }) => event === 'error' || event === 'answer');
    expect(outcomes.map(({ event, data }) => [event, (JSON.parse(data) as { index: number }).index])).toEqual(
      [
        ['error', 0],
        ['answer', 1],
      ],
    );
  });

  test.each<[string, unknown, number, string]>([
    ['no JSON', '{', 400, 'broken-json'],
    ['neither question nor questions', {}, 400, 'bad-request'],
    ['both', { question: 'a', questions: ['a'] }, 400, 'bad-request'],
    ['a question that is a number', { question: 7 }, 400, 'bad-request'],
    ['an unknown field', { question: 'a', shcema: 'x' }, 400, 'bad-request'],
    ['too many questions', { questions: Array(33).fill('a') }, 400, 'bad-request'],
    ['an empty question', { question: ' ' }, 422, 'empty-question'],
    ['a question with a placeholder', { question: 'patient __ID_1__' }, 422, 'placeholder-in-question'],
    ['a question of 20 kB', { question: 'a'.repeat(20_000) }, 422, 'question-too-long'],
    ['a body beyond the limit', { question: 'a'.repeat(70_000) }, 413, 'body-too-large'],
  ])('refuses %s', async (_, given, status, code) => {
    expect(await codeOf(await stubApp().post('/v1/sql', given), status)).toBe(code);
  });

  test('refuses a body that is not JSON by its type, as a form of another site would send it', async () => {
    const { post } = stubApp();
    const form = { 'Content-Type': 'text/plain' };
    expect(await codeOf(await post('/v1/sql', { question: 'a' }, form), 415)).toBe('bad-content-type');
  });

  test('says after which time to ask again when the queue is full', async () => {
    const { post } = stubApp({ delay: 30, capacity: 2 });
    const responses = await Promise.all(
      Array.from({ length: 5 }, () => post('/v1/sql', { question: 'How many?' })),
    );
    const statuses = responses.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 429, 429, 429]);
    const full = responses.find(({ status }) => status === 429)!;
    expect(Number(full.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await codeOf(full, 429)).toBe('queue-full');
    expect((await post('/v1/sql', { question: 'How many?' })).status).toBe(200);
  });

  test('takes a batch whole or not at all', async () => {
    let asked = 0;
    const { post } = stubApp({ capacity: 2, onAsk: () => asked++ });
    expect(await codeOf(await post('/v1/sql', { questions: ['a', 'b', 'c'] }), 429)).toBe('queue-full');
    expect(asked).toBe(0);
  });

  test('ends a request that takes too long, and answers the next one', async () => {
    const { post } = stubApp({ delay: 60, timeLimit: 20 });
    expect(await codeOf(await post('/v1/sql', { question: 'How many?' }), 504)).toBe('time-limit');
    const quick = stubApp({ delay: 1, timeLimit: 5000 });
    expect((await quick.post('/v1/sql', { question: 'How many?' })).status).toBe(200);
  });
});

test('POST /v1/chat/completions answers the last message of the user, whole and as a stream', async () => {
  const { post } = stubApp();
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'How is the weather?' },
    { role: 'assistant', content: '-' },
    { role: 'user', content: [{ type: 'text', text: 'How many patients are there?' }] },
  ];
  const given = { model: 'stub:mimic_iv', messages, temperature: 0.2 };
  const { choices, model } = await bodyOf(await post('/v1/chat/completions', given), chatShape);
  expect(choices[0]!.message).toEqual({
    role: 'assistant',
    content: 'SELECT COUNT(*) FROM patients AS t1;',
    refusal: null,
  });
  expect(model).toBe('stub:mimic_iv');
  const events = await eventsOf(await post('/v1/chat/completions', { ...given, stream: true }));
  expect(events.at(-1)!.data).toBe('[DONE]');
  const deltas = events
    .slice(0, -1)
    .map(({ data }) => JSON.parse(data) as { choices: { delta: { content?: string } }[] });
  expect(deltas.map(({ choices: [choice] }) => choice!.delta.content ?? '').join('')).toBe(
    'SELECT COUNT(*) FROM patients AS t1;',
  );
});

test.each(['gpt-4', 'stub2', 'stub2:mimic_iv'])(
  'no answer bears the name of another model: %s',
  async (model) => {
    const given = { model, messages: [{ role: 'user', content: 'How many?' }] };
    expect(await codeOf(await stubApp().post('/v1/chat/completions', given), 404)).toBe('unknown-model');
  },
);

test('a stream that ends with an error counts as that error, at its end', async () => {
  const { post, get, log } = stubApp({ delay: 60, timeLimit: 30 });
  const events = await eventsOf(await post('/v1/sql', { question: 'How many?', stream: true }));
  expect(events.at(-2)).toMatchObject({
    event: 'error',
    data: expect.stringContaining('time-limit') as string,
  });
  await new Promise((done) => setTimeout(done, 5));
  expect(log.join('\n')).toMatch(/^POST \/v1\/sql 504 \d+ ms stream: time-limit$/m);
  expect(await (await get('/metrics')).text()).toContain('route="/v1/sql",method="POST",status="504"} 1');
});

test('a refusal is an SQL comment for clients of chat completions', async () => {
  const messages = [{ role: 'user', content: 'How is the weather?' }];
  const { choices } = await bodyOf(await stubApp().post('/v1/chat/completions', { messages }), chatShape);
  expect(choices[0]!.message.content).toMatch(/^-- not-in-schema: .*weather/);
  expect(choices[0]!.message.refusal).toMatch(/weather/);
  const empty = { messages: [{ role: 'user', content: null }] };
  expect(await codeOf(await stubApp().post('/v1/chat/completions', empty), 400)).toBe('no-question');
});

test('POST /v1/validate accepts a safe statement and explains it, and says what is wrong with others', async () => {
  const { post } = stubApp();
  const good = { sql: 'SELECT COUNT(*) FROM person AS t1;' };
  const accepted = await bodyOf(await post('/v1/validate', good), validateShape);
  expect(accepted).toEqual({ ok: true, errors: [], explanation: expect.stringMatching(/^Counts/) });
  const refused = await bodyOf(await post('/v1/validate', { sql: 'DROP TABLE person' }), validateShape);
  expect(refused.ok).toBe(false);
  expect(refused.errors[0]!.at).toMatchObject({ line: 1, column: 1 });
  const masked = {
    sql: 'SELECT COUNT(*) FROM person AS t1 WHERE t1.person_id = __ID_1__;',
    placeholders: { __ID_1__: 'int' },
  };
  expect(await bodyOf(await post('/v1/validate', masked), validateShape)).toMatchObject({
    ok: true,
    explanation: null,
  });
  const wrong = { ...good, placeholders: { patient: 1 } };
  expect(await codeOf(await post('/v1/validate', wrong), 422)).toBe('bad-placeholders');
});

test('POST /v1/vault shows the question without its values', async () => {
  const { post } = stubApp();
  const text = await (await post('/v1/vault', { question: QUESTION })).text();
  expect(text).not.toMatch(/48213|March/);
  const body = vaultShape.parse(JSON.parse(text));
  expect(body.question).toBe('How many visits did patient __ID_1__ have since __DATE_1__?');
  const shown = await bodyOf(await post('/v1/vault', { question: QUESTION, values: true }), vaultShape);
  expect(shown.placeholders[0]!.text).toBe('48213');
});

describe('POST /v1/feedback', () => {
  const up = { question: QUESTION, statement: 'SELECT COUNT(*) FROM person AS t1;', verdict: 'up' };
  const linesOf = (file: string): unknown[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);

  test('keeps good and corrected statements as pairs, and wrong ones apart', async () => {
    const file = join(folder, 'kept', 'pairs.jsonl');
    const { post } = stubApp({ feedback: new FeedbackFile(file) });
    const corrected = 'SELECT COUNT(*) FROM visit_occurrence AS t1;';
    expect(await (await post('/v1/feedback', up)).json()).toEqual({ kept: 'pair' });
    await post('/v1/feedback', { ...up, verdict: 'down', corrected });
    const rejected = await post('/v1/feedback', { ...up, verdict: 'down' });
    expect(await rejected.json()).toEqual({ kept: 'rejection' });
    expect(linesOf(file)).toEqual([
      { question: QUESTION, sql: up.statement, schema: 'omop_cdm_5_4' },
      { question: QUESTION, sql: corrected, schema: 'omop_cdm_5_4' },
    ]);
    expect(linesOf(file.replace('.jsonl', '.rejected.jsonl'))).toEqual([
      { question: QUESTION, rejected: up.statement, schema: 'omop_cdm_5_4' },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('takes a corrected statement without its last semicolon', async () => {
    const file = join(folder, 'open-end.jsonl');
    const { post } = stubApp({ feedback: new FeedbackFile(file) });
    const corrected = ' SELECT COUNT(*) FROM visit_occurrence AS t1\n';
    await post('/v1/feedback', { ...up, verdict: 'down', corrected });
    expect(linesOf(file)).toMatchObject([{ sql: 'SELECT COUNT(*) FROM visit_occurrence AS t1;' }]);
  });

  test('begins a new line after one that was cut short', async () => {
    const file = join(folder, 'cut.jsonl');
    writeFileSync(file, '{"question":"a","sq');
    await stubApp({ feedback: new FeedbackFile(file) }).post('/v1/feedback', up);
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  });

  test('keeps no statement that is not one safe SELECT, and nothing unless told where', async () => {
    const file = join(folder, 'none.jsonl');
    const { post } = stubApp({ feedback: new FeedbackFile(file) });
    const wrong = { ...up, verdict: 'down', corrected: 'DROP TABLE person' };
    expect(await codeOf(await post('/v1/feedback', wrong), 422)).toBe('bad-statement');
    expect(() => statSync(file)).toThrow();
    expect(await codeOf(await stubApp().post('/v1/feedback', up), 404)).toBe('feedback-off');
  });
});

test('GET /v1/schemas shows tables, columns, keys, words, roles and coded values', async () => {
  const { get } = stubApp();
  const { schemas } = await bodyOf(await get('/v1/schemas'), schemasShape);
  expect(schemas.map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['omop_cdm_5_4', true],
    ['mimic_iv', false],
  ]);
  const person = schemas[0]!.tables.find(({ name }) => name === 'person')!;
  expect(person).toMatchObject({ role: 'patient', primaryKey: ['person_id'] });
  expect(person.columns.find(({ name }) => name === 'gender_concept_id')!.codes.length).toBeGreaterThan(0);
  const one = await bodyOf(await get('/v1/schemas/mimic_iv'), schemaShape);
  expect(one).toEqual(schemas[1]);
  expect(await codeOf(await get('/v1/schemas/none'), 404)).toBe('unknown-schema');
});

test('the server says what it offers', async () => {
  const { get } = stubApp();
  const { data } = await bodyOf(await get('/v1/models'), modelsShape);
  expect(data.map(({ id }) => id)).toEqual(['stub', 'stub:omop_cdm_5_4', 'stub:mimic_iv']);
  const settings = await bodyOf(await get('/v1/settings'), settingsShape);
  expect(settings).toMatchObject({ version: '1.2.3', model: 'stub', feedback: false, needsKey: false });
  expect(await bodyOf(await get('/health'), healthShape)).toEqual({ status: 'ok', waiting: 0, running: 0 });
  const stopping = stubApp({ isStopping: () => true });
  const response = await stopping.get('/health');
  expect(response.headers.get('connection')).toBe('close');
  expect(await bodyOf(response, healthShape, 503)).toMatchObject({ status: 'stopping' });
});

test('GET /metrics counts requests, questions and times', async () => {
  const { get, post } = stubApp();
  await post('/v1/sql', { questions: ['How many?', 'How is the weather?', ''] });
  const text = await (await get('/metrics')).text();
  expect(text).toMatch(/^openward_requests_total\{route="\/v1\/sql",method="POST",status="200"\} 1$/m);
  expect(text).toMatch(/^openward_questions_total\{outcome="statement"\} 1$/m);
  expect(text).toMatch(/^openward_questions_total\{outcome="not-in-schema"\} 1$/m);
  expect(text).toMatch(/^openward_questions_total\{outcome="empty-question"\} 1$/m);
  expect(text).toMatch(/^openward_question_stage_seconds_count\{stage="decode"\} 2$/m);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of samples)
    expect(line).toMatch(/^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+$/);
});

describe('files of the page', () => {
  const page = readPageFiles(folderWithPage(), {});

  function folderWithPage(): string {
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    writeFileSync(join(folder, 'secret.env'), 'KEY=1');
    return folder;
  }

  test('are served with a type, a strict policy and a tag for caches', async () => {
    const { get, app } = stubApp({ page });
    const response = await get('/');
    expect(await response.text()).toBe('<!doctype html>');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toMatch(/default-src 'none'.*script-src 'self'/);
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const again = await get('/index.html', { 'If-None-Match': response.headers.get('etag')! });
    expect(again.status).toBe(304);
    expect((await app.request('http://localhost/', { method: 'HEAD' })).status).toBe(200);
    expect((await app.request('http://localhost/', { method: 'DELETE' })).status).toBe(405);
  });

  test.each([
    '/secret.env',
    '/../package.json',
    '/%2e%2e/package.json',
    '/..%2fpackage.json',
    '//etc/passwd',
    '/none.js',
  ])('%s is not served', async (path) => {
    const response = await stubApp({ page }).get(path);
    expect(response.status).toBe(404);
  });
});
