import type { Column, SchemaBundle } from '../../../data/schema/bundle.js';
import { columnsForTextId } from '../../../data/schema/link/identifiers.js';
import { splitWords } from '../../../data/schema/words.js';
import { wordsOf } from '../../../data/schema/words/derive.js';
import { singularOf } from '../../../data/values/fold.js';
import type { ValueLookup } from '../../../data/values/longest.js';
import { bareTableName } from '../../../tsql/identifier.js';
import { parseSqlType } from '../../../tsql/types.js';
import { MOST_KNOWN, wordGeneration } from '../vocabulary.js';
import { namesWithDigits } from '../schema-names.js';
import type { SchemaKnowledge } from '../schema-knowledge.js';
import { COMPOUND_STARTS } from './compound-words.js';
import { CodeTree } from './code-tree.js';
import { DEATH, MEANINGS } from './meanings.js';
import {
  ENGLISH,
  englishBits,
  mayBeMisspelled,
  Misspellings,
  withoutPossessive,
  WORD,
} from './word-class.js';

const known = new WeakMap<SchemaBundle, SchemaKnowledge>();

/**
 * Prepares a schema for the vault: its words, the words for its coded values, and the values of its database if there is
 * an index or a list of them. Without values it is computed once per bundle.
 */
export function knowledgeOf(bundle: SchemaBundle, values?: ValueLookup): SchemaKnowledge {
  const plain = known.get(bundle) ?? prepare(bundle);
  known.set(bundle, plain);
  return values === undefined ? plain : { ...plain, values, codes: codesOf(bundle, values) };
}

/** Words that `bitsOf` remembers besides those of the schema and of English. */
const MOST_REMEMBERED = 1 << 14;

/** Kinds of ID that say whose rows are meant, where the schema may keep them beside its own key. */
const IDS_OF_ROWS: ReadonlySet<string> = new Set(['patient', 'visit', 'encounter']);

function prepare(bundle: SchemaBundle): SchemaKnowledge {
  const words = new Map(ENGLISH);
  const wordsOfColumn = new Map<string, ReadonlySet<string>>();
  const add = (word: string): void => {
    const compound = COMPOUND_STARTS.has(word) ? WORD.compound : 0;
    if (word.length > 1) words.set(word, (words.get(word) ?? englishBits(word)) | WORD.schema | compound);
  };
  const schema = wordsOf(bundle);
  for (const table of bundle.tables) {
    const { words: name, synonyms } = schema.ofTable(table);
    const texts = [bareTableName(table.name), name, ...synonyms.map(({ text }) => text)];
    for (const text of texts) for (const word of [text.toLowerCase(), ...splitWords(text)]) add(word);
    for (const column of table.columns) {
      const own = schema.ofColumn(column);
      const all = [column.name, own.words, ...own.synonyms.map(({ text }) => text)];
      for (const text of all) for (const word of [text.toLowerCase(), ...splitWords(text)]) add(word);
      const synonyms = column.codes === undefined ? [] : (column.synonyms ?? []);
      const parts = [column.name, own.words, ...synonyms].flatMap(splitWords).map(singularOf);
      wordsOfColumn.set(`${table.name}.${column.name}`, new Set(parts));
    }
  }
  const singulars = new Set([...words].filter(([, bits]) => bits & WORD.schema).map(([w]) => singularOf(w)));
  for (const [word, bits] of words) if (singulars.has(singularOf(word))) words.set(word, bits | WORD.schema);
  const codes = codesOf(bundle, undefined);
  const firsts = new Set(codes.firstWords());
  for (const [word, bits] of words) if (firsts.has(singularOf(word))) words.set(word, bits | WORD.code);
  const remembered = new Map<string, number>();
  const bitsOf = (word: string): number => {
    let bits = words.get(word) ?? remembered.get(word);
    if (bits === undefined) {
      bits = englishBits(word);
      const plain = withoutPossessive(word);
      if (words.has(plain) || singulars.has(singularOf(plain))) bits |= (words.get(plain) ?? 0) | WORD.schema;
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      remembered.set(word, bits);
    }
    return bits;
  };
  // The bits by the word's number, -1 where they are not known yet: a table is much faster than a map of many words.
  const table = new Int16Array(MOST_KNOWN).fill(-1);
  let generation = wordGeneration();
  let misspellings: Misspellings | undefined;
  /** What a word is corrected to; empty if nothing. */
  const corrected = new Map<string, string>();
  return {
    misspelled(word) {
      if (misspellings === undefined) {
        misspellings = new Misspellings();
        for (const [known, bits] of words) if (mayBeMisspelled(known, bits)) misspellings.add(known);
      }
      const known = corrected.get(word);
      if (known !== undefined) return known === '' ? undefined : known;
      const other = misspellings.find(word);
      if (corrected.size >= MOST_REMEMBERED) corrected.clear();
      corrected.set(word, other ?? '');
      return other;
    },
    names: namesWithDigits(bundle),
    codes,
    wordsOfColumn,
    idColumns: (kind) => (IDS_OF_ROWS.has(kind) ? columnsForTextId(bundle, kind) : []),
    bitsOf,
    bitsOfToken({ word, known: { number } }) {
      if (number < 0) return bitsOf(word);
      if (generation !== wordGeneration()) {
        generation = wordGeneration();
        table.fill(-1);
      }
      const bits = table[number]!;
      return bits >= 0 ? bits : (table[number] = bitsOf(word));
    },
  };
}

/** Codes of the bundle; for a column without codes, the usual meanings of columns of its name. */
function codesOf(bundle: SchemaBundle, values: ValueLookup | undefined): CodeTree {
  const tree = new CodeTree();
  const hasDeathDate = bundle.tables.some((table) => table.columns.some(isDeathDate));
  for (const table of bundle.tables) {
    for (const column of table.columns) {
      const path = `${table.name}.${column.name}`;
      for (const { value, words } of column.codes ?? []) {
        for (const word of words) if (!(hasDeathDate && DEATH.test(word))) tree.add(word, path, value);
      }
      if (column.codes === undefined) addMeanings(tree, path, column, values);
    }
  }
  return tree;
}

function isDeathDate(column: Column): boolean {
  const family = parseSqlType(column.type)?.family;
  return family === 'date' && /(?:death|dod|deceas|died)/i.test(column.name);
}

function addMeanings(tree: CodeTree, path: string, column: Column, lookup: ValueLookup | undefined): void {
  const type = parseSqlType(column.type);
  if (type?.family !== 'string') return;
  const words = splitWords(column.name).join(' ');
  for (const { column: pattern, words: said, values } of MEANINGS) {
    if (!pattern.test(words)) continue;
    const listed = lookup && spellingIn(lookup, path, values);
    const isInitial = pattern.source.includes('gender');
    const fits =
      !isInitial && (type.length === 'max' || type.length === undefined || type.length >= said[0]!.length);
    const literal = listed ?? (fits ? undefined : values[0]);
    for (const word of said) {
      if (literal === undefined) tree.add(word, path, said[0]!);
      else tree.add(word, path, listed ?? literal.toUpperCase());
    }
  }
}

/** How a column spells one of the values. */
function spellingIn(lookup: ValueLookup, path: string, values: readonly string[]): string | undefined {
  for (const value of values) {
    for (const match of lookup.longestMatches([value])) {
      const own = match.values.find(({ columns, edits }) => edits === 0 && columns.includes(path));
      if (own !== undefined) return own.value;
    }
  }
  return undefined;
}
