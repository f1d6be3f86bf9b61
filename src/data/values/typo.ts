/**
 * Words that differ by a typo, found by symmetric deletion (Garbe 2012, SymSpell, with its prefix): two words within d
 * edits of each other share a string that is left after at most d letters are deleted from the first PREFIX letters of
 * each. So a word is filed under the hashes of all such strings, and looked up by them; the distance is then checked.
 */

/** Letters of a word that deletions are taken from. More letters file a word in more places, each with fewer others. */
const PREFIX = 8;

/** The most places where one word is filed: no, one or two letters of PREFIX deleted. */
export const MOST_VARIANTS = 1 + PREFIX + (PREFIX * (PREFIX - 1)) / 2;

const PLAIN_LETTERS = /^[a-z]+$/;
const ALL_LETTERS = /^[\p{L}\p{M}]+$/u;

/** Typos that are forgiven in a word of that many letters. */
export function editsAllowed(length: number): 0 | 1 | 2 {
  return length >= 9 ? 2 : length >= 5 ? 1 : 0;
}

/** Whether typos in the word are forgiven at all: never in one with digits, where each makes another code. */
export function mayHaveTypos(word: string): boolean {
  return word.length >= 5 && (PLAIN_LETTERS.test(word) || ALL_LETTERS.test(word));
}

/**
 * Writes the hashes of a word's variants with at most `edits` deletions to `out`, each once.
 * @param out at least MOST_VARIANTS long
 * @returns how many
 */
export function variantHashes(word: string, edits: number, out: Uint32Array): number {
  const length = Math.min(word.length, PREFIX);
  let count = 0;
  for (let i = -1; i < (edits >= 1 ? length : 0); i++) {
    for (let j = i; j < (edits >= 2 && i >= 0 ? length : i + 1); j++) {
      const hash = hashWithout(word, length, i, j);
      let k = 0;
      while (k < count && out[k] !== hash) k++;
      if (k === count) out[count++] = hash;
    }
  }
  return count;
}

/** FNV-1a over the units of a prefix without those at i and j, finished as in MurmurHash3. */
function hashWithout(word: string, length: number, i: number, j: number): number {
  let h = 0x811c9dc5;
  for (let at = 0; at < length; at++) {
    if (at !== i && at !== j) h = Math.imul(h ^ word.charCodeAt(at), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

/** The bit of a letter: its code modulo 32. */
export function letterBit(code: number): number {
  return 1 << (code & 31);
}

/** The bits of all letters of a word. An edit changes at most two of them. */
export function letterBits(units: ArrayLike<number>, from: number, to: number): number {
  let bits = 0;
  for (let i = from; i < to; i++) bits |= letterBit(units[i]!);
  return bits;
}

export function bitCount(word: number): number {
  let n = word - ((word >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const rows = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)] as const;

/**
 * The edits between a word and `units[from, to)`: letters inserted, dropped or changed, and neighbours swapped (optimal
 * string alignment). Above `limit` the result is `limit + 1`.
 */
export function editsBetween(
  word: string,
  units: ArrayLike<number>,
  from: number,
  to: number,
  limit: number,
): number {
  // What both begin with, and what both end with, takes no edit.
  let start = 0;
  let n = word.length;
  let m = to - from;
  if (Math.abs(n - m) > limit || Math.max(n, m) > 255) return limit + 1;
  while (n > 0 && m > 0 && word.charCodeAt(n - 1) === units[from + m - 1]) {
    n--;
    m--;
  }
  while (start < n && start < m && word.charCodeAt(start) === units[from + start]) start++;
  return editsInside(word, start, n, units, from + start, from + m, limit);
}

/** `editsBetween` of `word[start, stop)` and `units[from, to)`. */
function editsInside(
  word: string,
  start: number,
  stop: number,
  units: ArrayLike<number>,
  from: number,
  to: number,
  limit: number,
): number {
  const n = stop - start;
  const m = to - from;
  let [before, last, row] = rows;
  for (let j = 0; j <= m; j++) last[j] = j;
  for (let i = 1; i <= n; i++) {
    const letter = word.charCodeAt(start + i - 1);
    let least = (row[0] = i);
    for (let j = 1; j <= m; j++) {
      const other = units[from + j - 1]!;
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (letter === other ? 0 : 1));
      if (i > 1 && j > 1 && letter === units[from + j - 2] && word.charCodeAt(start + i - 2) === other) {
        edits = Math.min(edits, before[j - 2]! + 1);
      }
      row[j] = edits;
      if (edits < least) least = edits;
    }
    // The least of a row is at most one more than that of the row before, so a swap cannot lead back below the limit.
    if (least > limit) return limit + 1;
    [before, last, row] = [last, row, before];
  }
  return Math.min(last[m]!, limit + 1);
}
