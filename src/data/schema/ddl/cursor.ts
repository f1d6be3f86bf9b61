import { DdlFault } from './fault.js';
import { DdlScanner, type DdlToken, type Dialect } from './tokens.js';

/** A name as written: `dbo.Patient` is `{ schema: 'dbo', name: 'Patient' }`. */
export interface QualifiedName {
  schema?: string | undefined;
  name: string;
}

/** Words that start a statement, and therefore end the one before even without a semicolon. */
const STATEMENT_STARTS = new Set('CREATE ALTER DROP INSERT EXEC EXECUTE USE SET PRINT IF'.split(' '));
/** Words that do so only at the start of a line: elsewhere they belong to a clause. */
const LINE_STARTS = new Set(
  'BEGIN END SELECT UPDATE DELETE DECLARE ELSE GRANT REVOKE DENY COMMIT TRUNCATE MERGE RETURN RAISERROR WHILE TRY'.split(
    ' ',
  ),
);

/** A position in a script, with the moves that a DDL parser needs. Tokens are read on demand and forgotten. */
export class DdlCursor {
  readonly tokenizer: DdlScanner;
  /** How many parentheses are open. */
  depth = 0;
  readonly #ahead: DdlToken[] = [];

  constructor(
    readonly text: string,
    readonly dialect: Dialect,
  ) {
    this.tokenizer = new DdlScanner(text, dialect);
  }

  peek(ahead = 0): DdlToken {
    while (this.#ahead.length <= ahead) this.#ahead.push(this.tokenizer.read());
    return this.#ahead[ahead]!;
  }

  next(): DdlToken {
    const token = this.peek();
    if (token.kind === 'end') return token;
    this.#ahead.shift();
    if (token.kind === 'symbol') {
      if (token.text === '(') this.depth += 1;
      if (token.text === ')') this.depth -= 1;
    }
    return token;
  }

  /** Where the next token begins, or reading would go on. */
  get offset(): number {
    return this.#ahead[0]?.offset ?? this.tokenizer.at;
  }

  get done(): boolean {
    return this.peek().kind === 'end';
  }

  /** Moves the tokenizer, from where the next token begins. */
  jump(move: (tokenizer: DdlScanner) => void): void {
    this.tokenizer.at = this.offset;
    this.#ahead.length = 0;
    this.depth = 0;
    move(this.tokenizer);
  }

  /** True if the next tokens are these keywords or symbols, in any case. Quoted names are never keywords. */
  sees(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return (token.kind === 'word' || token.kind === 'symbol') && token.text.toUpperCase() === word;
    });
  }

  seesOneOf(words: ReadonlySet<string>): boolean {
    const token = this.peek();
    return token.kind === 'word' && words.has(token.text.toUpperCase());
  }

  /** Moves past the keywords if they come next, and returns whether they did. */
  skip(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    for (let i = 0; i < words.length; i += 1) this.next();
    return true;
  }

  expect(word: string): void {
    if (!this.skip(word)) throw this.fault(`expected ${word}`);
  }

  /**
   * One identifier, bare or quoted. Quotes around a part of a name are damage that automatic quoting does: `"start"_date`
   * is `start_date`.
   */
  name(): string {
    const token = this.peek();
    // MySQL lets a name begin with digits: `24hours`.
    if (token.kind === 'number' && this.peek(1).kind === 'word' && this.peek(1).offset === token.end)
      return this.next().text + this.next().text;
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'string')
      throw this.fault('expected a name');
    const { text, end } = this.next();
    const more = this.peek();
    const isDamaged =
      token.kind === 'quoted' && more.kind === 'word' && more.offset === end && /^_/.test(more.text);
    return isDamaged ? text + this.next().text : text;
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
    if (this.done) throw this.fault('the statement ends too soon');
    const start = this.peek().offset;
    const outer = this.depth;
    this.next();
    while (this.depth > outer) {
      if (this.done || this.atNewStatement()) throw new DdlFault(start, 'parenthesis is never closed');
      this.next();
    }
  }

  /** True at a word that ends the statement before it: `GO`, `CREATE`, … */
  atStatementStart(): boolean {
    if (this.sees('COMMENT')) return this.sees('COMMENT', 'ON');
    if (this.seesOneOf(STATEMENT_STARTS)) return true;
    return this.atBatchEnd() || (this.peek().startsLine && this.seesOneOf(LINE_STARTS));
  }

  /** `GO` alone on its line. */
  atBatchEnd(): boolean {
    if (!this.sees('GO') || !this.peek().startsLine) return false;
    const after = this.peek(1);
    return after.kind === 'end' || after.startsLine || after.kind === 'number';
  }

  /** True where even an open parenthesis has come to its end: at `GO` or at a statement about a table. */
  atNewStatement(): boolean {
    if (!this.peek().startsLine) return false;
    return (
      this.atBatchEnd() ||
      ['TABLE', 'INDEX', 'UNIQUE', 'VIEW', 'PROCEDURE'].some((word) => this.sees('CREATE', word)) ||
      this.sees('ALTER', 'TABLE') ||
      this.sees('INSERT', 'INTO')
    );
  }

  fault(message: string, code?: string): DdlFault {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the text' : JSON.stringify(token.text.slice(0, 40));
    return new DdlFault(token.offset, `${message}, found ${found}`, code);
  }
}
