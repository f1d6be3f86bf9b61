import { isPlainPhrase } from './plain.js';

// What people call a column, alone and as one of another row.

/** What of an attribute decides its phrases. */
interface Named {
  role: string;
  kind: string;
  path: readonly unknown[];
  ofEvent: boolean;
  isLabel: boolean;
  isOfCatalogue: boolean;
  rows: readonly { nouns: readonly string[] }[];
  phrases: readonly string[];
  ofRow: Map<string, { row: string; tail: string }>;
}

/** Joins two phrases; what ends one and begins the other is said once: `drug concept` + `concept name`. */
export function joinWords(prefix: string, words: string): string {
  if (prefix === '') return words;
  if (!words.includes(prefix.slice(prefix.lastIndexOf(' ') + 1))) return `${prefix} ${words}`;
  const before = prefix.split(' ');
  const after = words.split(' ');
  for (let shared = Math.min(before.length, after.length); shared > 0; shared--) {
    if (before.slice(-shared).join(' ') === after.slice(0, shared).join(' ')) {
      return [...before, ...after.slice(shared)].join(' ');
    }
  }
  return `${prefix} ${words}`;
}

/** Notes how a phrase for a joined column splits into its row and what of it. */
export function noteRow(attribute: Named, row: string, tail: string): void {
  if (row !== '' && isPlainPhrase(tail) && joinWords(row, tail) === `${row} ${tail}`)
    attribute.ofRow.set(`${row} ${tail}`, { row, tail });
}

/** Splits the phrases that begin with a noun of a joined row: `patient language` of a code that a catalogue explains. */
export function noteRows(attribute: Named): void {
  if (attribute.path.length === 0 || attribute.isLabel) return;
  const nouns = attribute.rows.flatMap((row) => row.nouns);
  for (const phrase of attribute.phrases) {
    const row = nouns.find((noun) => phrase.startsWith(`${noun} `));
    if (row !== undefined && !attribute.ofRow.has(phrase))
      noteRow(attribute, row, phrase.slice(row.length + 1));
  }
}

/**
 * The phrases that people may say, without those that say a word twice: of diagnoses nobody says `with the diagnosis
 * pneumonia`, but that their name is.
 */
export function natural(
  attribute: Named,
  phrases: readonly string[],
  nouns: readonly { one: string }[],
): string[] {
  const heads = nouns.map(({ one }) => lastWord(one));
  const isOfRow =
    attribute.role === 'name' && attribute.ofEvent && (attribute.path.length === 0 || attribute.isLabel);
  const repeats = (phrase: string): boolean =>
    isOfRow && (NAMES_ROW.test(phrase) || heads.includes(lastWord(phrase)));
  const said = phrases.filter((phrase) => {
    const words = phrase.split(' ').filter((word) => word.length > 3);
    return new Set(words).size === words.length && isPlainPhrase(phrase) && !repeats(phrase);
  });
  // `Individual ids of visits` and `the highest days in hospital` are not said.
  const plain = said.filter((phrase) => !/^individual |^(days|hours|minutes) in /.test(phrase));
  if (plain.length > 0 && plain.length < said.length) return natural(attribute, plain, nouns);
  // `The refills is` and `the patient of visits` are not said.
  const fitting = said.filter(
    (phrase) =>
      (attribute.kind !== 'number' || !/[^s]s$/.test(phrase)) &&
      (attribute.role !== 'foreign-key' || attribute.kind !== 'id' || / (id|number|key)$/.test(phrase)),
  );
  if (fitting.length > 0 && fitting.length < said.length) return fitting;
  // What a code stands for is called by the key: `ethnicity`, and not `ethnicity name`.
  const short = attribute.isOfCatalogue || isOfRow ? fitting.filter((phrase) => !LABELLED.test(phrase)) : [];
  if (short.length > 0) return short;
  if (said.length === 0 && phrases.some(repeats) && attribute.path.length === 0) return ['name'];
  return said;
}

const lastWord = (phrase: string): string => phrase.slice(phrase.lastIndexOf(' ') + 1);
/** What a row is, where people ask what it is called. */
const NAMES_ROW =
  /^(diagnosis|condition|disease|illness|problem|disorder|procedure|operation|surgery|intervention|treatment|finding|observation|event|side effect|complication|allergy|service|symptom)$/;
const LABELLED = / (name|title|display|description|label|text|concept)$/;
