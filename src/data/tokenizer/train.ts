import { DataError } from '../errors.js';
import { bytesToTokenString } from './byte-alphabet.js';
import { Heap } from './heap.js';
import { MAX_VOCAB_SIZE, pairKey, type Merge } from './merges.js';
import { preTokenize, specialTokenSplitter } from './pre-tokenize.js';
import { isSpecialTokenName, SPECIAL_TOKENS } from './special-tokens.js';
import { Tokenizer } from './tokenizer.js';

/** A pair seen only once says nothing about other texts. */
const MIN_PAIR_COUNT = 2;

export interface TrainTokenizerOptions {
  /** Special tokens, bytes and merges together. The result is smaller if the texts run out of repeated pairs. */
  vocabSize: number;
  /** Strings that are always one token (default `SPECIAL_TOKENS`). Their ids are their indices in this list. */
  specialTokens?: readonly string[] | undefined;
}

/**
 * Trains a byte-level BPE tokenizer (Sennrich et al. 2016, over bytes as in GPT-2): merges the most frequent pair of
 * neighbouring tokens until the vocabulary is full. Ties go to the smaller left id, then to the smaller right id, so
 * the result does not depend on the order of the texts.
 *
 * @throws DataError `tokenizer-vocab-size` if the size is too small for special tokens and bytes;
 *   `tokenizer-special-token` if a special token is not two or more printable ASCII characters, or is repeated
 */
export function trainTokenizer(texts: Iterable<string>, options: TrainTokenizerOptions): Tokenizer {
  const counter = new PieceCounter(options.specialTokens);
  for (const text of texts) counter.add(text);
  return trainOnPieces(counter.counts, options);
}

/** The same, from counted pieces. @throws DataError as `trainTokenizer` */
export function trainOnPieces(
  counts: ReadonlyMap<string, number>,
  options: TrainTokenizerOptions,
): Tokenizer {
  const specialTokens = options.specialTokens ?? SPECIAL_TOKENS;
  specialTokens.forEach((token, place) => {
    if (isSpecialTokenName(token) && specialTokens.indexOf(token) === place) return;
    throw new DataError({
      code: 'tokenizer-special-token',
      field: `specialTokens[${place}]`,
      message: `${JSON.stringify(token)} cannot be a special token`,
      hint: 'give two or more printable ASCII characters without spaces, each token once',
    });
  });
  const smallest = specialTokens.length + 256;
  const { vocabSize } = options;
  if (!Number.isInteger(vocabSize) || vocabSize < smallest || vocabSize > MAX_VOCAB_SIZE) {
    throw new DataError({
      code: 'tokenizer-vocab-size',
      field: 'vocabSize',
      message: `${vocabSize} is not a whole number from ${smallest} to ${MAX_VOCAB_SIZE}`,
      hint: `${specialTokens.length} special tokens and 256 bytes come before the first merge`,
    });
  }
  const merges = learnMerges(splitIntoBytes(counts, specialTokens.length), specialTokens.length, vocabSize);
  return new Tokenizer({ specialTokens, merges });
}

/** Counts the distinct pieces of texts, which is all that training needs. */
export class PieceCounter {
  readonly counts = new Map<string, number>();
  private readonly split: (text: string) => string[];

  constructor(specialTokens: readonly string[] = SPECIAL_TOKENS) {
    this.split = specialTokenSplitter(specialTokens);
  }

  add(text: string): void {
    const sections = this.split(text);
    for (let i = 0; i < sections.length; i += 2) {
      for (const piece of preTokenize(sections[i]!)) this.addPiece(piece, 1);
    }
  }

  /** Adds another counter's counts. */
  addAll(counts: ReadonlyMap<string, number>): void {
    for (const [piece, count] of counts) this.addPiece(piece, count);
  }

  private addPiece(piece: string, count: number): void {
    this.counts.set(piece, (this.counts.get(piece) ?? 0) + count);
  }
}

/** A distinct piece of the texts: the ids of its tokens so far, and how often it occurs. */
interface Word {
  ids: number[];
  count: number;
}

function splitIntoBytes(counts: ReadonlyMap<string, number>, firstByteId: number): Word[] {
  const encoder = new TextEncoder();
  return [...counts].map(([piece, count]) => ({
    ids: Array.from(encoder.encode(piece), (byte) => firstByteId + byte),
    count,
  }));
}

/** A pair with its count when it was pushed on the heap; the count may have changed since. */
interface Candidate {
  left: number;
  right: number;
  count: number;
}

function moreFrequent(a: Candidate, b: Candidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  if (a.left !== b.left) return a.left < b.left;
  return a.right < b.right;
}

/** The count of each pair, and a superset of the words that contain it (words are never removed). */
class PairIndex {
  private readonly counts = new Map<number, number>();
  private readonly words = new Map<number, number[]>();

  count(left: number, right: number): number {
    return this.counts.get(pairKey(left, right)) ?? 0;
  }

  add(left: number, right: number, wordIndex: number, count: number): void {
    const key = pairKey(left, right);
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
    const words = this.words.get(key);
    if (words === undefined) this.words.set(key, [wordIndex]);
    else if (words[words.length - 1] !== wordIndex) words.push(wordIndex);
  }

  subtract(left: number, right: number, count: number): void {
    const key = pairKey(left, right);
    this.counts.set(key, (this.counts.get(key) ?? 0) - count);
  }

  /** Removes a pair and returns the words that may have contained it. */
  take(left: number, right: number): number[] {
    const key = pairKey(left, right);
    const words = this.words.get(key) ?? [];
    this.counts.delete(key);
    this.words.delete(key);
    return words;
  }
}

function learnMerges(words: readonly Word[], specialCount: number, vocabSize: number): Merge[] {
  const tokenStrings = Array.from({ length: 256 }, (_, byte) => bytesToTokenString(Uint8Array.of(byte)));
  const idOfString = new Map(tokenStrings.map((text, i) => [text, specialCount + i]));
  const pairs = new PairIndex();
  const initial = new Map<number, Candidate>();
  words.forEach(({ ids, count }, wordIndex) => {
    for (let i = 0; i + 1 < ids.length; i++) {
      const left = ids[i]!;
      const right = ids[i + 1]!;
      pairs.add(left, right, wordIndex, count);
      initial.set(pairKey(left, right), { left, right, count: 0 });
    }
  });
  const heap = new Heap<Candidate>(moreFrequent);
  for (const { left, right } of initial.values()) heap.push({ left, right, count: pairs.count(left, right) });

  const merges: Merge[] = [];
  const learned = new Set<number>();
  while (specialCount + tokenStrings.length < vocabSize) {
    const best = heap.pop();
    if (best === undefined) break;
    const { left, right } = best;
    const count = pairs.count(left, right);
    if (count !== best.count) {
      // The heap is not told when a count falls. When a count rises, a newer candidate is pushed.
      if (count < best.count && count >= MIN_PAIR_COUNT) heap.push({ left, right, count });
      continue;
    }
    if (count < MIN_PAIR_COUNT) break;

    // Two merges may spell the same bytes (`a·aa`, `aa·a`). Each string has one id, and each pair one rank.
    const text = tokenStrings[left - specialCount]! + tokenStrings[right - specialCount]!;
    let merged = idOfString.get(text);
    if (merged === undefined) {
      merged = specialCount + tokenStrings.length;
      tokenStrings.push(text);
      idOfString.set(text, merged);
    }
    const merge: Merge = { left, right, merged };
    if (!learned.has(pairKey(left, right))) merges.push(merge);
    learned.add(pairKey(left, right));
    for (const risen of mergeEverywhere(words, pairs, merge)) {
      heap.push({ ...risen, count: pairs.count(risen.left, risen.right) });
    }
  }
  return merges;
}

/** Merges a pair in all words and corrects the counts of its neighbours. Returns the pairs whose count rose. */
function mergeEverywhere(words: readonly Word[], pairs: PairIndex, merge: Merge): Omit<Candidate, 'count'>[] {
  const { left, right, merged } = merge;
  const risen = new Map<number, Omit<Candidate, 'count'>>();
  const add = (a: number, b: number, wordIndex: number, count: number): void => {
    pairs.add(a, b, wordIndex, count);
    risen.set(pairKey(a, b), { left: a, right: b });
  };
  for (const wordIndex of pairs.take(left, right)) {
    const { ids, count } = words[wordIndex]!;
    let length = 0;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] !== left || ids[i + 1] !== right) {
        ids[length++] = ids[i]!;
        continue;
      }
      if (length > 0) {
        const previous = ids[length - 1]!;
        pairs.subtract(previous, left, count);
        add(previous, merged, wordIndex, count);
      }
      if (i + 2 < ids.length) {
        const next = ids[i + 2]!;
        pairs.subtract(right, next, count);
        add(merged, next, wordIndex, count);
      }
      ids[length++] = merged;
      i++;
    }
    ids.length = length;
  }
  // Overlapping runs (`aaa`) change the count of the pair itself, which no longer occurs anywhere.
  pairs.take(left, right);
  return [...risen.values()];
}
