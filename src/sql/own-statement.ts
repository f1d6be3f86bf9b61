import { aliasesOf } from '../data/corpus/statement/render.js';
import type { RecordFormat } from '../data/record-format.js';
import { aliasInWords, namesOf, type SchemaNames } from '../data/schema/names.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { SelectionBuilder, type SchemaSelection } from '../data/schema/selection.js';
import {
  orderedExpression,
  tableNameOf,
  type ColumnRef,
  type Expression,
  type Statement,
  type TableRef,
} from '../tsql/ast.js';
import { quoteIdentifier, quoteTableName } from '../tsql/identifier.js';
import type { VaultEntry } from './vault/index.js';

interface Source {
  ref: TableRef;
  table: string;
}

/** How a statement's names are spelled. */
interface Spelling {
  table: (source: number) => string;
  column: (source: number, name: string) => string;
  alias: (source: number) => string;
  separator: '.' | ' ';
}

/**
 * Writes a person's statement as the corpus does, so that the grammar can walk it: names and aliases of the format, one
 * blank between words, and the placeholders of the question's vault for its values. What has no placeholder stays as it is.
 */
export class OwnStatement {
  readonly #sources: Source[];
  readonly #used = new Map<string, Set<string>>();

  constructor(
    private readonly tree: Statement,
    private readonly index: SchemaIndex,
    private readonly entries: readonly VaultEntry[],
  ) {
    const refs = [tree.from, ...tree.joins.map(({ table }) => table)];
    this.#sources = refs.map((ref) => ({
      ref,
      table: index.table(tableNameOf(ref))?.name ?? tableNameOf(ref),
    }));
  }

  /** T-SQL with placeholders. */
  sql(aliases: RecordFormat['aliases']): string {
    const from = this.#sources.map(({ table }) => ({ table }));
    const names = aliasesOf({ from } as Parameters<typeof aliasesOf>[0], aliases);
    return this.#statement({
      table: (source) => quoteTableName(this.#sources[source]!.table),
      column: (_source, name) => quoteIdentifier(name),
      alias: (source) => names[source]!,
      separator: '.',
    });
  }

  /** The same in words; see `namesOf`. */
  inWords(): string {
    const words: SchemaNames = namesOf(this.index, 'words');
    return this.#statement({
      table: (source) => words.table(this.#sources[source]!.table),
      column: (source, name) => words.column(this.#sources[source]!.table, name),
      alias: aliasInWords,
      separator: ' ',
    });
  }

  /** The tables and columns that the statement names. Call it after `sql`. */
  selection(): SchemaSelection {
    const builder = new SelectionBuilder(this.index);
    for (const [table, columns] of this.#used) {
      for (const column of columns) builder.addColumn(table, column);
    }
    return builder.build();
  }

  #statement(spelling: Spelling): string {
    const { distinct, top, items, joins, where, groupBy, orderBy } = this.tree;
    const write = (expression: Expression): string => this.#write(expression, spelling);
    const list = (expressions: readonly Expression[]): string => expressions.map(write).join(', ');
    const source = (i: number): string => `${spelling.table(i)} AS ${spelling.alias(i)}`;
    const columns = items.map((item) => {
      if (item.kind === 'expression') return write(item.expression);
      return `${spelling.alias(item.table ? this.#sourceNamed(item.table.text) : 0)}.*`;
    });
    const order = orderBy.map(({ expression, descending }) => {
      return `${write(orderedExpression(this.tree, expression))} ${descending ? 'DESC' : 'ASC'}`;
    });
    return [
      'SELECT',
      distinct ? 'DISTINCT' : '',
      top ? `TOP (${write(top)})` : '',
      columns.join(', '),
      `FROM ${source(0)}`,
      ...joins.map(({ kind, on }, i) => `${JOINS[kind]} ${source(i + 1)} ON ${write(on)}`),
      where ? `WHERE ${write(where)}` : '',
      groupBy.length > 0 ? `GROUP BY ${list(groupBy)}` : '',
      order.length > 0 ? `ORDER BY ${order.join(', ')}` : '',
    ]
      .filter((part) => part !== '')
      .join(' ')
      .concat(';');
  }

  #sourceNamed(name: string): number {
    const wanted = name.toLowerCase();
    const found = this.#sources.findIndex(
      ({ ref, table }) =>
        (ref.alias ?? ref.table).text.toLowerCase() === wanted || table.toLowerCase() === wanted,
    );
    return Math.max(0, found);
  }

  #sourceOf({ table, column }: ColumnRef): number {
    if (table) return this.#sourceNamed(table.text);
    const found = this.#sources.findIndex((source) => this.index.column(source.table, column.text));
    return Math.max(0, found);
  }

  #column(ref: ColumnRef, { alias, column, separator }: Spelling): string {
    const source = this.#sourceOf(ref);
    const { table } = this.#sources[source]!;
    const name = this.index.column(table, ref.column.text)?.column.name ?? ref.column.text;
    this.#used.set(table, (this.#used.get(table) ?? new Set()).add(name));
    return `${alias(source)}${separator}${column(source, name)}`;
  }

  /** The column beside a literal, which decides how a coded value is spelled. */
  #path(expression: Expression | undefined): string | undefined {
    if (expression?.kind !== 'column') return undefined;
    return `${this.#sources[this.#sourceOf(expression)]!.table}.${expression.column.text}`.toLowerCase();
  }

  #write(expression: Expression, spelling: Spelling, beside?: Expression): string {
    const write = (one: Expression, other?: Expression): string => this.#write(one, spelling, other);
    switch (expression.kind) {
      case 'number':
        return this.#placeholderOf(expression.text, beside) ?? expression.text;
      case 'string':
        return this.#placeholderOf(expression.value, beside) ?? `'${expression.value.replaceAll("'", "''")}'`;
      case 'null':
        return 'NULL';
      case 'placeholder':
        return expression.name;
      case 'column':
        return this.#column(expression, spelling);
      case 'negation':
        return `-${write(expression.operand, beside)}`;
      case 'arithmetic':
        return `${write(expression.left)} ${expression.operator} ${write(expression.right)}`;
      case 'call': {
        const args = expression.star ? ['*'] : expression.args.map((arg) => write(arg));
        if (expression.datepart) args.unshift(expression.datepart.text.toLowerCase());
        return `${expression.name}(${expression.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
      }
      case 'cast':
        return `CAST(${write(expression.operand, beside)} AS ${expression.type})`;
      case 'case': {
        const operand = expression.operand ? ` ${write(expression.operand)}` : '';
        const branches = expression.branches.map(
          ({ when, then }) => ` WHEN ${write(when)} THEN ${write(then)}`,
        );
        const otherwise = expression.otherwise ? ` ELSE ${write(expression.otherwise)}` : '';
        return `CASE${operand}${branches.join('')}${otherwise} END`;
      }
      case 'comparison': {
        const { left, right, operator } = expression;
        return (
          this.#wholePeriod(expression, spelling) ?? `${write(left, right)} ${operator} ${write(right, left)}`
        );
      }
      case 'between': {
        const { operand, low, high, negated } = expression;
        return `${write(operand)}${negated ? ' NOT' : ''} BETWEEN ${write(low, operand)} AND ${write(high, operand)}`;
      }
      case 'in': {
        const { operand, items, negated } = expression;
        const list = items.map((item) => write(item, operand)).join(', ');
        return `${write(operand)}${negated ? ' NOT' : ''} IN (${list})`;
      }
      case 'like':
        return `${write(expression.operand)}${expression.negated ? ' NOT' : ''} LIKE ${this.#pattern(expression.pattern, spelling)}`;
      case 'isNull':
        return `${write(expression.operand)} IS ${expression.negated ? 'NOT ' : ''}NULL`;
      case 'and':
        return expression.operands.map((operand) => write(operand)).join(' AND ');
      case 'or':
        return `(${expression.operands.map((operand) => write(operand)).join(' OR ')})`;
      case 'not':
        return `NOT ${write(expression.operand)}`;
    }
  }

  /** `'%asthma%'` as `'%' + __TEXT_1__ + '%'`. */
  #pattern(pattern: Expression, spelling: Spelling): string {
    if (pattern.kind !== 'string') return this.#write(pattern, spelling);
    const [, ahead = '', text = '', behind = ''] = /^(%?)(.*?)(%?)$/s.exec(pattern.value)!;
    const name = this.#placeholderOf(text, undefined);
    if (name === undefined) return this.#write(pattern, spelling);
    return `${ahead === '' ? '' : "'%' + "}${name}${behind === '' ? '' : " + '%'"}`;
  }

  /** `YEAR(x) = 2019`, where the question says 2019, as the interval that the corpus writes. */
  #wholePeriod(
    { left, right, operator }: Expression & { kind: 'comparison' },
    spelling: Spelling,
  ): string | undefined {
    const isYear =
      left.kind === 'call' && left.name === 'YEAR' && right.kind === 'number' && operator === '=';
    if (!isYear) return undefined;
    const entry = this.entries.find(({ name, value }) => name.startsWith('__DATE_') && value === right.text);
    if (!entry) return undefined;
    const column = this.#write(left.args[0]!, spelling);
    return `${column} >= ${entry.name} AND ${column} < DATEADD(year, 1, ${entry.name})`;
  }

  #placeholderOf(value: string, beside: Expression | undefined): string | undefined {
    const path = this.#path(beside);
    for (const { name, value: own, literals, text } of this.entries) {
      const coded = path === undefined ? undefined : this.#literalAt(literals, path);
      if ((coded ?? own) === value || (coded === undefined && text === value)) return name;
      if (!name.startsWith('__DATE_')) continue;
      const [first, next] = daysOf(own);
      if (value === first) return name;
      if (value === next?.day) return `DATEADD(${next.unit}, 1, ${name})`;
    }
    return undefined;
  }

  #literalAt(literals: VaultEntry['literals'], path: string): string | undefined {
    const found = Object.entries(literals ?? {}).find(([column]) => column.toLowerCase() === path);
    return found?.[1].replace(/^N?'(.*)'$/s, '$1');
  }
}

const JOINS = { inner: 'INNER JOIN', left: 'LEFT JOIN', right: 'RIGHT JOIN', full: 'FULL JOIN' } as const;

/** The first day of a period such as `2019`, `2019-Q2` or `2019-03`, and the first day after it. */
function daysOf(value: string): [string?, { day: string; unit: string }?] {
  const [, year, quarter, month] = /^(\d{4})(?:-Q([1-4])|-(\d\d))?$/.exec(value) ?? [];
  if (year === undefined) return [];
  const unit = quarter === undefined ? (month === undefined ? 'year' : 'month') : 'quarter';
  const first = quarter === undefined ? Number(month ?? 1) : 3 * Number(quarter) - 2;
  const months = { year: 12, quarter: 3, month: 1 }[unit];
  const day = (at: number): string => new Date(Date.UTC(Number(year), at, 1)).toISOString().slice(0, 10);
  return [day(first - 1), { day: day(first - 1 + months), unit }];
}
