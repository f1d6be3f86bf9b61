import type { DdlCursor, QualifiedName } from './cursor.js';
import { DdlFault, type PlaceFinder } from './fault.js';
import type { DdlChange, DdlScript, TablePart } from './script.js';
import type { TableParts } from './table-parts.js';

/** Reads ALTER TABLE. Actions that change neither columns nor keys are passed over. */
export class AlterTable {
  #start = 0;
  #table: QualifiedName = { name: '' };

  constructor(
    private readonly c: DdlCursor,
    private readonly places: PlaceFinder,
    private readonly parts: TableParts,
    private readonly script: DdlScript,
  ) {}

  /** @param start offset of the statement @throws DdlFault */
  read(start: number): void {
    const { c } = this;
    c.skip('IF', 'EXISTS');
    c.skip('ONLY');
    this.#start = start;
    this.#table = c.qualifiedName();
    if (c.skip('WITH')) c.next();
    do this.#action();
    while (c.skip(','));
  }

  #push(action: DdlChange['action']): void {
    this.script.changes.push({ place: this.places.at(this.#start), table: this.#table, action });
  }

  #action(): void {
    const { c } = this;
    if (c.skip('ADD')) return this.#add();
    if (c.skip('DROP')) return this.#drop();
    if (c.skip('ALTER')) return this.#alterColumn();
    if (c.skip('MODIFY') || c.skip('CHANGE')) {
      c.skip('COLUMN');
      const isChange = c.peek(1).kind !== 'symbol' && c.peek(2).kind !== 'symbol' && this.#isRenaming();
      const old = isChange ? c.name() : undefined;
      const part: TablePart = { columns: [], foreignKeys: [] };
      const { name, type, nullable } = this.parts.column(part);
      return this.#push({
        kind: 'alter-column',
        column: old ?? name,
        to: { name, type, nullable: nullable ?? true },
      });
    }
    if (c.skip('RENAME')) {
      if (c.skip('COLUMN')) {
        const column = c.name();
        c.expect('TO');
        return this.#push({ kind: 'alter-column', column, to: { name: c.name() } });
      }
      if (c.skip('TO') || c.skip('AS')) return this.#push({ kind: 'rename', to: c.qualifiedName().name });
    }
    this.#rest();
  }

  /** MySQL's CHANGE has the old name before the new one: `CHANGE a b int`. */
  #isRenaming(): boolean {
    const third = this.c.peek(2);
    return (
      third.kind === 'word' &&
      !/^(NOT|NULL|DEFAULT|UNSIGNED|COMMENT|AFTER|FIRST|CHARACTER|COLLATE|AUTO_INCREMENT|PRIMARY)$/i.test(
        third.text,
      )
    );
  }

  #add(): void {
    const { c } = this;
    c.skip('COLUMN');
    c.skip('IF', 'NOT', 'EXISTS');
    const isWrapped = c.sees('(');
    if (isWrapped) c.next();
    for (;;) {
      if (this.#isNoColumn()) this.#rest();
      else this.#addPart();
      if (isWrapped) {
        if (c.skip(',')) continue;
        c.expect(')');
        return;
      }
      // T-SQL: one ADD before several parts. Others repeat it.
      const next = c.peek(1).text.toUpperCase();
      if (!c.sees(',') || ['ADD', 'DROP', 'ALTER', 'MODIFY', 'CHANGE', 'RENAME'].includes(next)) return;
      if (c.peek(2).kind === 'symbol' && c.peek(2).text !== '.' && c.peek(2).text !== '(') return;
      c.next();
    }
  }

  /** What a part holds when a fault ends it counts too. */
  #addPart(): void {
    const part: TablePart = { columns: [], foreignKeys: [] };
    try {
      this.parts.read(part);
    } finally {
      this.#push({ kind: 'add', part });
    }
  }

  /** What ADD may be followed by besides columns and the constraints that are read. */
  #isNoColumn(): boolean {
    const { c } = this;
    if (c.sees('SIGNATURE') || c.sees('PARTITION') || c.sees('DEFAULT') || c.sees('SYSTEM_VERSIONING'))
      return true;
    if (c.sees('CONSTRAINT') && c.peek(2).text.toUpperCase() === 'DEFAULT') return true;
    return c.sees('UNIQUE') || c.sees('CHECK');
  }

  #drop(): void {
    const { c } = this;
    const other = ['CONSTRAINT', 'PRIMARY', 'FOREIGN', 'INDEX', 'KEY', 'PARTITION', 'PERIOD', 'CHECK'];
    const isColumn = c.skip('COLUMN');
    if (!isColumn && (c.dialect !== 'mysql' || other.some((word) => c.sees(word)))) return this.#rest();
    for (;;) {
      c.skip('IF', 'EXISTS');
      this.#push({ kind: 'drop-column', column: c.name() });
      this.#rest();
      // `DROP COLUMN a, b` and `DROP COLUMN a, CONSTRAINT c`: MySQL and PostgreSQL repeat DROP.
      const next = c.peek(1).text.toUpperCase();
      if (!c.sees(',') || c.dialect !== 'tsql' || other.includes(next)) return;
      c.next();
      c.skip('COLUMN');
    }
  }

  #alterColumn(): void {
    const { c } = this;
    if (!c.skip('COLUMN') && (c.sees('INDEX') || c.sees('CONSTRAINT') || c.sees('CHECK')))
      return this.#rest();
    const column = c.name();
    if (c.skip('SET', 'NOT', 'NULL')) this.#push({ kind: 'alter-column', column, to: { nullable: false } });
    else if (c.skip('DROP', 'NOT', 'NULL'))
      this.#push({ kind: 'alter-column', column, to: { nullable: true } });
    else if (c.skip('SET', 'DATA', 'TYPE') || c.skip('TYPE'))
      this.#push({ kind: 'alter-column', column, to: { type: this.parts.type() } });
    else if (!c.sees('SET') && !c.sees('DROP') && !c.sees('ADD') && !c.sees('RESTART')) {
      const type = this.parts.type();
      let nullable = true;
      while (!this.parts.atEnd() && !c.atStatementStart()) {
        if (c.skip('NOT', 'NULL')) nullable = false;
        else c.skipOne();
      }
      this.#push({ kind: 'alter-column', column, to: { type, nullable } });
    }
    this.#rest();
  }

  /** Passes over the rest of an action. */
  #rest(): void {
    const { c } = this;
    try {
      for (let first = true; !this.parts.atEnd(); first = false) {
        if (!first && c.atStatementStart() && !c.sees('SET')) return;
        if (c.sees('SET') && c.peek().startsLine && !first) return;
        c.skipOne();
      }
    } catch (error) {
      if (!(error instanceof DdlFault)) throw error;
    }
  }
}
