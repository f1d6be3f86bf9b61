import { placeholderName, type PlaceholderInfo, type PlaceholderPrefix } from '../../src/data/placeholder.js';
import { aliasesOf } from '../../src/data/corpus/statement/render.js';
import type { SchemaColumn, SchemaIndex } from '../../src/data/schema/schema-index.js';
import {
  orderedExpression,
  tableNameOf,
  type ColumnRef,
  type Comparison,
  type Expression,
  type Statement,
  type TableRef,
} from '../../src/tsql/ast.js';
import { quoteIdentifier, quoteTableName } from '../../src/tsql/identifier.js';
import { conjunctsOf, isAggregate } from './constructs.js';
import {
  after,
  bare,
  datePart,
  datePartCall,
  interval,
  isLiteral,
  placeholderFor,
  type Period,
} from './rewrite-parts.js';
import type { LiteralFate } from './values.js';

/** A statement in the corpus's spelling, and the placeholders that it needs. */
export interface Rewritten {
  sql: string;
  placeholders: PlaceholderInfo[];
}

/** Where spellings differ: `numbered` aliases are t1, t2, …; otherwise they are the table's initials. */
export interface Spelling {
  numbered: boolean;
  /** Numbers of structure are placeholders, and averages are of decimals. */
  counts: boolean;
}

/**
 * Writes a person's statement as the corpus would: aliases, placeholders for values, intervals for dates. Conditions that
 * only repeat what a join says are left out (`d_items.linksto = 'outputevents'`).
 */
export function rewrite(
  statement: Statement,
  index: SchemaIndex,
  fates: readonly LiteralFate[],
  spelling: Spelling,
): Rewritten {
  const writer = new Rewriter(statement, index, fates, spelling);
  return { sql: writer.statement(), placeholders: writer.placeholders };
}

interface Source {
  ref: TableRef;
  table: string;
  alias: string;
}

class Rewriter {
  readonly placeholders: PlaceholderInfo[] = [];
  readonly #byValue = new Map<string, string>();
  readonly #sources: Source[];

  constructor(
    private readonly tree: Statement,
    private readonly index: SchemaIndex,
    private readonly fates: readonly LiteralFate[],
    private readonly spelling: Spelling,
  ) {
    const refs = [tree.from, ...tree.joins.map(({ table }) => table)];
    const tables = refs.map((ref) => index.table(tableNameOf(ref))?.name ?? tableNameOf(ref));
    const initials = aliasesOf({ from: tables.map((table) => ({ table })) } as Parameters<
      typeof aliasesOf
    >[0]);
    this.#sources = refs.map((ref, i) => ({
      ref,
      table: tables[i]!,
      alias: spelling.numbered ? `t${i + 1}` : initials[i]!,
    }));
  }

  statement(): string {
    const { distinct, top, items, joins, where, groupBy, orderBy } = this.tree;
    const parts = ['SELECT'];
    if (distinct) parts.push('DISTINCT');
    if (top) parts.push(`TOP (${this.#count(top)})`);
    const columns = items.map((item) =>
      item.kind === 'star' ? this.#star(item.table?.text) : this.#write(item.expression),
    );
    parts.push(columns.join(', '), 'FROM', this.#table(0));
    joins.forEach(({ kind, on }, i) => {
      parts.push(kind === 'left' ? 'LEFT JOIN' : 'INNER JOIN', this.#table(i + 1), 'ON');
      parts.push(
        conjunctsOf(on)
          .map((one) => this.#joinCondition(one, i + 1))
          .join(' AND '),
      );
    });
    const conditions = where === undefined ? [] : this.#conditions(conjunctsOf(where));
    if (conditions.length > 0) parts.push('WHERE', conditions.join(' AND '));
    if (groupBy.length > 0) parts.push('GROUP BY', groupBy.map((key) => this.#write(key)).join(', '));
    if (orderBy.length > 0) {
      const keys = orderBy.map(
        ({ expression, descending }) =>
          `${this.#write(orderedExpression(this.tree, expression))} ${descending ? 'DESC' : 'ASC'}`,
      );
      parts.push('ORDER BY', keys.join(', '));
    }
    return `${parts.join(' ')};`;
  }

  #table(i: number): string {
    const { table, alias } = this.#sources[i]!;
    return `${quoteTableName(table)} AS ${alias}`;
  }

  #star(table: string | undefined): string {
    return `${(this.#sourceNamed(table) ?? this.#sources[0]!).alias}.*`;
  }

  /** Both sides of a join's key, the earlier table first. */
  #joinCondition(condition: Expression, place: number): string {
    if (
      condition.kind === 'comparison' &&
      condition.left.kind === 'column' &&
      condition.right.kind === 'column'
    ) {
      const isTurned = this.#placeOf(condition.left) === place;
      const [left, right] = isTurned ? [condition.right, condition.left] : [condition.left, condition.right];
      return `${this.#write(left)} ${condition.operator} ${this.#write(right)}`;
    }
    return this.#conditions([condition]).join(' AND ');
  }

  #sourceNamed(name: string | undefined): Source | undefined {
    if (name === undefined) return undefined;
    const wanted = name.toLowerCase();
    return this.#sources.find(
      ({ ref, table }) =>
        (ref.alias?.text ?? ref.table.text).toLowerCase() === wanted || table.toLowerCase() === wanted,
    );
  }

  #sourceOf({ table, column }: ColumnRef): Source {
    return (
      this.#sourceNamed(table?.text) ??
      this.#sources.find((source) => this.index.column(source.table, column.text)) ??
      this.#sources[0]!
    );
  }

  #placeOf(ref: ColumnRef): number {
    return this.#sources.indexOf(this.#sourceOf(ref));
  }

  #columnOf(expression: Expression | undefined): SchemaColumn | undefined {
    if (expression?.kind !== 'column') return undefined;
    return this.index.column(this.#sourceOf(expression).table, expression.column.text);
  }

  #conditions(conditions: readonly Expression[]): string[] {
    const done = new Set<Expression>();
    const written: string[] = [];
    for (const condition of conditions) {
      if (done.has(condition) || this.#isRepeated(condition)) continue;
      const whole = this.#wholeDate(condition, conditions);
      whole?.parts.forEach((part) => done.add(part));
      written.push(whole?.sql ?? this.#write(condition));
    }
    return written;
  }

  /** `catalogue.says = 'the table that is joined to it'`, which the join says already. */
  #isRepeated(condition: Expression): boolean {
    if (condition.kind !== 'comparison' || condition.right.kind !== 'string') return false;
    const { value } = condition.right;
    const column = this.#columnOf(condition.left);
    const named = this.#sources.find(({ table }) => table.toLowerCase() === value.toLowerCase());
    if (!column || !named) return false;
    return this.index
      .joinsFrom(named.table)
      .some(
        ({ from, to }) =>
          to.table === column.table.name && from.columns[0]?.toLowerCase() === to.columns[0]?.toLowerCase(),
      );
  }

  /** YEAR(x) = … with MONTH(x) = … and DAY(x) = … as one interval. */
  #wholeDate(
    condition: Expression,
    all: readonly Expression[],
  ): { sql: string; parts: Expression[] } | undefined {
    const year = datePart(condition, 'YEAR');
    if (!year) return undefined;
    const column = this.#write(year.column);
    const sameColumn = (name: string): ReturnType<typeof datePart> =>
      all.map((other) => datePart(other, name)).find((part) => part && this.#write(part.column) === column);
    const month = sameColumn('MONTH');
    const day = month && sameColumn('DAY');
    if (condition.kind !== 'comparison' || condition.operator !== '=') return undefined;
    const value = [year, month, day].flatMap((part) => (part ? [part.value.padStart(2, '0')] : [])).join('-');
    const period = this.#period(value);
    return {
      sql: interval(column, '=', period, this.#columnOf(year.column)?.type.base === 'date'),
      parts: [condition, month?.condition, day?.condition].filter((part) => part !== undefined),
    };
  }

  /** A placeholder for `2105`, `2105-03`, `2105-03-09` or `2105-03-09 14:30:00`. */
  #period(value: string): Period {
    if (value.length > 10) {
      const name = this.#placeholder('DATE', value, { kind: 'datetime', type: 'datetime2' });
      return { name, unit: 'day' };
    }
    const unit = value.length === 4 ? 'year' : value.length === 7 ? 'month' : 'day';
    return {
      name: this.#placeholder('DATE', value, { kind: unit === 'day' ? 'date' : unit, type: 'date' }),
      unit,
    };
  }

  /** The period of a day in a statement: that of the question's placeholder, with `true` if the day follows it. */
  #periodOfDay(value: string): [Period, follows: boolean] {
    const entry = this.fates.find(({ literal }) => literal.value === value)?.entry;
    const text = entry?.value ?? '';
    const day = value.replace(/ 00:00:00$/, '');
    if (!entry || /^\d{4}-\d\d-\d\d/.test(text) || !/^\d{4}/.test(text)) return [this.#period(day), false];
    const unit = text.length === 4 ? 'year' : text.includes('Q') ? 'quarter' : 'month';
    const name = this.#placeholder('DATE', text, { kind: unit, type: 'date' });
    const month =
      unit === 'quarter' ? 3 * Number(text.slice(-1)) - 2 : unit === 'year' ? 1 : Number(text.slice(5));
    const start = `${text.slice(0, 4)}-${String(month).padStart(2, '0')}-01`;
    return [{ name, unit }, start !== day.slice(0, 10)];
  }

  #placeholder(prefix: PlaceholderPrefix, value: string, info: Omit<PlaceholderInfo, 'name'>): string {
    const key = `${prefix} ${value}`;
    let name = this.#byValue.get(key);
    if (name === undefined) {
      const before = this.placeholders.filter((one) => one.name.startsWith(`__${prefix}_`)).length;
      name = placeholderName(prefix, before + 1);
      this.#byValue.set(key, name);
      this.placeholders.push({ name, ...info });
    }
    return name;
  }

  #count(expression: Expression): string {
    if (expression.kind !== 'number') return this.#write(expression);
    if (!this.spelling.counts || expression.text === '1') return expression.text;
    return this.#placeholder('NUM', expression.text, { kind: 'count', type: 'int' });
  }

  /** The placeholder for a literal that a column or a computed value is compared with. */
  #value(literal: Expression, compared: Expression): string {
    const negative = literal.kind === 'negation' ? '-' : '';
    const inner = literal.kind === 'negation' ? literal.operand : literal;
    if (inner.kind !== 'number' && inner.kind !== 'string') return this.#write(literal);
    if (isAggregate(compared)) return inner.kind === 'number' ? inner.text : this.#write(inner);
    const value = negative + (inner.kind === 'number' ? inner.text : inner.value);
    const entry = this.fates.find(({ literal: { value: other } }) => other === value)?.entry;
    const column = this.#columnOf(compared);
    if (entry?.name.startsWith('__DATE_') && column?.type.family === 'number') {
      return `YEAR(${this.#placeholder('DATE', value, { kind: 'year', type: 'date' })})`;
    }
    if (inner.kind === 'number' && compared.kind === 'call') {
      if (compared.name === 'DATEDIFF') return value;
      return this.#placeholder('NUM', value, { kind: 'threshold', type: 'int' });
    }
    return this.#placeholder(...placeholderFor(value, inner.kind, column, entry));
  }

  #write(expression: Expression): string {
    switch (expression.kind) {
      case 'number':
        return expression.text;
      case 'string':
        return `'${expression.value.replaceAll("'", "''")}'`;
      case 'null':
        return 'NULL';
      case 'placeholder':
        return expression.name;
      case 'column':
        return this.#column(expression);
      case 'negation':
        return `-${this.#write(expression.operand)}`;
      case 'arithmetic':
        return `${this.#write(expression.left)} ${expression.operator} ${this.#write(expression.right)}`;
      case 'call':
        return this.#call(expression);
      case 'cast':
        return `CAST(${this.#write(expression.operand)} AS ${expression.type})`;
      case 'case': {
        const branches = expression.branches.map(
          ({ when, then }) => ` WHEN ${this.#write(when)} THEN ${this.#write(then)}`,
        );
        const operand = expression.operand ? ` ${this.#write(expression.operand)}` : '';
        const otherwise = expression.otherwise ? ` ELSE ${this.#write(expression.otherwise)}` : '';
        return `CASE${operand}${branches.join('')}${otherwise} END`;
      }
      case 'comparison':
        return this.#comparison(expression);
      case 'between': {
        const [low, high] = [expression.low, expression.high];
        const operand = expression.operand;
        const year = datePartCall(operand, 'YEAR');
        if (year && low.kind === 'number' && high.kind === 'number' && !expression.negated) {
          const column = this.#write(year);
          const isDay = this.#columnOf(year)?.type.base === 'date';
          return [
            interval(column, '>=', this.#period(low.text), isDay),
            interval(column, '<=', this.#period(high.text), isDay),
          ].join(' AND ');
        }
        const not = expression.negated ? ' NOT' : '';
        return `${this.#write(operand)}${not} BETWEEN ${this.#value(low, operand)} AND ${this.#value(high, operand)}`;
      }
      case 'in': {
        const operand = bare(expression.operand);
        const items = expression.items.map((item) => this.#value(item, operand));
        if (items.length === 1)
          return `${this.#write(operand)} ${expression.negated ? '<>' : '='} ${items[0]}`;
        return `${this.#write(operand)}${expression.negated ? ' NOT' : ''} IN (${items.join(', ')})`;
      }
      case 'like': {
        const operand = bare(expression.operand);
        const not = expression.negated ? ' NOT' : '';
        return `${this.#write(operand)}${not} LIKE ${this.#pattern(expression.pattern, operand)}`;
      }
      case 'isNull':
        return `${this.#write(expression.operand)} IS ${expression.negated ? 'NOT ' : ''}NULL`;
      case 'and':
        return this.#conditions(expression.operands).join(' AND ');
      case 'or':
        return `(${expression.operands.map((operand) => this.#write(operand)).join(' OR ')})`;
      case 'not':
        return `NOT ${this.#write(expression.operand)}`;
    }
  }

  #column(ref: ColumnRef): string {
    const { alias } = this.#sourceOf(ref);
    return `${alias}.${quoteIdentifier(this.#columnOf(ref)?.column.name ?? ref.column.text)}`;
  }

  #call({ name, star, distinct, datepart, args }: Expression & { kind: 'call' }): string {
    const written = star ? ['*'] : args.map((arg) => this.#write(arg));
    if (name === 'DATEADD' && args[0] !== undefined) written[0] = this.#shift(args[0]);
    const isWhole = this.#columnOf(args[0])?.type.base.includes('int') ?? false;
    if (name === 'AVG' && this.spelling.counts && isWhole) written[0] = `1.0 * ${written[0]}`;
    if (datepart) written.unshift(datepart.text.toLowerCase());
    return `${name}(${distinct ? 'DISTINCT ' : ''}${written.join(', ')})`;
  }

  #shift(amount: Expression): string {
    return amount.kind === 'negation' ? `-${this.#count(amount.operand)}` : this.#count(amount);
  }

  #pattern(pattern: Expression, operand: Expression): string {
    if (pattern.kind !== 'string') return this.#write(pattern);
    const [, ahead, text, behind] = /^(%?)(.*?)(%?)$/s.exec(pattern.value)!;
    const name = this.#value({ ...pattern, value: text! }, operand);
    return `${ahead ? "'%' + " : ''}${name}${behind ? " + '%'" : ''}`;
  }

  #comparison(comparison: Comparison): string {
    const { operator } = comparison;
    const [left, right] = [bare(comparison.left), bare(comparison.right)];
    const day = right.kind === 'string' && /^\d{4}-\d\d-\d\d/.test(right.value) ? right.value : undefined;
    const dated = left.kind === 'cast' ? left.operand : left;
    if (day !== undefined && this.#columnOf(dated)?.type.family === 'date') {
      const [period, follows] = this.#periodOfDay(day);
      if (follows) return `${this.#write(dated)} ${operator} ${after(period)}`;
      const isDay = this.#columnOf(dated)?.type.base === 'date' && period.unit === 'day';
      return interval(this.#write(dated), operator, period, isDay || left.kind !== 'cast');
    }
    const year = datePartCall(left, 'YEAR');
    if (year && right.kind === 'number') {
      return interval(this.#write(year), operator, this.#period(right.text), false);
    }
    if (isLiteral(right)) return `${this.#write(left)} ${operator} ${this.#value(right, left)}`;
    if (isLiteral(left)) return `${this.#value(left, right)} ${operator} ${this.#write(right)}`;
    return `${this.#write(left)} ${operator} ${this.#write(right)}`;
  }
}
