import { foldedWords } from './fold.js';
import type { WordCandidate } from './words.js';

/**
 * How a phrase matches a value: letter by letter; apart from case, accents, signs and blanks; apart from singular and
 * plural; apart from typos; or as its beginning.
 */
export type MatchKind = 'exact' | 'folded' | 'plural' | 'typo' | 'prefix';

export interface MatchedValue {
  /** As the database spells it. */
  value: string;
  /** `table.column` of each column that has it. */
  columns: string[];
  how: MatchKind;
  /** Typos that were forgiven. */
  edits: number;
}

/** A part of a question that is a value. */
export interface PhraseMatch {
  /** The first word, and the one after the last. */
  from: number;
  to: number;
  values: MatchedValue[];
}

/** What the values of a database are looked up in: a value index, or a value list. */
export interface ValueLookup {
  /**
   * The longest values in a question, in order. Of two that overlap both are given; one that lies within another is not.
   * Where several values have the same words, those with the fewest typos are given.
   * @param words the question, split at blanks; signs may stay
   * @param options `beginnings`: a match may also be the first words of values (`hyperlipidemia` of `Hyperlipidemia
   *   (disorder)`) where no whole value reaches as far
   */
  longestMatches(words: readonly string[], options?: { beginnings?: boolean | undefined }): PhraseMatch[];
  /**
   * The values that these words are, all of them and without a typo.
   * @param options `beginnings`: where no value is as long, those that begin with the words
   */
  wholeValues(words: readonly string[], options?: { beginnings?: boolean | undefined }): MatchedValue[];
}

/** Typos that are forgiven in a phrase, beside the limit of each word. */
const MOST_EDITS = 2;
/** Values that are listed for one phrase. */
export const MOST_VALUES = 8;

/** A node of the tree, and the typos on the way to it. */
export interface Reached {
  node: number;
  edits: number;
}

/** A tree of words: each value is a way from the root, node 0. */
export interface ValueTree {
  /** The words that a folded word may stand for, the fewest typos first. */
  candidates(folded: string): readonly WordCandidate[];
  /** The child of a node by a word's number; -1 if there is none. */
  child(node: number, word: number): number;
  hasChildren(node: number): boolean;
  /** Whether a value ends at the node. */
  isWhole(node: number): boolean;
  valuesAt(reached: Reached, phrase: string, words: readonly string[]): MatchedValue[];
  /** The first values that begin with the words of a node. */
  valuesBelow(reached: Reached): MatchedValue[];
}

/** What each word of a phrase may stand for. */
export type PhraseCandidates = readonly (readonly WordCandidate[])[];

/** Visits every node that the words from `from` on lead to, with the place after the last word used. */
export function walkTree(
  tree: ValueTree,
  words: PhraseCandidates,
  from: number,
  visit: (node: number, to: number, edits: number) => void,
): void {
  step(tree, words, visit, 0, from, 0);
}

function step(
  tree: ValueTree,
  words: PhraseCandidates,
  visit: (node: number, to: number, edits: number) => void,
  node: number,
  at: number,
  edits: number,
): void {
  if (at === words.length || !tree.hasChildren(node)) return;
  for (const candidate of words[at]!) {
    const sum = edits + candidate.edits;
    if (sum > MOST_EDITS) break;
    const child = tree.child(node, candidate.word);
    if (child < 0) continue;
    visit(child, at + 1, sum);
    step(tree, words, visit, child, at + 1, sum);
  }
}

/** See `ValueLookup.longestMatches`. */
export function longestMatches(
  tree: ValueTree,
  words: readonly string[],
  beginnings: boolean,
): PhraseMatch[] {
  const { folded, wordOf } = tokens(words);
  const candidates = folded.map((word) => tree.candidates(word));
  const matches: PhraseMatch[] = [];
  let reached = 0;
  for (let from = 0; from < folded.length; from++) {
    if (from > 0 && wordOf[from] === wordOf[from - 1]) continue;
    let best: Reached[] = [];
    let end = 0;
    let least = 0;
    walkTree(tree, candidates, from, (node, to, edits) => {
      const isWhole = tree.isWhole(node);
      // A value ends with a whole word of the question.
      if (!(isWhole || beginnings) || wordOf[to] === wordOf[to - 1] || to < end) return;
      const rank = isWhole ? edits : MOST_EDITS + 1 + edits;
      if (to === end && least < rank) return;
      if (to > end || least > rank) best = [];
      end = to;
      least = rank;
      best.push({ node, edits });
    });
    if (end <= reached) continue;
    reached = end;
    const [first, last] = [wordOf[from]!, wordOf[end - 1]! + 1];
    const phrase = words.slice(first, last).join(' ');
    const own = folded.slice(from, end);
    const values = best.flatMap((found) =>
      least > MOST_EDITS ? tree.valuesBelow(found) : tree.valuesAt(found, phrase, own),
    );
    matches.push({ from: first, to: last, values: values.slice(0, MOST_VALUES) });
  }
  return matches;
}

/** See `ValueLookup.wholeValues`. */
export function wholeValues(tree: ValueTree, words: readonly string[], beginnings: boolean): MatchedValue[] {
  const { folded, wordOf } = tokens(words);
  if (wordOf[0] !== 0 || wordOf[folded.length - 1] !== words.length - 1) return [];
  const candidates: (readonly WordCandidate[])[] = [];
  let node = 0;
  for (const word of folded) {
    const all = tree.candidates(word);
    const own = all[0];
    if (own?.edits !== 0) return [];
    node = tree.child(node, own.word);
    if (node < 0) return [];
    candidates.push(all);
  }
  const reached = { node, edits: 0 };
  if (tree.isWhole(node)) return tree.valuesAt(reached, words.join(' '), folded);
  if (!beginnings) return [];
  // A whole value with a typo comes before the beginning of others.
  let hasWhole = false;
  walkTree(tree, candidates, 0, (other, to) => {
    hasWhole ||= to === folded.length && tree.isWhole(other);
  });
  return hasWhole ? [] : tree.valuesBelow(reached);
}

/** The folded words, and the word that each is of; one more place says that the last word ends. */
function tokens(words: readonly string[]): { folded: string[]; wordOf: number[] } {
  const folded: string[] = [];
  const wordOf: number[] = [];
  for (let i = 0; i < words.length; i++) {
    for (const one of foldedWords(words[i]!)) {
      folded.push(one);
      wordOf.push(i);
    }
  }
  wordOf.push(words.length);
  return { folded, wordOf };
}

/** How a value without typos matches a phrase. */
export function howAlike(value: string, phrase: string, words: readonly string[]): MatchKind {
  const own = foldedWords(value);
  const isFolded = own.length === words.length && own.every((word, i) => word === words[i]);
  return value.trim() === phrase.trim() ? 'exact' : isFolded ? 'folded' : 'plural';
}
