import type { SchemaColumn, SchemaIndex } from '../../data/schema/schema-index.js';
import { tableNameOf, type ColumnRef, type Statement, type TableRef } from '../../tsql/ast.js';
import { bareTableName, foldName, quoteTableName, splitTableName } from '../../tsql/identifier.js';
import type { Problems } from './problems.js';
import { didYouMean } from '../../base/suggest.js';

/** One table of the FROM clause, under the name by which columns may call it. */
export interface Source {
  /** The alias, or the table's own name where it has none. */
  exposed: string;
  ref: TableRef;
  /** Its name in the bundle; undefined if the schema has no such table. */
  table: string | undefined;
}

export interface ResolvedColumn {
  /** The position of its table in FROM. */
  source: number;
  column: SchemaColumn;
}

/** What a column name without a table may refer to. */
interface BareName {
  found: ResolvedColumn[];
  /** One of the visible tables is not in the schema. */
  incomplete: boolean;
}

const same = (a: string, b: string): boolean => a.length === b.length && a.toLowerCase() === b.toLowerCase();

/** The names of tables as statements write them. */
function spelled(tables: readonly { name: string }[]): string {
  return tables.map(({ name }) => quoteTableName(name)).join(' or ');
}

/** The names of a statement: which table an alias stands for, and what each column refers to. */
export class Scope {
  readonly sources: Source[] = [];
  /** How many sources are visible: an ON sees its own table and the earlier ones. */
  visible = 0;
  readonly #resolved = new Map<ColumnRef, ResolvedColumn>();
  readonly #bareNames = new Map<string, BareName>();

  constructor(
    readonly index: SchemaIndex,
    readonly problems: Problems,
    statement: Statement,
  ) {
    this.#add(statement.from);
    for (const join of statement.joins) this.#add(join.table);
  }

  #add(ref: TableRef): void {
    const table = this.index.table(tableNameOf(ref))?.name;
    if (table === undefined) this.#reportUnknownTable(ref);
    const source: Source = { exposed: (ref.alias ?? ref.table).text, ref, table };
    for (const other of this.sources) {
      if (same(other.exposed, source.exposed)) this.#reportSameName(other, source);
    }
    this.sources.push(source);
  }

  #reportUnknownTable(ref: TableRef): void {
    const name = ref.table.text;
    if (/^(sys|xp_|sp_|fn_|msdb|master$)/i.test(name)) {
      this.problems.add('system-object', ref.table, `'${name}' is a system object, not part of the schema`);
      return;
    }
    const written = tableNameOf(ref);
    const elsewhere = this.index.tables.filter((table) => same(bareTableName(table.name), name));
    if (ref.schema && foldName(ref.schema.text) !== 'dbo' && !this.#hasSchema(ref.schema.text)) {
      const ways = elsewhere.length === 0 ? '' : `; write ${spelled(elsewhere)}`;
      const message = `the schema '${ref.schema.text.slice(0, 40)}' is not part of this database${ways}`;
      this.problems.add('schema-not-allowed', ref, message);
      return;
    }
    const hint =
      elsewhere.length === 0 ? didYouMean(written, this.#tableNames()) : `; write ${spelled(elsewhere)}`;
    this.problems.add('unknown-table', ref.table, `the schema has no table '${written}'${hint}`);
  }

  #hasSchema(schema: string): boolean {
    return this.index.tables.some((table) => same(splitTableName(table.name).schema ?? '', schema));
  }

  *#tableNames(): Iterable<string> {
    for (const table of this.index.tables) yield table.name;
  }

  #reportSameName(first: Source, second: Source): void {
    const at = second.ref.alias ?? second.ref.table;
    const name = second.exposed;
    if (first.ref.alias && second.ref.alias) {
      this.problems.add('duplicate-alias', at, `two tables have the alias '${name}'; give each its own`);
    } else if (first.ref.alias || second.ref.alias) {
      this.problems.add(
        'alias-equals-table',
        at,
        `'${name}' is both an alias and a table of this FROM; choose another alias`,
      );
    } else {
      this.problems.add('duplicate-table', at, `FROM names the table '${name}' twice; give each an alias`);
    }
  }

  /** What the column refers to; undefined after reporting that it refers to nothing, or to several columns. */
  resolve(ref: ColumnRef): ResolvedColumn | undefined {
    const found = ref.table ? this.#resolveQualified(ref, ref.table.text) : this.#resolveBare(ref);
    if (found) this.#resolved.set(ref, found);
    return found;
  }

  /** What `resolve` found for this node. */
  resolved(ref: ColumnRef): ResolvedColumn | undefined {
    return this.#resolved.get(ref);
  }

  /** The position of the visible source of that name; undefined after reporting that there is none. */
  findSource(
    name: string,
    at: { start: number },
    code: 'unbound-alias' | 'unbound-star' = 'unbound-alias',
  ): number | undefined {
    for (let i = 0; i < this.visible; i++) if (same(this.sources[i]!.exposed, name)) return i;
    this.problems.add(code, at, this.#unboundMessage(name));
    return undefined;
  }

  #unboundMessage(name: string): string {
    if (this.sources.some((source) => same(source.exposed, name))) {
      return `the table '${name}' is joined later; move the condition to its ON or to WHERE`;
    }
    const aliased = this.sources.find((source) => same(source.ref.table.text, name));
    if (aliased)
      return `the table '${name}' has the alias '${aliased.exposed}' here; write ${aliased.exposed}.column`;
    const names = this.sources.map((source) => source.exposed);
    return `FROM has no table or alias '${name}'; there is ${names.join(', ').slice(0, 200)}`;
  }

  #resolveQualified(ref: ColumnRef, qualifier: string): ResolvedColumn | undefined {
    const position = this.findSource(qualifier, ref);
    if (position === undefined) return undefined;
    const source = this.sources[position]!;
    if (source.table === undefined) return undefined;
    const column = this.index.column(source.table, ref.column.text);
    if (column) return { source: position, column };
    const name = ref.column.text;
    const elsewhere = this.sources.find(
      (other) => other.table !== undefined && this.index.column(other.table, name),
    );
    const hint = elsewhere
      ? `; it is a column of ${elsewhere.table}: write ${elsewhere.exposed}.${name}`
      : didYouMean(name, this.#columnNames(source.table));
    this.problems.add(
      'unknown-column',
      ref.column,
      `the table ${source.table} has no column '${name}'${hint}`,
    );
    return undefined;
  }

  #resolveBare(ref: ColumnRef): ResolvedColumn | undefined {
    const name = ref.column.text;
    const { found, incomplete } = this.#lookUp(name);
    if (found.length > 1) {
      const ways = found.map((one) => `${this.sources[one.source]!.exposed}.${one.column.column.name}`);
      const message = `the column '${name}' belongs to several tables; write ${ways.slice(0, 5).join(' or ')}`;
      this.problems.add('ambiguous-column', ref, message);
    } else if (found.length === 0 && !incomplete) {
      const hint = didYouMean(name, this.#visibleColumnNames());
      this.problems.add('unknown-column', ref, `no table in FROM has a column '${name}'${hint}`);
    }
    return found.length === 1 ? found[0] : undefined;
  }

  /** All visible columns of that name; a name that is written a thousand times is looked up once. */
  #lookUp(name: string): BareName {
    const key = `${this.visible} ${name}`;
    const known = this.#bareNames.get(key);
    if (known) return known;
    const made: BareName = { found: [], incomplete: false };
    for (let source = 0; source < this.visible; source++) {
      const { table } = this.sources[source]!;
      const column = table === undefined ? undefined : this.index.column(table, name);
      if (table === undefined) made.incomplete = true;
      if (column) made.found.push({ source, column });
    }
    this.#bareNames.set(key, made);
    return made;
  }

  /** Each table counts once, however many aliases it has. */
  #visibleColumnNames(): Set<string> {
    const tables = new Set(this.sources.slice(0, this.visible).map((source) => source.table));
    return new Set([...tables].flatMap((table) => this.#columnNames(table)));
  }

  #columnNames(table: string | undefined): string[] {
    return table === undefined ? [] : this.index.columns(table).map((column) => column.column.name);
  }
}
