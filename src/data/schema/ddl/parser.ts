import { foldName } from '../../../tsql/identifier.js';
import { DdlCursor, type QualifiedName } from './cursor.js';
import { tokenizeDdl, type Dialect } from './tokens.js';
import { toSqlServerType, type DdlType } from './types.js';

/** A table as the DDL declares it, before its names are resolved. */
export interface DdlTable extends QualifiedName {
  offset: number;
  columns: DdlColumn[];
  primaryKey: string[];
  foreignKeys: DdlForeignKey[];
  comment?: string | undefined;
}

export interface DdlColumn {
  name: string;
  /** SQL Server type. */
  type: string;
  nullable: boolean;
  comment?: string | undefined;
}

export interface DdlForeignKey {
  columns: string[];
  table: QualifiedName;
  /** Undefined if the DDL omits them, which means the target's primary key. */
  targetColumns?: string[] | undefined;
}

/** Words that start a statement, and therefore end the one before even without a semicolon. */
const STATEMENT_STARTS = [
  'CREATE',
  'ALTER',
  'DROP',
  'COMMENT',
  'INSERT',
  'GO',
  'EXEC',
  'EXECUTE',
  'USE',
  'SET',
  'PRINT',
  'IF',
];

/**
 * Reads CREATE TABLE, ALTER TABLE … ADD, COMMENT ON, CREATE TYPE / DOMAIN and T-SQL's MS_Description properties from a
 * script, and skips every other statement.
 */
export class DdlParser {
  readonly tables: DdlTable[] = [];
  /** Skipped declarations that say something about a table. */
  readonly notes: string[] = [];
  readonly #cursor: DdlCursor;
  readonly #ownTypes = new Map<string, string>();

  constructor(
    text: string,
    readonly dialect: Dialect,
    file?: string,
  ) {
    this.#cursor = new DdlCursor(tokenizeDdl(text, dialect, file), text, file);
  }

  /** @throws SchemaError `broken-ddl`, `unknown-type`, with line and column */
  parse(): this {
    const c = this.#cursor;
    while (!c.done) {
      if (this.#skipCreateTable()) this.#createTable();
      else if (c.skip('CREATE', 'TYPE') || c.skip('CREATE', 'DOMAIN')) this.#createType();
      else if (c.skip('ALTER', 'TABLE')) this.#alterTable();
      else if (c.skip('COMMENT', 'ON')) this.#commentOn();
      else if (c.sees('SP_ADDEXTENDEDPROPERTY')) this.#extendedProperty();
      else c.next();
    }
    return this;
  }

  table(name: QualifiedName): DdlTable | undefined {
    const same = this.tables.filter((table) => foldName(table.name) === foldName(name.name));
    return same.find((table) => foldName(table.schema ?? '') === foldName(name.schema ?? '')) ?? same[0];
  }

  #skipCreateTable(): boolean {
    const c = this.#cursor;
    if (!c.sees('CREATE')) return false;
    const kinds = ['GLOBAL', 'LOCAL', 'TEMPORARY', 'TEMP', 'UNLOGGED', 'FOREIGN', 'EXTERNAL'];
    let ahead = 1;
    while (kinds.includes(c.peek(ahead).text.toUpperCase())) ahead += 1;
    if (c.peek(ahead).text.toUpperCase() !== 'TABLE' || c.peek(ahead).kind !== 'word') return false;
    for (let i = 0; i <= ahead; i += 1) c.next();
    c.skip('IF', 'NOT', 'EXISTS');
    return true;
  }

  #createTable(): void {
    const c = this.#cursor;
    const offset = c.peek().offset;
    const name = c.qualifiedName();
    // `CREATE TABLE a AS SELECT`, `… LIKE b`, `… PARTITION OF b` declare no columns.
    if (!c.sees('(')) {
      this.notes.push(`table ${name.name} is declared without columns and was skipped`);
      return;
    }
    const table: DdlTable = { ...name, offset, columns: [], primaryKey: [], foreignKeys: [] };
    c.expect('(');
    while (!c.skip(')')) {
      this.#tableElement(table);
      if (!c.skip(',') && !c.sees(')')) throw c.error('expected , or )');
    }
    this.#tableOptions(table);
    if (!name.name.startsWith('#')) this.tables.push(table);
  }

  /** The options after the closing parenthesis, of which only MySQL's COMMENT matters. */
  #tableOptions(table: DdlTable): void {
    const c = this.#cursor;
    while (!c.done && !c.sees(';') && !this.#atStatementStart()) {
      if (!c.skip('COMMENT')) c.skipOne();
      else {
        c.skip('=');
        if (c.peek().kind === 'string') table.comment = c.next().text;
      }
    }
  }

  #atStatementStart(): boolean {
    const c = this.#cursor;
    if (c.sees('COMMENT')) return c.sees('COMMENT', 'ON');
    return STATEMENT_STARTS.some((word) => c.sees(word));
  }

  #tableElement(table: DdlTable): void {
    const c = this.#cursor;
    if (this.#atConstraint()) this.#tableConstraint(table);
    else if (this.#atIndex()) this.#skipElement();
    else if (c.skip('LIKE')) {
      this.notes.push(`table ${table.name}: the columns of LIKE ${c.name()} were not imported`);
      this.#skipElement();
    } else this.#column(table);
  }

  #atConstraint(): boolean {
    const c = this.#cursor;
    return (
      c.sees('CONSTRAINT') ||
      c.sees('PRIMARY', 'KEY') ||
      c.sees('FOREIGN', 'KEY') ||
      c.sees('CHECK', '(') ||
      c.sees('UNIQUE') ||
      c.sees('EXCLUDE') ||
      c.sees('PERIOD', 'FOR')
    );
  }

  /** True at `KEY name (column)`, but not at a column called `key`: `key varchar(50)`. */
  #atIndex(): boolean {
    const c = this.#cursor;
    if (c.sees('FULLTEXT') || c.sees('SPATIAL')) return true;
    if (!c.sees('KEY') && !c.sees('INDEX')) return false;
    const paren = c.peek(1).text === '(' ? 1 : 2;
    if (this.dialect === 'tsql' && c.sees('INDEX')) return true;
    return c.peek(paren).text === '(' && c.peek(paren + 1).kind !== 'number';
  }

  #skipElement(): void {
    const c = this.#cursor;
    while (!c.sees(',') && !c.sees(')') && !c.sees(';')) c.skipOne();
  }

  #tableConstraint(table: DdlTable): void {
    const c = this.#cursor;
    if (c.skip('CONSTRAINT') && !c.sees('PRIMARY', 'KEY') && !c.sees('FOREIGN', 'KEY')) c.name();
    if (c.skip('PRIMARY', 'KEY')) {
      while (!c.sees('(')) c.skipOne();
      table.primaryKey = c.nameList();
    } else if (c.skip('FOREIGN', 'KEY')) {
      if (!c.sees('(')) c.name();
      const columns = c.nameList();
      c.expect('REFERENCES');
      table.foreignKeys.push(this.#references(columns));
    }
    this.#constraintTail();
  }

  /** Skips `ON DELETE SET NULL`, `WITH (FILLFACTOR = 80) ON [PRIMARY]`, `NOT VALID`, up to the comma or the end. */
  #constraintTail(): void {
    const c = this.#cursor;
    while (!c.done && !c.sees(',') && !c.sees(')') && !c.sees(';')) {
      if (c.sees('SET', 'NULL') || c.sees('SET', 'DEFAULT')) c.next();
      else if (this.#atStatementStart()) return;
      c.skipOne();
    }
  }

  #references(columns: string[]): DdlForeignKey {
    const table = this.#cursor.qualifiedName();
    if (!this.#cursor.sees('(')) return { columns, table };
    return { columns, table, targetColumns: this.#cursor.nameList() };
  }

  #column(table: DdlTable): void {
    const c = this.#cursor;
    const name = c.name();
    if (c.sees('AS')) {
      this.notes.push(`computed column ${table.name}.${name} has no declared type and was left out`);
      this.#skipElement();
      return;
    }
    const serial = /^(small|big)?serial/i.test(c.peek().text);
    const column: DdlColumn = { name, type: this.#type(), nullable: !serial };
    table.columns.push(column);
    while (!c.done && !c.sees(',') && !c.sees(')') && !c.sees(';') && !c.sees('GO')) {
      this.#columnOption(table, column);
    }
  }

  #columnOption(table: DdlTable, column: DdlColumn): void {
    const c = this.#cursor;
    if (c.skip('NOT', 'NULL')) column.nullable = false;
    else if (c.skip('PRIMARY', 'KEY')) {
      table.primaryKey = [column.name];
    } else if (c.skip('REFERENCES')) table.foreignKeys.push(this.#references([column.name]));
    else if (c.skip('FOREIGN', 'KEY')) return;
    else if (c.skip('COMMENT')) {
      if (c.peek().kind === 'string') column.comment = c.next().text;
    } else if (c.skip('DEFAULT')) this.#defaultValue();
    else if (c.skip('ON')) {
      // The NULL of ON DELETE SET NULL says nothing about the column.
      c.next();
      if (c.skip('SET') || c.skip('NO')) c.next();
      else c.skipOne();
    } else c.skipOne();
  }

  #defaultValue(): void {
    const c = this.#cursor;
    if (c.sees('-') || c.sees('+')) c.next();
    c.skipOne();
    if (c.sees('(')) c.skipOne();
    while (c.skip(':', ':')) this.#readType();
  }

  /** Reads a type and returns its SQL Server equivalent. @throws SchemaError `unknown-type` */
  #type(): string {
    const before = this.#cursor.peek();
    const type = this.#readType();
    const known = this.#ownTypes.get(type.name) ?? toSqlServerType(type, this.dialect);
    if (known === undefined) {
      const spelt = type.name + (type.args.length > 0 ? `(${type.args.join(', ')})` : '');
      throw new DdlCursor([before], this.#cursor.text, this.#cursor.file).error(
        `type ${spelt} has no SQL Server equivalent`,
        'unknown-type',
      );
    }
    return known;
  }

  #readType(): DdlType {
    const c = this.#cursor;
    let name = foldName(c.qualifiedName().name);
    const more: Readonly<Record<string, readonly string[]>> = {
      double: ['PRECISION'],
      character: ['VARYING'],
      char: ['VARYING'],
      binary: ['VARYING'],
      bit: ['VARYING'],
      national: ['CHARACTER', 'CHAR', 'VARYING', 'TEXT'],
    };
    const first = name;
    for (let grown = true; grown;) {
      grown = (more[first] ?? []).some((word) => c.skip(word) && (name += ` ${word.toLowerCase()}`));
    }
    if (first === 'national' && c.skip('VARYING')) name += ' varying';
    const args = c.sees('(') ? this.#typeArguments() : [];
    if (name === 'timestamp' || name === 'time') {
      for (const words of ['WITH', 'WITHOUT']) {
        if (c.skip(words, 'TIME', 'ZONE')) name += ` ${words.toLowerCase()} time zone`;
        if (c.skip(words, 'LOCAL', 'TIME', 'ZONE')) name += ' with time zone';
      }
    }
    while (c.sees('UNSIGNED') || c.sees('SIGNED') || c.sees('ZEROFILL')) c.next();
    // The tokenizer reads the brackets of PostgreSQL's `integer[]` as an empty quoted name.
    const isArray = this.dialect === 'postgres' && c.peek().kind === 'quoted' && /^\d*$/.test(c.peek().text);
    while (isArray && c.peek().kind === 'quoted') c.next();
    return { name, args, isArray };
  }

  #typeArguments(): string[] {
    const c = this.#cursor;
    const args: string[] = [];
    c.expect('(');
    while (!c.skip(')')) {
      if (c.done) throw c.error('expected )');
      const token = c.next();
      if (token.kind === 'number' || token.kind === 'string' || token.text.toUpperCase() === 'MAX')
        args.push(token.text);
    }
    return args;
  }

  /** `CREATE TYPE mood AS ENUM ('a', 'b')`, `CREATE TYPE ssn FROM varchar(11)`, `CREATE DOMAIN d AS text`. */
  #createType(): void {
    const c = this.#cursor;
    const { name } = c.qualifiedName();
    if (!c.skip('AS') && !c.skip('FROM')) return;
    if (c.sees('(') || c.sees('TABLE') || c.sees('RANGE')) return;
    this.#ownTypes.set(foldName(name), this.#type());
  }

  #alterTable(): void {
    const c = this.#cursor;
    c.skip('IF', 'EXISTS');
    c.skip('ONLY');
    const name = c.qualifiedName();
    const table = this.table(name);
    if (c.skip('WITH')) c.next();
    for (let adding = false; !c.done && !c.sees(';'); c.skip(',')) {
      adding = c.skip('ADD') || (adding && (c.sees('CONSTRAINT') || c.sees('FOREIGN') || c.sees('PRIMARY')));
      if (!adding) {
        this.#constraintTail();
        if (!c.sees(',')) return;
        continue;
      }
      if (!table) throw c.error(`ALTER TABLE ${name.name} before its CREATE TABLE`);
      c.skip('COLUMN');
      c.skip('IF', 'NOT', 'EXISTS');
      const wrapped = c.skip('(');
      do this.#tableElement(table);
      while (wrapped && c.skip(','));
      if (wrapped) c.expect(')');
      if (!c.sees(',')) return;
    }
  }

  #commentOn(): void {
    const c = this.#cursor;
    const isTable = c.skip('TABLE');
    if (!isTable && !c.skip('COLUMN')) return;
    const parts = [c.name()];
    while (c.skip('.')) parts.push(c.name());
    if (!c.skip('IS') || c.peek().kind !== 'string') return;
    const comment = c.next().text;
    if (isTable) this.#describe(parts.at(-1)!, undefined, comment);
    else if (parts.length > 1) this.#describe(parts.at(-2)!, parts.at(-1)!, comment);
  }

  /** `EXEC sp_addextendedproperty 'MS_Description', 'text', 'SCHEMA', 'dbo', 'TABLE', 't', 'COLUMN', 'c'`. */
  #extendedProperty(): void {
    const c = this.#cursor;
    c.next();
    const values: string[] = [];
    while (!c.done && !c.sees(';') && !this.#atStatementStart()) {
      const token = c.next();
      const isArgument =
        token.kind === 'string' ||
        token.kind === 'quoted' ||
        (token.kind === 'word' && !/^[@N]/.test(token.text));
      if (isArgument) values.push(token.text);
    }
    const after = (word: string): string | undefined => {
      const i = values.findIndex((value, k) => k >= 2 && value.toUpperCase() === word);
      return i < 0 ? undefined : values[i + 1];
    };
    const table = after('TABLE');
    if (values[0]?.toUpperCase() === 'MS_DESCRIPTION' && table !== undefined) {
      this.#describe(table, after('COLUMN'), values[1] ?? '');
    }
  }

  #describe(tableName: string, columnName: string | undefined, comment: string): void {
    const table = this.table({ name: tableName });
    if (!table) return;
    if (columnName === undefined) table.comment = comment;
    else {
      const column = table.columns.find((c) => foldName(c.name) === foldName(columnName));
      if (column) column.comment = comment;
    }
  }
}
