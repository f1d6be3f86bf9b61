import type { QualifiedName } from './cursor.js';
import { DdlCursor } from './cursor.js';
import { AlterTable } from './alter.js';
import { DdlFault, PlaceFinder } from './fault.js';
import type { DdlScript, DdlTable, TablePart } from './script.js';
import { readProperty } from './property.js';
import { TableParts } from './table-parts.js';
import type { DdlToken, Dialect } from './tokens.js';

/** Words between CREATE and TABLE. Those of the first kind make a table that does not outlive its session. */
const TEMPORARY = new Set(['GLOBAL', 'LOCAL', 'TEMPORARY', 'TEMP']);
const TABLE_KINDS = new Set([
  'UNLOGGED',
  'FOREIGN',
  'EXTERNAL',
  'COLUMN',
  'ROW',
  'OR',
  'REPLACE',
  ...TEMPORARY,
]);
/** Words between CREATE and VIEW. */
const VIEW_KINDS = new Set(['OR', 'REPLACE', 'ALTER', 'MATERIALIZED', 'RECURSIVE', 'FORCE', 'EDITIONABLE']);
const ROUTINES = new Set(['PROC', 'PROCEDURE', 'FUNCTION', 'TRIGGER']);

/** Units of text between two reports of progress. */
const REPORT_EVERY = 1 << 20;

/**
 * Reads what a script says about tables: CREATE TABLE, CREATE VIEW, ALTER TABLE, COMMENT ON, CREATE TYPE / DOMAIN,
 * T-SQL's MS_Description properties and sp_rename. It passes over every other statement. What it cannot read is listed in
 * `skipped`, and it reads on after that.
 */
export class DdlParser {
  readonly script: DdlScript = {
    tables: [],
    views: [],
    types: [],
    changes: [],
    descriptions: [],
    skipped: [],
  };
  readonly #cursor: DdlCursor;
  readonly #places: PlaceFinder;
  readonly #parts: TableParts;
  readonly #dropped = new Set<string>();

  constructor(
    readonly text: string,
    readonly dialect: Dialect,
    file = 'DDL',
  ) {
    this.#cursor = new DdlCursor(text, dialect);
    this.#places = new PlaceFinder(text, file);
    this.#parts = new TableParts(this.#cursor, this.#places);
  }

  /** Reads the script; yields the offset it has reached now and then. */
  *steps(): Generator<number> {
    const c = this.#cursor;
    let reported = 0;
    for (;;) {
      c.jump((tokenizer) => tokenizer.findStatement());
      if (c.offset >= this.text.length) return;
      if (c.offset >= reported + REPORT_EVERY) yield (reported = c.offset);
      const start = c.offset;
      try {
        this.#statement();
      } catch (error) {
        if (!(error instanceof DdlFault)) throw error;
        this.#skip(error);
        // After an unclosed quote, reading goes on behind it.
        if (c.offset <= start || c.offset === error.offset)
          c.jump((tokenizer) => (tokenizer.at = Math.max(start, error.offset) + 1));
      }
    }
  }

  parse(): DdlScript {
    for (const offset of this.steps()) void offset;
    return this.script;
  }

  #skip(fault: DdlFault): void {
    this.script.skipped.push({ ...this.#places.at(fault.offset), code: fault.code, reason: fault.message });
  }

  #note(offset: number, reason: string): void {
    this.#skip(new DdlFault(offset, reason, 'skipped'));
  }

  #statement(): void {
    const c = this.#cursor;
    const start = c.offset;
    if (c.skip('CREATE')) this.#create(start);
    else if (c.skip('ALTER')) {
      if (c.skip('TABLE')) new AlterTable(c, this.#places, this.#parts, this.script).read(start);
      else if (c.seesOneOf(ROUTINES)) this.#skipRoutine();
      else if (c.sees('VIEW')) this.#create(start);
    } else if (c.skip('COMMENT', 'ON')) this.#commentOn();
    else if (c.skip('RENAME', 'TABLE')) this.#renameTable(start);
    else if (c.skip('DROP', 'TABLE')) this.#dropTable();
    else if (c.sees('SET', 'SEARCH_PATH')) this.#searchPath();
    else if (c.skip('DELIMITER')) {
      // MySQL's other delimiters surround routines.
      const mark = c.peek().kind === 'end' ? ';' : c.peek().text;
      if (mark !== ';') c.jump((tokenizer) => tokenizer.skipPast('DELIMITER ;'));
    } else if (/^SP_/i.test(c.peek().text)) readProperty(c, this.#places.at(start), this.script);
    else c.next();
  }

  #create(start: number): void {
    const c = this.#cursor;
    let ahead = 0;
    let temporary = false;
    for (; TABLE_KINDS.has(c.peek(ahead).text.toUpperCase()); ahead += 1)
      temporary ||= TEMPORARY.has(c.peek(ahead).text.toUpperCase());
    const isKeyword = (at: number, word: string): boolean =>
      c.peek(at).kind === 'word' && c.peek(at).text.toUpperCase() === word;
    if (isKeyword(ahead, 'TABLE')) {
      for (let i = 0; i <= ahead; i += 1) c.next();
      // `GRANT CREATE TABLE TO x` and `GRANT CREATE TABLE, CREATE VIEW TO x` declare nothing.
      if (c.sees('TO') || c.sees(',')) return;
      return this.#createTable(temporary);
    }
    if (c.seesOneOf(ROUTINES) || (c.sees('OR') && ROUTINES.has(c.peek(2).text.toUpperCase())))
      return this.#skipRoutine();
    if (c.skip('TYPE') || c.skip('DOMAIN')) return this.#createType();
    for (ahead = 0; VIEW_KINDS.has(c.peek(ahead).text.toUpperCase()); ahead += 1);
    // MySQL: CREATE ALGORITHM=UNDEFINED DEFINER=`x`@`y` SQL SECURITY DEFINER VIEW.
    for (
      let i = 0;
      i < 16 && /^(ALGORITHM|DEFINER|SQL)$/i.test(c.peek().text) && !isKeyword(ahead, 'VIEW');
      i += 1
    )
      ahead += 1;
    if (!isKeyword(ahead, 'VIEW')) return;
    for (let i = 0; i <= ahead; i += 1) c.next();
    this.#createView(start);
  }

  #skipRoutine(): void {
    if (this.dialect === 'tsql') this.#cursor.jump((tokenizer) => tokenizer.skipBatch());
  }

  #createTable(temporary: boolean): void {
    const c = this.#cursor;
    const ifMissing = c.skip('IF', 'NOT', 'EXISTS');
    const offset = c.offset;
    const name = this.#qualified(c.qualifiedName());
    const table: DdlTable = {
      ...name, place: this.#places.at(offset), columns: [], primaryKey: [], foreignKeys: [], like: [],
      ifMissing, replaces: this.#dropped.has(nameKey(name)),
    }; // prettier-ignore
    const isKept = !temporary && !name.name.startsWith('#');
    if (c.skip('LIKE')) table.like.push(c.qualifiedName());
    else if (c.sees('(') && !/^(SELECT|WITH)$/i.test(c.peek(1).text)) this.#tableBody(table);
    else if (isKept) {
      // `CREATE TABLE a AS SELECT`, `… PARTITION OF b`, `… AS FILETABLE`.
      const how = c.sees('PARTITION', 'OF')
        ? 'is a partition of another table'
        : 'is declared without columns';
      return this.#note(offset, `table ${name.name} ${how}`);
    }
    if (isKept) this.script.tables.push(table);
  }

  #tableBody(table: DdlTable): void {
    const c = this.#cursor;
    const open = c.offset;
    const faults = this.script.skipped.length;
    c.expect('(');
    const depth = c.depth;
    while (!c.skip(')')) {
      if (c.done || c.sees(';') || c.atNewStatement()) {
        // After another fault, the missing parenthesis is no news.
        if (this.script.skipped.length === faults)
          this.#skip(new DdlFault(open, `parenthesis of table ${table.name} is never closed`));
        return;
      }
      const part: TablePart = { columns: [], foreignKeys: [] };
      try {
        this.#parts.read(part);
      } catch (error) {
        if (!(error instanceof DdlFault)) throw error;
        this.#skip(error);
        this.#recover(depth, error);
      }
      addPart(table, part);
      if (c.depth < depth) return;
      c.skip(',');
    }
    this.#tableOptions(table);
  }

  /** Moves to the comma or parenthesis that ends the part at fault. */
  #recover(depth: number, { offset }: DdlFault): void {
    const c = this.#cursor;
    for (;;) {
      try {
        while (!c.done && !c.atNewStatement()) {
          if (c.depth === depth && (c.sees(',') || c.sees(')') || c.sees(';'))) return;
          c.next();
          if (c.depth < depth) return;
        }
        return;
      } catch (error) {
        // An unclosed quote: what follows it on its line is lost.
        if (!(error instanceof DdlFault)) throw error;
        const newline = this.text.indexOf('\n', Math.max(offset, error.offset));
        const at = c.depth;
        c.jump((tokenizer) => (tokenizer.at = newline < 0 ? this.text.length : newline));
        c.depth = at;
      }
    }
  }

  /** The options after the closing parenthesis, of which only MySQL's COMMENT and PostgreSQL's INHERITS matter. */
  #tableOptions(table: DdlTable): void {
    const c = this.#cursor;
    while (!c.done && !c.sees(';') && !c.atStatementStart()) {
      if (c.skip('COMMENT')) {
        c.skip('=');
        if (c.peek().kind === 'string' || c.peek().kind === 'quoted') table.comment = c.next().text;
      } else if (c.skip('INHERITS', '(')) {
        do table.like.push(c.qualifiedName());
        while (c.skip(','));
      } else c.skipOne();
    }
  }

  #createView(start: number): void {
    const c = this.#cursor;
    c.skip('IF', 'NOT', 'EXISTS');
    const place = this.#places.at(start);
    const name = this.#qualified(c.qualifiedName());
    const columnNames = c.sees('(') ? c.nameList() : undefined;
    const query: DdlToken[] = [];
    for (let inQuery = false; !c.done && !c.sees(';') && !c.atBatchEnd();) {
      if (!inQuery && c.skip('AS')) inQuery = true;
      else if (inQuery) query.push(c.next());
      else c.skipOne();
    }
    this.script.views.push({ ...name, place, columnNames, query });
  }

  /** `CREATE TYPE mood AS ENUM ('a', 'b')`, `CREATE TYPE ssn FROM varchar(11) NOT NULL`, `CREATE DOMAIN d AS text`. */
  #createType(): void {
    const c = this.#cursor;
    const { name } = c.qualifiedName();
    if (!c.skip('AS')) c.skip('FROM');
    if (c.done || c.sees('(') || c.sees(';') || ['TABLE', 'RANGE', 'EXTERNAL'].some((word) => c.sees(word)))
      return;
    const type = this.#parts.type();
    let nullable: boolean | undefined;
    while (!c.done && !c.sees(';') && !c.atStatementStart()) {
      if (c.skip('NOT', 'NULL')) nullable = false;
      else c.skipOne();
    }
    this.script.types.push({ name, type, nullable });
  }

  #commentOn(): void {
    const c = this.#cursor;
    const isTable = c.skip('TABLE') || c.skip('VIEW') || c.skip('MATERIALIZED', 'VIEW');
    if (!isTable && !c.skip('COLUMN')) return;
    const parts = [c.name()];
    while (c.skip('.')) parts.push(c.name());
    const column = isTable ? undefined : parts.pop();
    const name = parts.pop();
    if (name === undefined || !c.skip('IS') || c.peek().kind !== 'string') return;
    const table = this.#qualified({ name, schema: parts.pop() });
    this.script.descriptions.push({ table, column, text: c.next().text });
  }

  #renameTable(start: number): void {
    const c = this.#cursor;
    const table = c.qualifiedName();
    if (!c.skip('TO')) return;
    const place = this.#places.at(start);
    this.script.changes.push({ place, table, action: { kind: 'rename', to: c.qualifiedName().name } });
  }

  #dropTable(): void {
    const c = this.#cursor;
    c.skip('IF', 'EXISTS');
    do this.#dropped.add(nameKey(this.#qualified(c.qualifiedName())));
    while (c.skip(','));
  }

  /** PostgreSQL's `SET search_path = cdm, public`: names without a schema are in the first one. */
  #searchPath(): void {
    const c = this.#cursor;
    c.skip('SET', 'SEARCH_PATH');
    if (!c.skip('=') && !c.skip('TO')) return;
    if (c.peek().kind === 'symbol' || c.peek().kind === 'end') return;
    const first = c.next().text;
    this.#path = /^(public|default|pg_catalog|)$/i.test(first) ? undefined : first;
  }

  #path: string | undefined;

  #qualified(name: QualifiedName): QualifiedName {
    return name.schema === undefined && this.#path !== undefined ? { ...name, schema: this.#path } : name;
  }
}

function nameKey({ schema, name }: QualifiedName): string {
  return `${schema ?? ''}.${name}`.toLowerCase();
}

export function addPart(table: DdlTable, part: TablePart): void {
  table.columns.push(...part.columns);
  table.foreignKeys.push(...part.foreignKeys);
  if (part.primaryKey) table.primaryKey = part.primaryKey;
  if (part.like) table.like.push(part.like);
}
