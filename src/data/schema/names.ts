import { foldName, foldTableName, quoteIdentifier, quoteTableName } from '../../tsql/identifier.js';
import type { SchemaIndex } from './schema-index.js';
import { splitWords } from './words.js';

/** How prompts and statements spell the tables and columns of a schema. */
export interface SchemaNames {
  /** Whether names are plain words. */
  readonly inWords: boolean;
  table(name: string): string;
  column(table: string, name: string): string;
  /** The T-SQL of a statement in this spelling. Text that is no such statement comes back much as it was. */
  toSql(statement: string): string;
}

export type NameStyle = 'identifiers' | 'words';

const IDENTIFIERS: SchemaNames = {
  inWords: false,
  table: quoteTableName,
  column: (_table, name) => quoteIdentifier(name),
  toSql: (statement) => statement,
};

const cache = new WeakMap<SchemaIndex, WordNames>();

/** The names of a schema in a style, cached per index. */
export function namesOf(index: SchemaIndex, style: NameStyle): SchemaNames {
  if (style === 'identifiers') return IDENTIFIERS;
  let names = cache.get(index);
  if (!names) cache.set(index, (names = new WordNames(index)));
  return names;
}

/** A run of words, which ends before a capital, a sign or a placeholder. */
const WORDS = '[a-z][a-z0-9]*(?: [a-z0-9]+)*';
const IS_WORDS = new RegExp(`^${WORDS}$`);
const SOURCE = /\b(FROM|JOIN) (.+?) AS (t[a-z])\b/g;
const BRACKETS = '\\[[^\\]]*\\]';
const NAMED = new RegExp(`${SOURCE.source}|\\b(t[a-z])(?:\\.\\*| (${WORDS}|${BRACKETS}))|${BRACKETS}`, 'g');

/** The alias of a source in a statement in words: `ta`, `tb`, … are one token each, as t1, t2, … are not. */
export function aliasInWords(source: number): string {
  return `t${String.fromCharCode(FIRST_LETTER + source)}`;
}

const FIRST_LETTER = 'a'.charCodeAt(0);

function numbered(alias: string): string {
  return `t${alias.charCodeAt(1) - FIRST_LETTER + 1}`;
}

/**
 * Names as the plain words that a person would type: `visit_start_date`, `VisitStartDate` and `VISIT_START_DATE` are all
 * `visit start date`. So a name has the tokens that its words have in a question, whatever the style of the schema.
 *
 * A statement in words is T-SQL, except that a column is `ta visit start date`: an alias, a blank instead of the dot, and
 * words. Keywords are capitals and names are not, so a name ends where its words end. Two names with the same words, and
 * names that are not ASCII, stay identifiers in brackets: every name can be told from its spelling.
 */
class WordNames implements SchemaNames {
  readonly inWords = true;
  readonly #tables = new Map<string, string>();
  readonly #columns = new Map<string, Map<string, string>>();
  /** The table of a spelling, and the column of a spelling by table. */
  readonly #tableOf = new Map<string, string>();
  readonly #columnOf = new Map<string, Map<string, string>>();

  constructor(index: SchemaIndex) {
    const tables = spell(index.tables.map(({ name }) => name));
    for (const { name, columns } of index.tables) {
      const key = foldTableName(name);
      const spelled = tables.get(name) ?? bracketed(quoteTableName(name));
      this.#tables.set(key, spelled);
      this.#tableOf.set(spelled, name);
      const words = spell(columns.map((column) => column.name));
      const of = new Map<string, string>();
      const back = new Map<string, string>();
      for (const column of columns) {
        const text = words.get(column.name) ?? bracketed(quoteIdentifier(column.name));
        of.set(foldName(column.name), text);
        back.set(text, column.name);
      }
      this.#columns.set(key, of);
      this.#columnOf.set(name, back);
    }
  }

  table(name: string): string {
    return this.#tables.get(foldTableName(name)) ?? quoteTableName(name);
  }

  column(table: string, name: string): string {
    return this.#columns.get(foldTableName(table))?.get(foldName(name)) ?? quoteIdentifier(name);
  }

  toSql(statement: string): string {
    const tables = new Map<string, string>();
    for (const [, , words, alias] of statement.matchAll(SOURCE)) {
      tables.set(alias!, this.#tableOf.get(words!) ?? words!);
    }
    return statement.replace(
      NAMED,
      (
        all: string,
        keyword: string | undefined,
        _words: string,
        source: string,
        alias: string | undefined,
        column: string | undefined,
      ) => {
        if (keyword !== undefined)
          return `${keyword} ${quoteTableName(tables.get(source)!)} AS ${numbered(source)}`;
        if (alias === undefined) return all;
        if (column === undefined) return `${numbered(alias)}.*`;
        const name = this.#columnOf.get(tables.get(alias) ?? '')?.get(column);
        return `${numbered(alias)}.${name === undefined ? column : quoteIdentifier(name)}`;
      },
    );
  }
}

/** The words of each name that is the only one with them. */
function spell(names: readonly string[]): Map<string, string> {
  const spelled = names.map((name) => [name, splitWords(name).join(' ')] as const);
  const count = new Map<string, number>();
  for (const [, words] of spelled) count.set(words, (count.get(words) ?? 0) + 1);
  return new Map(spelled.filter(([, words]) => count.get(words) === 1 && IS_WORDS.test(words)));
}

function bracketed(identifier: string): string {
  return identifier.endsWith(']') ? identifier : identifier.replace(/[^.]+$/, '[$&]');
}
