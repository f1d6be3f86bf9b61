import { isCondition, type Case, type Cast, type Comparison, type Expression } from './ast.js';
import type { Cursor } from './cursor.js';
import { functionNamed, FUNCTIONS } from './functions.js';
import { failFunction, parseColumn, parseNumber, parsePlaceholder, parseTypeName } from './primaries.js';
import { refusalOf } from './refusals.js';

/**
 * Expressions by rising precedence: OR, AND, NOT, comparisons (with BETWEEN, IN, LIKE and IS NULL), + and -, then
 * * / %, minus sign, primary. T-SQL has no boolean values: the parser refuses a condition in place of a value, and a
 * value in place of a condition.
 */

/** An expression that is a value. */
export function parseValue(cursor: Cursor, where: string): Expression {
  const expression = parseOr(cursor);
  if (isCondition(expression)) {
    if (expression.kind === 'comparison' && expression.operator === '=' && where.includes('SELECT')) {
      const message = "a comparison is not a value; to name a column write 'expression AS name'";
      cursor.fail('alias-style', expression, message);
    }
    failCondition(cursor, expression, `expected a value ${where}, found a condition; wrap it in CASE`);
  }
  return expression;
}

/** SQL Server's message depends on the first operator of the condition: a sign, or a word. */
function failCondition(cursor: Cursor, condition: Expression, message: string): never {
  let first = condition;
  while (first.kind === 'and' || first.kind === 'or') first = first.operands[0]!;
  const code = first.kind === 'comparison' ? 'not-a-value' : 'predicate-as-value';
  return cursor.fail(code, condition, message);
}

/** An expression that is true or false. */
export function parseCondition(cursor: Cursor, where: string): Expression {
  return requireCondition(cursor, parseOr(cursor), where);
}

function requireCondition(cursor: Cursor, expression: Expression, where: string): Expression {
  if (isCondition(expression)) return expression;
  const refusal = refusalOf(cursor.token, cursor.ahead(1));
  if (refusal) cursor.fail(refusal.code, cursor.token, refusal.message);
  return cursor.fail(
    'not-a-condition',
    expression,
    `expected a condition ${where}, found a value; compare it with something`,
  );
}

function requireValue(cursor: Cursor, expression: Expression, where: string): Expression {
  if (!isCondition(expression)) return expression;
  return failCondition(cursor, expression, `expected a value ${where}, found a condition`);
}

/** A value or a condition. */
function parseOr(cursor: Cursor): Expression {
  return parseLogical(cursor, 'OR', 'or', parseAnd);
}

function parseAnd(cursor: Cursor): Expression {
  return parseLogical(cursor, 'AND', 'and', parseNot);
}

function parseLogical(
  cursor: Cursor,
  word: 'AND' | 'OR',
  kind: 'and' | 'or',
  operand: (cursor: Cursor) => Expression,
): Expression {
  const first = operand(cursor);
  if (!cursor.isWord(word)) return first;
  const operands = [requireCondition(cursor, first, `before ${word}`)];
  while (cursor.takeWord(word)) operands.push(requireCondition(cursor, operand(cursor), `after ${word}`));
  return { kind, operands, start: first.start, end: cursor.previousEnd };
}

function parseNot(cursor: Cursor): Expression {
  if (!cursor.isWord('NOT')) return parsePredicate(cursor);
  const { start } = cursor.next();
  return cursor.nested(() => {
    const operand = requireCondition(cursor, parseNot(cursor), 'after NOT');
    return { kind: 'not', operand, start, end: cursor.previousEnd };
  });
}

const COMPARISONS: ReadonlyMap<string, Comparison['operator']> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

function parsePredicate(cursor: Cursor): Expression {
  const left = parseAdditive(cursor);
  const token = cursor.token;
  if (token.kind === 'symbol') {
    const operator = COMPARISONS.get(token.text);
    if (operator === undefined) return left;
    cursor.next();
    requireValue(cursor, left, `before '${token.text}'`);
    if ((token.text === '<' || token.text === '>') && (cursor.isSymbol('=') || cursor.isSymbol('>'))) {
      const message = `there is a space inside the operator; write ${token.text}${cursor.token.text}`;
      cursor.fail('outside-of-shape', token, message);
    }
    if (cursor.isWord('ALL')) cursor.fail('subquery', cursor.token, 'ALL (SELECT …) is not allowed');
    const right = requireValue(cursor, parseAdditive(cursor), `after '${token.text}'`);
    const node: Expression = { kind: 'comparison', operator, left, right, start: left.start, end: right.end };
    const after = cursor.token;
    if (after.kind === 'symbol' && COMPARISONS.has(after.text)) {
      cursor.fail('syntax', after, 'comparisons cannot be chained; join two of them with AND');
    }
    return node;
  }
  if (token.kind !== 'word') return left;
  if (token.upper === 'IS') return parseIsNull(cursor, left);
  const negated = token.upper === 'NOT';
  const word = negated ? cursor.ahead(1).upper : token.upper;
  if (word !== 'BETWEEN' && word !== 'IN' && word !== 'LIKE') return left;
  if (negated) cursor.next();
  cursor.next();
  requireValue(cursor, left, `before ${word}`);
  if (word === 'BETWEEN') return parseBetween(cursor, left, negated);
  if (word === 'IN') return parseIn(cursor, left, negated);
  return parseLike(cursor, left, negated);
}

function parseIsNull(cursor: Cursor, operand: Expression): Expression {
  cursor.next();
  const negated = cursor.takeWord('NOT');
  if (cursor.isWord('DISTINCT')) {
    cursor.fail('outside-of-shape', cursor.token, 'IS DISTINCT FROM is not allowed; write <> and IS NULL');
  }
  cursor.expectWord('NULL', 'after IS');
  requireValue(cursor, operand, 'before IS NULL');
  return { kind: 'isNull', negated, operand, start: operand.start, end: cursor.previousEnd };
}

function parseBetween(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const low = requireValue(cursor, parseAdditive(cursor), 'after BETWEEN');
  cursor.expectWord('AND', 'between the two ends of BETWEEN');
  const high = requireValue(cursor, parseAdditive(cursor), 'after AND');
  return { kind: 'between', negated, operand, low, high, start: operand.start, end: high.end };
}

function parseIn(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  cursor.expectSymbol('(', 'after IN');
  const items = cursor.nested(() => parseList(cursor, 'in the IN list'));
  cursor.expectSymbol(')', 'after the IN list');
  return { kind: 'in', negated, operand, items, start: operand.start, end: cursor.previousEnd };
}

function parseLike(cursor: Cursor, operand: Expression, negated: boolean): Expression {
  const pattern = requireValue(cursor, parseAdditive(cursor), 'after LIKE');
  const node: Expression = {
    kind: 'like',
    negated,
    operand,
    pattern,
    start: operand.start,
    end: pattern.end,
  };
  if (cursor.takeWord('ESCAPE')) {
    const token = cursor.token;
    if (token.kind !== 'string') cursor.unexpected('a one-character string after ESCAPE');
    if (token.text.length !== 1) {
      cursor.fail('escape-length', token, 'ESCAPE takes exactly one character');
    }
    cursor.next();
    node.escape = {
      kind: 'string',
      value: token.text,
      national: token.national,
      start: token.start,
      end: token.end,
    };
    node.end = token.end;
  }
  return node;
}

function parseAdditive(cursor: Cursor): Expression {
  let left = parseMultiplicative(cursor);
  for (;;) {
    const operator = cursor.token.kind === 'symbol' ? cursor.token.text : '';
    if (operator !== '+' && operator !== '-') return left;
    left = parseRightOperand(cursor, left, operator, parseMultiplicative);
  }
}

function parseMultiplicative(cursor: Cursor): Expression {
  let left = parseSigned(cursor);
  for (;;) {
    const operator = cursor.token.kind === 'symbol' ? cursor.token.text : '';
    if (operator !== '*' && operator !== '/' && operator !== '%') return left;
    left = parseRightOperand(cursor, left, operator, parseSigned);
  }
}

function parseRightOperand(
  cursor: Cursor,
  left: Expression,
  operator: '+' | '-' | '*' | '/' | '%',
  operand: (cursor: Cursor) => Expression,
): Expression {
  cursor.next();
  cursor.countOperator();
  requireValue(cursor, left, `before '${operator}'`);
  const right = requireValue(cursor, operand(cursor), `after '${operator}'`);
  return { kind: 'arithmetic', operator, left, right, start: left.start, end: right.end };
}

function parseSigned(cursor: Cursor): Expression {
  if (cursor.isSymbol('+')) {
    cursor.fail('operator-not-allowed', cursor.token, "the sign '+' is not allowed; leave it out");
  }
  if (!cursor.isSymbol('-')) return parsePrimary(cursor);
  const { start } = cursor.next();
  cursor.countOperator();
  const operand = requireValue(
    cursor,
    cursor.nested(() => parseSigned(cursor)),
    "after '-'",
  );
  return { kind: 'negation', operand, start, end: operand.end };
}

/** Values separated by commas, at least one. */
function parseList(cursor: Cursor, where: string): Expression[] {
  const items = [parseValue(cursor, where)];
  while (cursor.takeSymbol(',')) items.push(parseValue(cursor, where));
  return items;
}

/** Literals, placeholders, columns, calls, CAST, CASE, and parentheses. */
function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.token;
  switch (token.kind) {
    case 'number':
      cursor.next();
      return { kind: 'number', text: token.text, start: token.start, end: token.end };
    case 'string':
      cursor.next();
      return {
        kind: 'string',
        value: token.text,
        national: token.national,
        start: token.start,
        end: token.end,
      };
    case 'placeholder':
      return parsePlaceholder(cursor);
    case 'bracketed':
      return parseColumn(cursor);
    case 'word':
      return parseWord(cursor);
    default:
      if (!cursor.takeSymbol('(')) return cursor.unexpected('an expression');
      return cursor.nested(() => {
        const inner = parseOr(cursor);
        if (cursor.isSymbol(','))
          cursor.fail('not-a-condition', cursor.token, 'row values (a, b) are not allowed');
        cursor.expectSymbol(')', "to close the '('");
        return inner;
      });
  }
}

function parseWord(cursor: Cursor): Expression {
  const token = cursor.token;
  const after = cursor.ahead(1);
  if (token.upper === 'NULL') {
    cursor.next();
    return { kind: 'null', start: token.start, end: token.end };
  }
  if (token.upper === 'CASE') return parseCase(cursor);
  if (token.upper === 'CURRENT_TIMESTAMP') {
    cursor.next();
    // The same function under its name in standard SQL.
    return {
      kind: 'call',
      name: 'GETDATE',
      star: false,
      distinct: false,
      args: [],
      start: token.start,
      end: token.end,
    };
  }
  if (after.kind === 'symbol' && after.text === '(') {
    if (CASTS.has(token.upper)) return parseCast(cursor);
    if (FUNCTIONS.has(token.upper)) return parseCall(cursor);
    if (token.upper === 'IN') cursor.unexpected('a value before IN');
    if (cursor.isName()) failFunction(cursor, token.text);
  }
  if (!cursor.isName()) cursor.unexpected('an expression');
  return parseColumn(cursor);
}

function parseCall(cursor: Cursor): Expression {
  const { upper: name, start } = cursor.next();
  cursor.next();
  return cursor.nested(() => {
    const node: Expression & { kind: 'call' } = {
      kind: 'call',
      name,
      star: false,
      distinct: false,
      args: [],
      start,
      end: start,
    };
    if (cursor.isSymbol('*')) {
      cursor.next();
      if (name !== 'COUNT' && name !== 'COUNT_BIG')
        cursor.fail('syntax', { start }, `${name}(*) is not allowed, only COUNT(*)`);
      node.star = true;
    } else if (!cursor.isSymbol(')')) {
      node.distinct = cursor.takeWord('DISTINCT');
      if (functionNamed(name).datepart) {
        if (cursor.token.kind === 'string' || cursor.token.kind === 'number') {
          cursor.fail('datepart-not-a-word', cursor.token, 'a datepart is a word such as year, month or day');
        }
        node.datepart = cursor.expectName('a datepart such as year, month or day');
        if (cursor.takeSymbol(',')) node.args = parseList(cursor, `in ${name}`);
      } else {
        node.args = parseList(cursor, `in ${name}`);
      }
    }
    cursor.expectSymbol(')', `to close ${name}(`);
    node.end = cursor.previousEnd;
    if (cursor.isWord('OVER') || cursor.isWord('WITHIN')) cursor.unexpected('');
    return node;
  });
}

const CASTS: ReadonlySet<string> = new Set(['CAST', 'CONVERT', 'TRY_CAST', 'TRY_CONVERT']);

function parseCast(cursor: Cursor): Expression {
  const { upper, start } = cursor.next();
  cursor.next();
  return cursor.nested(() => {
    const node: Partial<Cast> = { kind: 'cast', start };
    if (upper.startsWith('TRY_')) node.tries = true;
    if (upper.endsWith('CAST')) {
      node.operand = parseValue(cursor, 'in CAST');
      cursor.expectWord('AS', 'in CAST(… AS type)');
      parseTypeName(cursor, node);
    } else {
      parseTypeName(cursor, node);
      cursor.expectSymbol(',', 'in CONVERT(type, value)');
      node.operand = parseValue(cursor, 'in CONVERT');
      if (cursor.takeSymbol(',')) node.style = parseNumber(cursor, 'a style number');
    }
    cursor.expectSymbol(')', `to close ${upper}(`);
    node.end = cursor.previousEnd;
    if (cursor.isSymbol('.')) {
      cursor.fail(
        'function-not-allowed',
        cursor.token,
        'methods of a value, such as .value(…), are not allowed',
      );
    }
    return node as Cast;
  });
}

function parseCase(cursor: Cursor): Expression {
  const { start } = cursor.next();
  return cursor.nestedCase(() => {
    const node: Case = { kind: 'case', branches: [], start, end: start };
    if (!cursor.isWord('WHEN')) node.operand = parseValue(cursor, 'after CASE');
    while (cursor.takeWord('WHEN')) {
      const when = node.operand ? parseValue(cursor, 'after WHEN') : parseCondition(cursor, 'after WHEN');
      cursor.expectWord('THEN', 'after WHEN …');
      node.branches.push({ when, then: parseValue(cursor, 'after THEN') });
    }
    if (node.branches.length === 0) cursor.unexpected('WHEN in CASE');
    if (cursor.takeWord('ELSE')) node.otherwise = parseValue(cursor, 'after ELSE');
    cursor.expectWord('END', 'to close CASE');
    node.end = cursor.previousEnd;
    return node;
  });
}
