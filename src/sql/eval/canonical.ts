import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { Comparison, Expression, Statement } from '../../tsql/ast.js';
import { foldName } from '../../tsql/identifier.js';
import { StatementNames } from './names.js';

/** A statement as parts that can be compared one by one. Each is text in one spelling. */
export interface CanonicalParts {
  /** SELECT, in order, with TOP and DISTINCT. */
  select: string[];
  /** The tables, in order of their names. */
  tables: string[];
  /** The conditions by which tables are joined, and the LEFT JOINs with theirs. */
  joins: string[];
  /** The conditions of WHERE. */
  where: string[];
  groupBy: string[];
  orderBy: string[];
}

const FLIPPED = { '=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/**
 * What a statement asks, without what does not change its answer: aliases, the order of AND, OR, IN, of inner joins and
 * of the sides of a comparison, BETWEEN, the spelling of numbers, N before a string. Two statements with equal parts
 * have equal results; the reverse does not hold.
 *
 * @param statement a parsed statement with its values in place
 */
export function canonicalParts(statement: Statement, index: SchemaIndex): CanonicalParts {
  const names = new StatementNames(statement, index);
  const aliases = new Map<string, Expression>();
  for (const item of statement.items) {
    if (item.kind === 'expression' && item.alias) aliases.set(foldName(item.alias.text), item.expression);
  }
  const text = (expression: Expression): string => spell(expression, names);
  const select = statement.items.map((item) =>
    item.kind === 'star' ? `${item.table ? starLabel(item.table.text, names) : ''}*` : text(item.expression),
  );
  if (statement.top) select.unshift(`top ${spell(statement.top, names)}`);
  if (statement.distinct) select.unshift('distinct');

  const tables: string[] = [names.places[0]!.label];
  const joins: string[] = [];
  const where = statement.where ? conjuncts(statement.where).map(text) : [];
  statement.joins.forEach((join, i) => {
    const { label } = names.places[i + 1]!;
    const on = conjuncts(join.on);
    if (join.kind === 'inner') {
      tables.push(label);
      for (const condition of on) {
        if (isKeyEquation(condition)) joins.push(text(condition));
        else where.push(text(condition));
      }
    } else {
      joins.push(`left ${label} on ${on.map(text).sort().join(' and ')}`);
    }
  });
  const byAlias = (expression: Expression): Expression =>
    (expression.kind === 'column' &&
      !expression.table &&
      names.columnOf(expression) === undefined &&
      aliases.get(foldName(expression.column.text))) ||
    expression;
  return {
    select,
    tables: tables.sort(),
    joins: joins.sort(),
    where: [...new Set(where)].sort(),
    groupBy: statement.groupBy.map(text).sort(),
    orderBy: statement.orderBy.map(
      ({ expression, descending }) => text(byAlias(expression)) + (descending ? ' desc' : ''),
    ),
  };
}

/** The parts as one text: two statements with the same text are the same. */
export function canonicalText(parts: CanonicalParts): string {
  return Object.values(parts)
    .map((part: string[]) => part.join(', '))
    .join(' | ');
}

function starLabel(qualifier: string, names: StatementNames): string {
  return `${names.places.find(({ exposed }) => exposed === foldName(qualifier))?.label ?? qualifier}.`;
}

function conjuncts(condition: Expression): Expression[] {
  if (condition.kind === 'and') return condition.operands.flatMap(conjuncts);
  if (condition.kind === 'between' && !condition.negated) {
    const { start, end, operand: left, low, high } = condition;
    return [
      { kind: 'comparison', operator: '>=', left, right: low, start, end },
      { kind: 'comparison', operator: '<=', left, right: high, start, end },
    ];
  }
  return [condition];
}

function isKeyEquation(condition: Expression): boolean {
  return (
    condition.kind === 'comparison' &&
    condition.operator === '=' &&
    condition.left.kind === 'column' &&
    condition.right.kind === 'column'
  );
}

function spell(expression: Expression, names: StatementNames): string {
  const text = (inner: Expression): string => spell(inner, names);
  const list = (inner: readonly Expression[]): string => inner.map(text).join(', ');
  switch (expression.kind) {
    case 'number':
      return String(Number(expression.text));
    case 'string':
      return `'${expression.value}'`;
    case 'null':
      return 'null';
    case 'placeholder':
      return expression.name;
    case 'column': {
      const found = names.columnOf(expression);
      return found ? `${found.label}.${found.column}` : foldName(expression.column.text);
    }
    case 'arithmetic': {
      const sides = [text(expression.left), text(expression.right)];
      if (expression.operator === '*') sides.sort();
      return `(${sides.join(` ${expression.operator} `)})`;
    }
    case 'negation':
      return `-${text(expression.operand)}`;
    case 'call': {
      if (expression.name === 'CURRENT_TIMESTAMP') return 'GETDATE()';
      const parts = expression.datepart ? [foldName(expression.datepart.text)] : [];
      if (expression.star) parts.push('*');
      if (expression.args.length > 0) parts.push(list(expression.args));
      return `${expression.name}(${expression.distinct ? 'distinct ' : ''}${parts.join(', ')})`;
    }
    case 'cast':
      return `cast(${text(expression.operand)} as ${expression.type}${expression.style ? ` ${expression.style.text}` : ''})`;
    case 'case': {
      const branches = expression.branches.map(({ when, then }) => `when ${text(when)} then ${text(then)}`);
      const operand = expression.operand ? `${text(expression.operand)} ` : '';
      return `case ${operand}${branches.join(' ')} else ${expression.otherwise ? text(expression.otherwise) : 'null'}`;
    }
    case 'comparison':
      return spellComparison(expression, text);
    case 'between':
      return expression.negated
        ? `not (${text(expression.operand)} between ${text(expression.low)} and ${text(expression.high)})`
        : conjuncts(expression).map(text).sort().join(' and ');
    case 'in': {
      const items = [...new Set(expression.items.map(text))].sort();
      const [only] = items;
      const operand = text(expression.operand);
      if (items.length === 1) {
        return expression.negated ? inOrder('<>', operand, only!) : inOrder('=', operand, only!);
      }
      return `${operand} ${expression.negated ? 'not in' : 'in'} (${items.join(', ')})`;
    }
    case 'like': {
      const pattern = text(expression.pattern);
      const escape = expression.escape ? ` escape ${text(expression.escape)}` : '';
      return `${text(expression.operand)} ${expression.negated ? 'not like' : 'like'} ${pattern}${escape}`;
    }
    case 'isNull':
      return `${text(expression.operand)} is ${expression.negated ? 'not ' : ''}null`;
    case 'and':
      return `(${conjuncts(expression).map(text).sort().join(' and ')})`;
    case 'or':
      return `(${expression.operands.map(text).sort().join(' or ')})`;
    case 'not':
      return `not (${text(expression.operand)})`;
  }
}

function spellComparison({ operator, left, right }: Comparison, text: (e: Expression) => string): string {
  const [a, b] = [text(left), text(right)];
  return inOrder(operator, a, b);
}

/** The sides in the order of their text. */
function inOrder(operator: Comparison['operator'], a: string, b: string): string {
  return a <= b ? `${a} ${operator} ${b}` : `${b} ${FLIPPED[operator]} ${a}`;
}
