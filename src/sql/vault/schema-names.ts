import type { SchemaBundle } from '../../data/schema/bundle.js';
import { splitWords } from '../../data/schema/words.js';
import { bareTableName } from '../../tsql/identifier.js';
import { isGap } from './context.js';
import { matchLabelled } from './ids.js';
import { endsClean } from './text.js';
import type { NamesWithDigits } from './schema-knowledge.js';
import type { Found, Scan } from './types.js';

/**
 * Names of tables and columns that contain a digit, split into words, for `VaultOptions.names`: people write
 * `concept_id_1` as `concept id 1`, and its `1` is not a value. Collected once per bundle.
 */
export function namesWithDigits(bundle: SchemaBundle): NamesWithDigits {
  let names = namesOf.get(bundle);
  if (names === undefined) namesOf.set(bundle, (names = collectNames(bundle)));
  return names;
}

const namesOf = new WeakMap<SchemaBundle, NamesWithDigits>();

function collectNames(bundle: SchemaBundle): NamesWithDigits {
  const byFirstWord = new Map<string, string[][]>();
  let longest = 0;
  const seen = new Set<string>();
  const add = (name: string): void => {
    // Only names of several words: people write `address_2` as `address 2`, but `Address2` stays one word.
    const words = splitWords(name);
    if (!/\d/.test(name) || words.length < 2 || seen.has(words.join(' '))) return;
    seen.add(words.join(' '));
    longest = Math.max(longest, words.length);
    const first = byFirstWord.get(words[0]!) ?? [];
    first.push(words);
    // Longest first: `concept id 1` before `concept`.
    first.sort((a, b) => b.length - a.length);
    byFirstWord.set(words[0]!, first);
  };
  for (const table of bundle.tables) {
    for (const name of [bareTableName(table.name), ...(table.synonyms ?? [])]) add(name);
    for (const column of table.columns)
      for (const name of [column.name, ...(column.synonyms ?? [])]) add(name);
  }
  return { byFirstWord, longest };
}

/** A schema name stays in the question, digits included. */
export function matchSchemaName(scan: Scan, i: number): Found | undefined {
  const { names } = scan;
  // Every name contains a digit, and most words of a question are far from any.
  if (names === undefined || nextDigits(scan, i) >= i + names.longest) return undefined;
  for (const words of names.byFirstWord.get(scan.tokens[i]!.word) ?? []) {
    const end = endOfWords(scan, i, words);
    if (end === undefined) continue;
    // The name of a key may announce its value: `icd9 code 5712`, but `concept id 1` is a name with its number.
    const labelled = /\d/.test(words[words.length - 1]!)
      ? undefined
      : labelledWithin(scan, i, words.length, end);
    return labelled ?? { matches: [], end };
  }
  return undefined;
}

/** Index of the first token from `i` on with a digit, or the number of tokens. Must be called in reading order. */
function nextDigits(scan: Scan, i: number): number {
  if (scan.digitsAt < i) {
    let j = i;
    while (j < scan.tokens.length && scan.tokens[j]!.digits === 0) j++;
    scan.digitsAt = j;
  }
  return scan.digitsAt;
}

/** An ID that a word of the name announces and that follows the name. */
function labelledWithin(scan: Scan, i: number, length: number, end: number): Found | undefined {
  for (let j = i; j < i + length; j++) {
    const labelled = matchLabelled(scan, j);
    if (labelled !== undefined && labelled.end > end) return labelled;
  }
  return undefined;
}

function endOfWords({ text, tokens }: Scan, i: number, words: readonly string[]): number | undefined {
  let end = tokens[i]!.end;
  for (let k = 1; k < words.length; k++) {
    const token = tokens[i + k];
    if (token === undefined || token.word !== words[k] || !isGap(text, end, token.start, ' \t-'))
      return undefined;
    end = token.end;
  }
  return endsClean(text, end) ? end : undefined;
}
