import { splitColumnPath } from '../../tsql/identifier.js';
import { PLACEHOLDER_PATTERN, type PlaceholderInfo } from '../placeholder.js';
import type { Column, Table } from './bundle.js';
import { STOP_WORDS } from './link/lexicon.js';
import { stem } from './link/stem.js';
import type { SchemaIndex } from './schema-index.js';
import type { SchemaSelection } from './selection.js';
import { splitWords } from './words.js';
import { wordsOf, type NameWords } from './words/derive.js';

/** What may be said for each table and column, as stems between blanks; see `stems`. */
type Phrases = Map<Table | Column, readonly string[]>;

const cache = new WeakMap<SchemaIndex, Phrases>();

/**
 * The shown tables and columns that the question names: the words of a name or synonym stand in it side by side, whatever
 * their endings. Where a longer phrase that stands there contains a shorter one, only the longer one counts: in
 * `admission date`, `date` names nothing. So are the columns that may hold a value of the question.
 *
 * @param question with placeholders for its values
 */
export function marksOf(
  question: string,
  { index, tables }: SchemaSelection,
  placeholders: readonly PlaceholderInfo[] = [],
): Set<Table | Column> {
  const phrases = phrasesOf(index);
  const asked = stems(question.replace(PLACEHOLDER_PATTERN, ' '));
  const found: { thing: Table | Column; phrase: string }[] = [];
  for (const { table, columns } of tables) {
    for (const thing of [table, ...columns]) {
      const named = phrases.get(thing)!.filter((phrase) => asked.includes(phrase));
      if (named.length === 0) continue;
      found.push({ thing, phrase: named.reduce((a, b) => (b.length > a.length ? b : a)) });
    }
  }
  const isCovered = (phrase: string): boolean =>
    found.some((other) => other.phrase.length > phrase.length && other.phrase.includes(phrase)) &&
    countOf(asked, phrase) === 1;
  const marked = new Set(found.filter(({ phrase }) => !isCovered(phrase)).map(({ thing }) => thing));
  for (const path of placeholders.flatMap(({ columns = [] }) => columns)) {
    const ref = index.column(...splitColumnPath(path));
    if (ref) marked.add(ref.column);
  }
  return marked;
}

function phrasesOf(index: SchemaIndex): Phrases {
  let phrases = cache.get(index);
  if (!phrases) {
    const words = wordsOf(index.bundle);
    phrases = new Map();
    for (const table of index.tables) {
      phrases.set(table, sayings(words.ofTable(table)));
      for (const column of table.columns) phrases.set(column, sayings(words.ofColumn(column)));
    }
    cache.set(index, phrases);
  }
  return phrases;
}

function sayings({ words, synonyms }: NameWords): string[] {
  const texts = [words, ...synonyms.map(({ text }) => text)];
  return [...new Set(texts.map(stems))].filter((phrase) => phrase !== ' ');
}

/** ` admission date `: the stems of a text's telling words. */
function stems(text: string): string {
  const telling = splitWords(text).filter((word) => !STOP_WORDS.has(word));
  return ` ${telling.map(stem).join(' ')} `.replace(/^ {2}$/, ' ');
}

function countOf(text: string, phrase: string): number {
  let count = 0;
  for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) count++;
  return count;
}
