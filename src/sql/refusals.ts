import type { SchemaSelection } from '../data/schema/selection.js';
import type { BranchingMask } from '../engine/decode/beam.js';
import type { Candidate, Refusal } from './answer.js';
import { GrammarError, type Grammar } from './grammar/index.js';
import { isPlain } from './plain.js';
import { isAskKind, NO_YEAR, type AskKind, type VaultResult } from './vault/index.js';

/** `aged 3 months`, `6 weeks old`, `younger than 18 months`: statements count ages in years. */
const AGE_IN_OTHER_UNIT =
  /(?:(?<=\b(?:aged|age|ages|older than|younger than|age of)(?: (?:of|over|under|above|below|about|exactly|between|from|at|least|most))*(?: __NUM_\d+__(?: (?:and|to|or))?)? )(__NUM_\d+__)[ -](month|week|day|hour)s?\b|(__NUM_\d+__)[ -](month|week|day|hour)s?[ -](?:olds?|of age)\b)/i;

/** Asks for a value that no column can be compared with: a date without a year, a day that does not exist, `weekends`. */
export function refuseUnread({
  question,
  placeholders,
  notes,
}: Pick<VaultResult, 'question' | 'placeholders' | 'notes'>): (Refusal & { code: AskKind }) | undefined {
  const times = placeholders.filter(({ kind }) => kind === 'time');
  const unread = placeholders.filter(({ kind }) => isAskKind(kind));
  const age = AGE_IN_OTHER_UNIT.exec(question);
  const first = unread[0]?.kind ?? (times.length > 0 ? 'unread-time' : 'unread-number');
  if ((unread.length === 0 && times.length === 0 && age === null) || !isAskKind(first)) return undefined;
  const noteOf = (name: string): string | undefined =>
    notes.find((note) => note.name === name && isAskKind(note.code))?.message;
  const lacksYear = ({ name, kind }: (typeof unread)[number]): boolean =>
    kind === 'incomplete-date' && noteOf(name)?.endsWith(NO_YEAR) !== false;
  const dates = unread.filter(lacksYear).map(({ name }) => name);
  const reasons = unread.flatMap((value) => (lacksYear(value) ? undefined : noteOf(value.name)) ?? []);
  if (dates.length > 0) {
    const verb = dates.length === 1 ? 'has' : 'have';
    reasons.unshift(`${dates.join(', ')} ${verb} no year; write the whole date, or "of last year"`);
  }
  for (const { name } of times)
    reasons.push(
      `${name} is a time of day, which no statement compares; ask for dates, or for a day and a time`,
    );
  if (age !== null)
    reasons.push(
      `${age[1] ?? age[3]!} is an age in ${(age[2] ?? age[4]!).toLowerCase()}s, and ages are compared in years; ask in years`,
    );
  return { code: first, message: reasons.join('; ') };
}

/** Starts the grammar for one statement, or refuses a question with a value that no column can take. */
export function startMask(
  grammar: Grammar,
  { question, read = question, placeholders }: VaultResult,
  options: { selection: SchemaSelection; maxTokens: number },
): { mask: BranchingMask } | { refusal: Refusal } {
  try {
    return { mask: grammar.start(placeholders, { ...options, isPlain: isPlain(read, placeholders) }) };
  } catch (error) {
    if (!(error instanceof GrammarError) || !/^(unplaceable|no-room)$/.test(error.code)) throw error;
    return { refusal: { code: 'unplaceable', message: error.message } };
  }
}

/** Refuses a statement that the model is not sure enough of. A model that reports no confidence is not refused. */
export function refuseUnsure({ confidence }: Candidate, minConfidence: number): Refusal | undefined {
  if (!confidence || confidence.whole >= minConfidence) return undefined;
  const [has, needs] = [confidence.whole, minConfidence].map((share) => `${(100 * share).toFixed(1)}%`);
  const message = `not sure: the model's confidence in its statement is ${has}, and ${needs} is required; rephrase the question`;
  return { code: 'unsure', message };
}

/** The model gave up every statement, since none could become likely enough. */
export function noneSure(minConfidence: number): Refusal {
  const needs = (100 * minConfidence).toFixed(1);
  const message = `not sure: no statement reaches the required confidence of ${needs}%; rephrase the question`;
  return { code: 'unsure', message };
}

/** Codes of candidates that a word of the question speaks against, or one of its values. */
const UNSETTLED = /^(?:negation-|state-|said-|sense-path$|rendered-invalid$)/;

/** Says why no statement is given, if each was refused and the likeliest one because of what the question says. */
export function refuseUnsettled([best]: readonly Candidate[]): Refusal | undefined {
  const fault = best?.errors.find(({ code }) => UNSETTLED.test(code));
  if (fault === undefined) return undefined;
  const message = fault.message.startsWith('not sure') ? fault.message : `not sure: ${fault.message}`;
  return { code: 'unsure', message };
}
