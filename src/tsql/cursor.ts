import { RESERVED_WORDS } from './identifier.js';
import type { Name, Placeholder } from './ast.js';
import type { ParseCode } from './codes.js';
import { fail, type Token, type TokenKind } from './lexer.js';
import { refusalOf } from './refusals.js';

/** The deepest nesting of parentheses, CASE and calls. */
export const MAX_DEPTH = 32;
/** The most arithmetic operators and minus signs in a statement: they bound the height of the tree. */
const MAX_OPERATORS = 500;
/** SQL Server's limit on CASE inside CASE (message 125). */
const MAX_CASE_DEPTH = 10;

/** A position in the token list, with the steps of a recursive-descent parser. */
export class Cursor {
  readonly placeholders: Placeholder[] = [];
  #index = 0;
  #depth = 0;
  #operators = 0;
  #caseDepth = 0;

  constructor(
    readonly sql: string,
    readonly tokens: readonly Token[],
  ) {}

  get token(): Token {
    return this.tokens[this.#index]!;
  }

  /** Where the token before this one ends. */
  get previousEnd(): number {
    return this.#index === 0 ? 0 : this.tokens[this.#index - 1]!.end;
  }

  ahead(count: number): Token {
    return this.tokens[Math.min(this.#index + count, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#index++;
    return token;
  }

  is(kind: TokenKind, upper: string): boolean {
    const token = this.token;
    return token.kind === kind && token.upper === upper;
  }

  isWord(upper: string): boolean {
    return this.is('word', upper);
  }

  isSymbol(symbol: string): boolean {
    return this.is('symbol', symbol);
  }

  takeWord(upper: string): boolean {
    const matches = this.is('word', upper);
    if (matches) this.#index++;
    return matches;
  }

  takeSymbol(symbol: string): boolean {
    const matches = this.is('symbol', symbol);
    if (matches) this.#index++;
    return matches;
  }

  expectWord(upper: string, where: string): void {
    if (!this.takeWord(upper)) this.unexpected(`${upper} ${where}`);
  }

  expectSymbol(symbol: string, where: string): void {
    if (!this.takeSymbol(symbol)) this.unexpected(`'${symbol}' ${where}`);
  }

  /** Whether the token can be a name: bracketed, or a word that is not reserved. */
  isName(token = this.token): boolean {
    if (token.kind === 'bracketed') return true;
    return token.kind === 'word' && !RESERVED_WORDS.has(token.text.toLowerCase());
  }

  /** Takes a name. @param what is expected, for the error: `a table name` */
  expectName(what: string): Name {
    const token = this.token;
    if (!this.isName()) {
      if (token.kind === 'placeholder') {
        this.fail('placeholder-as-name', token, `expected ${what}, found the placeholder ${token.text}`);
      }
      if (token.kind === 'string' && what.includes('alias')) {
        this.fail('alias-style', token, 'an alias is a name, not a string; write it as [name] or name');
      }
      this.unexpected(what);
    }
    this.#index++;
    return { text: token.text, start: token.start, end: token.end };
  }

  /** Runs a nested production. @throws ValidationError `too-deep` beyond MAX_DEPTH */
  nested<T>(production: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      this.fail(
        'too-deep',
        this.token,
        `the statement is nested more than ${MAX_DEPTH} levels deep; simplify it`,
      );
    }
    const result = production();
    this.#depth--;
    return result;
  }

  /** Runs the production of a CASE. @throws ValidationError `case-too-deep` beyond SQL Server's limit */
  nestedCase<T>(production: () => T): T {
    if (++this.#caseDepth > MAX_CASE_DEPTH) {
      const message = `CASE is nested more than ${MAX_CASE_DEPTH} levels deep, SQL Server's limit`;
      this.fail('case-too-deep', this.token, message);
    }
    const result = this.nested(production);
    this.#caseDepth--;
    return result;
  }

  countOperator(): void {
    if (++this.#operators > MAX_OPERATORS) {
      this.fail('too-deep', this.token, `the statement has more than ${MAX_OPERATORS} arithmetic operators`);
    }
  }

  fail(code: ParseCode, at: { start: number }, message: string): never {
    fail(this.sql, code, at.start, message);
  }

  /** Reports that the token does not fit: names the forbidden construct that it begins, or what was expected. */
  unexpected(expected: string): never {
    const token = this.token;
    const refusal = refusalOf(token, this.ahead(1));
    if (refusal) this.fail(refusal.code, token, refusal.message);
    if (token.kind === 'end') this.fail('syntax', token, `expected ${expected}, but the statement ends`);
    const found = this.shown(token);
    if (token.kind === 'word' && RESERVED_WORDS.has(token.text.toLowerCase())) {
      const message = `expected ${expected}, found the keyword ${token.upper}; a name that is a keyword needs brackets: [${token.text}]`;
      this.fail('reserved-word', token, message);
    }
    this.fail('syntax', token, `expected ${expected}, found ${found}`);
  }

  /** A token in a message. Not the text of a string or a number: messages go to logs, and it may be a name or an ID. */
  shown({ kind, start, end }: Token): string {
    if (kind === 'string' || kind === 'number') return `a ${kind}`;
    return `'${this.sql.slice(start, Math.min(end, start + 40))}'`;
  }
}
