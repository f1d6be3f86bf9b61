import { foldName } from '../../../tsql/identifier.js';
import type { DdlCursor } from './cursor.js';
import type { PlaceFinder } from './fault.js';
import type { DdlColumn, DdlForeignKey, TablePart } from './script.js';
import type { DdlToken } from './tokens.js';
import { isTypeName, type DdlType } from './types.js';

/** Words of more than one type name, by the first: `double precision`. */
const LONG_TYPES: Readonly<Record<string, readonly string[]>> = {
  double: ['PRECISION'],
  character: ['VARYING', 'LARGE', 'OBJECT'],
  char: ['VARYING', 'LARGE', 'OBJECT'],
  binary: ['VARYING', 'LARGE', 'OBJECT'],
  bit: ['VARYING'],
  long: ['VARCHAR', 'RAW', 'VARBINARY'],
  national: ['CHARACTER', 'CHAR', 'VARCHAR', 'VARYING', 'TEXT'],
};

/** Words that may follow a column's type: no column begins with them after a forgotten comma. */
const COLUMN_OPTIONS = new Set(
  `NOT NULL PRIMARY KEY UNIQUE CONSTRAINT REFERENCES FOREIGN CHECK DEFAULT COMMENT COLLATE IDENTITY GENERATED AS ON WITH
  SPARSE ROWGUIDCOL MASKED ENCRYPTED INDEX AUTO_INCREMENT AFTER FIRST CHARACTER CHARSET UNSIGNED SIGNED ZEROFILL STORAGE
  COMPRESSION DEFERRABLE INITIALLY ENABLE DISABLE VISIBLE INVISIBLE HIDDEN PERSISTED STORED VIRTUAL FOR NO MATCH USING
  BINARY ASCII CLUSTERED NONCLUSTERED FILESTREAM OPTIONS ALWAYS VALID`.split(/\s+/),
);

/** Reads the parts of a table: columns, keys, and what else stands between its commas. */
export class TableParts {
  constructor(
    private readonly c: DdlCursor,
    private readonly places: PlaceFinder,
  ) {}

  /** Reads one part, up to its comma or closing parenthesis. @throws DdlFault; `part` has what came before the fault */
  read(part: TablePart): void {
    if (this.#atConstraint()) this.#constraint(part);
    else if (this.c.sees('LIKE') && this.c.peek(1).kind !== 'symbol') {
      this.c.next();
      part.like = this.c.qualifiedName();
      this.#tail();
    } else if (this.#atIndex()) this.#tail();
    else this.column(part);
  }

  #atConstraint(): boolean {
    const { c } = this;
    if (c.sees('CONSTRAINT')) return !this.#isColumn();
    return (
      c.sees('PRIMARY', 'KEY') ||
      c.sees('FOREIGN', 'KEY') ||
      (c.sees('CHECK') && !this.#isColumn()) ||
      c.sees('EXCLUDE', 'USING') ||
      c.sees('PERIOD', 'FOR') ||
      (c.sees('UNIQUE') && !this.#isColumn()) ||
      (c.sees('CONNECTION', '(') && c.dialect === 'tsql')
    );
  }

  /** Whether a word that may begin a constraint is the name of a column: `constraint varchar(9)`. */
  #isColumn(): boolean {
    const after = this.c.peek(1);
    if (after.kind !== 'word' || !isTypeName(after.text)) return false;
    const third = this.c.peek(2).text.toUpperCase();
    return third === '(' ? this.c.peek(3).kind === 'number' : [',', ')', 'NOT', 'NULL'].includes(third);
  }

  /** True at `KEY name (column)`, but not at a column called `key`: `key varchar(50)`. */
  #atIndex(): boolean {
    const { c } = this;
    if (c.sees('FULLTEXT') || c.sees('SPATIAL'))
      return ['KEY', 'INDEX', '('].some((w) => c.peek(1).text.toUpperCase() === w || c.peek(2).text === w);
    if (!c.sees('KEY') && !c.sees('INDEX')) return false;
    if (c.peek(1).kind === 'quoted') return true;
    const paren = c.peek(1).text === '(' ? 1 : 2;
    if (c.dialect === 'tsql' && c.sees('INDEX')) return !isTypeName(c.peek(1).text);
    if (c.peek(2).text.toUpperCase() === 'USING') return true;
    return c.peek(paren).text === '(' && c.peek(paren + 1).kind !== 'number';
  }

  #constraint(part: TablePart): void {
    const { c } = this;
    if (
      c.skip('CONSTRAINT') &&
      !c.sees('PRIMARY', 'KEY') &&
      !c.sees('FOREIGN', 'KEY') &&
      !c.sees('CHECK') &&
      !c.sees('UNIQUE')
    ) {
      c.qualifiedName();
    }
    if (c.skip('PRIMARY', 'KEY')) {
      while (!c.sees('(')) {
        if (c.done || c.sees(',') || c.sees(')')) throw c.fault('expected the columns of the key');
        c.next();
      }
      part.primaryKey = c.nameList();
    } else if (c.skip('FOREIGN', 'KEY')) {
      if (!c.sees('(')) c.name();
      this.#foreignKey(part);
    }
    this.#tail();
  }

  /** `(a, b) REFERENCES t (x, y)`. */
  #foreignKey(part: TablePart): void {
    const place = this.places.at(this.c.offset);
    const columns = this.c.nameList();
    this.c.expect('REFERENCES');
    part.foreignKeys.push({ place, ...this.#references(columns) });
  }

  #references(columns: string[]): Omit<DdlForeignKey, 'place'> {
    const table = this.c.qualifiedName();
    if (!this.c.sees('(')) return { columns, table };
    return { columns, table, targetColumns: this.c.nameList() };
  }

  /**
   * Skips `ON DELETE SET NULL`, `WITH (FILLFACTOR = 80) ON [PRIMARY]`, `NOT VALID`, up to the comma or the end, or up to a
   * constraint that follows without a comma.
   */
  #tail(): void {
    const { c } = this;
    while (!this.atEnd()) {
      if (c.sees('SET', 'NULL') || c.sees('SET', 'DEFAULT')) c.next();
      else if (c.sees('CONSTRAINT') || c.sees('PRIMARY', 'KEY') || c.sees('FOREIGN', 'KEY')) return;
      else if (c.atStatementStart()) return;
      c.skipOne();
    }
  }

  /** At the end of a part. */
  atEnd(): boolean {
    const { c } = this;
    if (c.done || c.sees(',') || c.sees(')') || c.sees(';') || c.atNewStatement()) return true;
    // Outside parentheses, in ALTER TABLE, any statement ends the part.
    return c.depth === 0 && c.atStatementStart() && !c.sees('SET', 'NULL') && !c.sees('SET', 'DEFAULT');
  }

  /** A column with its options. @throws DdlFault */
  column(part: TablePart): DdlColumn {
    const { c } = this;
    const place = this.places.at(c.offset);
    if (c.peek().kind === 'string' && c.peek(1).kind === 'symbol') throw c.fault('expected a column');
    const name = c.name();
    const column: DdlColumn = { name, place, type: undefined, nullable: undefined };
    if (c.sees('AS')) this.#computed(column);
    // T-SQL lets a row version go without a name of its own.
    else if (foldName(name) === 'timestamp' && this.atEnd()) column.type = { name: 'timestamp', args: [] };
    else {
      if (/^(small|big)?serial\d?$/i.test(c.peek().text)) column.nullable = false;
      column.type = this.type();
    }
    part.columns.push(column);
    while (!this.atEnd() && !this.#atForgottenComma()) this.#option(part, column);
    return column;
  }

  #computed(column: DdlColumn): void {
    const { c } = this;
    c.next();
    column.computed = this.#expression();
    column.nullable = true;
  }

  /** The tokens of an expression in parentheses, or up to the end of the part. */
  #expression(): DdlToken[] {
    const { c } = this;
    const tokens: DdlToken[] = [];
    const outer = c.depth;
    const isWrapped = c.sees('(');
    while (c.depth > outer || !this.atEnd()) {
      if (c.done || c.atNewStatement()) throw c.fault('expected )');
      if (c.depth === outer && tokens.length > 0 && (c.sees('PERSISTED') || c.sees('NOT'))) break;
      tokens.push(c.next());
      if (isWrapped && c.depth === outer && !/^[-+*/%|]$/.test(c.peek().text)) break;
    }
    return tokens;
  }

  /** A line that reads `name type` where a comma or an option should be: the comma before it was forgotten. */
  #atForgottenComma(): boolean {
    const [token, after] = [this.c.peek(), this.c.peek(1)];
    if (!token.startsLine || (token.kind !== 'word' && token.kind !== 'quoted')) return false;
    if (token.kind === 'word' && COLUMN_OPTIONS.has(token.text.toUpperCase())) return false;
    return (after.kind === 'word' || after.kind === 'quoted') && isTypeName(after.text);
  }

  #option(part: TablePart, column: DdlColumn): void {
    const { c } = this;
    if (c.skip('NOT', 'NULL')) column.nullable = false;
    else if (c.skip('NULL')) column.nullable ??= true;
    else if (c.skip('PRIMARY', 'KEY')) {
      if (!c.skip('CLUSTERED')) c.skip('NONCLUSTERED');
      // SSMS scripts have been seen with the table's key and no comma before it.
      part.primaryKey = c.sees('(') ? c.nameList() : [column.name];
    } else if (c.sees('REFERENCES')) {
      const place = this.places.at(c.offset);
      c.next();
      part.foreignKeys.push({ place, ...this.#references([column.name]) });
    } else if (c.skip('FOREIGN', 'KEY')) {
      if (c.sees('(')) this.#foreignKey(part);
    } else if (c.skip('COMMENT')) {
      if (c.peek().kind === 'string' || c.peek().kind === 'quoted') column.comment = c.next().text;
    } else if (c.skip('DEFAULT')) this.#defaultValue();
    else if (c.skip('GENERATED')) c.skip('ALWAYS', 'AS', 'ROW');
    else if (c.skip('ON')) {
      // The NULL of ON DELETE SET NULL says nothing about the column.
      c.next();
      if (c.skip('SET') || c.skip('NO')) c.next();
      else if (!this.atEnd()) c.skipOne();
    } else c.skipOne();
  }

  #defaultValue(): void {
    const { c } = this;
    if (c.sees('-') || c.sees('+')) c.next();
    c.skipOne();
    if (c.sees('(')) c.skipOne();
    while (c.skip(':', ':')) this.type();
  }

  /** A type as written. @throws DdlFault */
  type(): DdlType {
    const { c } = this;
    if (c.peek().kind === 'string') throw c.fault('expected a type');
    let name = foldName(c.qualifiedName().name);
    const first = name;
    for (let grown = true; grown;) {
      grown = (LONG_TYPES[first] ?? []).some((word) => c.skip(word) && (name += ` ${word.toLowerCase()}`));
    }
    const args = c.sees('(') ? this.#typeArguments() : [];
    if (name === 'timestamp' || name === 'time') {
      for (const words of ['WITH', 'WITHOUT']) {
        if (c.skip(words, 'TIME', 'ZONE')) name += ` ${words.toLowerCase()} time zone`;
        if (c.skip(words, 'LOCAL', 'TIME', 'ZONE')) name += ' with time zone';
      }
    }
    while (c.sees('UNSIGNED') || c.sees('SIGNED') || c.sees('ZEROFILL')) c.next();
    // The tokenizer reads the brackets of PostgreSQL's `integer[]` as an empty quoted name.
    const isArray = c.dialect === 'postgres' && c.peek().kind === 'quoted' && /^\d*$/.test(c.peek().text);
    while (isArray && c.peek().kind === 'quoted') c.next();
    return { name, args, isArray };
  }

  #typeArguments(): string[] {
    const { c } = this;
    const args: string[] = [];
    const outer = c.depth;
    c.expect('(');
    while (c.depth > outer) {
      if (c.done || c.atNewStatement()) throw c.fault('expected )');
      const token = c.next();
      if (token.kind === 'number' || token.kind === 'string' || token.text.toUpperCase() === 'MAX')
        args.push(token.text);
    }
    return args;
  }
}
