import type { SchemaError } from '../../errors.js';
import { ddlError, type DdlToken } from './tokens.js';

/** A name as written: `dbo.Patient` is `{ schema: 'dbo', name: 'Patient' }`. */
export interface QualifiedName {
  schema?: string | undefined;
  name: string;
}

/** A position in a token list, with the moves that a DDL parser needs. */
export class DdlCursor {
  #at = 0;

  constructor(
    readonly tokens: readonly DdlToken[],
    readonly text: string,
    readonly file?: string,
  ) {}

  peek(ahead = 0): DdlToken {
    return this.tokens[Math.min(this.#at + ahead, this.tokens.length - 1)]!;
  }

  next(): DdlToken {
    const token = this.peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  get done(): boolean {
    return this.peek().kind === 'end';
  }

  /** True if the next tokens are these keywords or symbols, in any case. Quoted names are never keywords. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return (token.kind === 'word' || token.kind === 'symbol') && token.text.toUpperCase() === word;
    });
  }

  /** Moves past the keywords if they come next, and returns whether they did. */
  skip(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.#at += words.length;
    return true;
  }

  expect(word: string): void {
    if (!this.skip(word)) throw this.error(`expected ${word}`);
  }

  /** One identifier, bare or quoted. */
  name(): string {
    const token = this.peek();
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.error('expected a name');
    return this.next().text;
  }

  /** `a`, `s.a`, `db.s.a`, `db..a`: returns the last part and the one before it. */
  qualifiedName(): QualifiedName {
    const parts = [this.name()];
    while (this.skip('.')) {
      while (this.skip('.')) parts.push('');
      parts.push(this.name());
    }
    const name = parts.at(-1)!;
    const schema = parts.at(-2);
    return schema === undefined || schema === '' ? { name } : { schema, name };
  }

  /** `(a, b DESC, c(10))`: returns only the names. */
  nameList(): string[] {
    const names: string[] = [];
    this.expect('(');
    do {
      names.push(this.name());
      while (!this.sees(',') && !this.sees(')')) this.skipOne();
    } while (this.skip(','));
    this.expect(')');
    return names;
  }

  /** Moves past one token, or past a whole parenthesis. */
  skipOne(): void {
    if (this.done) throw this.error('the statement ends too soon');
    const start = this.peek().offset;
    if (this.next().text !== '(' || this.tokens[this.#at - 1]!.kind !== 'symbol') return;
    for (let depth = 1; depth > 0;) {
      if (this.done) throw ddlError(this.text, start, 'broken-ddl', 'parenthesis is never closed', this.file);
      const token = this.next();
      if (token.kind !== 'symbol') continue;
      if (token.text === '(') depth += 1;
      if (token.text === ')') depth -= 1;
    }
  }

  error(message: string, code = 'broken-ddl'): SchemaError {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the text' : JSON.stringify(token.text.slice(0, 40));
    return ddlError(this.text, token.offset, code, `${message}, found ${found}`, this.file);
  }
}
