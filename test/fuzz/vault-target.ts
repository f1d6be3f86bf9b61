import { PLACEHOLDER_PATTERN } from '../../src/data/placeholder.js';
import { buildPrompt } from '../../src/sql/prompt.js';
import { extract, restore, VaultError, type DateOrder, type VaultResult } from '../../src/sql/vault/index.js';
import { pickOf, seededPicks } from '../sql/validator/choices.js';
import { generateQuestion } from './questions.js';
import { timed, type Target } from './fuzz.js';

const REASONS = ['empty-question', 'placeholder-in-question', 'too-many-placeholders', 'masking-failed'];

interface Counts extends Record<string, number> {
  masked: number;
  withoutValues: number;
  refused: number;
  slowestMs: number;
}

/** The result, or the refusal's code. */
function ask(question: string, dateOrder: DateOrder | undefined): VaultResult | string {
  try {
    return extract(question, { dateOrder });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return error.code;
  }
}

function runCase(seed: number, counts: Counts): string | undefined {
  const pick = seededPicks(seed);
  const question = generateQuestion(pick);
  const dateOrder = pickOf(pick, [undefined, 'mdy', 'dmy'] as const);
  const { result, took, fault: slow } = timed(() => ask(question, dateOrder));
  counts.slowestMs = Math.max(counts.slowestMs, took);
  if (slow !== undefined) return `${slow}: ${JSON.stringify(question)}`;
  if (typeof result === 'string') {
    counts.refused++;
    return REASONS.includes(result) ? undefined : `refused with ${result}: ${JSON.stringify(question)}`;
  }
  if (result.placeholders.length === 0) counts.withoutValues++;
  else counts.masked++;
  const fault = faultOf(question, result);
  return fault && `${fault}: ${JSON.stringify(question)} became ${JSON.stringify(result.question)}`;
}

function faultOf(question: string, result: VaultResult): string | undefined {
  const { question: masked, placeholders } = result;
  if (restore(masked, placeholders) !== question) return 'not restored byte for byte';
  // Check the spans independently of `restore`.
  const spans = placeholders
    .flatMap(({ name, spans }) => spans.map((span) => ({ name, ...span })))
    .sort((a, b) => a.start - b.start);
  let rebuilt = '';
  let done = 0;
  for (const { name, start, end, text, before = '', after = '' } of spans) {
    // Two placeholders may stand for one text, such as a decade: the second end then has no letters of its own.
    const isSecondEnd = start === end && start === done && before !== '';
    if (start < done || (end <= start && !isSecondEnd) || question.slice(start, end) !== text)
      return 'spans overlap or have the wrong text';
    rebuilt += question.slice(done, start) + before + name + after;
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

/** Hostile questions: each is refused with a reason or restored byte for byte. */
export function vaultTarget(): Target {
  const counts: Counts = { masked: 0, withoutValues: 0, refused: 0, slowestMs: 0 };
  return { name: 'vault', runCase: (seed) => runCase(seed, counts), counts, expected: ['masked'] };
}
