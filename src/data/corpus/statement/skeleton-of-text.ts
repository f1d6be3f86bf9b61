import { RESERVED_WORDS } from '../../../tsql/identifier.js';

/**
 * The skeleton of a statement, from its text alone. It equals what `sqlSkeletonOf` gives for the statement's program.
 * It shares no code with the renderer, so each checks the other, and a built corpus can be checked without its
 * programs.
 */
export function skeletonOfText(sql: string): string {
  const tokens = sql.replace(QUALIFIED, oneName).match(TOKEN) ?? [];
  const sources = sourcesOf(tokens);
  const columns = new Map<string, string>();
  const tables = new Map<string, string>();
  const columnOf = (source: number, name: string): string =>
    `s${source + 1}.${ordinal(columns, 'c', `${source}.${name}`)}`;
  // A statement without aliases has one table, and every bare name is a column of it.
  const isAliased = sources.some(({ alias }) => alias !== undefined);
  let skeleton = '';
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const source = sources.findIndex(({ at }) => at === i);
    const aliased = sources.findIndex(({ alias }) => alias === token);
    if (source >= 0) {
      const { schema } = sources[source]!;
      const name = schema ? `${unquoted(token)}.${unquoted(tokens[i + 2]!)}` : unquoted(token);
      if (schema) i += 2;
      skeleton += `${ordinal(tables, 'T', name)} AS s${source + 1}`;
      if (sources[source]!.alias !== undefined) i += ' AS x'.match(TOKEN)!.length;
    } else if (isAliased && aliased >= 0 && tokens[i + 1] === '.') {
      const name = tokens[i + 2]!;
      skeleton += name === '*' ? `s${aliased + 1}.*` : columnOf(aliased, unquoted(name));
      i += 2;
    } else if (!isAliased && token === '*' && tokens[i - 1] !== '(' && !/^\d/.test(tokens[i - 2] ?? '')) {
      skeleton += 's1.*';
    } else if (!isAliased && isName(tokens, i)) {
      skeleton += columnOf(0, unquoted(token));
    } else {
      skeleton += token;
    }
  }
  return skeleton;
}

const NAME = String.raw`\[(?:[^\]]|\]\])*\]|[\p{L}_#@][\p{L}\p{N}_#@$]*`;
const QUALIFIED = new RegExp(String.raw`\b(FROM|JOIN) (${NAME})\.(${NAME})`, 'gu');

/** `FROM cdm.person` as `FROM [cdm.person]`: one name. */
function oneName(_all: string, keyword: string, schema: string, table: string): string {
  return `${keyword} [${unquoted(schema)}.${unquoted(table)}]`;
}

const TOKEN = /\[(?:[^\]]|\]\])*\]|'(?:[^']|'')*'|[\p{L}_#@][\p{L}\p{N}_#@$]*|\d+(?:\.\d+)?|\s+|[^\s]/gu;

/** The token index of each table name, whether a schema and a dot come before it, and the table's alias. */
function sourcesOf(tokens: readonly string[]): { at: number; schema: boolean; alias: string | undefined }[] {
  const sources = [];
  for (let i = 0; i + 2 < tokens.length; i++) {
    if (tokens[i] !== 'FROM' && tokens[i] !== 'JOIN') continue;
    const schema = tokens[i + 3] === '.';
    const after = i + (schema ? 6 : 4);
    sources.push({ at: i + 2, schema, alias: tokens[after] === 'AS' ? tokens[after + 2] : undefined });
  }
  return sources;
}

const DATE_FUNCTION = /^DATE(ADD|DIFF|PART)$/;

function isName(tokens: readonly string[], i: number): boolean {
  const token = tokens[i]!;
  if (token.startsWith('[')) return true;
  if (!/^[\p{L}_#@]/u.test(token) || /^__[A-Z]+_\d+__$/.test(token)) return false;
  // `day` in DATEADD(day, …) is a unit; a word before a parenthesis is a function.
  if (tokens[i + 1] === '(' || (tokens[i - 1] === '(' && DATE_FUNCTION.test(tokens[i - 2] ?? '')))
    return false;
  return !RESERVED_WORDS.has(token.toLowerCase());
}

function unquoted(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1).replaceAll(']]', ']') : name;
}

function ordinal(seen: Map<string, string>, prefix: string, key: string): string {
  let name = seen.get(key);
  if (name === undefined) {
    name = `${prefix}${seen.size + 1}`;
    seen.set(key, name);
  }
  return name;
}
