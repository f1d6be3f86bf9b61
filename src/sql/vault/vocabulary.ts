import { monthWords, quarterWords } from './calendar.js';
import { BETWEEN, LABELS, LINKS, nounWords, phraseWords } from './nouns.js';
import { DECADE_NAMES, NUMBER_NAMES, ORDINAL_NAMES } from './number-names.js';
import { TIME_NAMES } from './time-names.js';
import * as lists from './words.js';

/** A word that recognisers look for. */
export interface KnownWord {
  /** Lower case. */
  word: string;
  /** Whether a value can begin with it (`patient`, `March`, `between`); `over` only explains a value. */
  opens: boolean;
  /** Whether it is a word of time that may be left unread. */
  isTime: boolean;
}

/**
 * Every word without punctuation that a recogniser can start at: those of `RECOGNISERS` in recognisers.ts with the
 * place `plain`.
 */
const OPENERS = [
  ...nounWords(),
  ...phraseWords(),
  ...monthWords(),
  ...quarterWords(),
  ...DECADE_NAMES.keys(),
  ...ORDINAL_NAMES.keys(),
  ...NUMBER_NAMES.keys(),
  'between',
  'quarter',
  'in',
  'aged',
  'couple',
  'minus',
  'half',
  'fortnight',
  'decade',
  'century',
  'iso',
];

/** Words that recognisers look for around values. A word that is missing here is still found, only more slowly. */
const CONTEXT = [
  ...[BETWEEN, LABELS, LINKS],
  ...Object.values(lists).filter((list) => list instanceof Set),
].flatMap((list) => [...list]);

const BUCKETS = 4096;
const TABLE: (KnownWord[] | undefined)[] = Array.from({ length: BUCKETS }, () => undefined);
const ASCII_WORD = /^[a-z0-9]+$/;

for (const word of CONTEXT) add(word, false);
for (const word of OPENERS) add(word, true);
for (const word of TIME_NAMES.keys()) add(word, false, true);

function add(word: string, opens: boolean, isTime = false): void {
  if (!ASCII_WORD.test(word)) return;
  let hash = 0;
  for (let k = 0; k < word.length; k++) hash = hashOn(hash, word.charCodeAt(k));
  const known = knownWordAt(word, 0, word.length, hash);
  if (known === undefined) (TABLE[hash & (BUCKETS - 1)] ??= []).push({ word, opens, isTime });
  else {
    known.opens ||= opens;
    known.isTime ||= isTime;
  }
}

/** Adds an ASCII letter or digit to the hash of a word, ignoring case. */
export function hashOn(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 32)) | 0;
}

/**
 * Looks up `text[start, end)`, ASCII letters and digits only, by the hash of its characters. No string is allocated,
 * because most words of a question are not known.
 */
export function knownWordAt(text: string, start: number, end: number, hash: number): KnownWord | undefined {
  const bucket = TABLE[hash & (BUCKETS - 1)];
  if (bucket === undefined) return undefined;
  for (const known of bucket) {
    if (known.word.length === end - start && isSpelledAt(known.word, text, start)) return known;
  }
  return undefined;
}

function isSpelledAt(word: string, text: string, start: number): boolean {
  for (let k = 0; k < word.length; k++) {
    if ((text.charCodeAt(start + k) | 32) !== word.charCodeAt(k)) return false;
  }
  return true;
}
