import { pluralise, singularise, spokenWords } from '../../data/corpus/topics/words.js';
import type { Column, Table } from '../../data/schema/bundle.js';
import { bareTableName, foldName, splitTableName } from '../../tsql/identifier.js';
import type { SchemaColumn, SchemaIndex } from '../../data/schema/schema-index.js';
import { tableNameOf, type ColumnRef, type Statement, type TableRef } from '../../tsql/ast.js';

/** What people call a row of the table: its first synonym, or the words of its name. */
export function rowNounOf(table: Table): string {
  return table.synonyms?.[0] ?? singularise(spokenWords(bareTableName(table.name)).join(' '));
}

/** What people call a column: its first synonym if no other column has the same, or the words of its name. */
export function labelOf(table: Table, column: Column): string {
  const synonym = column.synonyms?.[0];
  const isShared = table.columns.some((other) => other !== column && other.synonyms?.[0] === synonym);
  return synonym !== undefined && !isShared ? synonym : spokenWords(column.name).join(' ');
}

/** A table of FROM or JOIN. */
export interface NamedTable {
  table: Table;
  /** `visit`; `second provider` if the statement names the table twice. */
  noun: string;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth'];

/** The tables of a valid statement, by alias or name. */
export class Names {
  readonly sources: readonly NamedTable[];
  readonly #byAlias = new Map<string, NamedTable>();

  constructor(
    readonly statement: Statement,
    private readonly index: SchemaIndex,
  ) {
    const refs = [statement.from, ...statement.joins.map((join) => join.table)];
    this.sources = refs.map((ref, i) => this.#sourceOf(ref, i, refs));
    refs.forEach((ref, i) => this.#byAlias.set(foldName((ref.alias ?? ref.table).text), this.sources[i]!));
  }

  #sourceOf(ref: TableRef, i: number, refs: readonly TableRef[]): NamedTable {
    const tableOf = (other: TableRef): Table => this.index.table(tableNameOf(other))!;
    const table = tableOf(ref);
    const isSame = (other: TableRef): boolean => tableOf(other) === table;
    const isShared = refs.some((other) => !isSame(other) && rowNounOf(tableOf(other)) === rowNounOf(table));
    const { schema } = splitTableName(table.name);
    const noun = isShared && schema !== undefined ? `${schema} ${rowNounOf(table)}` : rowNounOf(table);
    if (refs.filter(isSame).length === 1) return { table, noun };
    const n = refs.slice(0, i).filter(isSame).length;
    return { table, noun: `${ORDINALS[n] ?? `${n + 1}th`} ${noun}` };
  }

  /** The table of an alias or name. */
  source(alias: string): NamedTable {
    return this.#byAlias.get(foldName(alias))!;
  }

  /** The column and its table; undefined for an alias of the SELECT list. */
  resolve(node: ColumnRef): { ref: SchemaColumn; source: NamedTable } | undefined {
    const sources = node.table ? [this.source(node.table.text)] : this.sources;
    for (const source of sources) {
      const ref = this.index.column(source.table.name, node.column.text);
      if (ref) return { ref, source };
    }
    return undefined;
  }

  /** `the start date`; with several tables `the visit’s start date`. */
  column(node: ColumnRef): string {
    const found = this.resolve(node);
    if (!found) return `“${node.column.text}”`;
    const label = labelOf(found.source.table, found.ref.column);
    return this.sources.length === 1 ? `the ${label}` : `the ${possessive(found.source.noun)} ${label}`;
  }
}

export function pluralOf({ noun }: NamedTable): string {
  return pluralise(noun);
}

function possessive(noun: string): string {
  return noun.endsWith('s') ? `${noun}’` : `${noun}’s`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[], word = 'and'): string {
  if (parts.length <= 1) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`;
}
