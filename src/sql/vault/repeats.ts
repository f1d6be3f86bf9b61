import { isWordAt } from './lexer.js';
import type { Match } from './types.js';

/** Shorter values cannot be told from other numbers in the question (`patient 5` and `top 5`). */
export const MIN_REPEAT = 4;

/**
 * Adds every other occurrence of an ID, a date or a quotation as a whole word, so that no copy of a value stays in the
 * question: `E11.9 … E11.9-related`. Takes and returns matches in reading order.
 */
export function coverRepeats(question: string, matches: readonly Match[]): readonly Match[] {
  if (matches.length === 0) return matches;
  let all = asIds(question, matches);
  const seen = new Set<string>();
  for (const match of all) {
    if (match.prefix === 'NUM') continue; // any count in the question may be the same number
    const spelled = question.slice(match.start, match.end);
    if (spelled.length < MIN_REPEAT || seen.has(spelled)) continue;
    seen.add(spelled);
    // The caller refuses more than a handful of values, so this stays linear.
    if (seen.size > 64) break;
    all = addRepeats(question, all, match, spelled);
  }
  return all;
}

/** `patient 12345: show 12345 notes`: a count that is spelled as an ID is that ID. */
function asIds(question: string, matches: readonly Match[]): readonly Match[] {
  if (!matches.some(({ kind }) => kind === 'count') || !matches.some(({ prefix }) => prefix === 'ID'))
    return matches;
  return matches.map((match) => {
    const { start, end } = match;
    if (match.kind !== 'count' || end - start < MIN_REPEAT) return match;
    const id = matches.find(({ prefix, value }) => prefix === 'ID' && value === question.slice(start, end));
    return id === undefined ? match : { ...id, start, end, notes: undefined };
  });
}

function addRepeats(
  question: string,
  matches: readonly Match[],
  match: Match,
  spelled: string,
): readonly Match[] {
  const added: Match[] = [];
  for (
    let at = wholeWordAt(question, spelled, 0);
    at >= 0;
    at = wholeWordAt(question, spelled, at + spelled.length)
  ) {
    const end = at + spelled.length;
    if (at === match.start || matches.some((other) => other.start < end && at < other.end)) continue;
    const { prefix, kind, type, value } = match;
    added.push({ start: at, end, prefix, kind, type, value });
  }
  if (added.length === 0) return matches;
  return [...matches, ...added].sort((a, b) => a.start - b.start);
}

/** Offset of the next whole-word occurrence of `spelled` from `from` on, or -1. */
export function wholeWordAt(text: string, spelled: string, from: number): number {
  for (let at = text.indexOf(spelled, from); at >= 0; at = text.indexOf(spelled, at + 1)) {
    if (!isWordAt(text, at - 1) && !isWordAt(text, at + spelled.length)) return at;
  }
  return -1;
}
