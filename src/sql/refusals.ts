import type { SchemaSelection } from '../data/schema/selection.js';
import type { BranchingMask } from '../engine/decode/beam.js';
import type { Candidate, Refusal } from './answer.js';
import { GrammarError, type Grammar } from './grammar/index.js';
import type { VaultResult } from './vault/index.js';

/** Asks for the year of a date that has none: no column can be compared with it. */
export function refuseIncomplete({ placeholders }: Pick<VaultResult, 'placeholders'>): Refusal | undefined {
  const dates = placeholders.filter(({ kind }) => kind === 'incomplete-date').map(({ name }) => name);
  if (dates.length === 0) return undefined;
  const message = `${dates.join(', ')} has no year: write the whole date, or "of last year"`;
  return { code: 'incomplete-date', message };
}

/** Starts the grammar for one statement, or refuses a question with a value that no column can take. */
export function startMask(
  grammar: Grammar,
  { placeholders }: VaultResult,
  options: { selection: SchemaSelection; maxTokens: number },
): { mask: BranchingMask } | { refusal: Refusal } {
  try {
    return { mask: grammar.start(placeholders, options) };
  } catch (error) {
    if (!(error instanceof GrammarError) || error.code !== 'unplaceable') throw error;
    return { refusal: { code: 'unplaceable', message: error.message } };
  }
}

/** Refuses a statement that the model is not sure enough of. A model that reports no confidence is not refused. */
export function refuseUnsure({ confidence }: Candidate, minConfidence: number): Refusal | undefined {
  if (!confidence || confidence.whole >= minConfidence) return undefined;
  const [has, needs] = [confidence.whole, minConfidence].map((share) => `${(100 * share).toFixed(1)}%`);
  const message = `not sure: the model doubts its statement (confidence ${has}, at least ${needs} required): rephrase the question`;
  return { code: 'unsure', message };
}
