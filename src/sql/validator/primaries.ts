import type { Case, Cast, Expression, Name, NumberLiteral } from './ast.js';
import type { Cursor } from './cursor.js';
import { parseCondition, parseList, parseOr, parseValue } from './expressions.js';
import { functionAdvice, isAllowedFunction, takesDatepart } from './functions.js';

/** The smallest parts of an expression: literals, placeholders, columns, calls, CAST, CASE, parentheses. */
export function parsePrimary(cursor: Cursor): Expression {
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

export function parsePlaceholder(cursor: Cursor): Expression & { kind: 'placeholder' } {
  const { text, start, end } = cursor.next();
  const after = cursor.token;
  if (after.kind === 'symbol' && (after.text === '.' || after.text === '(')) {
    cursor.fail(
      'placeholder-as-name',
      { start },
      `${text} stands for a value and cannot be a table or a function`,
    );
  }
  const node = { kind: 'placeholder', name: text, start, end } as const;
  cursor.placeholders.push(node);
  return node;
}

function parseWord(cursor: Cursor): Expression {
  const token = cursor.token;
  const after = cursor.ahead(1);
  if (token.upper === 'NULL') {
    cursor.next();
    return { kind: 'null', start: token.start, end: token.end };
  }
  if (token.upper === 'CASE') return parseCase(cursor);
  if (after.kind === 'symbol' && after.text === '(') {
    if (token.upper === 'CAST' || token.upper === 'CONVERT') return parseCast(cursor);
    if (isAllowedFunction(token.upper)) return parseCall(cursor);
    if (token.upper === 'IN') cursor.unexpected('a value before IN');
    if (cursor.isName()) failFunction(cursor, token.text);
  }
  if (!cursor.isName()) cursor.unexpected('an expression');
  return parseColumn(cursor);
}

function failFunction(cursor: Cursor, name: string): never {
  const message = `the function '${name.slice(0, 40)}' is not allowed${functionAdvice(name.toUpperCase())}`;
  return cursor.fail('function-not-allowed', cursor.token, message);
}

function parseColumn(cursor: Cursor): Expression {
  const parts = [cursor.expectName('a column name')];
  while (cursor.isSymbol('.')) {
    cursor.next();
    if (cursor.isSymbol('*')) cursor.fail('syntax', cursor.token, "'.*' stands only in the SELECT list");
    parts.push(cursor.expectName('a column name'));
  }
  const first = parts[0]!;
  const column = parts.at(-1)!;
  if (cursor.isSymbol('(')) {
    const name = parts.map((part) => part.text).join('.');
    cursor.fail('function-not-allowed', first, `the function '${name.slice(0, 40)}' is not allowed`);
  }
  if (parts.length > 2) {
    cursor.fail('name-parts', first, 'a column is written alias.column; longer names are not allowed');
  }
  if (parts.length === 1) return { kind: 'column', column, start: first.start, end: first.end };
  return { kind: 'column', table: first, column, start: first.start, end: column.end };
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
      if (name !== 'COUNT') cursor.fail('syntax', { start }, `${name}(*) is not allowed; only COUNT(*) is`);
      node.star = true;
    } else if (!cursor.isSymbol(')')) {
      node.distinct = cursor.takeWord('DISTINCT');
      if (takesDatepart(name)) {
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

function parseCast(cursor: Cursor): Expression {
  const { upper, start } = cursor.next();
  cursor.next();
  return cursor.nested(() => {
    const node: Partial<Cast> = { kind: 'cast', start };
    if (upper === 'CAST') {
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

export function parseNumber(cursor: Cursor, what: string): NumberLiteral {
  const token = cursor.token;
  if (token.kind !== 'number') cursor.unexpected(what);
  cursor.next();
  return { kind: 'number', text: token.text, start: token.start, end: token.end };
}

/** `int`, `varchar(50)`, `varchar(max)`, `decimal(18,2)`. */
function parseTypeName(cursor: Cursor, node: Partial<Cast>): void {
  const name: Name = cursor.expectName('a type name');
  let type = name.text.toLowerCase();
  if (cursor.isSymbol('.')) cursor.fail('cast-type-not-allowed', name, 'user-defined types are not allowed');
  if (cursor.takeSymbol('(')) {
    const first = cursor.takeWord('MAX') ? 'max' : parseNumber(cursor, 'a length').text;
    const second = cursor.takeSymbol(',') ? ',' + parseNumber(cursor, 'a scale').text : '';
    cursor.expectSymbol(')', 'after the length of the type');
    type += `(${first}${second})`;
  }
  node.type = type;
  node.typeName = { text: name.text, start: name.start, end: cursor.previousEnd };
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
