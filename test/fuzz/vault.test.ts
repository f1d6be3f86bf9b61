import { describe, expect, it } from 'vitest';
import { PLACEHOLDER_PATTERN } from '../../src/data/placeholder.js';
import { buildPrompt } from '../../src/sql/prompt.js';
import { extract, restore, VaultError, type VaultResult } from '../../src/sql/vault/index.js';
import { pickOf, seededPicks } from '../sql/validator/choices.js';
import { generateQuestion } from './questions.js';
import { CASES, FIRST_SEED, LIMIT_MS, RUN_TIMEOUT_MS, runCases, timeOf } from './settings.js';

const REASONS = ['empty-question', 'placeholder-in-question', 'too-many-placeholders', 'masking-failed'];

interface Counts {
  masked: number;
  withoutValues: number;
  refused: number;
  slowestMs: number;
}

function runCase(seed: number, counts: Counts): string | undefined {
  const pick = seededPicks(seed);
  const question = generateQuestion(pick);
  const dateOrder = pickOf(pick, [undefined, 'mdy', 'dmy'] as const);
  let result: VaultResult | undefined;
  let reason: string | undefined;
  const ask = (): void => {
    try {
      result = extract(question, dateOrder === undefined ? {} : { dateOrder });
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      reason = error.code;
    }
  };
  const took = timeOf(ask);
  counts.slowestMs = Math.max(counts.slowestMs, took);
  if (took > LIMIT_MS) return `took ${took.toFixed(0)} ms: ${JSON.stringify(question)}`;
  if (result === undefined) {
    counts.refused++;
    return REASONS.includes(reason!) ? undefined : `refused with ${reason}: ${JSON.stringify(question)}`;
  }
  if (result.placeholders.length === 0) counts.withoutValues++;
  else counts.masked++;
  const fault = faultOf(question, result);
  return fault && `${fault}: ${JSON.stringify(question)} became ${JSON.stringify(result.question)}`;
}

function faultOf(question: string, result: VaultResult): string | undefined {
  const { question: masked, placeholders } = result;
  if (restore(masked, placeholders) !== question) return 'not restored to the byte';
  // What the vault says of the question has to hold by itself, without `restore`.
  const spans = placeholders
    .flatMap(({ name, spans }) => spans.map((span) => ({ name, ...span })))
    .sort((a, b) => a.start - b.start);
  let rebuilt = '';
  let done = 0;
  for (const { name, start, end, text } of spans) {
    if (start < done || end <= start || question.slice(start, end) !== text) return 'spans overlap or lie';
    rebuilt += question.slice(done, start) + name;
    done = end;
  }
  if (rebuilt + question.slice(done) !== masked) return 'the masked question is not the spans replaced';
  const found = new Set(masked.match(PLACEHOLDER_PATTERN));
  if (found.size !== placeholders.length) return 'placeholders of the text and of the map differ';
  try {
    buildPrompt(masked, placeholders, '');
  } catch (error) {
    return `no prompt (${(error as Error).message})`;
  }
  return undefined;
}

describe('the vault', () => {
  it(`gives ${CASES} vicious questions back to the byte`, { timeout: RUN_TIMEOUT_MS }, () => {
    const counts: Counts = { masked: 0, withoutValues: 0, refused: 0, slowestMs: 0 };
    const failures = runCases((seed) => runCase(seed, counts));
    if (CASES > 3000) console.log(`from seed ${FIRST_SEED}`, counts);
    expect(failures).toEqual([]);
    if (CASES >= 1000) expect(counts.masked).toBeGreaterThan(CASES / 3);
  });
});
