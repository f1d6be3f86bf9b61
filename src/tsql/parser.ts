import type {
  ExpressionItem,
  Join,
  Name,
  OrderItem,
  SelectItem,
  StarItem,
  Statement,
  TableRef,
} from './ast.js';
import { Cursor } from './cursor.js';
import { parseCondition, parseValue } from './expressions.js';
import { tokenize } from './lexer.js';
import { parseNumber, parsePlaceholder } from './primaries.js';
import { HINT_WORDS, NOT_A_BARE_ALIAS, refusalOf } from './refusals.js';

/** SQL Server's limits on the SELECT list (message 1056) and on the tables of a statement (message 106). */
export const MAX_ITEMS = 4096;
const MAX_TABLES = 256;

/**
 * Parses one statement of the allowed shape:
 *
 *     SELECT [DISTINCT] [TOP (n) [WITH TIES]] items
 *     FROM table [[INNER | {LEFT | RIGHT | FULL} [OUTER]] JOIN table ON condition]…
 *     [WHERE condition] [GROUP BY values] [ORDER BY values [ASC | DESC]] ;
 *
 * MAX_SQL_LENGTH characters and MAX_DEPTH levels bound its time and memory.
 * @throws ValidationError at the first token that does not fit
 */
export function parse(sql: string): Statement {
  const cursor = new Cursor(sql, tokenize(sql));
  const start = parseSelectWord(cursor);
  const distinct = cursor.takeWord('DISTINCT');
  const top = parseTop(cursor);
  const ties = top !== undefined && parseTies(cursor);
  const items = parseItems(cursor);
  if (!cursor.takeWord('FROM')) {
    if (cursor.token.kind === 'end' || cursor.isSymbol(';')) {
      cursor.fail('missing-from', cursor.token, 'the statement has no FROM; name the table that it asks');
    }
    cursor.unexpected("',' or FROM after the SELECT list");
  }
  const from = parseTable(cursor);
  const joins = parseJoins(cursor);
  const statement: Statement = {
    distinct,
    items,
    from,
    joins,
    groupBy: [],
    orderBy: [],
    placeholders: cursor.placeholders,
    start,
    end: start,
  };
  if (top) statement.top = top;
  if (ties) statement.ties = true;
  if (cursor.takeWord('WHERE')) statement.where = parseCondition(cursor, 'in WHERE');
  if (cursor.takeWord('GROUP')) {
    cursor.expectWord('BY', 'after GROUP');
    refuseGroupingSets(cursor);
    do statement.groupBy.push(parseValue(cursor, 'in GROUP BY'));
    while (cursor.takeSymbol(','));
  }
  if (cursor.takeWord('ORDER')) {
    cursor.expectWord('BY', 'after ORDER');
    do statement.orderBy.push(parseOrderItem(cursor));
    while (cursor.takeSymbol(','));
  }
  parseEnd(cursor, statement);
  statement.end = cursor.previousEnd;
  return statement;
}

/** Refuses `GROUPING SETS (…)` and the empty `()`. ROLLUP and CUBE are refused as unknown functions. */
function refuseGroupingSets(cursor: Cursor): void {
  const after = cursor.ahead(1);
  const isEmpty = cursor.isSymbol('(') && after.kind === 'symbol' && after.text === ')';
  if (!isEmpty && !(cursor.isWord('GROUPING') && after.upper === 'SETS')) return;
  cursor.fail('outside-of-shape', cursor.token, 'grouping sets are not allowed; GROUP BY takes columns');
}

function parseSelectWord(cursor: Cursor): number {
  const { token } = cursor;
  if (token.kind === 'end') cursor.fail('empty', token, 'the statement is empty');
  if (!cursor.takeWord('SELECT')) {
    const refusal = refusalOf(token, cursor.ahead(1));
    if (refusal) cursor.fail(refusal.code, token, refusal.message);
    // A question in place of a statement may begin with somebody's name.
    const found = cursor.isName() ? 'a word of no statement' : cursor.shown(token);
    cursor.fail('not-select', token, `the statement begins with ${found}; only one SELECT is allowed`);
  }
  return token.start;
}

function parseTop(cursor: Cursor): Statement['top'] {
  if (!cursor.takeWord('TOP')) return undefined;
  const parenthesis = cursor.takeSymbol('(');
  if (cursor.isSymbol('-')) {
    const code = parenthesis ? 'top-negative' : 'syntax';
    cursor.fail(code, cursor.token, 'TOP takes a whole number from 0 up');
  }
  if (parenthesis && cursor.token.kind === 'string') {
    cursor.fail('top-not-integer', cursor.token, 'TOP takes a whole number, not a string');
  }
  if (parenthesis && cursor.isName()) {
    cursor.fail('column-in-top', cursor.token, 'TOP takes a whole number, not a column');
  }
  const top =
    cursor.token.kind === 'placeholder'
      ? parsePlaceholder(cursor)
      : parseNumber(cursor, 'a whole number after TOP');
  if (parenthesis && !cursor.isSymbol(')') && cursor.token.kind === 'symbol') {
    cursor.fail('outside-of-shape', cursor.token, 'TOP takes a single number or placeholder');
  }
  if (parenthesis) cursor.expectSymbol(')', 'after the number of TOP');
  if (cursor.isWord('PERCENT')) {
    cursor.fail('top-option', cursor.token, 'TOP … PERCENT is not allowed; write TOP (n)');
  }
  return top;
}

function parseTies(cursor: Cursor): boolean {
  if (!cursor.takeWord('WITH')) return false;
  cursor.expectWord('TIES', 'after WITH');
  return true;
}

function parseItems(cursor: Cursor): SelectItem[] {
  if (cursor.isWord('FROM')) cursor.fail('syntax', cursor.token, 'the SELECT list is empty');
  const items = [parseItem(cursor)];
  while (cursor.takeSymbol(',')) {
    if (items.length === MAX_ITEMS) {
      const message = `the SELECT list has more than ${MAX_ITEMS} columns, SQL Server's limit`;
      cursor.fail('too-many-columns', cursor.token, message);
    }
    items.push(parseItem(cursor));
  }
  return items;
}

function parseItem(cursor: Cursor): SelectItem {
  const { start } = cursor.token;
  if (cursor.takeSymbol('*')) return { kind: 'star', start, end: cursor.previousEnd };
  const star = parseTableStar(cursor);
  if (star) return star;
  const expression = parseValue(cursor, 'in the SELECT list');
  const item: ExpressionItem = { kind: 'expression', expression, start, end: cursor.previousEnd };
  const alias = parseAlias(cursor, 'a column alias');
  if (alias) {
    item.alias = alias;
    item.end = alias.end;
  }
  return item;
}

function parseTableStar(cursor: Cursor): StarItem | undefined {
  const [dot, star] = [cursor.ahead(1), cursor.ahead(2)];
  if (!cursor.isName() || dot.text !== '.' || star.kind !== 'symbol' || star.text !== '*') return undefined;
  const table = cursor.expectName('a table alias');
  cursor.next();
  cursor.next();
  return { kind: 'star', table, start: table.start, end: cursor.previousEnd };
}

/** `AS name`, or a bare name that does not look like the start of a clause. */
function parseAlias(cursor: Cursor, what: string): Name | undefined {
  const token = cursor.token;
  if (cursor.takeWord('AS')) {
    if (cursor.isWord('GO')) cursor.unexpected(what);
    return expectAlias(cursor, what);
  }
  if (token.kind === 'string') {
    cursor.fail('alias-style', token, 'a string cannot be an alias; write AS [name]');
  }
  if (token.kind === 'placeholder' || !cursor.isName()) return undefined;
  if (token.kind === 'word' && NOT_A_BARE_ALIAS.has(token.upper)) {
    const refusal = refusalOf(token, cursor.ahead(1));
    if (refusal) cursor.fail(refusal.code, token, refusal.message);
    cursor.fail(
      'alias-style',
      token,
      `the alias '${token.text}' reads like a clause; write AS ${token.text}`,
    );
  }
  return expectAlias(cursor, what);
}

/** An alias is the statement's own word. Unlike a name, no schema vouches for letters that look like others. */
function expectAlias(cursor: Cursor, what: string): Name {
  const alias = cursor.expectName(what);
  if (/[^\x20-\x7e]/.test(alias.text)) {
    const message = 'only ASCII is allowed in an alias, since letters can look alike';
    cursor.fail('unicode-character', alias, message);
  }
  return alias;
}

function parseTable(cursor: Cursor): TableRef {
  if (cursor.isSymbol('(')) {
    const inner = cursor.ahead(1);
    if (inner.upper === 'SELECT') cursor.fail('subquery', inner, 'derived tables (SELECT …) are not allowed');
    cursor.fail(
      'outside-of-shape',
      cursor.token,
      "expected a table name, found '('; write joins without parentheses",
    );
  }
  if (cursor.isSymbol('.')) {
    cursor.fail('outside-of-shape', cursor.token, 'the table name begins with a dot; write the name alone');
  }
  const parts = [cursor.expectName('a table name')];
  while (cursor.isSymbol('.')) {
    cursor.next();
    if (cursor.isSymbol('.')) failCrossDatabase(cursor, parts[0]!);
    parts.push(cursor.expectName('a table name'));
  }
  if (cursor.isSymbol('(')) refuseTableCall(cursor, parts);
  const first = parts[0]!;
  const table = parts.at(-1)!;
  refuseOtherDatabases(cursor, parts);
  const ref: TableRef = { table, start: first.start, end: table.end };
  if (parts.length === 2) ref.schema = first;
  const alias = parseAlias(cursor, 'a table alias');
  if (alias) {
    ref.alias = alias;
    ref.end = alias.end;
    if (cursor.isSymbol('('))
      cursor.fail('hint', cursor.token, 'table hints and column lists after an alias are not allowed');
  }
  if (cursor.isSymbol(',')) {
    cursor.fail(
      'cross-join',
      cursor.token,
      'tables separated by commas are not allowed; write INNER JOIN … ON …',
    );
  }
  return ref;
}

function refuseTableCall(cursor: Cursor, parts: Name[]): never {
  if (HINT_WORDS.has(cursor.ahead(1).upper)) {
    cursor.fail('hint', cursor.token, 'table hints are not allowed; remove the parentheses');
  }
  const name = parts.map((part) => part.text).join('.');
  cursor.fail(
    'table-function',
    parts[0]!,
    `'${name.slice(0, 40)}(…)' is a table function; name a table of the schema`,
  );
}

function refuseOtherDatabases(cursor: Cursor, parts: Name[]): void {
  if (parts.length === 1) return;
  const first = parts[0]!;
  const schema = parts.at(-2)!.text.toLowerCase();
  if (schema === 'sys' || schema === 'information_schema') {
    cursor.fail('system-object', first, `${schema}.* are the server's own tables, which are not allowed`);
  }
  if (parts.length > 3)
    cursor.fail('linked-server', first, 'names with four parts reach another server and are not allowed');
  if (parts.length === 3) failCrossDatabase(cursor, first);
}

function failCrossDatabase(cursor: Cursor, first: Name): never {
  cursor.fail(
    'cross-database-name',
    first,
    'names with a database part are not allowed; write the table alone',
  );
}

const JOINS: ReadonlyMap<string, Join['kind']> = new Map([
  ['JOIN', 'inner'],
  ['INNER', 'inner'],
  ['LEFT', 'left'],
  ['RIGHT', 'right'],
  ['FULL', 'full'],
]);

function parseJoins(cursor: Cursor): Join[] {
  const joins: Join[] = [];
  for (;;) {
    const { start, upper, kind: tokenKind } = cursor.token;
    if (joins.length === MAX_TABLES) {
      const message = `the statement names more than ${MAX_TABLES} tables, SQL Server's limit`;
      cursor.fail('too-many-tables', cursor.token, message);
    }
    const kind = tokenKind === 'word' ? JOINS.get(upper) : undefined;
    if (kind === undefined) return joins;
    if (upper !== 'JOIN') cursor.next();
    if (kind !== 'inner') cursor.takeWord('OUTER');
    cursor.expectWord('JOIN', `after ${upper}`);
    const table = parseTable(cursor);
    cursor.expectWord('ON', 'after the joined table');
    const on = parseCondition(cursor, 'after ON');
    joins.push({ kind, table, on, start, end: cursor.previousEnd });
  }
}

function parseOrderItem(cursor: Cursor): OrderItem {
  const expression = parseValue(cursor, 'in ORDER BY');
  const descending = cursor.takeWord('DESC');
  if (!descending) cursor.takeWord('ASC');
  return { expression, descending, start: expression.start, end: cursor.previousEnd };
}

/** What begins a clause: such a word here is a clause in the wrong place. */
const CLAUSES = ['FROM', ...JOINS.keys(), 'WHERE', 'GROUP', 'ORDER'];

function parseEnd(cursor: Cursor, statement: Statement): void {
  const token = cursor.token;
  if (token.kind === 'end') {
    const end = { start: cursor.previousEnd };
    cursor.fail(
      'missing-semicolon',
      end,
      "the statement does not end with ';', so it may have been cut short",
    );
  }
  if (!cursor.isSymbol(';')) {
    if (token.kind === 'symbol' && token.text === ')') cursor.fail('syntax', token, "this ')' has no '('");
    if (token.kind === 'word' && CLAUSES.includes(token.upper)) {
      const message = `${token.upper} is in the wrong place; the order is SELECT, FROM, JOIN, WHERE, GROUP BY, ORDER BY`;
      cursor.fail('reserved-word', token, message);
    }
    cursor.unexpected(statement.orderBy.length > 0 ? "',', ASC, DESC or ';'" : "the next clause or ';'");
  }
  cursor.next();
  if (cursor.token.kind !== 'end') {
    cursor.fail(
      'text-after-statement',
      cursor.token,
      "there is more text after the ';'; only one statement is allowed",
    );
  }
}
