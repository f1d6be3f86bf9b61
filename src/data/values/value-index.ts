import { closeSync } from 'node:fs';
import { DataError } from '../errors.js';
import type { SchemaBundle } from '../schema/bundle.js';
import { foldedWords } from './fold.js';
import {
  checkSection,
  openDirectory,
  readSection,
  structureHash,
  type SectionName,
  type ValueDirectory,
} from './format.js';
import {
  howAlike,
  longestMatches,
  MOST_VALUES,
  wholeValues,
  walkTree,
  type MatchedValue,
  type MatchKind,
  type PhraseMatch,
  type Reached,
  type ValueLookup,
  type ValueTree,
} from './longest.js';
import { ValueText } from './value-text.js';
import { candidatesFor, lowerBound, type WordCandidate, type WordTable } from './words.js';

/** The last word of a phrase may be the beginning of a word if it has at least this many letters. */
const SHORTEST_PREFIX = 3;
const MOST_REMEMBERED = 1 << 15;
/** Values of up to this many bytes are kept in memory: to read them from the file takes longer than to find them. */
const MOST_BYTES_KEPT = 1 << 26;
const KINDS: readonly MatchKind[] = ['exact', 'folded', 'plural', 'typo', 'prefix'];

/** An open value index. The tree and the words are in memory. The values are too, unless they are many: see `ValueText`. */
export class ValueIndex implements ValueLookup {
  readonly #table: WordTable;
  readonly #nodeWords: Uint32Array;
  readonly #firstChild: Uint32Array;
  readonly #nodeEntries: Uint32Array;
  /** The child of the root by its word, -1 if there is none: the root has far more children than any other node. */
  readonly #rootChildren: Int32Array;
  readonly #text: ValueText;
  readonly #tree: ValueTree;
  readonly #candidates = new Map<string, WordCandidate[]>();
  #isClosed = false;

  /** Use `openValueIndex`. */
  constructor(
    readonly directory: ValueDirectory,
    u32: (name: SectionName) => Uint32Array,
    words: Uint16Array,
    text: ValueText,
    private readonly onClose: () => void,
  ) {
    this.#table = {
      words,
      wordEnds: u32('wordEnds'),
      letters: u32('letters'),
      typoStarts: u32('typoStarts'),
      typoWords: u32('typoWords'),
    };
    this.#nodeWords = u32('nodeWords');
    this.#firstChild = u32('firstChild');
    this.#nodeEntries = u32('nodeEntries');
    this.#rootChildren = new Int32Array(this.#table.wordEnds.length).fill(-1);
    for (let child = this.#firstChild[0]!; child < this.#firstChild[1]!; child++)
      this.#rootChildren[this.#nodeWords[child]!] = child;
    this.#text = text;
    this.#tree = {
      candidates: (folded) => this.#candidatesOf(folded),
      child: (node, word) => this.#child(node, word),
      hasChildren: (node) => this.#firstChild[node] !== this.#firstChild[node + 1],
      isWhole: (node) => this.#nodeEntries[node] !== 0,
      valuesAt: (reached, phrase, words) => this.#valuesAt(reached, phrase, words, MOST_VALUES),
      valuesBelow: (reached) => this.#valuesBelow(reached),
    };
  }

  /** Closes the file. Closing it again does nothing. */
  close(): void {
    if (!this.#isClosed) this.onClose();
    this.#isClosed = true;
  }

  /**
   * The values that a whole phrase may mean, best first: exact, folded, plural, typo, then values that begin with it.
   * @param limit the most values
   */
  find(phrase: string, limit = 20): MatchedValue[] {
    const words = foldedWords(phrase);
    const found: MatchedValue[] = [];
    const ends: Reached[] = [];
    const candidates = words.map((word) => this.#candidatesOf(word));
    walkTree(this.#tree, candidates, 0, (node, to, edits) => {
      if (to === words.length) ends.push({ node, edits });
    });
    ends.sort((a, b) => a.edits - b.edits);
    for (const end of ends) found.push(...this.#valuesAt(end, phrase, words, limit));
    for (const range of this.#rangesAfter(words, ends)) {
      if (found.length >= limit) break;
      for (const { value, columns } of this.#text.range(range.from, range.to, limit - found.length)) {
        if (!found.some((other) => other.value === value)) {
          found.push({ value, columns: this.#columns(columns), how: 'prefix', edits: 0 });
        }
      }
    }
    const rank = ({ how, edits }: MatchedValue): number => 8 * KINDS.indexOf(how) + edits;
    return found.sort((a, b) => rank(a) - rank(b)).slice(0, limit);
  }

  longestMatches(
    words: readonly string[],
    { beginnings = false }: { beginnings?: boolean | undefined } = {},
  ): PhraseMatch[] {
    return longestMatches(this.#tree, words, beginnings);
  }

  wholeValues(
    words: readonly string[],
    { beginnings = false }: { beginnings?: boolean | undefined } = {},
  ): MatchedValue[] {
    return wholeValues(this.#tree, words, beginnings);
  }

  #candidatesOf(folded: string): WordCandidate[] {
    let candidates = this.#candidates.get(folded);
    if (candidates === undefined) {
      candidates = candidatesFor(this.#table, folded);
      if (this.#candidates.size >= MOST_REMEMBERED) this.#candidates.clear();
      this.#candidates.set(folded, candidates);
    }
    return candidates;
  }

  /** The first child of a node whose word is not less than `word`. */
  #childBound(node: number, word: number): number {
    let low = this.#firstChild[node]!;
    let high = this.#firstChild[node + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#nodeWords[middle]! < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #child(node: number, word: number): number {
    if (node === 0) return this.#rootChildren[word]!;
    const child = this.#childBound(node, word);
    return child < this.#firstChild[node + 1]! && this.#nodeWords[child] === word ? child : -1;
  }

  #valuesAt(
    { node, edits }: Reached,
    phrase: string,
    words: readonly string[],
    limit: number,
  ): MatchedValue[] {
    const first = this.#nodeEntries[node]! - 1;
    if (first < 0) return [];
    return this.#text.ofNode(first, limit).map(({ value, columns }) => {
      const how = edits === 0 ? howAlike(value, phrase, words) : 'typo';
      return { value, columns: this.#columns(columns), how, edits };
    });
  }

  /** The first values that begin with the words of a node. */
  #valuesBelow({ node, edits }: Reached): MatchedValue[] {
    return this.#text
      .range(this.#firstEntry(node), this.#lastEntry(node), MOST_VALUES)
      .map(({ value, columns }) => ({ value, columns: this.#columns(columns), how: 'prefix', edits }));
  }

  #columns(set: number): string[] {
    return this.directory.sets[set]!.map((column) => this.directory.columns[column]!.name);
  }

  /** Entries below the nodes that a phrase ends at, and below words that begin with its last one. */
  #rangesAfter(words: readonly string[], ends: readonly Reached[]): { from: number; to: number }[] {
    const exact = ends.filter(({ edits }) => edits === 0);
    const ranges = exact.map(({ node }) => ({ from: this.#firstEntry(node), to: this.#lastEntry(node) }));
    const last = words[words.length - 1];
    if (last === undefined || last.length < SHORTEST_PREFIX) return ranges;
    let node = 0;
    for (const word of words.slice(0, -1)) {
      const own = this.#candidatesOf(word)[0];
      node = own?.edits === 0 ? this.#child(node, own.word) : -1;
      if (node < 0) return ranges;
    }
    const from = this.#childBound(node, lowerBound(this.#table, last));
    const to = this.#childBound(node, lowerBound(this.#table, last, true));
    if (from < to) ranges.push({ from: this.#firstEntry(from), to: this.#lastEntry(to - 1) });
    return ranges;
  }

  #firstEntry(node: number): number {
    let at = node;
    while (this.#nodeEntries[at] === 0) at = this.#firstChild[at]!;
    return this.#nodeEntries[at]! - 1;
  }

  /** The first entry of the last node below `node`: entries follow the order of words, and no leaf is without one. */
  #lastEntry(node: number): number {
    let at = node;
    while (this.#firstChild[at] !== this.#firstChild[at + 1]) at = this.#firstChild[at + 1]! - 1;
    return this.#nodeEntries[at]! - 1;
  }
}

/**
 * Opens a value index and checks every byte of it. Its values appear in no message.
 * @param bundle the bundle that the index must have been built for, if given
 * @param mostBytesKept values of more bytes stay in the file and are read from it when they are asked for
 * @throws DataError `values-not-found`, `values-unreadable`, `values-cut-short`, `values-damaged`, `values-other-bundle`
 */
export function openValueIndex(
  path: string,
  bundle?: SchemaBundle,
  mostBytesKept = MOST_BYTES_KEPT,
): ValueIndex {
  const file = openDirectory(path);
  try {
    const { name, hash } = file.directory.bundle;
    if (bundle && (name !== bundle.name || hash !== structureHash(bundle))) {
      const message =
        name === bundle.name
          ? `was built for another version of the bundle ${name}: its tables or columns have changed`
          : `was built for the bundle ${name}, not for ${bundle.name}`;
      throw new DataError({ code: 'values-other-bundle', file: path, message, hint: 'build it again' });
    }
    const { offset, bytes } = file.directory.sections.text;
    const isSmall = bytes <= mostBytesKept;
    const kept = isSmall ? new Uint8Array(readSection(file, path, 'text')) : undefined;
    if (!isSmall) checkSection(file, path, 'text');
    const u32 = (section: SectionName): Uint32Array => new Uint32Array(readSection(file, path, section));
    const words = new Uint16Array(readSection(file, path, 'words'));
    const place = { fd: file.fd, offset, bytes, kept };
    const text = new ValueText(place, u32('textBlocks'), file.directory.values);
    return new ValueIndex(file.directory, u32, words, text, () => closeSync(file.fd));
  } catch (error) {
    closeSync(file.fd);
    throw error;
  }
}
