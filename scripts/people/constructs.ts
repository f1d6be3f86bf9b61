import type { Expression, Statement } from '../../src/tsql/ast.js';

/** Kinds of a SELECT item, for the outline of a statement. */
const AGGREGATES = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'STDEV', 'VAR', 'COUNT_BIG']);

/**
 * What a statement is built from, without its names and values: the form of each item, condition and order, the outline
 * of the whole, and how many joins and conditions there are.
 */
export function constructsOf(statement: Statement): Set<string> {
  const found = new Set<string>();
  const itemKinds = new Set<string>();
  for (const item of statement.items) {
    const form = item.kind === 'star' ? '*' : formOf(item.expression);
    found.add(`SELECT ${form}`);
    itemKinds.add(kindOf(form));
  }
  const conditions = statement.where === undefined ? [] : conjunctsOf(statement.where);
  for (const condition of conditions) found.add(`WHERE ${formOf(condition)}`);
  statement.groupBy.forEach((key) => found.add(`GROUP BY ${formOf(key)}`));
  const order = statement.orderBy.map(
    ({ expression, descending }) => `${formOf(expression)} ${descending ? 'DESC' : 'ASC'}`,
  );
  order.forEach((key) => found.add(`ORDER BY ${key}`));
  for (const { kind, on } of statement.joins) {
    if (kind === 'left') found.add('LEFT JOIN');
    conjunctsOf(on).forEach((condition) => found.add(`ON ${formOf(condition)}`));
  }
  found.add(`${statement.joins.length} joins`);
  found.add(`${conditions.length} conditions`);
  const outline = [
    statement.distinct ? 'DISTINCT ' : '',
    statement.top ? 'TOP ' : '',
    [...itemKinds].sort().join(', '),
    statement.groupBy.length > 0 ? ' GROUP BY' : '',
    order.length > 0 ? ` ORDER BY ${kindOf(order[0]!)}` : '',
  ];
  found.add(`outline: ${outline.join('')}`);
  return found;
}

function kindOf(form: string): string {
  if (form.startsWith('*')) return '*';
  if (/^c( ASC| DESC)?$/.test(form)) return 'column';
  return /\b(COUNT|SUM|AVG|MIN|MAX|STDEV|VAR|COUNT_BIG)\(/.test(form) ? 'aggregate' : 'value';
}

export function conjunctsOf(condition: Expression): Expression[] {
  return condition.kind === 'and' ? condition.operands.flatMap(conjunctsOf) : [condition];
}

export function isAggregate(expression: Expression): boolean {
  return expression.kind === 'call' && AGGREGATES.has(expression.name);
}

/** An expression with `c` for every column, `?` for every value and `n` for numbers in functions. */
function formOf(expression: Expression, inFunction = false): string {
  const inside = (part: Expression): string => formOf(part, inFunction);
  switch (expression.kind) {
    case 'number':
      return inFunction ? 'n' : '?';
    case 'string':
    case 'placeholder':
      return inFunction && expression.kind === 'placeholder' && expression.name.startsWith('__NUM_')
        ? 'n'
        : '?';
    case 'null':
      return 'NULL';
    case 'column':
      return 'c';
    case 'negation':
      return formOf(expression.operand, inFunction).replace(/^-?/, inFunction ? '-' : '');
    case 'arithmetic':
      return `${inside(expression.left)} ${expression.operator} ${inside(expression.right)}`;
    case 'call': {
      const args = expression.star ? ['*'] : expression.args.map((part) => formOf(part, true));
      if (expression.datepart) args.unshift(expression.datepart.text.toLowerCase());
      return `${expression.name}(${expression.distinct ? 'DISTINCT ' : ''}${args.join(', ')})`;
    }
    case 'cast':
      return `CAST(${inside(expression.operand)} AS ${expression.type.replace(/\(.*/, '')})`;
    case 'case': {
      const branches = expression.branches.map(
        ({ when, then }) => ` WHEN ${formOf(when, true)} THEN ${formOf(then, true)}`,
      );
      const otherwise = expression.otherwise ? ` ELSE ${formOf(expression.otherwise, true)}` : '';
      return `CASE${branches.join('')}${otherwise} END`;
    }
    case 'comparison': {
      // YEAR(c) = ? has a value of the question, DATEDIFF(…) = 1 a number of structure; both are ?.
      return `${inside(expression.left)} ${expression.operator} ${inside(expression.right)}`;
    }
    case 'between':
      return `${inside(expression.operand)}${expression.negated ? ' NOT' : ''} BETWEEN ? AND ?`;
    case 'in':
      return `${inside(expression.operand)}${expression.negated ? ' NOT' : ''} IN (?)`;
    case 'like':
      return `${inside(expression.operand)}${expression.negated ? ' NOT' : ''} LIKE ${inside(expression.pattern)}`;
    case 'isNull':
      return `${inside(expression.operand)} IS${expression.negated ? ' NOT' : ''} NULL`;
    case 'and':
      return expression.operands.map(inside).join(' AND ');
    case 'or':
      return `(${[...new Set(expression.operands.map(inside))].sort().join(' OR ')})`;
    case 'not':
      return `NOT ${inside(expression.operand)}`;
  }
}
