import { SchemaError } from '../../errors.js';
import { lineAndColumnAt } from '../../../base/text-position.js';

export type Dialect = 'tsql' | 'postgres' | 'mysql';

export interface DdlToken {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  /** The text without quotes; words keep their case. */
  text: string;
  offset: number;
}

const GAP = /(?:\s+|--[^\n]*)+/y;
// Words may contain @ and # (template parameters, temporary tables) and any letter.
const WORD = /[\p{L}_@#$][\p{L}\p{N}_@#$]*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const QUOTED = /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"|`(?:[^`]|``)*`/y;
const STRING = /[NE]?'(?:[^']|'')*'/y;
const STRING_WITH_ESCAPES = /[NE]?'(?:[^'\\]|\\[^]|'')*'/y;
const DOLLAR_STRING = /\$([A-Za-z_]*)\$[^]*?\$\1\$/y;
const LINE_COMMENT_HASH = /#[^\n]*/y;

/**
 * Splits DDL into tokens and drops comments. The last token has kind `end`.
 * @throws SchemaError `broken-ddl` for a quote or comment that is never closed
 */
export function tokenizeDdl(text: string, dialect: Dialect, file?: string): DdlToken[] {
  const tokens: DdlToken[] = [];
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const push = (kind: DdlToken['kind'], raw: string, content = raw): void => {
    tokens.push({ kind, text: content, offset: at });
    at += raw.length;
  };
  const stringPattern = dialect === 'mysql' ? STRING_WITH_ESCAPES : STRING;
  while (at < text.length) {
    const gap = match(GAP) ?? (dialect === 'mysql' ? match(LINE_COMMENT_HASH) : undefined);
    if (gap !== undefined) {
      at += gap.length;
      continue;
    }
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at, dialect, file);
      continue;
    }
    const string = match(stringPattern);
    if (string !== undefined) {
      push('string', string, unquoteString(string, dialect));
      continue;
    }
    const dollar = dialect === 'postgres' ? match(DOLLAR_STRING) : undefined;
    if (dollar !== undefined) {
      push('string', dollar);
      continue;
    }
    const quoted = match(QUOTED);
    if (quoted !== undefined) {
      const close = quoted.at(-1)!;
      push('quoted', quoted, quoted.slice(1, -1).replaceAll(close + close, close));
      continue;
    }
    const word = match(WORD);
    if (word !== undefined) {
      push('word', word);
      continue;
    }
    const number = match(NUMBER);
    if (number !== undefined) {
      push('number', number);
      continue;
    }
    if (`'"[\``.includes(text[at]!)) throw unclosed(text, at, `quote ${text[at]}`, file);
    push('symbol', text[at]!);
  }
  push('end', '');
  return tokens;
}

/** Comments nest in T-SQL and PostgreSQL, but not in MySQL. */
function endOfComment(text: string, start: number, dialect: Dialect, file?: string): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start + 2;
  for (let depth = 1, found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '*/') depth -= 1;
    else if (dialect !== 'mysql') depth += 1;
    if (depth === 0) return mark.lastIndex;
  }
  throw unclosed(text, start, 'comment', file);
}

function unquoteString(raw: string, dialect: Dialect): string {
  const inner = raw.slice(raw.indexOf("'") + 1, -1).replaceAll("''", "'");
  return dialect === 'mysql' ? inner.replace(/\\([^])/g, '$1') : inner;
}

function unclosed(text: string, offset: number, what: string, file?: string): SchemaError {
  return ddlError(text, offset, 'broken-ddl', `${what} is never closed`, file);
}

/** An error at an offset in DDL text: `file:line:column: message`. */
export function ddlError(
  text: string,
  offset: number,
  code: string,
  message: string,
  file?: string,
): SchemaError {
  const { line, column } = lineAndColumnAt(text, offset);
  return new SchemaError({ code, file: `${file ?? 'DDL'}:${line}:${column}`, message });
}

const DIALECT_MARKS: readonly [Dialect, RegExp][] = [
  ['mysql', /`|\bAUTO_INCREMENT\b|\bENGINE\s*=/gi],
  [
    'tsql',
    /\[\w+\]|\bIDENTITY\s*\(|^\s*GO\s*$|\bNVARCHAR\b|\b(?:NON)?CLUSTERED\b|\bDATETIME2?\b|\bUNIQUEIDENTIFIER\b/gim,
  ],
  [
    'postgres',
    /::|\bSERIAL\b|\bBIGSERIAL\b|\bCHARACTER VARYING\b|\bBYTEA\b|\bTIMESTAMPTZ\b|\bWITHOUT TIME ZONE\b|\bCOMMENT ON\b/gi,
  ],
];

/** The dialect whose marks are most frequent; without any, PostgreSQL, which is closest to the standard. */
export function guessDialect(text: string): Dialect {
  let best: Dialect = 'postgres';
  let most = 0;
  for (const [dialect, marks] of DIALECT_MARKS) {
    const count = text.match(marks)?.length ?? 0;
    if (count > most) [best, most] = [dialect, count];
  }
  return best;
}
