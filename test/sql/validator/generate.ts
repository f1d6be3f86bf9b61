import { quoteIdentifier } from '../../../src/tsql/identifier.js';
import type { SchemaColumn, SchemaIndex } from '../../../src/data/schema/schema-index.js';
import type { PlaceholderValue } from '../../../src/sql/values.js';
import { pickOf, type Pick } from './choices.js';

/** A statement that has to be accepted, with the values of its placeholders. */
export interface Generated {
  sql: string;
  values: Map<string, PlaceholderValue>;
}

interface Column {
  sql: string;
  ref: SchemaColumn;
}

const LOBS = ['text', 'ntext', 'image'];
const KEYS = ['number', 'string', 'uuid', 'date'];

/** Values of every kind that the vault knows, awkward ones included. */
const VALUES: Record<string, Omit<PlaceholderValue, 'name'>[]> = {
  ID: [
    { kind: 'mrn', type: 'varchar', text: '007345' },
    { kind: 'key', type: 'varchar', text: "A'-1_%[x]" },
    // A tinyint holds it: the renderer refuses an ID that its column cannot hold.
    { kind: 'patient', type: 'int', text: '47' },
    { kind: 'claim', type: 'bigint', text: '112' },
  ],
  DATE: [
    { kind: 'date', type: 'date', text: 'March 5, 2024', value: '2024-03-05' },
    { kind: 'year', type: 'date', text: '2024' },
    { kind: 'month', type: 'date', text: 'Mar 2024', value: '2024-03' },
    { kind: 'quarter', type: 'date', text: 'Q3 2024', value: '2024-Q3' },
  ],
  TEXT: [
    { kind: 'quoted', type: 'varchar', text: "'O'Brien; DROP'", value: "O'Brien; DROP" },
    { kind: 'quoted', type: 'varchar', text: '"名前 100%"', value: '名前 100%' },
    { kind: 'quoted', type: 'varchar', text: "'--'", value: '--' },
  ],
  NUM: [
    { kind: 'threshold', type: 'int', text: '65' },
    { kind: 'threshold', type: 'int', text: '-5' },
    { kind: 'threshold', type: 'decimal', text: '0.10' },
    { kind: 'threshold', type: 'bigint', text: '9,007,199,254,740,993', value: '9007199254740993' },
  ],
};

/** Writes a random statement of the allowed shape over the schema; every choice comes from `pick`. */
export function generateStatement(pick: Pick, index: SchemaIndex): Generated {
  return new Generator(pick, index).statement();
}

class Generator {
  readonly #values = new Map<string, PlaceholderValue>();
  readonly #columns: Column[] = [];
  /** Items of the SELECT list that SQL Server cannot sort by: text, xml and similar types. */
  readonly #unsortable = new Set<string>();

  constructor(
    readonly pick: Pick,
    readonly index: SchemaIndex,
  ) {}

  statement(): Generated {
    const { pick } = this;
    const from = this.#from();
    const isGrouped = pick(3) === 1;
    const keys = isGrouped ? this.#groupKeys() : [];
    const isDistinct = pick(5) === 1;
    const items = isGrouped
      ? [...keys, ...this.#some(1, 2, () => this.#aggregate())]
      : pick(4) === 1
        ? this.#some(1, 2, () => this.#aggregate())
        : this.#some(1, 3, () => this.#selectable(isDistinct));
    const aliases = items.map((item, i) => (pick(3) === 1 ? `${item} AS out_${i}` : item));
    let sql = `SELECT ${isDistinct ? 'DISTINCT ' : ''}${pick(5) === 1 ? `TOP (${pick(100)}) ` : ''}`;
    sql += aliases.join(', ') + from;
    if (pick(4) > 0) sql += ` WHERE ${this.#condition(2)}`;
    if (isGrouped) sql += ` GROUP BY ${keys.join(', ')}`;
    const sortable = items.flatMap((item, i) => (this.#unsortable.has(item) ? [] : [i]));
    if (pick(3) === 1 && sortable.length > 0) {
      const at = pickOf(pick, sortable);
      const key = pick(3) === 1 && aliases[at] !== items[at] ? `out_${at}` : `${at + 1}`;
      sql += ` ORDER BY ${key}${pickOf(pick, ['', ' ASC', ' DESC'])}`;
    }
    return { sql: `${sql};`, values: this.#values };
  }

  #some<T>(least: number, more: number, make: () => T): T[] {
    return Array.from({ length: least + this.pick(more + 1) }, make);
  }

  #from(): string {
    const tables = this.index.tables;
    let sql = '';
    const joins = this.pick(4);
    for (let i = 0; i <= joins; i++) {
      const table = pickOf(this.pick, tables);
      const alias = `t${i}`;
      const columns = this.index
        .columns(table.name)
        .map((ref) => ({ ref, sql: `${alias}.${quoteIdentifier(ref.column.name)}` }));
      const name = `${pickOf(this.pick, ['', 'dbo.'])}${quoteIdentifier(table.name)}${pickOf(this.pick, [' AS ', ' '])}${alias}`;
      if (i === 0) {
        sql = ` FROM ${name}`;
      } else {
        const on = this.#joinCondition(columns);
        if (on === undefined) break;
        sql += `${pickOf(this.pick, [' INNER JOIN ', ' JOIN ', ' LEFT JOIN ', ' LEFT OUTER JOIN '])}${name} ON ${on}`;
      }
      this.#columns.push(...columns);
    }
    return sql;
  }

  #joinCondition(columns: readonly Column[]): string | undefined {
    const left = pickOf(this.pick, this.#columns);
    const fits = columns.filter((c) => c.ref.type.family === left.ref.type.family && isKey(c));
    if (!isKey(left) || fits.length === 0) return undefined;
    return `${left.sql} = ${pickOf(this.pick, fits).sql}`;
  }

  #column(...families: string[]): Column | undefined {
    const fits = this.#columns.filter(
      (c) => families.includes(c.ref.type.family) && !LOBS.includes(c.ref.type.base),
    );
    return fits.length === 0 ? undefined : pickOf(this.pick, fits);
  }

  #groupKeys(): string[] {
    const keys = this.#some(1, 1, () => {
      const column = this.#column('number', 'string', 'date', 'bool', 'uuid')!;
      const isYear = column.ref.type.family === 'date' && this.pick(2) === 1;
      return isYear ? `YEAR(${column.sql})` : column.sql;
    });
    return [...new Set(keys)];
  }

  #aggregate(): string {
    const number = this.#column('number');
    switch (this.pick(5)) {
      case 1:
        return number ? `${pickOf(this.pick, ['SUM', 'AVG'])}(${number.sql})` : 'COUNT(*)';
      case 2: {
        const column = this.#column('number', 'string', 'date', 'uuid')!;
        return `${pickOf(this.pick, ['MIN', 'MAX', 'COUNT'])}(${column.sql})`;
      }
      case 3:
        return `COUNT(DISTINCT ${this.#column('number', 'string', 'date', 'uuid', 'bool')!.sql})`;
      case 4:
        return `SUM(CASE WHEN ${this.#condition(1)} THEN 1 ELSE 0 END)`;
      default:
        return 'COUNT(*)';
    }
  }

  #selectable(isDistinct: boolean): string {
    const column = isDistinct
      ? this.#column('number', 'string', 'date', 'uuid', 'bool')!
      : pickOf(this.pick, this.#columns);
    const { family } = column.ref.type;
    const simple = !LOBS.includes(column.ref.type.base);
    if (!simple || family === 'other') this.#unsortable.add(column.sql);
    if (family === 'number' && this.pick(3) === 1) return this.#number(1);
    if (family === 'date' && this.pick(3) === 1) return `YEAR(${column.sql})`;
    if (family === 'string' && simple && this.pick(3) === 1) return this.#text(column);
    return column.sql;
  }

  #text(column: Column): string {
    const one = column.sql;
    const made = pickOf<string | (() => string)>(this.pick, [
      `UPPER(${one})`,
      `LEFT(${one}, 3)`,
      `SUBSTRING(${one}, 1, 2)`,
      `COALESCE(${one}, 'none; --')`,
      `${one} + '''' + ${one}`,
      `CONCAT(${one}, N'é', 5)`,
      `CAST(${one} AS varchar(20))`,
      `RIGHT(LTRIM(${one}), 2)`,
      `ISNULL(NULLIF(${one}, ''), '?')`,
      () => `CASE WHEN ${this.#condition(0)} THEN ${one} ELSE 'x' END`,
    ]);
    return typeof made === 'string' ? made : made();
  }

  #number(depth: number): string {
    const column = this.#column('number');
    if (depth === 0 || this.pick(2) === 0) return column?.sql ?? '1';
    return pickOf(this.pick, [
      () => `(${this.#number(depth - 1)} + ${this.#number(depth - 1)})`,
      () => `${this.#number(depth - 1)} * -${this.#number(depth - 1)}`,
      () => `ABS(${this.#number(depth - 1)})`,
      () => `COALESCE(${this.#number(depth - 1)}, ${this.#placeholder('NUM')})`,
      () => `CASE WHEN ${this.#condition(depth - 1)} THEN ${this.#number(depth - 1)} ELSE 0 END`,
    ])();
  }

  #condition(depth: number): string {
    if (depth > 0) {
      const inner = (): string => this.#condition(depth - 1);
      switch (this.pick(6)) {
        case 1:
          return `${inner()} AND ${inner()}`;
        case 2:
          return `(${inner()} OR ${inner()})`;
        case 3:
          return `NOT (${inner()})`;
        default:
      }
    }
    return this.#predicate(pickOf(this.pick, this.#columns));
  }

  #predicate(column: Column): string {
    const { sql, ref } = column;
    const nullTest = `${sql} IS ${pickOf(this.pick, ['', 'NOT '])}NULL`;
    if (LOBS.includes(ref.type.base) || this.pick(6) === 1) return nullTest;
    const equals = pickOf(this.pick, ['=', '<>', '!=']);
    const compares = pickOf(this.pick, ['=', '<>', '<', '<=', '>', '>=']);
    const not = pickOf(this.pick, ['', 'NOT ']);
    switch (ref.type.family) {
      case 'number':
        return pickOf(this.pick, [
          () => `${sql} ${compares} ${this.#placeholder('NUM')}`,
          () => `${sql} ${equals} ${this.#placeholder('ID', ['int', 'bigint'])}`,
          () => `${sql} ${not}BETWEEN ${this.#placeholder('NUM')} AND ${this.#number(1)}`,
          () => `${sql} ${not}IN (${this.#placeholder('ID', ['int', 'bigint'])}, 1, -2)`,
        ])();
      case 'string':
        return pickOf(this.pick, [
          () => `${sql} ${equals} ${this.#placeholder('TEXT')}`,
          () => `${sql} ${equals} ${this.#placeholder('ID')}`,
          () => `${sql} ${not}LIKE '%' + ${this.#placeholder('TEXT')} + '%'`,
          () => `${sql} ${not}LIKE ${this.#placeholder('ID')} + '%' ESCAPE '!'`,
          () => `${sql} ${not}IN (${this.#placeholder('ID')}, ${this.#placeholder('TEXT')}, 'x')`,
        ])();
      case 'date':
        return pickOf(this.pick, [
          () => this.#dateComparison(column, compares),
          () => `${sql} < DATEADD(month, -1, ${this.#placeholder('DATE')})`,
          () => `YEAR(${sql}) ${compares} YEAR(${this.#placeholder('DATE')})`,
          () => `DATEDIFF(day, ${sql}, GETDATE()) > 30`,
          () => `${sql} >= '20240229'`,
          () => `DATEDIFF(month, ${this.#placeholder('DATE')}, ${sql}) ${compares} 3`,
          () => `DATEPART(quarter, ${sql}) IN (1, 2)`,
          () => `${sql} < EOMONTH(${this.#placeholder('DATE')})`,
          () => `${sql} >= DATEFROMPARTS(YEAR(${this.#placeholder('DATE')}), 1, 1)`,
          () => `${sql} ${not}BETWEEN ${this.#placeholder('DATE')} AND GETDATE()`,
        ])();
      case 'bool':
        return `${sql} = 1`;
      default:
        return nullTest;
    }
  }

  /** A month, or a day compared with a time, is an interval: only >= and < fit. */
  #dateComparison({ sql, ref }: Column, compares: string): string {
    const name = this.#placeholder('DATE');
    const isWhole = this.#values.get(name)!.kind === 'date' && ref.type.base === 'date';
    return `${sql} ${isWhole ? compares : compares.startsWith('<') ? '<' : '>='} ${name}`;
  }

  /** A new placeholder of the prefix, or one that the statement already has. */
  #placeholder(prefix: string, types?: readonly string[]): string {
    const fits = (value: Omit<PlaceholderValue, 'name'>): boolean =>
      types === undefined || types.includes(value.type);
    const known = [...this.#values.values()].filter((v) => v.name.startsWith(`__${prefix}_`));
    const reusable = known.filter(fits);
    if (reusable.length > 0 && (known.length > 5 || this.pick(4) === 1))
      return pickOf(this.pick, reusable).name;
    const value = pickOf(this.pick, VALUES[prefix]!.filter(fits));
    const name = `__${prefix}_${known.length + 1}__`;
    this.#values.set(name, { name, ...value });
    return name;
  }
}

function isKey({ ref }: Column): boolean {
  return KEYS.includes(ref.type.family) && !LOBS.includes(ref.type.base);
}
