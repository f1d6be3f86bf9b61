/** The phrase with its last word in the singular: `lab results` → lab result, `diagnoses` → diagnosis. */
export function singular(phrase: string): string {
  const at = phrase.lastIndexOf(' ') + 1;
  return phrase.slice(0, at) + singularWord(phrase.slice(at));
}

const ALIKE: ReadonlySet<string> = new Set([
  'series',
  'species',
  'diabetes',
  'rabies',
  'news',
  'lens',
  'gas',
  'has',
  'los',
  'yes',
]);

function singularWord(word: string): string {
  if (word.length < 4 || ALIKE.has(word) || /(ss|us|is)$/.test(word)) return word;
  if (/(gno|agno|hypothe|prosthe|analy|neopla|metasta|dialy)ses$/.test(word)) return `${word.slice(0, -2)}is`;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
