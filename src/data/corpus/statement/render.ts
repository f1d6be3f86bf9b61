import { bareTableName, quoteIdentifier, quoteTableName, RESERVED_WORDS } from '../../../tsql/identifier.js';
import { NOT_A_BARE_ALIAS } from '../../../tsql/refusals.js';
import type { RecordFormat } from '../../record-format.js';
import { aliasInWords, type SchemaNames } from '../../schema/names.js';
import type { SourceColumn, QueryExpression, QueryPredicate, QueryProgram, QueryValue } from './program.js';
import { splitIdentifier } from '../topics/words.js';

/** `always`: every table has an alias. `joins`: only statements with a join have aliases. */
export type AliasStyle = 'always' | 'joins';

/** How a statement names its tables, columns and values. */
export interface Naming {
  table(source: number): string;
  /** Undefined if the table has no alias. */
  alias(source: number): string | undefined;
  column(source: number, name: string): string;
  value(value: QueryValue): string;
  /** What stands between alias and column (default: a dot). */
  separator?: string | undefined;
}

/** How aliases are made: the initials of the table, or t1, t2, … in the order of FROM. */
type AliasNames = RecordFormat['aliases'];

/**
 * Writes a program as T-SQL in the corpus's one style: upper-case keywords, `AS` before an alias, brackets only where an
 * identifier needs them, one `;` at the end. Values appear as placeholders.
 */
export function renderProgram(
  program: QueryProgram,
  style: AliasStyle = 'always',
  names: AliasNames = 'initials',
): string {
  const aliases = style === 'always' || program.from.length > 1 ? aliasesOf(program, names) : [];
  return writeStatement(program, {
    table: (source) => quoteTableName(program.from[source]!.table),
    alias: (source) => aliases[source],
    column: (_source, name) => quoteIdentifier(name),
    value: (value) => value.name,
  });
}

/** The same in words, as `namesOf` describes; every table has an alias. */
export function renderInWords(program: QueryProgram, words: SchemaNames): string {
  const table = (source: number): string => program.from[source]!.table;
  return writeStatement(program, {
    table: (source) => words.table(table(source)),
    alias: aliasInWords,
    column: (source, name) => words.column(table(source), name),
    value: (value) => value.name,
    separator: ' ',
  });
}

/**
 * The statement without its names: tables become T1, T2, … and columns c1, c2, … in order of first mention. Two
 * statements with the same skeleton differ only in names.
 */
export function sqlSkeletonOf(program: QueryProgram): string {
  const columns = program.from.map((): string[] => []);
  let mentioned = 0;
  const names = program.from.map((): string[] => []);
  const tables: string[] = [];
  return writeStatement(program, {
    table: (source) => `T${placeIn(tables, program.from[source]!.table) + 1}`,
    alias: (source) => ALIASES[source] ?? `s${source + 1}`,
    column: (source, name) => {
      const place = placeIn(columns[source]!, name);
      return (names[source]![place] ??= `c${++mentioned}`);
    },
    value: (value) => value.name,
  });
}

const ALIASES = ['s1', 's2', 's3', 's4'];

/** The name's index among those seen so far; a new name is appended. */
function placeIn(seen: string[], name: string): number {
  const place = seen.indexOf(name);
  return place < 0 ? seen.push(name) - 1 : place;
}

function writeStatement(program: QueryProgram, naming: Naming): string {
  const writer = new Writer(naming);
  let sql = 'SELECT ';
  if (program.distinct) sql += 'DISTINCT ';
  if (program.top !== undefined) {
    sql += `TOP (${typeof program.top === 'number' ? program.top : naming.value(program.top)}) `;
  }
  sql += program.select.map((item) => writer.expression(item)).join(', ');
  program.from.forEach(({ join }, index) => {
    sql += join === undefined ? ' FROM ' : ` ${join.kind} JOIN `;
    sql += naming.table(index);
    const alias = naming.alias(index);
    if (alias !== undefined) sql += ` AS ${alias}`;
    if (join !== undefined) {
      const pairs = join.on.map(
        ({ left, right }) => `${writer.columnName(left)} = ${writer.columnName(right)}`,
      );
      const where = (join.where ?? []).map((predicate) => writer.predicate(predicate));
      sql += ` ON ${[...pairs, ...where].join(' AND ')}`;
    }
  });
  if (program.where.length > 0) {
    sql += ` WHERE ${program.where.map((predicate) => writer.predicate(predicate)).join(' AND ')}`;
  }
  if (program.groupBy.length > 0) {
    sql += ` GROUP BY ${program.groupBy.map((key) => writer.expression(key)).join(', ')}`;
  }
  if (program.orderBy.length > 0) {
    const keys = program.orderBy.map(({ by, direction }) => `${writer.expression(by)} ${direction}`);
    sql += ` ORDER BY ${keys.join(', ')}`;
  }
  return `${sql};`;
}

/** t1, t2, …; or the initials of each table's words in lower case, where a repeated `vo` becomes `vo2`, and so on. */
export function aliasesOf(program: Pick<QueryProgram, 'from'>, names: AliasNames = 'initials'): string[] {
  if (names === 'numbered') return program.from.map((_, source) => `t${source + 1}`);
  const taken = new Set<string>();
  return program.from.map(({ table }) => {
    const initials = initialsOf(table);
    let alias = initials;
    for (let n = 2; taken.has(alias); n++) alias = `${initials}${n}`;
    taken.add(alias);
    return alias;
  });
}

const initialsCache = new Map<string, string>();

function initialsOf(table: string): string {
  let initials = initialsCache.get(table);
  if (initials === undefined) {
    initials = splitIdentifier(bareTableName(table))
      .filter((word) => /^[a-z]/.test(word))
      .map((word) => word[0]!)
      .join('')
      .slice(0, 4);
    if (initials === '') initials = 't';
    // Reserved words such as `OF`, `IS` and `OR` would need brackets as aliases, and `GO` is refused; a `1` avoids that.
    if (RESERVED_WORDS.has(initials) || NOT_A_BARE_ALIAS.has(initials.toUpperCase())) initials += '1';
    initialsCache.set(table, initials);
  }
  return initials;
}

class Writer {
  constructor(private readonly naming: Naming) {}

  columnName({ source, column }: SourceColumn): string {
    const alias = this.naming.alias(source);
    const name = this.naming.column(source, column);
    const { separator = '.' } = this.naming;
    return alias === undefined ? name : alias + separator + name;
  }

  expression(e: QueryExpression): string {
    switch (e.kind) {
      case 'star':
        return this.naming.alias(e.source) === undefined ? '*' : `${this.naming.alias(e.source)}.*`;
      case 'column':
        return this.columnName(e.ref);
      case 'value':
        return this.naming.value(e.value);
      case 'number':
        return String(e.value);
      case 'now':
        return 'GETDATE()';
      case 'count':
        return 'COUNT(*)';
      case 'anyRow':
        return 'CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END';
      case 'share':
        return `100.0 * SUM(CASE WHEN ${e.predicates.map((p) => this.predicate(p)).join(' AND ')} THEN 1 ELSE 0 END) / NULLIF(COUNT(*), 0)`;
      case 'fractional':
        return `1.0 * ${this.expression(e.of)}`;
      case 'minus':
        return `${this.expression(e.of)} - ${e.amount}`;
      case 'ago':
        return `DATEADD(${e.unit}, -${this.naming.value(e.amount)}, GETDATE())`;
      case 'aggregate':
        return `${e.name}(${e.distinct ? 'DISTINCT ' : ''}${this.expression(e.of)})`;
      case 'countIf':
        return `SUM(CASE WHEN ${this.predicate(e.predicate)} THEN 1 ELSE 0 END)`;
      case 'datePart':
        return e.part === 'year' || e.part === 'month'
          ? `${e.part.toUpperCase()}(${this.expression(e.of)})`
          : `DATEPART(${e.part}, ${this.expression(e.of)})`;
      case 'dateDiff':
        return `DATEDIFF(${e.unit}, ${this.expression(e.from)}, ${this.expression(e.to)})`;
      case 'dateAdd':
        return `DATEADD(${e.unit}, ${e.amount}, ${this.expression(e.to)})`;
    }
  }

  predicate(p: QueryPredicate): string {
    switch (p.kind) {
      case 'compare':
        return `${this.expression(p.left)} ${p.operator} ${this.expression(p.right)}`;
      case 'between':
        return `${this.expression(p.of)} BETWEEN ${this.expression(p.low)} AND ${this.expression(p.high)}`;
      case 'in':
        return `${this.expression(p.of)} ${p.negated ? 'NOT IN' : 'IN'} (${p.values.map((value) => this.naming.value(value)).join(', ')})`;
      case 'like':
        return `${this.expression(p.of)} ${p.negated ? 'NOT LIKE' : 'LIKE'} ${this.pattern(p.match, p.value)}`;
      case 'null':
        return `${this.expression(p.of)} IS ${p.negated ? 'NOT NULL' : 'NULL'}`;
      case 'any':
        return `(${p.of.map((part) => this.predicate(part)).join(' OR ')})`;
    }
  }

  private pattern(match: 'starts' | 'ends' | 'contains', value: QueryValue): string {
    const name = this.naming.value(value);
    const before = match === 'starts' ? '' : "'%' + ";
    const after = match === 'ends' ? '' : " + '%'";
    return `${before}${name}${after}`;
  }
}
