/**
 * The words of a value or a question as the index compares them: compatible forms of Unicode are one (NFKC), and so are
 * upper and lower case, letters with and without accents, and all signs and blanks between words.
 */

/** Letters with strokes and ligatures, which Unicode does not take apart. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', þ: 'th', ł: 'l', ı: 'i',
}; // prettier-ignore

const FOLDED = /^[a-z0-9]+$/;
const NOT_ASCII = /[^\0-\x7f]/;
/** An apostrophe inside a word joins it: Crohn's is compared as crohns, and crohns as crohn. */
const APOSTROPHE = /['’ʼ]/g;

/** The folded words of a text: `Crohn’s Disease (Größe 2)` gives `crohns`, `disease`, `grosse`, `2`. */
export function foldedWords(text: string): string[] {
  if (FOLDED.test(text)) return [text];
  const joined = text.includes("'") || NOT_ASCII.test(text) ? text.replace(APOSTROPHE, '') : text;
  if (!NOT_ASCII.test(joined)) return joined.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const folded = joined
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[ßæœøđðþłı]/g, (letter) => PLAIN_LETTERS[letter]!)
    .normalize('NFKC');
  return folded.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ['men', 'man'],
  ['women', 'woman'],
  ['children', 'child'],
  ['feet', 'foot'],
  ['teeth', 'tooth'],
  ['vertebrae', 'vertebra'],
]);

/**
 * One spelling for the singular and the plural of a folded word. It need not be a word: `diagnosis` and `diagnoses` both
 * give `diagnose`. Words of up to three letters stay as they are.
 */
export function singularOf(word: string): string {
  const last = word.charCodeAt(word.length - 1);
  // Only s, n, t, h and e end the words that change.
  if (word.length <= 3 && word !== 'men') return word;
  if (last !== LETTER_S) return IRREGULAR_ENDS.includes(last) ? (IRREGULAR.get(word) ?? word) : word;
  const before = word.charCodeAt(word.length - 2);
  if (before === LETTER_E) {
    if (/[^aeiou]ies$/.test(word) && word.length > 4) return word.slice(0, -3) + 'y';
    return /(?:ss|x|[tnrl]ch|sh|[^ao]us)es$/.test(word) ? word.slice(0, -2) : word.slice(0, -1);
  }
  if (before === LETTER_I) return word.endsWith('sis') ? word.slice(0, -2) + 'e' : word;
  return before === LETTER_S || before === LETTER_U ? word : word.slice(0, -1);
}

const [LETTER_E, LETTER_I, LETTER_S, LETTER_U] = [0x65, 0x69, 0x73, 0x75];
/** The last letters of `IRREGULAR`. */
const IRREGULAR_ENDS = [...'nthe'].map((letter) => letter.charCodeAt(0));
