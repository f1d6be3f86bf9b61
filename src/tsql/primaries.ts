import type { Cast, Expression, Name, NumberLiteral } from './ast.js';
import type { Cursor } from './cursor.js';
import { functionAdvice } from './functions.js';

/** The parts of an expression that hold no other expression. */
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

const WINDOW_FUNCTIONS: ReadonlySet<string> = new Set(
  'ROW_NUMBER RANK DENSE_RANK NTILE LAG LEAD FIRST_VALUE LAST_VALUE PERCENT_RANK CUME_DIST'.split(' '),
);

export function failFunction(cursor: Cursor, name: string): never {
  if (WINDOW_FUNCTIONS.has(name.toUpperCase())) {
    const message = `${name} is a window function, which is not allowed; sort by ORDER BY, with TOP (n)`;
    cursor.fail('window-function', cursor.token, message);
  }
  const message = `the function '${name.slice(0, 40)}' is not allowed${functionAdvice(name.toUpperCase())}`;
  return cursor.fail('function-not-allowed', cursor.token, message);
}

export function parseColumn(cursor: Cursor): Expression {
  const parts = [cursor.expectName('a column name')];
  while (cursor.isSymbol('.')) {
    cursor.next();
    if (cursor.isSymbol('*')) cursor.fail('syntax', cursor.token, "'.*' is allowed only in the SELECT list");
    parts.push(cursor.expectName('a column name'));
  }
  const first = parts[0]!;
  const column = parts.at(-1)!;
  if (cursor.isSymbol('(')) {
    const name = parts.map((part) => part.text).join('.');
    cursor.fail('function-not-allowed', first, `the function '${name.slice(0, 40)}' is not allowed`);
  }
  if (parts.length > 2) {
    cursor.fail('name-parts', first, 'write a column as alias.column; longer names are not allowed');
  }
  if (parts.length === 1) return { kind: 'column', column, start: first.start, end: first.end };
  return { kind: 'column', table: first, column, start: first.start, end: column.end };
}

export function parseNumber(cursor: Cursor, what: string): NumberLiteral {
  const token = cursor.token;
  if (token.kind !== 'number') cursor.unexpected(what);
  cursor.next();
  return { kind: 'number', text: token.text, start: token.start, end: token.end };
}

/** `int`, `varchar(50)`, `varchar(max)`, `decimal(18,2)`. */
export function parseTypeName(cursor: Cursor, node: Partial<Cast>): void {
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
