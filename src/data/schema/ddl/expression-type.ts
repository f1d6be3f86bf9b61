import { foldName } from '../../../tsql/identifier.js';
import { parseSqlType, precedenceOf } from '../../../tsql/types.js';
import type { DdlToken } from './tokens.js';

/** What an expression may refer to while its type is found. */
export interface ExpressionScope {
  /** The SQL Server type of a column by its path: `['p', 'birth_date']`. */
  column(path: readonly string[]): string | undefined;
  /** The SQL Server type of a type as written in CAST: `varchar(10)`. */
  type(tokens: readonly DdlToken[]): string | undefined;
}

/** Functions whose result does not depend on their arguments. */
const RESULTS: Readonly<Record<string, string>> = {
  count: 'int', count_big: 'bigint', row_number: 'bigint', rank: 'bigint', dense_rank: 'bigint', ntile: 'bigint',
  len: 'int', length: 'int', char_length: 'int', datalength: 'int', charindex: 'int', patindex: 'int', position: 'int', ascii: 'int',
  year: 'int', month: 'int', day: 'int', datepart: 'int', datediff: 'int', timestampdiff: 'int', extract: 'int', sign: 'int',
  getdate: 'datetime', getutcdate: 'datetime', sysdatetime: 'datetime2', now: 'datetime2', current_timestamp: 'datetime2', sysdate: 'datetime2', date: 'date', curdate: 'date', current_date: 'date',
  newid: 'uniqueidentifier', uuid: 'uniqueidentifier', isnumeric: 'int', isdate: 'int', object_id: 'int',
  concat: 'nvarchar(max)', concat_ws: 'nvarchar(max)', group_concat: 'nvarchar(max)', string_agg: 'nvarchar(max)', format: 'nvarchar(4000)', str: 'varchar(40)',
  substring: 'nvarchar(max)', substr: 'nvarchar(max)', replace: 'nvarchar(max)', stuff: 'nvarchar(max)', replicate: 'nvarchar(max)', datename: 'nvarchar(30)', date_format: 'varchar(100)', to_char: 'varchar(100)', suser_sname: 'nvarchar(128)', suser_name: 'nvarchar(128)', user_name: 'nvarchar(128)', host_name: 'nvarchar(128)', db_name: 'nvarchar(128)', lpad: 'nvarchar(max)', rpad: 'nvarchar(max)', json_value: 'nvarchar(4000)', hashbytes: 'varbinary(8000)', checksum: 'int', avg: 'float', sqrt: 'float', power: 'float', exp: 'float', log: 'float',
}; // prettier-ignore

/** Functions whose result has the type of one of their arguments, the first by default. */
const LIKE_ARGUMENT: Readonly<Record<string, number>> = {
  sum: 0, min: 0, max: 0, isnull: 0, coalesce: 0, ifnull: 0, nullif: 0, nvl: 0, abs: 0, round: 0, floor: 0, ceiling: 0,
  ceil: 0, lead: 0, lag: 0, first_value: 0, last_value: 0, upper: 0, lower: 0, ltrim: 0, rtrim: 0, trim: 0, left: 0,
  right: 0, reverse: 0, greatest: 0, least: 0, dateadd: 2, eomonth: 0, iif: 1, if: 1, choose: 1, any_value: 0, date_add: 0, date_sub: 0,
}; // prettier-ignore

const isSymbol = (token: DdlToken | undefined, text: string): boolean =>
  token?.kind === 'symbol' && token.text === text;
const isWord = (token: DdlToken | undefined, text: string): boolean =>
  token?.kind === 'word' && token.text.toUpperCase() === text;

/** Splits tokens at those for which `at` holds outside parentheses and CASE. */
export function splitTokens(
  tokens: readonly DdlToken[],
  at: (token: DdlToken, i: number) => boolean,
): DdlToken[][] {
  const parts: DdlToken[][] = [[]];
  let depth = 0;
  tokens.forEach((token, i) => {
    if (isSymbol(token, '(') || isWord(token, 'CASE')) depth += 1;
    if (isSymbol(token, ')') || (isWord(token, 'END') && depth > 0)) depth -= 1;
    if (depth === 0 && at(token, i)) parts.push([]);
    else parts.at(-1)!.push(token);
  });
  return parts;
}

/** The SQL Server type of an expression of a view or computed column; undefined if it cannot be told. */
export function expressionType(tokens: readonly DdlToken[], scope: ExpressionScope): string | undefined {
  const [first] = tokens;
  if (first === undefined) return undefined;
  if (tokens.length === 1) {
    const literal = literalType(first);
    if (literal !== undefined) return literal;
  }
  if (isSymbol(first, '(') && closes(tokens, 0) === tokens.length - 1) {
    const inner = tokens.slice(1, -1);
    return isWord(inner[0], 'SELECT') ? undefined : expressionType(inner, scope);
  }
  if (isWord(first, 'CASE')) return caseType(tokens, scope);
  const path = pathOf(tokens);
  if (path) return scope.column(path) ?? (path.length === 1 ? RESULTS[foldName(path[0]!)] : undefined);
  const [operand, ...casts] = splitTokens(
    tokens,
    (token, i) => isSymbol(token, ':') && isSymbol(tokens[i - 1], ':'),
  );
  if (casts.length > 0 && isSymbol(operand!.at(-1), ':'))
    return scope.type(casts.at(-1)!.filter((token) => !isSymbol(token, ':')));
  return callType(tokens, scope) ?? operatorType(tokens, scope);
}

function literalType({ kind, text }: DdlToken): string | undefined {
  if (kind === 'string') return `nvarchar(${Math.min(4000, Math.max(1, text.length))})`;
  if (kind !== 'number') return undefined;
  if (/e/i.test(text)) return 'float';
  const [whole = '', fraction] = text.split('.');
  if (fraction === undefined) return whole.length < 10 ? 'int' : 'bigint';
  return `decimal(${Math.min(38, whole.length + fraction.length)},${Math.min(38, fraction.length)})`;
}

/** The index of the parenthesis that closes the one at `open`. */
function closes(tokens: readonly DdlToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (isSymbol(tokens[i], '(')) depth += 1;
    if (isSymbol(tokens[i], ')') && --depth === 0) return i;
  }
  return -1;
}

/** The parts of `a`, `t.a`, `dbo.t.a`. */
export function pathOf(tokens: readonly DdlToken[]): string[] | undefined {
  if (tokens.length % 2 === 0) return undefined;
  const isPath = tokens.every((token, i) =>
    i % 2 === 0 ? token.kind === 'word' || token.kind === 'quoted' : isSymbol(token, '.'),
  );
  return isPath ? tokens.filter((_, i) => i % 2 === 0).map(({ text }) => text) : undefined;
}

function caseType(tokens: readonly DdlToken[], scope: ExpressionScope): string | undefined {
  const inner = tokens.slice(1, -1);
  const results = splitTokens(inner, (token) => ['WHEN', 'THEN', 'ELSE'].some((word) => isWord(token, word)));
  // Parts alternate: operand, condition, result, condition, result, … and the last one, after ELSE, is a result.
  const types = results.map((part, i) =>
    i % 2 === 0 || i === results.length - 1 ? expressionType(part, scope) : undefined,
  );
  return widest(types.slice(1));
}

function callType(tokens: readonly DdlToken[], scope: ExpressionScope): string | undefined {
  const open = tokens.findIndex((token) => isSymbol(token, '('));
  if (open < 1) return undefined;
  const path = pathOf(tokens.slice(0, open));
  const close = closes(tokens, open);
  const isWhole =
    close === tokens.length - 1 || isWord(tokens[close + 1], 'OVER') || isWord(tokens[close + 1], 'FILTER');
  if (!path || !isWhole) return undefined;
  const name = foldName(path.at(-1)!);
  const inner = tokens.slice(open + 1, close);
  const args = splitTokens(inner, (token) => isSymbol(token, ','));
  if (name === 'cast' || name === 'try_cast')
    return scope.type(splitTokens(inner, (token) => isWord(token, 'AS')).at(-1)!);
  if (name === 'convert' || name === 'try_convert') return scope.type(args[0]!);
  const fixed = RESULTS[name];
  if (fixed !== undefined) return fixed;
  const place = LIKE_ARGUMENT[name];
  if (place === undefined) return undefined;
  return (
    expressionType(args[place] ?? [], scope) ?? widest(args.slice(1).map((arg) => expressionType(arg, scope)))
  );
}

function operatorType(tokens: readonly DdlToken[], scope: ExpressionScope): string | undefined {
  const operands = splitTokens(
    tokens,
    (token) => token.kind === 'symbol' && '+-*/%|'.includes(token.text),
  ).filter((part) => part.length > 0);
  if (operands.length < 2 && operands[0]?.length === tokens.length) return undefined;
  if (tokens.some((token, i) => isSymbol(token, '|') && isSymbol(tokens[i + 1], '|'))) return 'nvarchar(max)';
  const types = operands.map((operand) => expressionType(operand, scope));
  const isText = types.some((type) => type !== undefined && parseSqlType(type)?.family === 'string');
  if (isText) return 'nvarchar(max)';
  return types.includes(undefined) ? undefined : widest(types);
}

/** The type of highest precedence, and the longest of its kind. */
function widest(types: readonly (string | undefined)[]): string | undefined {
  const rank = (type: string): number => {
    const { base = '', length = 0 } = parseSqlType(type) ?? {};
    // Of two texts of one type, the longer.
    return precedenceOf(base) + (length === 'max' ? 0.9 : length / 10_000);
  };
  return types.reduce(
    (best, type) => (type === undefined || (best !== undefined && rank(best) >= rank(type)) ? best : type),
    undefined,
  );
}
