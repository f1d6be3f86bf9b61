import { quoteIdentifier, RESERVED_WORDS } from '../../tsql/identifier.js';
import type { ColumnRef, Expression, Predicate, Program, Value } from './program.js';
import { splitIdentifier } from './words.js';

/** `always`: every table gets an alias; `joins`: only where two or more tables meet. */
export type AliasStyle = 'always' | 'joins';

/** What a statement calls its tables, columns and values. */
export interface Naming {
  table(source: number): string;
  /** Undefined where the table goes by its own name. */
  alias(source: number): string | undefined;
  column(source: number, name: string): string;
  value(value: Value): string;
}

/**
 * Writes a program as T-SQL in the one style of the corpus: keywords in upper case, `AS` before an alias, short
 * aliases made from the table's initials, brackets only where an identifier needs them, one `;` at the end.
 * Values are written as their placeholders.
 */
export function renderProgram(program: Program, style: AliasStyle = 'always'): string {
  const aliases = style === 'always' || program.from.length > 1 ? aliasesOf(program) : [];
  return writeStatement(program, {
    table: (source) => quoteIdentifier(program.from[source]!.table),
    alias: (source) => aliases[source],
    column: (_source, name) => quoteIdentifier(name),
    value: (value) => value.name,
  });
}

/**
 * The statement with its names taken out: tables become T1, T2, … and columns c1, c2, … in the order in which the
 * statement mentions them. Two statements of one skeleton differ in names alone.
 */
export function sqlSkeletonOf(program: Program): string {
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

/** Where the name stands among those seen so far; a new one comes last. */
function placeIn(seen: string[], name: string): number {
  const place = seen.indexOf(name);
  return place < 0 ? seen.push(name) - 1 : place;
}

function writeStatement(program: Program, naming: Naming): string {
  const writer = new Writer(naming);
  let sql = 'SELECT ';
  if (program.distinct) sql += 'DISTINCT ';
  if (program.top !== undefined) sql += `TOP (${program.top}) `;
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
      sql += ` ON ${pairs.join(' AND ')}`;
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

/** Initials of the table's words, lower case; the second `vo` is `vo2`, and so on in the order of the sources. */
export function aliasesOf(program: Pick<Program, 'from'>): string[] {
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
    initials = splitIdentifier(table)
      .filter((word) => /^[a-z]/.test(word))
      .map((word) => word[0]!)
      .join('')
      .slice(0, 4);
    if (initials === '') initials = 't';
    // `OF`, `IS`, `OR` … cannot stand unbracketed; a `1` makes them plain names and keeps them short.
    if (RESERVED_WORDS.has(initials)) initials += '1';
    initialsCache.set(table, initials);
  }
  return initials;
}

class Writer {
  constructor(private readonly naming: Naming) {}

  columnName({ source, column }: ColumnRef): string {
    const alias = this.naming.alias(source);
    const name = this.naming.column(source, column);
    return alias === undefined ? name : `${alias}.${name}`;
  }

  expression(e: Expression): string {
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

  predicate(p: Predicate): string {
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

  private pattern(match: 'starts' | 'ends' | 'contains', value: Value): string {
    const name = this.naming.value(value);
    const before = match === 'starts' ? '' : "'%' + ";
    const after = match === 'ends' ? '' : " + '%'";
    return `${before}${name}${after}`;
  }
}
