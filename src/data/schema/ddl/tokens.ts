import { DdlFault } from './fault.js';

export type Dialect = 'tsql' | 'postgres' | 'mysql';

export interface DdlToken {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';
  /** The text without quotes; words keep their case. */
  text: string;
  /** UTF-16 offsets; `end` is exclusive. */
  offset: number;
  end: number;
  /** True for the first token of its line. */
  startsLine: boolean;
}

const BLANKS = /[\s\uFEFF\0]+/y;
const LINE_COMMENT = /--[^\n]*/y;
const HASH_COMMENT = /#[^\n]*/y;
/** Words may contain @ and # (template parameters, temporary tables), any letter, and SQLCMD's and Flyway's variables. */
const WORD =
  /(?:\$\(\w+\)|\$\{[^}\n]*\}|[\p{L}\p{M}_@#$])(?:\$\(\w+\)|\$\{[^}\n]*\}|[\p{L}\p{M}\p{N}_@#$])*/uy;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const QUOTED = /\[[^\]]*(?:\]\][^\]]*)*\]|"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`/y;
const STRING = /[NEne]?'[^']*(?:''[^']*)*'/y;
const STRING_WITH_ESCAPES = /[NEne]?'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'/y;
const DOLLAR_STRING = /\$([A-Za-z_]*)\$[^]*?\$\1\$/y;

/** What `findStatement` stops at, strings, names and comments being passed over whole. */
const STARTS =
  'CREATE|ALTER|COMMENT|RENAME|DROP|SET|DELIMITER|SP_ADDEXTENDEDPROPERTY|SP_UPDATEEXTENDEDPROPERTY|SP_RENAME|SP_ADDTYPE';
const PASSED_OVER = String.raw`"[^"]*(?:""[^"]*)*"|\[[^\]]*(?:\]\][^\]]*)*\]|--[^\n]*|/\*`;
const FIND: Readonly<Record<Dialect, RegExp>> = {
  tsql: new RegExp(String.raw`'[^']*(?:''[^']*)*'|${PASSED_OVER}|\b(?:${STARTS})\b`, 'gi'),
  postgres: new RegExp(
    String.raw`'[^']*(?:''[^']*)*'|\$([A-Za-z_]*)\$|${PASSED_OVER}|\b(?:${STARTS})\b`,
    'gi',
  ),
  mysql: new RegExp(
    String.raw`'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*'|"[^"\\]*(?:(?:\\[^]|"")[^"\\]*)*"|${'`[^`]*`'}|--[^\n]*|#[^\n]*|/\*|\b(?:${STARTS})\b`,
    'gi',
  ),
};

/** Reads a script token by token and drops comments. It holds no tokens, so a script of any size needs no more memory. */
export class DdlScanner {
  /** The offset from which the next token is read. */
  at = 0;
  /** No comment is closed from here on: looking again for each would take quadratic time. */
  #hasNoMoreComments = false;
  readonly #strings: RegExp;

  constructor(
    readonly text: string,
    readonly dialect: Dialect,
  ) {
    this.#strings = dialect === 'mysql' ? STRING_WITH_ESCAPES : STRING;
  }

  /** The next token; of kind `end` at the end. @throws DdlFault for a quote or comment that is never closed */
  read(): DdlToken {
    const before = this.at;
    this.#skipGaps();
    const { text, dialect, at } = this;
    const startsLine = before === 0 || text.slice(before, at).includes('\n');
    const token = (kind: DdlToken['kind'], raw: string, content = raw): DdlToken => {
      this.at = at + raw.length;
      return { kind, text: content, offset: at, end: this.at, startsLine };
    };
    if (at >= text.length) return token('end', '');
    const string = this.#match(this.#strings);
    if (string !== undefined) return token('string', string, unquoteString(string, dialect));
    const dollar = dialect === 'postgres' ? this.#match(DOLLAR_STRING) : undefined;
    if (dollar !== undefined) return token('string', dollar);
    const quoted = this.#match(QUOTED);
    if (quoted !== undefined) {
      const close = quoted.at(-1)!;
      return token('quoted', quoted, quoted.slice(1, -1).replaceAll(close + close, close));
    }
    const word = this.#match(WORD);
    if (word !== undefined) return token('word', word);
    const number = this.#match(NUMBER);
    if (number !== undefined) return token('number', number);
    if (`'"[\``.includes(text[at]!)) throw new DdlFault(at, `quote ${text[at]} is never closed`);
    return token('symbol', text[at]!);
  }

  /**
   * Moves to the next word that may begin a statement of interest, over everything else: a dump's rows are never
   * tokenized. An unclosed quote or comment is passed over as a single character.
   */
  findStatement(): void {
    const pattern = FIND[this.dialect];
    pattern.lastIndex = this.at;
    for (let found = pattern.exec(this.text); found; found = pattern.exec(this.text)) {
      const [match] = found;
      if (match === '/*') {
        if (this.#hasNoMoreComments) continue;
        if (this.#opensVersion(found.index)) continue;
        // A comment that never ends by the rules of nesting ends at the next mark, so that a stray one costs little.
        const end = endOfComment(this.text, found.index, this.dialect);
        const next = end ?? this.text.indexOf('*/', found.index) + 2;
        if (next < found.index) this.#hasNoMoreComments = true;
        else pattern.lastIndex = next;
      } else if (match.startsWith('$')) {
        const close = this.text.indexOf(match, pattern.lastIndex);
        if (close >= 0) pattern.lastIndex = close + match.length;
      } else if (/^[a-z]/i.test(match)) {
        this.at = found.index;
        return;
      }
    }
    this.at = this.text.length;
  }

  /** Moves to the line after the next `GO`, or to the end: past the body of a procedure. */
  skipBatch(): void {
    const go = /^[ \t]*GO[ \t]*(?:\d+[ \t]*)?(?:--[^\n]*)?\r?$/gim;
    go.lastIndex = this.at;
    this.at = go.exec(this.text) ? go.lastIndex : this.text.length;
  }

  /** Moves behind the next occurrence of the text, or to the end. */
  skipPast(text: string): void {
    const found = this.text.indexOf(text, this.at);
    this.at = found < 0 ? this.text.length : found + text.length;
  }

  #skipGaps(): void {
    for (;;) {
      const gap =
        this.#match(BLANKS) ??
        this.#match(LINE_COMMENT) ??
        (this.dialect === 'mysql' ? this.#match(HASH_COMMENT) : undefined);
      if (gap !== undefined) this.at += gap.length;
      else if (this.#opensVersion(this.at))
        this.at += /\/\*!\d*/y.exec(this.text.slice(this.at, this.at + 12))![0].length;
      else if (this.dialect === 'mysql' && this.text.startsWith('*/', this.at)) this.at += 2;
      else if (this.text.startsWith('/*', this.at)) {
        const end = endOfComment(this.text, this.at, this.dialect);
        if (end === undefined) throw new DdlFault(this.at, 'comment is never closed');
        this.at = end;
      } else return;
    }
  }

  /** MySQL runs what stands in a comment of the form `/*!50001 … *​/`. */
  #opensVersion(at: number): boolean {
    return this.dialect === 'mysql' && this.text.startsWith('/*!', at);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    return pattern.exec(this.text)?.[0];
  }
}

/** Comments nest in T-SQL and PostgreSQL, but not in MySQL. Undefined if the comment never ends. */
function endOfComment(text: string, start: number, dialect: Dialect): number | undefined {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = start + 2;
  for (let depth = 1, found = mark.exec(text); found; found = mark.exec(text)) {
    if (found[0] === '*/') depth -= 1;
    else if (dialect !== 'mysql') depth += 1;
    if (depth === 0) return mark.lastIndex;
  }
  return undefined;
}

function unquoteString(raw: string, dialect: Dialect): string {
  const inner = raw.slice(raw.indexOf("'") + 1, -1).replaceAll("''", "'");
  return dialect === 'mysql' ? inner.replace(/\\([^])/g, '$1') : inner;
}
