import { DataError } from '../errors.js';
import { bytesToTokenString } from './byte-alphabet.js';
import { Heap } from './heap.js';
import { MAX_VOCAB_SIZE, pairKey, type Merge } from './merges.js';
import { preTokenize, specialTokenSplitter } from './pre-tokenize.js';
import { isSpecialTokenName, SPECIAL_TOKENS } from './special-tokens.js';
import { Tokenizer } from './tokenizer.js';

/** A pair seen once teaches nothing that holds for other texts. */
const MIN_PAIR_COUNT = 2;

export interface TrainTokenizerOptions {
  /** Special tokens, the 256 bytes and the merges together. Fewer come out when the texts hold no pair twice. */
  vocabSize: number;
  /** Strings that are one token wherever they stand; `SPECIAL_TOKENS` by default. Ids are places in this list. */
  specialTokens?: readonly string[] | undefined;
}

/**
 * Trains a byte-level BPE tokenizer (Sennrich et al. 2016, over bytes as in GPT-2): the most frequent pair of
 * neighbouring tokens is merged, again and again, until the vocabulary is full. Ties go to the smaller left id,
 * then to the smaller right id, hence the same texts, in whatever order, give the same tokenizer.
 *
 * @throws DataError `tokenizer-vocab-size` when the size cannot hold special tokens and bytes;
 *   `tokenizer-special-token` when a special token is not two or more printable ASCII characters, or stands twice.
 */
export function trainTokenizer(texts: Iterable<string>, options: TrainTokenizerOptions): Tokenizer {
  const counter = new PieceCounter(options.specialTokens);
  for (const text of texts) counter.add(text);
  return trainOnPieces(counter.counts, options);
}

/** The same for texts that were counted before, by several counters perhaps. @throws DataError as `trainTokenizer` */
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

/** Counts the distinct pieces of texts: all that training needs to know of them. */
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

  /** What another counter counted. */
  addAll(counts: ReadonlyMap<string, number>): void {
    for (const [piece, count] of counts) this.addPiece(piece, count);
  }

  private addPiece(piece: string, count: number): void {
    this.counts.set(piece, (this.counts.get(piece) ?? 0) + count);
  }
}

/** A distinct piece of the texts: the ids of its tokens so far, and how often it stands in the texts. */
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

/** A pair and the count it had when it was put on the heap; the count may since have changed. */
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

/** Counts of all pairs, and the words in which each may stand (a superset: words are not struck off). */
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

  /** Forgets a pair and returns the words in which it may have stood. */
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
      // Counts fall without notice to the heap; a count that rose has a newer candidate there already.
      if (count < best.count && count >= MIN_PAIR_COUNT) heap.push({ left, right, count });
      continue;
    }
    if (count < MIN_PAIR_COUNT) break;

    // Two merges may spell the same bytes (`a·aa`, `aa·a`); a string has one id, and a pair one rank.
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

/** Merges one pair in all words and corrects the counts of its neighbours. Returns the pairs whose count rose. */
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
  // Overlapping runs (`aaa`) touch the count of the pair itself, which no longer stands anywhere.
  pairs.take(left, right);
  return [...risen.values()];
}
