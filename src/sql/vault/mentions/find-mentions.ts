import type { QuestionToken } from '../lexer.js';
import type { Match } from '../types.js';
import { splitWords } from '../../../data/schema/words.js';
import { openCompounds } from './compounds.js';
import { findCodes } from './find-codes.js';
import { findValues } from './find-values.js';
import { Line, type Misspelled } from './line.js';
import { findNames } from './find-names.js';
import type { SchemaKnowledge } from '../schema-knowledge.js';

/**
 * Adds the unquoted values of a question to those with a form of their own: names that the database has, words for coded
 * values, and what neither English nor the schema explains. A name takes in the numbers inside it (`warfarin 2.5 mg tab`).
 * Takes and returns matches in reading order, with the words that were read as misspelled.
 */
export function addMentions(
  text: string,
  tokens: readonly QuestionToken[],
  matches: readonly Match[],
  knowledge: SchemaKnowledge,
): { matches: Match[]; misspelled: readonly Misspelled[] } {
  const line = new Line(text, tokens, matches, knowledge);
  const takeBeginnings = knowledge.values === undefined ? undefined : findValues(line, knowledge.values);
  findCodes(line);
  takeBeginnings?.();
  openCompounds(line);
  findNames(line);
  // Part of a name after all, or of a value.
  const all = line.matches();
  const misspelled = line.misspelled.filter(
    (word) => !all.some(({ start, end }) => start < word.end && word.start < end),
  );
  return { matches: all, misspelled: withOddCase(line, misspelled) };
}

/** `gIvEn` is a word in odd case, `birthDate` is two. */
function withOddCase(line: Line, misspelled: readonly Misspelled[]): readonly Misspelled[] {
  if (!/[a-z][A-Z]/.test(line.text)) return misspelled;
  const odd: Misspelled[] = [];
  line.tokens.forEach(({ kind, start, end, word }, i) => {
    if (kind !== 'word' || line.parts[i] !== 'word') return;
    const spelled = line.text.slice(start, end);
    if (!/[a-z][A-Z]/.test(spelled) || splitWords(spelled).every((part) => line.knowledge.bitsOf(part) !== 0))
      return;
    odd.push({ start, end, meant: word, isCase: true });
  });
  return [...misspelled, ...odd].sort((a, b) => a.start - b.start);
}
