import { monthWords, quarterWords } from './calendar.js';
import { BETWEEN, LABELS, LINKS, nounWords, phraseWords } from './nouns.js';
import { DECADE_NAMES, NUMBER_NAMES, ORDINAL_NAMES } from './number-names.js';
import { TIME_NAMES } from './time-names.js';
import * as lists from './words.js';

/** A word of questions, kept once for all of them, so that what is known of it is looked up once. */
export interface KnownWord {
  /** Lower case. */
  readonly word: string;
  /** Its place in tables of what is known of words, less than `MOST_KNOWN`; -1 if it is not remembered, or no longer. */
  number: number;
  /**
   * Whether a value can begin with it if nothing is joined to it (`patient`, `March`, `between`). False for words that no
   * recogniser looks for, or looks for only around values (`over`).
   */
  readonly opens: boolean;
  /** Whether it is a word of time that may be left unread (`TIME_NAMES`). */
  readonly isTime: boolean;
}

/**
 * Every word without punctuation that a recogniser can start at: those of `RECOGNISERS` in recognisers.ts with the
 * place `plain`.
 */
const OPENERS: ReadonlySet<string> = new Set([
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
]);

/** Words that recognisers look for around values. A word that is missing here is learned when a question has it. */
const CONTEXT = [
  ...[BETWEEN, LABELS, LINKS],
  ...Object.values(lists).filter((list) => list instanceof Set),
].flatMap((list) => [...list]);

/** Beyond this many, learned words are forgotten, so that no stream of new words fills the memory. */
export const MOST_KNOWN = 1 << 13;
/** A longer word is hardly said twice. */
const LONGEST_LEARNED = 32;
const ASCII_WORD = /^[a-z0-9]+$/;

/** The words that recognisers look for, by number: they keep theirs when learned words are forgotten. */
export const LISTED_WORDS: readonly string[] = [
  ...new Set([...OPENERS, ...CONTEXT, ...TIME_NAMES.keys()]),
].filter((word) => ASCII_WORD.test(word));

/** An open hash table. The hashes lie apart from the words: most look-ups read one hash and one word. */
const SLOTS = 2 * MOST_KNOWN;
const hashes = new Int32Array(SLOTS);
const words = new Array<KnownWord | undefined>(SLOTS);
/** Words with an apostrophe, a low line or a letter that is not ASCII, by their spelling. */
const spellings = new Map<string, KnownWord>();
let count = 0;
let generation = 0;
forget();

function forget(): void {
  // Tokens may still refer to them.
  for (const known of [...words, ...spellings.values()]) if (known !== undefined) known.number = -1;
  words.fill(undefined);
  spellings.clear();
  count = 0;
  generation++;
  for (const word of LISTED_WORDS) add(interned(word));
}

/** Changes when words are forgotten: the numbers of others than `LISTED_WORDS` then mean other words. */
export function wordGeneration(): number {
  return generation;
}

function add(word: string): KnownWord {
  let hash = 0;
  for (let k = 0; k < word.length; k++) hash = hashOn(hash, word.charCodeAt(k));
  let slot = slotOf(hash);
  while (words[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1);
  hashes[slot] = hash;
  return (words[slot] = {
    word,
    number: count++,
    opens: OPENERS.has(word),
    isTime: TIME_NAMES.has(word),
  });
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/** Adds an ASCII letter or digit to the hash of a word, ignoring case. */
export function hashOn(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 32)) | 0;
}

/**
 * Looks up `text[start, end)`, ASCII letters and digits only, by the hash of its characters: no string is allocated for a
 * word that is known.
 */
export function knownWordAt(text: string, start: number, end: number, hash: number): KnownWord | undefined {
  for (let slot = slotOf(hash); ; slot = (slot + 1) & (SLOTS - 1)) {
    const known = words[slot];
    if (known === undefined) return undefined;
    if (hashes[slot] === hash && known.word.length === end - start && isSpelledAt(known.word, text, start))
      return known;
  }
}

function isSpelledAt(word: string, text: string, start: number): boolean {
  for (let k = 0; k < word.length; k++) {
    if ((text.charCodeAt(start + k) | 32) !== word.charCodeAt(k)) return false;
  }
  return true;
}

/** Learns `text[start, end)`, ASCII letters only, which `knownWordAt` does not find. */
export function learnWord(text: string, start: number, end: number): KnownWord {
  const word = interned(text.slice(start, end).toLowerCase());
  if (word.length > LONGEST_LEARNED) return { word, number: -1, opens: false, isTime: false };
  if (count === MOST_KNOWN) forget();
  return add(word);
}

/** A word with a sign or a letter that is not ASCII. Recognisers examine it closely: `person_id`, `patient's`, `µg`. */
export function wordSpelled(spelled: string): KnownWord {
  let known = spellings.get(spelled);
  if (known === undefined) {
    const copy = interned(spelled);
    const word = interned(copy.toLowerCase());
    // `Monday's`, `o'clock`
    const isTime = /['’]/.test(word) && TIME_NAMES.has(word.replace(/['’]s$/, ''));
    if (word.length > LONGEST_LEARNED) return { word, number: -1, opens: true, isTime };
    if (count === MOST_KNOWN) forget();
    known = { word, number: count++, opens: true, isTime };
    spellings.set(copy, known);
  }
  return known;
}

/**
 * The one copy that the engine keeps of a property's name. Such strings are compared by address, and hold on to no longer
 * string that they were cut from.
 */
function interned(word: string): string {
  return Object.keys({ [word]: 0 })[0]!;
}
