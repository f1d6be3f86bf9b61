import { describe, expect, test } from 'vitest';
import { openAgent } from '../../src/sql/index.js';
import { tokenizerOf } from './grammar/decoding.js';
import { diceModel, indexOf, samplesOf } from './untrained.js';

const schema = indexOf('omop_cdm_5_4');
const tokenizer = tokenizerOf(samplesOf(schema, 300, 1));
const QUESTION = 'How many visits did patient 48213 have since March 5, 2024?';

describe('an answer that is watched', () => {
  test('tells its stages in order, and the first statement token by token, without values', async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer), candidates: 2 });
    const stages: string[] = [];
    const drafts: string[] = [];
    const watch = {
      onStage: (stage: string) => stages.push(stage),
      onDraft: (sql: string) => drafts.push(sql),
    };
    const { candidates } = await agent.ask(QUESTION, { watch });
    expect(stages).toEqual(['vault', 'link', 'decode', 'check']);
    expect(drafts.length).toBeGreaterThan(5);
    for (const [i, draft] of drafts.slice(1).entries()) expect(draft.startsWith(drafts[i]!)).toBe(true);
    // This model tells the mask of the token that ends a statement too, so the last draft has it.
    expect(candidates.map(({ sql }) => sql)).toContain(drafts.at(-2));
    expect(drafts.join()).not.toMatch(/48213|2024/);
  });

  test('ends before its next token when its signal is aborted, and the next question is answered', async () => {
    const agent = await openAgent({ schema, model: diceModel(tokenizer), candidates: 1 });
    const stop = new AbortController();
    const reason = new Error('nobody waits');
    let tokens = 0;
    const onDraft = (): void => {
      if (++tokens === 3) stop.abort(reason);
    };
    await expect(agent.ask(QUESTION, { watch: { signal: stop.signal, onDraft } })).rejects.toBe(reason);
    expect(tokens).toBeLessThan(12);
    expect((await agent.ask(QUESTION)).verdict.ok).toBe(true);
    await expect(agent.ask(QUESTION, { watch: { signal: stop.signal } })).rejects.toBe(reason);
  });

  test('is the same as one that is not', async () => {
    const plain = await openAgent({ schema, model: diceModel(tokenizer) });
    const watched = await openAgent({ schema, model: diceModel(tokenizer) });
    const first = await plain.ask(QUESTION);
    const signal = new AbortController().signal;
    const second = await watched.ask(QUESTION, { watch: { signal, onDraft: () => {} } });
    expect({ ...second, timings: 0 }).toEqual({ ...first, timings: 0 });
  });
});
