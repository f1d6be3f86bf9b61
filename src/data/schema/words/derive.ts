import { bareTableName, foldName, foldTableName } from '../../../tsql/identifier.js';
import type { Column, SchemaBundle, Table } from '../bundle.js';
import { splitWords } from '../words.js';
import { sensesOf } from './dictionary.js';
import { COLUMN_ENDINGS, FILLER_WORDS, SYNONYMS_OF } from './lexicon.js';
import { singular } from './singular.js';
import { NameSplitter } from './split.js';

/** Where words come from: the name as it is, the dictionary of abbreviations, the lexicon, or a person. */
export type WordSource = 'name' | 'dictionary' | 'lexicon' | 'bundle';

/** One thing that people may call a table or column. */
export interface Synonym {
  text: string;
  source: WordSource;
}

/** The readable words of a name, and its synonyms. */
export interface NameWords {
  words: string;
  /** `dictionary` if an abbreviation was expanded. */
  source: 'name' | 'dictionary';
  /** What the bundle lists; only where it lists nothing, what the name, dictionary and lexicon suggest. */
  synonyms: readonly Synonym[];
}

/** A share of names with one first word from which on that word is a prefix: `tblClaim`, `tblPolicy`. */
const PREFIX_SHARE = 0.6;
/** Prefixes that say table or view, even where few names have them. */
const KIND_PREFIXES = new Set(['tbl', 'vw']);
const MAX_DERIVED = 12;
const MAX_SUBSTITUTES = 6;

const known = new WeakMap<SchemaBundle, SchemaWords>();

/** The words of a bundle, computed once per bundle. */
export function wordsOf(bundle: SchemaBundle): SchemaWords {
  let words = known.get(bundle);
  if (!words) known.set(bundle, (words = new SchemaWords(bundle)));
  return words;
}

/** Readable words and synonyms of every table and column of a bundle. */
export class SchemaWords {
  readonly splitter: NameSplitter;
  readonly #tables = new Map<Table, NameWords>();
  readonly #columns = new Map<Column, NameWords>();
  readonly #subjects = new Map<Table, string>();
  readonly #prefix: string | undefined;

  constructor(bundle: SchemaBundle) {
    this.splitter = new NameSplitter(wordsUsedAlone(bundle));
    const parts = bundle.tables.map((table) => this.splitter.split(bareTableName(table.name)));
    this.#prefix = sharedPrefix(parts);
    const subjects = parts.map((part) => this.#subject(part));
    const leaders = leadersOf(bundle, subjects);
    const taken = new Set(subjects);
    const isWorded = isWordedByHand(bundle);
    bundle.tables.forEach((table, i) => {
      const words = this.#readable(this.#withoutPrefix(parts[i]!));
      this.#subjects.set(table, subjects[i]!);
      const leads = leaders.get(subjects[i]!) === table;
      const derived = isWorded ? [] : tableSynonyms(words.words, leads ? subjects[i]! : words.words, taken);
      this.#tables.set(table, withSynonyms(words, table.synonyms, derived));
      this.#addColumns(table, [words.words, subjects[i]!], isWorded);
    });
  }

  ofTable(table: Table): NameWords {
    return this.#tables.get(table)!;
  }

  ofColumn(column: Column): NameWords {
    return this.#columns.get(column)!;
  }

  /** What a table's rows are about, in the singular: `visit_occurrence` → visit. */
  subjectOf(table: Table): string {
    return this.#subjects.get(table)!;
  }

  /** The words of each column, after the prefix that the columns of the table share: `PAT_NAME` → name. */
  columnWordsWithoutPrefix(table: Table): string[][] {
    const parts = table.columns.map((column) => this.splitter.split(column.name));
    const prefix = sharedPrefix(parts);
    return parts.map((part) => {
      const own = prefix === undefined ? part : dropFirst(part, prefix);
      return this.#readable(own).words.split(' ');
    });
  }

  /** The words of a name as written, and taken apart with abbreviations in their most usual sense, if that differs. */
  readings(name: string): string[][] {
    const parts = this.splitter.split(name);
    const seen = new Set<string>();
    return [splitWords(name), this.#readable(parts).words.split(' ')].filter((words) => {
      const text = words.join(' ');
      if (seen.has(text)) return false;
      seen.add(text);
      return true;
    });
  }

  #addColumns(table: Table, subjects: readonly string[], isWorded: boolean): void {
    const parts = table.columns.map((column) => this.splitter.split(column.name));
    const prefix = sharedPrefix(parts);
    table.columns.forEach((column, i) => {
      const words = this.#readable(parts[i]!);
      const short = prefix === undefined ? words.words : this.#readable(dropFirst(parts[i]!, prefix)).words;
      const isKey = [...table.primaryKey, ...table.foreignKeys.flatMap((key) => key.columns)].some(
        (name) => foldName(name) === foldName(column.name),
      );
      const derived = isWorded ? [] : columnSynonyms(words, withoutSubject(short, subjects), isKey);
      this.#columns.set(column, withSynonyms(words, column.synonyms, derived));
    });
  }

  #readable(parts: readonly string[]): Omit<NameWords, 'synonyms'> {
    let source: NameWords['source'] = 'name';
    const words = parts.flatMap((part) => {
      const senses = sensesOf(part);
      if (senses) source = 'dictionary';
      return senses?.[0] ?? part;
    });
    return { words: words.join(' '), source };
  }

  #withoutPrefix(parts: readonly string[]): readonly string[] {
    const first = parts[0] ?? '';
    const rest = first === this.#prefix || KIND_PREFIXES.has(first) ? dropFirst(parts, first) : parts;
    return rest.length > 1 && rest[0]!.length === 1 ? rest.slice(1) : rest;
  }

  #subject(parts: readonly string[]): string {
    const words = this.#readable(this.#withoutPrefix(parts)).words.split(' ');
    const telling = words.filter((word) => !FILLER_WORDS.has(word));
    return singular((telling.length > 0 ? telling : words).join(' '));
  }
}

/** Whether a person named most tables. Suggestions would then compete with words that were chosen with care. */
function isWordedByHand(bundle: SchemaBundle): boolean {
  const named = bundle.tables.filter((table) => (table.synonyms?.length ?? 0) > 0);
  return 2 * named.length > bundle.tables.length;
}

/** Words that a schema uses alone as a table's name or between separators are its own vocabulary. */
function wordsUsedAlone(bundle: SchemaBundle): Set<string> {
  const words = new Set<string>();
  const plain = new NameSplitter();
  for (const table of bundle.tables) {
    for (const word of splitWords(bareTableName(table.name))) {
      if (plain.split(word).length === 1) words.add(word).add(singular(word));
    }
  }
  return words;
}

function sharedPrefix(names: readonly (readonly string[])[]): string | undefined {
  if (names.length < 4) return undefined;
  const counts = new Map<string, number>();
  for (const [first, second] of names) {
    if (second !== undefined) counts.set(first!, (counts.get(first!) ?? 0) + 1);
  }
  for (const [word, count] of counts) if (count >= PREFIX_SHARE * names.length) return word;
  return undefined;
}

function dropFirst(parts: readonly string[], prefix: string): readonly string[] {
  return parts.length > 1 && parts[0] === prefix ? parts.slice(1) : parts;
}

/** For each subject, the table that bears its synonyms: of several, the one that most foreign keys point to. */
function leadersOf(bundle: SchemaBundle, subjects: readonly string[]): Map<string, Table> {
  const pointedTo = new Map<string, number>();
  for (const table of bundle.tables) {
    for (const { references } of table.foreignKeys) {
      const key = foldTableName(references.table);
      pointedTo.set(key, (pointedTo.get(key) ?? 0) + 1);
    }
  }
  const weight = (table: Table): number => pointedTo.get(foldTableName(table.name)) ?? 0;
  const leaders = new Map<string, Table>();
  bundle.tables.forEach((table, i) => {
    const leader = leaders.get(subjects[i]!);
    if (!leader || weight(table) > weight(leader)) leaders.set(subjects[i]!, table);
  });
  return leaders;
}

function withSynonyms(
  words: Omit<NameWords, 'synonyms'>,
  byHand: readonly string[] | undefined,
  derived: readonly Synonym[],
): NameWords {
  if (byHand === undefined || byHand.length === 0) return { ...words, synonyms: derived };
  return { ...words, synonyms: byHand.map((text) => ({ text, source: 'bundle' })) };
}

/** Gathers synonyms in order, each once. */
class SynonymList {
  readonly list: Synonym[] = [];
  readonly #seen: Set<string>;

  constructor(words: string, taken: ReadonlySet<string>) {
    this.#seen = new Set([words, ...taken]);
  }

  add(text: string, source: WordSource): void {
    if (text === '' || this.#seen.has(text) || this.list.length >= MAX_DERIVED) return;
    this.#seen.add(text);
    this.list.push({ text, source });
  }
}

/** @param taken subjects of all tables: no table is called by what another table is about */
function tableSynonyms(words: string, subject: string, taken: ReadonlySet<string>): Synonym[] {
  const list = new SynonymList(words, new Set([...taken].filter((other) => other !== subject)));
  list.add(subject, 'name');
  for (const other of SYNONYMS_OF.get(subject) ?? substitutes(subject)) list.add(other, 'lexicon');
  return list.list;
}

function columnSynonyms(
  { words, source }: Omit<NameWords, 'synonyms'>,
  short: string,
  isKey: boolean,
): Synonym[] {
  const list = new SynonymList(words, new Set());
  list.add(short, source);
  for (const phrase of new Set([words, short])) {
    for (const other of SYNONYMS_OF.get(phrase) ?? []) list.add(other, 'lexicon');
    const stem = withoutEnding(phrase);
    if (stem === undefined) continue;
    list.add(stem, source);
    if (isKey && phrase === words) {
      for (const other of SYNONYMS_OF.get(stem) ?? []) list.add(`${other} id`, 'lexicon');
    } else for (const other of SYNONYMS_OF.get(stem) ?? []) list.add(other, 'lexicon');
  }
  for (const other of substitutes(words)) list.add(other, 'lexicon');
  return list.list;
}

/** The phrase with its longest part that the lexicon knows replaced by that part's synonyms. */
function substitutes(phrase: string): string[] {
  const words = phrase.split(' ');
  for (let length = words.length - 1; length >= 1; length--) {
    for (let at = 0; at + length <= words.length; at++) {
      const others = SYNONYMS_OF.get(singular(words.slice(at, at + length).join(' ')));
      if (!others) continue;
      const [before, after] = [words.slice(0, at), words.slice(at + length)];
      return others.slice(0, MAX_SUBSTITUTES).map((other) => [...before, other, ...after].join(' '));
    }
  }
  return [];
}

function withoutEnding(phrase: string): string | undefined {
  const ending = COLUMN_ENDINGS.find((end) => phrase.endsWith(` ${end}`));
  return ending === undefined ? undefined : phrase.slice(0, -ending.length - 1);
}

/** `visit start date` of the table visit → start date: inside their table, columns need not repeat its subject. */
function withoutSubject(phrase: string, subjects: readonly string[]): string {
  const subject = subjects.find((text) => phrase.startsWith(`${text} `));
  const rest = subject === undefined ? phrase : phrase.slice(subject.length + 1);
  return COLUMN_ENDINGS.includes(rest) ? phrase : rest;
}
