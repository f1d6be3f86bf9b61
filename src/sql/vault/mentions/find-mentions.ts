import type { QuestionToken } from '../lexer.js';
import type { Match } from '../types.js';
import { splitWords } from '../../../data/schema/words.js';
import { openClasses } from './classes.js';
import { openCompounds } from './compounds.js';
import { findCodes } from './find-codes.js';
import { findValues } from './find-values.js';
import { readShorthand } from './shorthand.js';
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
  written: readonly QuestionToken[],
  matches: readonly Match[],
  knowledge: SchemaKnowledge,
): { matches: Match[]; misspelled: readonly Misspelled[] } {
  const { tokens, read } = readShorthand(text, written, (word) => knowledge.bitsOf(word));
  const line = new Line(text, tokens, matches, knowledge);
  const takeBeginnings = knowledge.values === undefined ? undefined : findValues(line, knowledge.values);
  findCodes(line);
  takeBeginnings?.();
  openClasses(line);
  openCompounds(line);
  findNames(line);
  // Part of a name after all, or of a value.
  const all = line.matches();
  let misspelled =
    read.length === 0 ? line.misspelled : [...line.misspelled, ...read].sort((a, b) => a.start - b.start);
  if (misspelled.length > 0)
    misspelled = misspelled.filter(
      (word) => !all.some(({ start, end }) => start < word.end && word.start < end),
    );
  return { matches: all, misspelled: INNER_CAPITAL.test(text) ? withOddCase(line, misspelled) : misspelled };
}

/** `gIvEn` is a word in odd case, `birthDate` is two. */
function withOddCase(line: Line, misspelled: Misspelled[]): Misspelled[] {
  const { text, tokens, knowledge } = line;
  const odd: Misspelled[] = [];
  let i = 0;
  for (const { index } of text.matchAll(INNER_CAPITALS)) {
    while (i < tokens.length && tokens[i]!.end <= index) i++;
    if (i === tokens.length) break;
    const { kind, start, end, word } = tokens[i]!;
    if (start > index || index + 1 >= end) continue;
    if (kind === 'word' && line.parts[i] === 'word' && !isExplained(text.slice(start, end), knowledge))
      odd.push({ start, end, meant: word, isCase: true });
    i++;
  }
  if (odd.length === 0) return misspelled;
  return [...misspelled, ...odd].sort((a, b) => a.start - b.start);
}

const INNER_CAPITAL = /[a-z][A-Z]/;
const INNER_CAPITALS = new RegExp(INNER_CAPITAL, 'g');
const MOST_REMEMBERED = 1 << 12;
/** Names of columns come again and again. */
const explained = new WeakMap<SchemaKnowledge, Map<string, boolean>>();

/** Whether every part of a word in mixed case is a word that is known. */
function isExplained(spelled: string, knowledge: SchemaKnowledge): boolean {
  let known = explained.get(knowledge);
  if (known === undefined || known.size >= MOST_REMEMBERED) explained.set(knowledge, (known = new Map()));
  let is = known.get(spelled);
  if (is === undefined) {
    is = splitWords(spelled).every((part) => knowledge.bitsOf(part) !== 0);
    known.set(spelled, is);
  }
  return is;
}
