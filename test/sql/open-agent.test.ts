import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIDENCE_FILE, type ConfidenceCalibration } from '../../src/sql/answerable/confidence.js';
import { openAgent, validate, VaultError } from '../../src/sql/index.js';
import { testGpu } from '../engine/test-gpu.js';
import { tokenizerOf } from './grammar/decoding.js';
import { diceModel, indexOf, samplesOf, saveUntrainedModel } from './untrained.js';

const schema = indexOf('omop_cdm_5_4');
const tokenizer = tokenizerOf(samplesOf(schema, 300, 1));
const QUESTION = 'How many visits did patient 0048213 have since March 5, 2024?';

describe('an agent on a model object', () => {
  test('answers with a statement, its placeholders and its confidence', async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer) });
    const { statement, verdict, placeholders, confidence, explanation, notes } = await agent.ask(QUESTION);
    expect(verdict).toEqual({ ok: true, errors: [] });
    expect(validate(statement!, schema).ok).toBe(true);
    expect(placeholders.map(({ name, text }) => [name, text])).toEqual([
      ['__ID_1__', '0048213'],
      ['__DATE_1__', 'March 5, 2024'],
    ]);
    expect(confidence!.mean).toBeGreaterThan(0);
    expect(explanation).toMatch(/\S/);
    expect(notes).toEqual([]);
    expect(agent.gpu).toBeUndefined();
    await agent.close();
  });

  test('answers one question at a time, in order, or as many as it is told to', async () => {
    const log: string[] = [];
    const dice = diceModel(tokenizer);
    const model = {
      ...dice,
      complete: async (...args: Parameters<typeof dice.complete>) => {
        log.push('start');
        await new Promise((done) => setTimeout(done, 5));
        log.push('end');
        return dice.complete(...args);
      },
    };
    const agent = await openAgent({ schema, model });
    await Promise.all([agent.ask(QUESTION), agent.ask(QUESTION)]);
    expect(log).toEqual(['start', 'end', 'start', 'end']);
    log.length = 0;
    const several = await openAgent({ schema, model, atOnce: 2 });
    await Promise.all([several.ask(QUESTION), several.ask(QUESTION), several.ask(QUESTION)]);
    let running = 0;
    const atOnce = log.map((what) => (running += what === 'start' ? 1 : -1));
    expect(log).toHaveLength(6);
    expect(Math.max(...atOnce)).toBe(2);
  });

  test('asks for the year of a date that has none, and names its placeholder alone', async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer) });
    const { refusal } = await agent.ask('How many patients were born on March 5?');
    expect(refusal).toMatchObject({ code: 'incomplete-date' });
    expect(refusal!.message).toMatch(/^__TEXT_1__ has no year/);
  });

  test('refuses by default what the schema lacks, and answers it if told not to refuse', async () => {
    const question = 'Which sailors boarded a vessel in a foreign harbour after March 5, 2024?';
    const model = diceModel(tokenizer);
    const careful = await openAgent({ schema, model });
    expect(await careful.ask(question)).toMatchObject({ refusal: { code: 'not-in-schema' } });
    const bold = await openAgent({ schema, model, refuse: false, sense: false });
    expect((await bold.ask(question)).statement).toBeDefined();
  });

  test("lets a question's options override its own", async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer), dateOrder: 'mdy', candidates: 1 });
    const question = 'How many patients were born before 03/04/1950?';
    const [first] = (await agent.ask(question)).placeholders;
    expect(first!.value).toBe('1950-03-04');
    const second = await agent.ask(question, { dateOrder: 'dmy', maxTables: 1, candidates: 2 });
    expect(second.placeholders[0]!.value).toBe('1950-04-03');
    expect(second.tables).toHaveLength(1);
  });

  test('continues after a question that it cannot take, and stops when closed', async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer) });
    await expect(agent.ask('')).rejects.toThrow(VaultError);
    expect((await agent.ask(QUESTION)).statement).toBeDefined();
    await agent.close();
    await agent.close();
    await expect(agent.ask(QUESTION)).rejects.toMatchObject({ code: 'agent-closed' });
  });
});

describe('an agent on a model folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agent-'));
    await saveUntrainedModel(folder, tokenizer);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("uses the model's calibration, warns of an outdated one, and leaves a given device open", async () => {
    const calibration: ConfidenceCalibration = {
      step: 7,
      threshold: 1,
      allowedWrong: 0.05,
      candidates: 1,
      curve: [[0, 0.25]],
      figures: { values: { questions: 1, refused: 0, wrongBefore: 0, wrong: 0 } },
    };
    await writeFile(join(folder, CONFIDENCE_FILE), JSON.stringify(calibration));
    const gpu = await testGpu();
    const agent = await openAgent({ schema: 'schemas/omop_cdm_5_4.json', model: folder, gpu, candidates: 1 });
    expect(agent.warnings).toEqual([expect.stringMatching(/step 7, but the model is at step 0/)]);
    expect((await agent.ask(QUESTION, { sense: false })).refusal).toMatchObject({ code: 'unsure' });
    const { statement, confidence } = await agent.ask(QUESTION, { minConfidence: 0, sense: false });
    expect(statement).toBeDefined();
    expect(confidence!.chance).toBe(0.25);
    await agent.close();
    await expect(gpu.device.queue.onSubmittedWorkDone()).resolves.not.toThrow();
  });

  test('fails on a folder that holds no model before it opens a device', async () => {
    const options = { schema, model: join(folder, 'nothing'), adapter: 'no such adapter' };
    await expect(openAgent(options)).rejects.toMatchObject({ code: 'model-not-found' });
  });
});
