import type { Column, SchemaBundle, Table } from '../../data/schema/bundle.js';
import { Random } from '../../base/random.js';
import { foldName, foldTableName, splitColumnPath } from '../../tsql/identifier.js';
import { parseSqlType, type SqlType } from '../../tsql/types.js';
import { pgString } from './names.js';

/** A PostgreSQL literal; `null` is NULL. */
export type PgLiteral = string | null;

/** What a foreign key refers to. */
interface Reference {
  table: Table;
  column: string;
  /** Number of the foreign key in its table: all columns of one key refer to the same row. */
  key: number;
}

const NULL_SHARE = 0.15;
const WORDS =
  'asthma cardiology diabetes outpatient urgent routine ward clinic north south smith jones garcia female male active closed oral glucose sodium'.split(
    ' ',
  );

/**
 * Makes rows for every table of a bundle from a seed. Values fit their types, keys are unique, and foreign keys and
 * undeclared joins refer to rows that exist. Texts, numbers and dates repeat: groups have more than one row.
 */
export class RowMaker {
  private readonly tables = new Map<string, Table>();
  private readonly references = new Map<string, Reference>();
  private readonly unique = new Set<string>();
  private readonly known = new Map<string, PgLiteral>();
  private readonly pending = new Set<string>();
  private readonly picks = new Map<string, number>();

  constructor(
    bundle: SchemaBundle,
    private readonly seed: number,
    private readonly count: number,
  ) {
    for (const table of bundle.tables) this.tables.set(foldTableName(table.name), table);
    for (const table of bundle.tables) this.addKeys(table);
    for (const { from, to } of bundle.joins ?? []) this.addJoin(from, to);
  }

  /** Every row of the table as `(value, …)`, in the order of its columns. */
  rows(table: Table): string[] {
    return this.cells(table).map(rowLiteral);
  }

  /** Every row of the table, a PostgreSQL literal for each of its columns. */
  cells(table: Table): PgLiteral[][] {
    return Array.from({ length: this.count }, (_, row) =>
      table.columns.map((column) => this.value(table, column.name, row)),
    );
  }

  private addKeys(table: Table): void {
    for (const column of table.primaryKey) this.unique.add(place(table.name, column));
    table.foreignKeys.forEach((key, number) => {
      key.columns.forEach((column, i) => {
        const target = key.references.columns[i]!;
        this.unique.add(place(key.references.table, target));
        const at = place(table.name, column);
        if (this.references.has(at)) return;
        this.references.set(at, { table: this.table(key.references.table), column: target, key: number });
      });
    });
  }

  private addJoin(from: string, to: string): void {
    const [table, column] = splitColumnPath(from);
    const [target, targetColumn] = splitColumnPath(to);
    const at = place(table, column);
    if (this.references.has(at) || this.unique.has(at)) return;
    this.references.set(at, { table: this.table(target), column: targetColumn, key: this.references.size });
  }

  private table(name: string): Table {
    return this.tables.get(foldTableName(name))!;
  }

  private value(table: Table, name: string, row: number): PgLiteral {
    const at = `${place(table.name, name)}#${row}`;
    const known = this.known.get(at);
    if (known !== undefined) return known;
    const column = table.columns.find((one) => foldName(one.name) === foldName(name))!;
    let value: PgLiteral;
    if (this.pending.has(at)) {
      // A circle of keys: its rows all have the same number.
      value = keyLiteral(column, row);
    } else {
      this.pending.add(at);
      value = this.make(table, column, row);
      this.pending.delete(at);
    }
    this.known.set(at, value);
    return value;
  }

  private make(table: Table, column: Column, row: number): PgLiteral {
    const at = place(table.name, column.name);
    const reference = this.references.get(at);
    if (reference) {
      const target = this.pick(table, reference, row);
      return target === undefined ? null : this.value(reference.table, reference.column, target);
    }
    if (this.unique.has(at)) return keyLiteral(column, row);
    const random = new Random(this.seed, hash(`${at}#${row}`));
    return column.nullable && random.chance(NULL_SHARE) ? null : plainLiteral(column, random);
  }

  /** The row that a foreign key refers to, the same for all its columns; undefined for NULL. */
  private pick(table: Table, { key }: Reference, row: number): number | undefined {
    const at = `${foldTableName(table.name)}#${row}#${key}`;
    let picked = this.picks.get(at);
    if (picked === undefined) {
      picked = this.draw(table, key, row, new Random(this.seed, hash(at)));
      this.picks.set(at, picked);
    }
    return picked < 0 ? undefined : picked;
  }

  private draw(table: Table, key: number, row: number, random: Random): number {
    const columns = table.foreignKeys[key]?.columns.map(foldName) ?? [];
    const primary = table.primaryKey.map(foldName);
    const held = columns.filter((name) => this.unique.has(place(table.name, name)));
    // A primary key with a column that counts the rows is unique whatever its other columns hold.
    const isNumbered = primary.some((name) => !this.references.has(place(table.name, name)));
    const isTarget = held.some((name) => !primary.includes(name));
    if (held.length > 0 && (isTarget || !isNumbered)) return row;
    const isNullable = table.columns.some(
      (column) => columns.includes(foldName(column.name)) && column.nullable,
    );
    return isNullable && random.chance(NULL_SHARE) ? -1 : random.int(this.count);
  }
}

/** `(value, …)` */
export function rowLiteral(cells: readonly PgLiteral[]): string {
  return `(${cells.map((cell) => cell ?? 'NULL').join(', ')})`;
}

const place = (table: string, column: string): string => `${foldTableName(table)}.${foldName(column)}`;

/** FNV-1a: a stream number for a place. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

const typeOf = (column: Column): SqlType =>
  parseSqlType(column.type) ?? { base: column.type, family: 'other' };

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** A different value for every row. */
function keyLiteral(column: Column, row: number): PgLiteral {
  const type = typeOf(column);
  switch (type.family) {
    case 'number':
    case 'bool':
      return String(row + 1);
    case 'uuid':
      return pgString(`00000000-0000-4000-8000-${String(row + 1).padStart(12, '0')}`);
    case 'date':
      return pgString(day(new Date(Date.UTC(2020, 0, 1 + row))));
    case 'time':
      return pgString(new Date(row * 1000).toISOString().slice(11, 19));
    case 'binary':
      return `'\\x${(row + 1).toString(16).padStart(8, '0')}'`;
    default: {
      const length = lengthOf(type);
      // More rows than digits and letters: any other character is different, too.
      if (length === 1 && row >= 35) return pgString(String.fromCodePoint(0x4e00 + row));
      if (length < 7) return pgString((row + 1).toString(36).padStart(length, '0'));
      return pgString(`K${String(row + 1).padStart(6, '0')}`);
    }
  }
}

function lengthOf(type: SqlType): number {
  if (typeof type.length === 'number') return type.length;
  return type.length === undefined && type.base.endsWith('char') ? 1 : 400;
}

/** One of a few values, so that rows share it. */
function plainLiteral(column: Column, random: Random): string {
  const type = typeOf(column);
  switch (type.family) {
    case 'bool':
      return String(random.int(2));
    case 'number':
      return numberLiteral(column, type, random);
    case 'uuid':
      return pgString(`00000000-0000-4000-9000-${String(random.int(20)).padStart(12, '0')}`);
    case 'date': {
      const first = /birth|dob/i.test(column.name) ? 1930 : 2010;
      const date = day(new Date(Date.UTC(first, 0, 1 + random.int(5400))));
      return pgString(type.base === 'date' ? date : `${date}T${clock(random)}`);
    }
    case 'time':
      return pgString(clock(random));
    case 'binary':
      return `'\\x0${random.int(10)}'`;
    default:
      return pgString(random.pick(WORDS).slice(0, lengthOf(type)));
  }
}

const clock = (random: Random): string => new Date(random.int(86400) * 1000).toISOString().slice(11, 19);

function numberLiteral(column: Column, type: SqlType, random: Random): string {
  if (/year/i.test(column.name) && type.base !== 'tinyint') return String(random.between(1940, 2023));
  if (type.base === 'tinyint') return String(random.int(100));
  if (/int$/.test(type.base)) return String(random.int(300));
  const scale = type.base === 'decimal' || type.base === 'numeric' ? (type.scale ?? 0) : 2;
  const digits = type.base === 'decimal' || type.base === 'numeric' ? (type.precision ?? 18) - scale : 3;
  const whole = random.int(Math.min(300, 10 ** Math.max(0, digits)));
  return scale === 0
    ? String(whole)
    : `${whole}.${String(random.int(10 ** Math.min(scale, 2))).padStart(Math.min(scale, 2), '0')}`;
}
