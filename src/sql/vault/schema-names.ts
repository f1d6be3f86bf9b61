import type { SchemaBundle } from '../../data/schema/bundle.js';
import { splitWords } from '../../data/schema/words.js';
import { isGap } from './context.js';
import { endsClean } from './text.js';
import type { Found, Scan, SchemaNames } from './types.js';

/**
 * The names of tables and columns that hold a digit and are said in words, as `VaultOptions.names` wants them:
 * `concept_id_1` is said `concept id 1`, and its `1` is no value. Collected once for each bundle.
 */
export function namesWithDigits(bundle: SchemaBundle): SchemaNames {
  let names = namesOf.get(bundle);
  if (names === undefined) namesOf.set(bundle, (names = collectNames(bundle)));
  return names;
}

const namesOf = new WeakMap<SchemaBundle, SchemaNames>();

function collectNames(bundle: SchemaBundle): SchemaNames {
  const names = new Map<string, string[][]>();
  const seen = new Set<string>();
  const add = (name: string): void => {
    // `ICD10Code` is one word with its digits, or two without; `address_2` has a digit of its own.
    const words = splitWords(name);
    if (!/\d/.test(name) || words.length < 2 || seen.has(words.join(' '))) return;
    seen.add(words.join(' '));
    const first = names.get(words[0]!) ?? [];
    first.push(words);
    // The longest first: `concept id 1` before `concept`.
    first.sort((a, b) => b.length - a.length);
    names.set(words[0]!, first);
  };
  for (const table of bundle.tables) {
    for (const name of [table.name, ...(table.synonyms ?? [])]) add(name);
    for (const column of table.columns)
      for (const name of [column.name, ...(column.synonyms ?? [])]) add(name);
  }
  return names;
}

/** A name of the schema stays, digits and all. */
export function matchSchemaName(scan: Scan, i: number): Found | undefined {
  if (scan.names === undefined) return undefined;
  for (const words of scan.names.get(scan.tokens[i]!.word) ?? []) {
    const end = endOfWords(scan, i, words);
    if (end !== undefined) return { matches: [], end };
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
