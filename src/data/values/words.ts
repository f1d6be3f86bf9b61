import { singularOf } from './fold.js';
import {
  bitCount,
  editsAllowed,
  editsBetween,
  letterBit,
  letterBits,
  mayHaveTypos,
  MOST_VARIANTS,
  variantHashes,
} from './typo.js';

/** All words of the index, in the order of their UTF-16 units; a word's number is its place. */
export interface WordTable {
  /** The units of all words. */
  words: Uint16Array;
  /** Where each word ends in `words`. */
  wordEnds: Uint32Array;
  /** The letter bits of each word. */
  letters: Uint32Array;
  /** Where the words of a hash's low bits start in `typoWords`; one more than there are such bits. */
  typoStarts: Uint32Array;
  typoWords: Uint32Array;
}

export type Words = Pick<WordTable, 'words' | 'wordEnds'>;

/** The first word that is not less than `word`; with `prefix`, the first that is neither less nor begins with it. */
export function lowerBound({ words, wordEnds }: Words, word: string, prefix = false): number {
  let low = 0;
  let high = wordEnds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const from = middle === 0 ? 0 : wordEnds[middle - 1]!;
    const order = compare(words, from, wordEnds[middle]!, word);
    if (order < 0 || (prefix && startsWith(words, from, wordEnds[middle]!, word))) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The number of a word; -1 if the index has no such word. */
export function wordNumber(table: Words, word: string): number {
  const at = lowerBound(table, word);
  if (at === table.wordEnds.length) return -1;
  const from = at === 0 ? 0 : table.wordEnds[at - 1]!;
  return compare(table.words, from, table.wordEnds[at]!, word) === 0 ? at : -1;
}

function compare(words: Uint16Array, from: number, to: number, word: string): number {
  const shared = Math.min(to - from, word.length);
  for (let i = 0; i < shared; i++) {
    const difference = words[from + i]! - word.charCodeAt(i);
    if (difference !== 0) return difference;
  }
  return to - from - word.length;
}

function startsWith(words: Uint16Array, from: number, to: number, prefix: string): boolean {
  return to - from >= prefix.length && compare(words, from, from + prefix.length, prefix) === 0;
}

/** A word of the index that a word of the question may stand for. */
export interface WordCandidate {
  word: number;
  edits: number;
}

const hashes = new Uint32Array(MOST_VARIANTS);
/** Words that were compared, each at its lowest bits: a word that is filed in several places is mostly compared once. */
const seen = new Int32Array(1 << 10);
const LOW_OF_SEEN = seen.length - 1;

/** The words that a folded word may stand for: itself first, then those that differ by forgiven typos. */
export function candidatesFor(table: WordTable, folded: string): WordCandidate[] {
  const singular = singularOf(folded);
  const own = wordNumber(table, singular);
  const found = new Map<number, number>();
  if (own >= 0) found.set(own, 0);
  addTypos(table, singular, found);
  // The typo may be before an s that is no plural's (diabetis), or make one look like it.
  if (folded.endsWith('s') && folded !== singular + 's') addTypos(table, folded.slice(0, -1), found);
  const candidates = [...found].map(([word, edits]) => ({ word, edits }));
  return candidates.sort((a, b) => a.edits - b.edits || a.word - b.word);
}

/** Adds words within the allowed edits of `singular`, with the fewest edits. */
function addTypos(table: WordTable, singular: string, found: Map<number, number>): void {
  const { words, wordEnds, letters, typoStarts, typoWords } = table;
  if (typoWords.length === 0 || !mayHaveTypos(singular)) return;
  const allowed = editsAllowed(singular.length);
  let bits = 0;
  for (let i = 0; i < singular.length; i++) bits |= letterBit(singular.charCodeAt(i));
  const count = variantHashes(singular, allowed, hashes);
  const low = typoStarts.length - 2;
  seen.fill(-1);
  for (let v = 0; v < count; v++) {
    const bucket = (hashes[v]! & low) >>> 0;
    for (let k = typoStarts[bucket]!; k < typoStarts[bucket + 1]!; k++) {
      const word = typoWords[k]!;
      if (seen[word & LOW_OF_SEEN] === word || bitCount(letters[word]! ^ bits) > 2 * allowed) continue;
      seen[word & LOW_OF_SEEN] = word;
      const from = word === 0 ? 0 : wordEnds[word - 1]!;
      const to = wordEnds[word]!;
      const limit = editsAllowed(Math.min(singular.length, to - from));
      const edits = editsBetween(singular, words, from, to, limit);
      // Without its s a word is not itself, so a typo of the whole counts at least one.
      if (edits <= limit) found.set(word, Math.min(found.get(word) ?? Infinity, Math.max(edits, 1)));
    }
  }
}

/** Typo entries above this many would take more memory than the rest of the index: then fewer words have them. */
const MOST_TYPO_ENTRIES = 1 << 26;

/** Files every word that may have typos under its variants. */
export function fileTypos(
  { words, wordEnds }: Words,
  most = MOST_TYPO_ENTRIES,
): Pick<WordTable, 'letters' | 'typoStarts' | 'typoWords'> {
  const letters = new Uint32Array(wordEnds.length);
  const edits = new Uint8Array(wordEnds.length);
  let entries = 0;
  forEachWord({ words, wordEnds }, (word, text, from, to) => {
    letters[word] = letterBits(words, from, to);
    if (!mayHaveTypos(text)) return;
    edits[word] = editsAllowed(text.length);
    entries += variantHashes(text, edits[word]!, hashes);
  });
  const isOver = entries > most;
  const bits = Math.max(1, Math.min(24, Math.ceil(Math.log2((isOver ? most : entries) / 2 + 1))));
  const starts = new Uint32Array((1 << bits) + 1);
  const low = (1 << bits) - 1;
  const each = (visit: (bucket: number, word: number) => void): void => {
    forEachWord({ words, wordEnds }, (word, text) => {
      if (edits[word] === 0) return;
      const count = variantHashes(text, isOver ? 1 : edits[word]!, hashes);
      for (let v = 0; v < count; v++) visit((hashes[v]! & low) >>> 0, word);
    });
  };
  each((bucket) => starts[bucket + 1]!++);
  for (let b = 0; b <= low; b++) starts[b + 1]! += starts[b]!;
  const total = starts[low + 1]!;
  if (total > most) return { letters, typoStarts: new Uint32Array(3), typoWords: new Uint32Array(0) };
  const typoWords = new Uint32Array(total);
  const next = starts.slice(0, -1);
  each((bucket, word) => (typoWords[next[bucket]!++] = word));
  return { letters, typoStarts: starts, typoWords };
}

function forEachWord(
  { words, wordEnds }: Words,
  visit: (word: number, text: string, from: number, to: number) => void,
): void {
  let from = 0;
  for (let word = 0; word < wordEnds.length; word++) {
    const to = wordEnds[word]!;
    visit(word, String.fromCharCode(...words.subarray(from, to)), from, to);
    from = to;
  }
}
