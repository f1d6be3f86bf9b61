import { foldName } from '../../../tsql/identifier.js';
import type { QualifiedName } from './cursor.js';
import { expressionType, pathOf, splitTokens, type ExpressionScope } from './expression-type.js';
import type { DdlToken } from './tokens.js';

/** A column of a view; the type is undefined if the query does not tell it. */
export interface ViewColumn {
  name: string;
  type: string | undefined;
}

/** The columns of a table or view that is known already. */
export type FindColumns = (name: QualifiedName) => readonly ViewColumn[] | undefined;

/** A table of FROM, by the names that columns may call it. */
interface Source {
  names: readonly string[];
  columns: readonly ViewColumn[];
}

const isWord = (token: DdlToken | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text.toUpperCase());
const isSymbol = (token: DdlToken | undefined, text: string): boolean =>
  token?.kind === 'symbol' && token.text === text;

const AFTER_FROM = [
  'WHERE',
  'GROUP',
  'ORDER',
  'HAVING',
  'LIMIT',
  'OPTION',
  'FOR',
  'WINDOW',
  'OFFSET',
  'FETCH',
  'QUALIFY',
];
const SET_OPERATORS = ['UNION', 'EXCEPT', 'INTERSECT', 'MINUS'];
const NOT_AN_ALIAS = [
  'ON',
  'INNER',
  'LEFT',
  'RIGHT',
  'FULL',
  'CROSS',
  'OUTER',
  'JOIN',
  'USING',
  'WITH',
  'NATURAL',
  'APPLY',
  'LATERAL',
];

/**
 * The columns of a query, in order. It reads names, casts, literals, common functions, UNION and WITH.
 * Undefined if the text is no query that it can read.
 */
export function viewColumns(
  query: readonly DdlToken[],
  find: FindColumns,
  castType: ExpressionScope['type'],
): ViewColumn[] | undefined {
  let tokens = [...query];
  let known = find;
  if (isWord(tokens[0], 'WITH')) {
    const ctes = new Map<string, ViewColumn[]>();
    known = (name) => (name.schema === undefined ? ctes.get(foldName(name.name)) : undefined) ?? find(name);
    let at = 1;
    do {
      const name = tokens[at]?.text ?? '';
      const as = tokens.findIndex((token, i) => i > at && isWord(token, 'AS'));
      if (as < 0 || !isSymbol(tokens[as + 1], '(')) return undefined;
      const given = pathsIn(tokens.slice(at + 2, as));
      const close = closing(tokens, as + 1);
      const columns = viewColumns(tokens.slice(as + 2, close), known, castType);
      if (columns)
        ctes.set(
          foldName(name),
          columns.map((column, i) => ({ ...column, name: given[i] ?? column.name })),
        );
      at = close + 1;
    } while (isSymbol(tokens[at], ',') && ++at > 0);
    tokens = tokens.slice(at);
  }
  while (isSymbol(tokens[0], '(') && closing(tokens, 0) === tokens.length - 1) tokens = tokens.slice(1, -1);
  const [first = [], ...others] = splitTokens(tokens, (token) => isWord(token, ...SET_OPERATORS));
  if (others.length === 0) return isWord(first[0], 'SELECT') ? selected(first, known, castType) : undefined;
  // The first part of a UNION names the columns; a type that it leaves open, as NULL does, comes from another part.
  const columns = viewColumns(first, known, castType);
  const parts = others.map((part) =>
    viewColumns(isWord(part[0], 'ALL') ? part.slice(1) : part, known, castType),
  );
  return columns?.map(({ name, type }, i) => ({
    name,
    type: parts.reduce((found, part) => found ?? part?.[i]?.type, type),
  }));
}

/** The columns of one SELECT. */
function selected(
  tokens: readonly DdlToken[],
  find: FindColumns,
  castType: ExpressionScope['type'],
): ViewColumn[] {
  const [list = [], ...rest] = splitTokens(tokens.slice(1), (token) => isWord(token, 'FROM'));
  const [from = []] = splitTokens(rest[0] ?? [], (token) => isWord(token, ...AFTER_FROM));
  const sources = sourcesOf(from, find, castType);
  const scope: ExpressionScope = { type: castType, column: (path) => columnOf(path, sources) };
  return splitTokens(withoutModifiers(list), (token) => isSymbol(token, ',')).flatMap((item) =>
    itemColumns(item, sources, scope),
  );
}

function pathsIn(tokens: readonly DdlToken[]): string[] {
  return tokens.filter(({ kind }) => kind === 'word' || kind === 'quoted').map(({ text }) => text);
}

function closing(tokens: readonly DdlToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (isSymbol(tokens[i], '(')) depth += 1;
    if (isSymbol(tokens[i], ')') && --depth === 0) return i;
  }
  return tokens.length;
}

/** Without DISTINCT and TOP (n). */
function withoutModifiers(list: readonly DdlToken[]): DdlToken[] {
  let at = 0;
  while (isWord(list[at], 'DISTINCT', 'ALL', 'SQL_NO_CACHE')) at += 1;
  if (isWord(list[at], 'TOP')) {
    at = isSymbol(list[at + 1], '(') ? closing(list, at + 1) + 1 : at + 2;
    if (isWord(list[at], 'PERCENT')) at += 1;
    if (isWord(list[at], 'WITH')) at += 2;
  }
  return list.slice(at);
}

function sourcesOf(
  from: readonly DdlToken[],
  find: FindColumns,
  castType: ExpressionScope['type'],
): Source[] {
  const parts = splitTokens(from, (token) => isSymbol(token, ',') || isWord(token, 'JOIN', 'APPLY'));
  // PostgreSQL and MySQL write `FROM (a JOIN b ON …)`.
  return parts.flatMap((part) => {
    const inner = part.slice(1, closing(part, 0));
    if (
      isSymbol(part[0], '(') &&
      !isWord(inner[0], 'SELECT', 'WITH') &&
      !(isSymbol(inner[0], '(') && isWord(inner[1], 'SELECT'))
    )
      return sourcesOf(inner, find, castType);
    return sourceOf(part, find, castType);
  });
}

function sourceOf(part: readonly DdlToken[], find: FindColumns, castType: ExpressionScope['type']): Source[] {
  const tokens = isWord(part[0], 'ONLY', 'LATERAL') ? part.slice(1) : part;
  const alias = (at: number): string | undefined => {
    const i = isWord(tokens[at], 'AS') ? at + 1 : at;
    const token = tokens[i];
    const isName =
      token?.kind === 'quoted' ||
      (token?.kind === 'word' && !NOT_AN_ALIAS.includes(token.text.toUpperCase()));
    return isName ? token.text : undefined;
  };
  if (isSymbol(tokens[0], '(')) {
    const close = closing(tokens, 0);
    const columns = viewColumns(tokens.slice(1, close), find, castType) ?? [];
    const name = alias(close + 1);
    return [{ names: name === undefined ? [] : [name], columns }];
  }
  let end = 1;
  while (isSymbol(tokens[end], '.')) end += isSymbol(tokens[end + 1], '.') ? 1 : 2;
  const path = tokens
    .slice(0, end)
    .filter(({ kind }) => kind !== 'symbol')
    .map(({ text }) => text);
  const name = path.at(-1);
  if (name === undefined) return [];
  const columns = find({ name, schema: path.at(-2) }) ?? [];
  return [{ names: [alias(end) ?? name], columns }];
}

function columnOf(path: readonly string[], sources: readonly Source[]): string | undefined {
  const column = foldName(path.at(-1)!);
  const owner = path.length > 1 ? foldName(path.at(-2)!) : undefined;
  for (const { names, columns } of sources) {
    if (owner !== undefined && !names.some((name) => foldName(name) === owner)) continue;
    const found = columns.find(({ name }) => foldName(name) === column);
    if (found) return found.type;
  }
  return undefined;
}

/** The columns of one item of the SELECT list; one without a name has an empty name. */
function itemColumns(
  item: readonly DdlToken[],
  sources: readonly Source[],
  scope: ExpressionScope,
): ViewColumn[] {
  const last = item.at(-1);
  if (last === undefined) return [];
  if (isSymbol(last, '*') && (item.length === 1 || isSymbol(item.at(-2), '.'))) {
    const owner = item.length === 1 ? undefined : foldName(item.at(-3)?.text ?? '');
    return sources
      .filter(({ names }) => owner === undefined || names.some((name) => foldName(name) === owner))
      .flatMap(({ columns }) => [...columns]);
  }
  // T-SQL: `name = expression`.
  if (isSymbol(item[1], '=') && item[0]!.kind !== 'number')
    return [{ name: item[0]!.text, type: expressionType(item.slice(2), scope) }];
  const path = pathOf(item);
  if (path) return [{ name: path.at(-1)!, type: scope.column(path) }];
  const isNamed =
    last.kind === 'word' || last.kind === 'quoted' || (last.kind === 'string' && item.length > 1);
  if (!isNamed || isWord(last, 'END') || isSymbol(item.at(-2), '.'))
    return [{ name: '', type: expressionType(item, scope) }];
  const end = isWord(item.at(-2), 'AS') ? -2 : -1;
  return [{ name: last.text, type: expressionType(item.slice(0, end), scope) }];
}
