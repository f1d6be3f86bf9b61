import type { SchemaIndex } from '../../data/schema/schema-index.js';
import {
  tableNameOf,
  type Expression,
  type OrderItem,
  type Statement,
  type TableRef,
} from '../../tsql/ast.js';
import { PlaceholderCheck } from '../validator/placeholders.js';
import { Problems } from '../validator/problems.js';
import { Scope } from '../validator/scope.js';
import { castType } from '../validator/type-faults.js';
import { isNumeric, type ValueType } from '../../tsql/value-type.js';
import { Typer } from '../validator/typing.js';
import { translateCall } from './calls.js';
import { asText, castTo, tryCast, untranslatable, type Typed } from './casts.js';
import { EmbeddedError } from './errors.js';
import { constantText, likeRegex } from './like.js';
import { pgName, pgString, pgTable } from './names.js';

export interface Translation {
  sql: string;
  /** The names of the result's columns in SQL Server, '' for unnamed ones; undefined if there is a star. */
  columns: string[] | undefined;
}

/**
 * Translates a parsed statement to PostgreSQL. Faults stay faults: names are not looked up and groups not completed, so
 * PostgreSQL judges for itself. SELECT aliases are dropped, because GROUP BY would see them in PostgreSQL, and ORDER BY
 * names output columns by position.
 *
 * The translation follows SQL Server in three ways: text compares without regard to case, NULL sorts first, and whole
 * numbers stay whole. It differs in two: trailing blanks count in comparisons, and a decimal quotient has PostgreSQL's
 * scale.
 * @throws EmbeddedError `placeholder` or `untranslatable`
 */
export function translate(statement: Statement, index: SchemaIndex, schema: string): Translation {
  return new Translator(statement, index, schema).statement();
}

class Translator {
  readonly #typer: Typer;

  constructor(
    private readonly tree: Statement,
    index: SchemaIndex,
    private readonly schema: string,
  ) {
    // Some translations depend on types. Faults found while typing are not reported here: that is the validator's job.
    const problems = new Problems('');
    const scope = new Scope(index, problems, tree);
    scope.visible = scope.sources.length;
    this.#typer = new Typer(problems, scope, new PlaceholderCheck(problems, new Map()));
  }

  statement(): Translation {
    const { tree } = this;
    const items = tree.items.map((item) => {
      if (item.kind === 'expression') return this.value(item.expression);
      return item.table ? `${pgName(item.table.text)}.*` : '*';
    });
    const clauses = [
      `SELECT ${tree.distinct ? 'DISTINCT ' : ''}${items.join(', ')}`,
      `FROM ${this.table(tree.from)}`,
      ...tree.joins.map(
        ({ kind, table, on }) => `${kind.toUpperCase()} JOIN ${this.table(table)} ON ${this.condition(on)}`,
      ),
    ];
    if (tree.where) clauses.push(`WHERE ${this.condition(tree.where)}`);
    if (tree.groupBy.length > 0) {
      clauses.push(`GROUP BY ${tree.groupBy.map((key) => this.groupKey(key)).join(', ')}`);
    }
    if (tree.orderBy.length > 0) {
      clauses.push(`ORDER BY ${tree.orderBy.map((item) => this.order(item)).join(', ')}`);
    }
    if (tree.top)
      clauses.push(`FETCH FIRST ${this.value(tree.top)} ROWS ${tree.ties ? 'WITH TIES' : 'ONLY'}`);
    return { sql: clauses.join(' '), columns: this.columnNames() };
  }

  private columnNames(): string[] | undefined {
    const names: string[] = [];
    for (const item of this.tree.items) {
      if (item.kind === 'star') return undefined;
      const { alias, expression } = item;
      names.push((alias ?? (expression.kind === 'column' ? expression.column : undefined))?.text ?? '');
    }
    return names;
  }

  private table(ref: TableRef): string {
    const { table, alias } = ref;
    return `${pgTable(this.schema, tableNameOf(ref))} AS ${pgName((alias ?? table).text)}`;
  }

  /** PostgreSQL would take a bare number for a position; SQL Server refuses it as a constant. */
  private groupKey(node: Expression): string {
    if (node.kind === 'number') throw new EmbeddedError('untranslatable', 'GROUP BY takes no positions');
    return this.value(node);
  }

  private order({ expression, descending }: OrderItem): string {
    const position = this.outputPosition(expression);
    const key = position === undefined ? this.value(expression) : String(position);
    return `${key} ${descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'}`;
  }

  /** A bare name in ORDER BY is an output column if there is one of that name, else a column of a table. */
  private outputPosition(node: Expression): number | undefined {
    if (node.kind !== 'column' || node.table) return undefined;
    const wanted = node.column.text.toLowerCase();
    const at = this.tree.items.findIndex((item) => {
      if (item.kind === 'star') return false;
      const { alias, expression } = item;
      const own = alias ?? (expression.kind === 'column' ? expression.column : undefined);
      return own?.text.toLowerCase() === wanted;
    });
    // Positions after a star are unknown.
    const isCountable = this.tree.items.slice(0, at + 1).every((item) => item.kind === 'expression');
    return at < 0 || !isCountable ? undefined : at + 1;
  }

  private typed(node: Expression): Typed {
    return { sql: this.value(node), type: this.typeOf(node), isLiteral: node.kind === 'string' };
  }

  private typeOf(node: Expression): ValueType {
    return this.#typer.value(node);
  }

  private value(node: Expression): string {
    switch (node.kind) {
      case 'number':
        return node.text;
      case 'string':
        return pgString(node.value);
      case 'null':
        return 'NULL';
      case 'placeholder':
        throw new EmbeddedError('placeholder', `${node.name} has no value; render the statement first`);
      case 'column':
        return (node.table ? `${pgName(node.table.text)}.` : '') + pgName(node.column.text);
      case 'negation':
        return `(- ${this.value(node.operand)})`;
      case 'arithmetic': {
        const isText = [node.left, node.right].some((side) => this.typeOf(side).family === 'string');
        if (node.operator !== '+' || !isText) {
          return `(${this.value(node.left)} ${node.operator} ${this.value(node.right)})`;
        }
        return `(${asText(this.typed(node.left))} || ${asText(this.typed(node.right))})`;
      }
      case 'call':
        return translateCall(
          node,
          node.args.map((arg) => this.typed(arg)),
          this.typeOf(node),
        );
      case 'cast': {
        const type = castType(node.type);
        if (typeof type === 'string') throw untranslatable(`CAST to ${node.type}`);
        const style = node.style && Number(node.style.text);
        return node.tries
          ? tryCast(this.typed(node.operand), type)
          : castTo(this.typed(node.operand), type, style);
      }
      case 'case': {
        // CASE x WHEN … is written as comparisons, which ignore case.
        const branches = node.branches.map(({ when, then }) => {
          const test = node.operand ? this.comparison(node.operand, '=', when) : this.condition(when);
          return `WHEN ${test} THEN ${this.value(then)}`;
        });
        const otherwise = node.otherwise ? ` ELSE ${this.value(node.otherwise)}` : '';
        return `(CASE ${branches.join(' ')}${otherwise} END)`;
      }
      default:
        return this.condition(node);
    }
  }

  private condition(node: Expression): string {
    switch (node.kind) {
      case 'comparison':
        return this.comparison(node.left, node.operator, node.right);
      case 'between': {
        const low = this.comparison(node.operand, '>=', node.low);
        const high = this.comparison(node.operand, '<=', node.high);
        return `(${node.negated ? 'NOT ' : ''}(${low} AND ${high}))`;
      }
      case 'in': {
        const tests = node.items.map((item) => this.comparison(node.operand, '=', item));
        return `(${node.negated ? 'NOT ' : ''}(${tests.join(' OR ')}))`;
      }
      case 'like': {
        const pattern = constantText(node.pattern);
        if (pattern === undefined) throw untranslatable('LIKE with a pattern that is not a literal');
        const regex = pgString(likeRegex(pattern, node.escape?.value));
        return `(${asText(this.typed(node.operand))} ${node.negated ? '!~*' : '~*'} ${regex})`;
      }
      case 'isNull':
        return `(${this.value(node.operand)} IS ${node.negated ? 'NOT ' : ''}NULL)`;
      case 'and':
      case 'or':
        return `(${node.operands.map((operand) => this.condition(operand)).join(` ${node.kind.toUpperCase()} `)})`;
      case 'not':
        return `(NOT ${this.condition(node.operand)})`;
      default:
        return this.value(node);
    }
  }

  private comparison(left: Expression, operator: string, right: Expression): string {
    const [a, b] = [this.typed(left), this.typed(right)];
    const isText = a.type.family === 'string' && b.type.family === 'string';
    const side = (one: Typed, other: Typed): string => {
      if (isText) return `lower(${one.sql})`;
      return one.isLiteral && isNumeric(other.type) ? `${one.sql}::numeric` : one.sql;
    };
    return `(${side(a, b)} ${operator} ${side(b, a)})`;
  }
}
