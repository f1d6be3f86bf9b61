import type { Column, SchemaBundle, Table } from '../../schema/bundle.js';
import { wordsOf } from '../../schema/words/derive.js';
import { bareTableName } from '../../../tsql/identifier.js';
import { singularise, spokenWords } from './words.js';

/** What people call the tables and columns of a schema. */
export interface Speech {
  /** A row of the table, in the singular; empty for a table that nobody speaks of. */
  noun(table: Table): string;
  otherNouns(table: Table): readonly string[];
  /** Empty for a column that nobody speaks of. */
  words(table: Table, column: Column): string;
  otherWords(table: Table, column: Column): readonly string[];
}

/** The words in the names, and the synonyms that the bundle lists or that can be derived from its names. */
export function speechByName(bundle: SchemaBundle): Speech {
  const prefix = commonPrefix(bundle.tables);
  const known = wordsOf(bundle);
  const lower = (synonyms: readonly { text: string }[]): string[] =>
    synonyms.map(({ text }) => text.toLowerCase());
  return {
    noun: (table) => ownNoun(table, prefix),
    otherNouns: (table) => lower(known.ofTable(table).synonyms).map(singularise),
    words: (_table, column) => spokenWords(column.name).join(' '),
    otherWords: (_table, column) => lower(known.ofColumn(column).synonyms),
  };
}

function ownNoun(table: Table, prefix: string | undefined): string {
  const words = spokenWords(bareTableName(table.name));
  return singularise((words.length > 1 && words[0] === prefix ? words.slice(1) : words).join(' '));
}

/** The word that every table name begins with (`tbl_`, `hc_`): nobody says it aloud. */
function commonPrefix(tables: readonly Table[]): string | undefined {
  const firsts = new Set(tables.map((table) => spokenWords(bareTableName(table.name))[0]));
  const isPrefix = tables.length > 2 && firsts.size === 1;
  return isPrefix && tables.every((table) => spokenWords(bareTableName(table.name)).length > 1)
    ? [...firsts][0]
    : undefined;
}
