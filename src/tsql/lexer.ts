import { positionAt } from '../base/text-position.js';
import { PARSE_CODES, type ParseCode } from './codes.js';
import { ValidationError } from './errors.js';
import { forbiddenCharacterAt, holdsPlaceholder, MAX_IDENTIFIER_LENGTH } from './identifier.js';

/**
 * Splits a text into tokens, in one pass. Only what an allowed statement may contain has a token. Comments, variables,
 * double quotes, control characters, and anything but ASCII outside strings and [names] end the pass with an error.
 */
export type TokenKind = 'word' | 'bracketed' | 'number' | 'string' | 'placeholder' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  /** As written; a bracketed name or a string without its quotes and escapes. */
  text: string;
  /** A word in upper case, to compare with keywords; the same as `text` for other kinds. */
  upper: string;
  /** A string written as N'…'. */
  national: boolean;
  /** UTF-16 offsets into the statement; `end` is exclusive. */
  start: number;
  end: number;
}

/** The longest statement that is read; longer input is refused unread. */
export const MAX_SQL_LENGTH = 16_384;

const PLACEHOLDER = /^__(ID|DATE|TEXT|NUM)_([1-9][0-9]?)__$/;
/** Anything that a person, or the renderer, could take for a placeholder. */
const LIKE_A_PLACEHOLDER = /^__|__$|__(ID|DATE|TEXT|NUM)_[0-9]/i;
const PLACEHOLDER_IN_TEXT = /__(ID|DATE|TEXT|NUM)_[0-9]+__/i;
/** Control, format (zero-width, bidirectional), private-use and lone surrogate characters, line separators. */
const FORBIDDEN_IN_STRING = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;

const LETTER = 1;
const DIGIT = 2;
const SPACE = 4;
const charClass = new Uint8Array(128);
for (let c = 0; c < 26; c++) charClass[65 + c] = charClass[97 + c] = LETTER;
for (let c = 48; c < 58; c++) charClass[c] = DIGIT;
charClass[95] = LETTER;
for (const c of [9, 10, 13, 32]) charClass[c] = SPACE;

const TWO_CHARACTER_OPERATORS = new Set(['<>', '!=', '<=', '>=']);
const SYMBOLS = new Set([...'()=<>+-*/%,.;']);

export function fail(sql: string, code: ParseCode, offset: number, message: string): never {
  throw new ValidationError(code, message, positionAt(sql, offset), PARSE_CODES[code] || undefined);
}

/**
 * The tokens of a statement; the last one is of kind `end`.
 * @throws ValidationError at the first character that no allowed statement contains
 */
export function tokenize(sql: string): Token[] {
  if (sql.length > MAX_SQL_LENGTH) {
    const message = `the statement has ${sql.length} characters; at most ${MAX_SQL_LENGTH} are read`;
    fail(sql, 'too-long', 0, message);
  }
  const tokens: Token[] = [];
  let i = 0;
  while (i < sql.length) {
    const c = sql.charCodeAt(i);
    const type = c < 128 ? charClass[c]! : 0;
    if (type === SPACE) {
      i++;
      continue;
    }
    const token = type === LETTER ? readWord(sql, i) : readOther(sql, i, c, type);
    refuseTouching(sql, tokens.at(-1), token);
    tokens.push(token);
    i = token.end;
  }
  tokens.push(makeToken('end', '', sql.length, sql.length));
  return tokens;
}

function makeToken(kind: TokenKind, text: string, start: number, end: number): Token {
  return { kind, text, upper: kind === 'word' ? text.toUpperCase() : text, national: false, start, end };
}

function readOther(sql: string, start: number, c: number, type: number): Token {
  if (type === DIGIT) return readNumber(sql, start);
  if (c === 0x2e && isDigit(sql.charCodeAt(start + 1))) {
    // A dot after a name does not start a number: `p.1` is a broken name, `.5` is a number.
    const before = start === 0 ? 0 : sql.charCodeAt(start - 1);
    const afterName = before < 128 && ((charClass[before]! & (LETTER | DIGIT)) !== 0 || before === 0x5d);
    if (!afterName) return readNumber(sql, start);
  }
  if (c === 0x27) return readString(sql, start, start, false);
  if (c === 0x5b) return readBracketed(sql, start);
  return readSymbol(sql, start, c);
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isWordPart(c: number): boolean {
  return c < 128 && (charClass[c]! & (LETTER | DIGIT)) !== 0;
}

function readWord(sql: string, start: number): Token {
  let end = start + 1;
  while (end < sql.length && isWordPart(sql.charCodeAt(end))) end++;
  if (end === start + 1 && sql.charCodeAt(end) === 0x27 && (sql[start] === 'N' || sql[start] === 'n')) {
    return readString(sql, start, end, true);
  }
  const text = sql.slice(start, end);
  refuseLongName(sql, text, start);
  if (text.includes('__') && LIKE_A_PLACEHOLDER.test(text)) {
    if (!PLACEHOLDER.test(text)) failAltered(sql, text, start);
    return makeToken('placeholder', text, start, end);
  }
  return makeToken('word', text, start, end);
}

function failAltered(sql: string, text: string, start: number): never {
  const shown = text.slice(0, 40);
  fail(
    sql,
    'placeholder-altered',
    start,
    `'${shown}' looks like a placeholder but is not one; write it exactly as in the ID map, for example __ID_1__`,
  );
}

function refuseLongName(sql: string, text: string, start: number): void {
  if (text.length <= MAX_IDENTIFIER_LENGTH) return;
  const message = `the name that starts with '${text.slice(0, 24)}' has ${text.length} characters; at most ${MAX_IDENTIFIER_LENGTH} are allowed`;
  fail(sql, 'identifier-too-long', start, message);
}

/** Digits with at most one point and an exponent: 12, 1.5, .5, 1e6. */
function readNumber(sql: string, start: number): Token {
  let i = start;
  while (isDigit(sql.charCodeAt(i))) i++;
  if (i === start + 1 && sql[start] === '0' && (sql[i] === 'x' || sql[i] === 'X')) {
    fail(
      sql,
      'hex-literal',
      start,
      'binary literals (0x…) are not allowed; write the number in decimal digits',
    );
  }
  if (sql[i] === '.') {
    i++;
    while (isDigit(sql.charCodeAt(i))) i++;
  }
  if (sql[i] === 'e' || sql[i] === 'E') {
    i++;
    if (sql[i] === '+' || sql[i] === '-') i++;
    const digits = i;
    while (isDigit(sql.charCodeAt(i))) i++;
    if (i === digits)
      fail(sql, 'outside-of-shape', start, `'${sql.slice(start, i)}' has an exponent without digits`);
    if (!Number.isFinite(Number(sql.slice(start, i)))) {
      fail(sql, 'number-out-of-float', start, `'${sql.slice(start, i)}' is larger than any float`);
    }
  }
  if (sql[i] === '.') fail(sql, 'bad-number', start, `'${sql.slice(start, i + 1)}' has two decimal points`);
  return makeToken('number', sql.slice(start, i), start, i);
}

/** A string whose opening quote is at `quote`; two quotes inside stand for one. */
function readString(sql: string, start: number, quote: number, national: boolean): Token {
  let i = quote + 1;
  for (;;) {
    i = sql.indexOf("'", i);
    if (i < 0) {
      fail(
        sql,
        'unterminated-string',
        start,
        "this string is not closed; end it with ', and write a quote inside it twice ('')",
      );
    }
    if (sql.charCodeAt(i + 1) !== 0x27) break;
    i += 2;
  }
  const raw = sql.slice(quote + 1, i);
  const forbidden = FORBIDDEN_IN_STRING.exec(raw);
  if (forbidden) {
    const point = (raw.codePointAt(forbidden.index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    const message = `the string contains the control or invisible character U+${point}; remove it`;
    fail(sql, 'control-character', quote + 1 + forbidden.index, message);
  }
  if (raw.includes('__') && PLACEHOLDER_IN_TEXT.test(raw)) {
    const message = 'a placeholder is inside a string; write it without quotes, which the renderer adds';
    fail(sql, 'placeholder-in-string', start, message);
  }
  if (!national) {
    const beyond = /[^\x20-\x7e]/u.exec(raw);
    if (beyond) {
      const message = "'…' turns characters outside the database's code page into '?'; write N'…'";
      fail(sql, 'unicode-character', quote + 1 + beyond.index, message);
    }
  }
  const text = raw.includes("''") ? raw.replaceAll("''", "'") : raw;
  const token = makeToken('string', text, start, i + 1);
  token.national = national;
  return token;
}

function readBracketed(sql: string, start: number): Token {
  let i = start + 1;
  for (;;) {
    i = sql.indexOf(']', i);
    if (i < 0) fail(sql, 'unterminated-identifier', start, 'this name is not closed; end it with ]');
    if (sql.charCodeAt(i + 1) !== 0x5d) break;
    i += 2;
  }
  const text = sql.slice(start + 1, i).replaceAll(']]', ']');
  const bad = forbiddenCharacterAt(sql.slice(start + 1, i));
  if (bad >= 0) failCharacter(sql, start + 1 + bad, sql.charCodeAt(start + 1 + bad));
  if (text.trim() === '') fail(sql, 'syntax', start, 'the name between the brackets is empty');
  refuseLongName(sql, text, start);
  if (holdsPlaceholder(text)) failAltered(sql, `[${text}]`, start);
  return makeToken('bracketed', text, start, i + 1);
}

function readSymbol(sql: string, start: number, c: number): Token {
  const two = sql.slice(start, start + 2);
  if (two === '--' || two === '/*' || two === '*/') {
    fail(
      sql,
      'comment',
      start,
      `comments are not allowed; remove '${two}' (put a space between two minus signs)`,
    );
  }
  if (TWO_CHARACTER_OPERATORS.has(two)) return makeToken('symbol', two, start, start + 2);
  const one = sql[start]!;
  if (SYMBOLS.has(one)) return makeToken('symbol', one, start, start + 1);
  return failCharacter(sql, start, c);
}

function failCharacter(sql: string, at: number, c: number): never {
  const point = (sql.codePointAt(at) ?? c).toString(16).toUpperCase().padStart(4, '0');
  if (c < 32 || (c >= 127 && c < 160)) {
    fail(sql, 'control-character', at, `the control character U+${point} is not allowed; remove it`);
  }
  if (c > 127) {
    const message = `the character U+${point} is not ASCII; only ASCII is allowed outside strings and [names], since letters can look alike`;
    fail(sql, 'unicode-character', at, message);
  }
  const one = sql[at]!;
  if (one === '@')
    fail(sql, 'variable', at, 'variables (@name) are not allowed; write a placeholder or a literal');
  if (one === '#') fail(sql, 'temporary-table', at, 'temporary tables (#name) are not allowed');
  if (one === '"')
    fail(
      sql,
      'double-quotes',
      at,
      "a server setting decides whether double quotes mean a name or a string; write [name] or 'text'",
    );
  if (one === '$') {
    fail(sql, 'dollar', at, 'money literals ($5) and pseudo-columns ($IDENTITY) are not allowed; write 5');
  }
  if (one === '{' || one === '}')
    fail(sql, 'odbc-escape', at, 'ODBC escapes ({fn …}, {d …}) are not allowed');
  if ('!&|^~:'.includes(one)) fail(sql, 'operator-not-allowed', at, `the operator '${one}' is not allowed`);
  return fail(sql, 'illegal-character', at, `the character '${one}' is not allowed`);
}

/** `1abc`, `'a'b`, `__ID_1__'x'`: T-SQL reads some of these as two tokens, a person as one. */
function refuseTouching(sql: string, before: Token | undefined, token: Token): void {
  if (before === undefined || before.end !== token.start) return;
  if (before.kind === 'symbol' || token.kind === 'symbol') return;
  if (before.kind === 'placeholder' || token.kind === 'placeholder') {
    failAltered(sql, sql.slice(before.start, token.end), before.start);
  }
  const message = 'two words run together here; put a space between them';
  fail(sql, 'words-run-together', token.start, message);
}
