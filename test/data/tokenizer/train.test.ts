import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preTokenize } from '../../../src/data/tokenizer/pre-tokenize.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { sampleRecords } from './sample-texts.js';

/** BPE training by definition: recount all pairs for every merge. Byte b has the id b. */
function referenceMerges(texts: readonly string[], vocabSize: number): string[] {
  const words = texts.flatMap(preTokenize).map((piece) => [...Buffer.from(piece, 'utf8')].map((b) => [b]));
  const idOf = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) idOf.set(String([byte]), byte);
  const merges: string[] = [];
  while (idOf.size < vocabSize) {
    const counts = new Map<string, { left: number[]; right: number[]; count: number }>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const [left, right] = [word[i]!, word[i + 1]!];
        const key = `${String(left)}|${String(right)}`;
        const count = (counts.get(key)?.count ?? 0) + 1;
        counts.set(key, { left, right, count });
      }
    }
    const id = (bytes: number[]): number => idOf.get(String(bytes))!;
    const [best] = [...counts.values()].sort(
      (a, b) => b.count - a.count || id(a.left) - id(b.left) || id(a.right) - id(b.right),
    );
    if (best === undefined || best.count < 2) break;
    const merged = [...best.left, ...best.right];
    if (!idOf.has(String(merged))) idOf.set(String(merged), idOf.size);
    merges.push(`${String(best.left)}|${String(best.right)}`);
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (String(word[i]) === String(best.left) && String(word[i + 1]) === String(best.right)) {
          word.splice(i, 2, merged);
        }
      }
    }
  }
  return merges;
}

function trainedMerges(texts: readonly string[], vocabSize: number): string[] {
  const tokenizer = trainTokenizer(texts, { vocabSize, specialTokens: [] });
  const json = JSON.parse(tokenizer.toJson()) as {
    model: { vocab: Record<string, number>; merges: string[] };
  };
  const bytes = (token: string): string => String([...tokenizer.bytesOf(json.model.vocab[token]!)]);
  return json.model.merges.map((line) => {
    const [left, right] = line.split(' ');
    return `${bytes(left!)}|${bytes(right!)}`;
  });
}

describe('trainTokenizer', () => {
  test('learns the same merges as recounting for each merge', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'é', 'B'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (texts) => {
        expect(trainedMerges(texts, 300)).toEqual([...new Set(referenceMerges(texts, 300))]);
      }),
      { numRuns: 150 },
    );
    expect(trainedMerges(sampleRecords(30), 400)).toEqual(referenceMerges(sampleRecords(30), 400));
  });

  test('does not depend on the order of the texts', () => {
    const texts = sampleRecords(50);
    const forward = trainTokenizer(texts, { vocabSize: 500 });
    const backward = trainTokenizer([...texts].reverse(), { vocabSize: 500 });
    expect(backward.hash).toBe(forward.hash);
    expect(forward.vocabSize).toBe(500);
  });

  test('ignores special tokens in the texts', () => {
    const tokenizer = trainTokenizer(Array<string>(50).fill('__ID_1__SQL:'), { vocabSize: 400 });
    expect(tokenizer.vocabSize).toBe(tokenizer.specialTokens.size + 256);
  });

  test('rejects a size too small for special tokens and bytes', () => {
    for (const vocabSize of [0, 325, 326.5, Infinity]) {
      expect(() => trainTokenizer([], { vocabSize })).toThrow(/vocabSize/);
    }
    expect(trainTokenizer([], { vocabSize: 326 }).vocabSize).toBe(326);
  });

  test('rejects special tokens that bytes or merges could spell', () => {
    for (const token of ['a', 'Ġthe', 'a b', '']) {
      expect(() => trainTokenizer([], { vocabSize: 400, specialTokens: ['ok', token] })).toThrow(
        /specialTokens\[1\]/,
      );
    }
    expect(() => trainTokenizer([], { vocabSize: 400, specialTokens: ['ok', 'ok'] })).toThrow(
      /specialTokens\[1\]/,
    );
  });
});
