import { bareTableName, foldName, foldTableName, nameFault } from '../../../tsql/identifier.js';
import { areTypesComparable } from '../../../tsql/types.js';
import { tableNameFault } from '../check.js';
import type { QualifiedName } from './cursor.js';
import { expressionType } from './expression-type.js';
import { ddlError, placeText, type ScriptPlace, type Skipped } from './fault.js';
import { addPart } from './parser.js';
import type { DdlChange, DdlColumn, DdlForeignKey, DdlScript, DdlTable, DdlView } from './script.js';
import type { Dialect } from './tokens.js';
import { TypeResolver } from './type-resolver.js';
import type { DdlType } from './types.js';
import { spell, typeOf, type WholeColumn, type WholeTable } from './whole.js';
import { readViews } from './views.js';

/** A script with the dialect that it was read in. */
export interface ReadScript {
  dialect: Dialect;
  script: DdlScript;
}

/** A table while scripts are put together. */
interface Draft extends DdlTable {
  dialect: Dialect;
  fullName: string;
}

/** The schemas that a name without one is in, by dialect. */
const DEFAULT_SCHEMAS: Readonly<Record<Dialect, RegExp>> = {
  tsql: /^dbo$/i,
  postgres: /^(dbo|public)$/i,
  mysql: /^dbo$/i,
};
/** A variable in a template: `@cdmDatabaseSchema`, `$(Schema)`, `${schema}`. */
const PARAMETER = /^@|\$[({]/;

/** Puts the scripts of one database together: names, types, keys and descriptions that one has from another. */
export class Assembly {
  readonly skipped: Skipped[] = [];
  readonly #drafts = new Map<string, Draft>();
  readonly #types = new TypeResolver();
  readonly #whole = new Map<string, WholeTable>();
  /** Tables by the names that they had before a rename: keys to them stay keys to them. */
  readonly #renamed = new Map<string, Draft>();

  /** @param dropSchemas tables lose their schemas */
  constructor(
    readonly scripts: readonly ReadScript[],
    readonly dropSchemas: boolean,
  ) {}

  /** @throws SchemaError `conflicting-tables` if two files define one table differently */
  tables(): WholeTable[] {
    for (const { dialect, script } of this.scripts) {
      this.skipped.push(...script.skipped);
      for (const alias of script.types) this.#types.add(alias, dialect);
    }
    for (const { dialect, script } of this.scripts)
      for (const table of script.tables) this.#define(table, dialect);
    for (const { script } of this.scripts) for (const change of script.changes) this.#change(change);
    for (const draft of this.#drafts.values()) this.#copyLike(draft);
    const views = new Set(
      this.scripts.flatMap(({ script }) => script.views.map((view) => foldTableName(this.#fullName(view)))),
    );
    for (const { script } of this.scripts) {
      for (const { table, column, text } of script.descriptions) {
        const key = foldTableName(this.#fullName(table));
        // A view may have the bare name of a table in another schema.
        const draft = this.#drafts.get(key) ?? (views.has(key) ? undefined : this.#find(table));
        if (!draft) continue;
        if (column === undefined) draft.comment = text;
        else for (const one of draft.columns) if (foldName(one.name) === foldName(column)) one.comment = text;
      }
    }
    for (const draft of this.#drafts.values()) this.#finish(draft);
    this.#readViews();
    for (const draft of this.#drafts.values()) this.#keys(draft);
    return [...this.#whole.values()];
  }

  #skip(place: ScriptPlace, reason: string, code = 'skipped'): void {
    this.skipped.push({ ...place, code, reason });
  }

  #fullName({ schema, name }: QualifiedName): string {
    const isDefault =
      schema === undefined ||
      PARAMETER.test(schema) ||
      this.scripts.some(({ dialect }) => DEFAULT_SCHEMAS[dialect].test(schema));
    return isDefault || this.dropSchemas ? name : `${schema}.${name}`;
  }

  #define(table: DdlTable, dialect: Dialect): void {
    const fullName = this.#fullName(table);
    // A dot inside the name itself would read like a schema.
    const fault = nameFault(table.name) ?? tableNameFault(fullName);
    if (fault !== undefined)
      return this.#skip(
        table.place,
        `table ${JSON.stringify(fullName)} is left out: its name ${fault}`,
        'bad-name',
      );
    const key = foldTableName(fullName);
    const draft = { ...table, dialect, fullName };
    const earlier = this.#drafts.get(key);
    const difference = earlier && this.#difference(earlier, draft);
    if (earlier && difference !== undefined && earlier.place.file !== table.place.file) {
      const message = `table ${fullName} is defined differently at ${placeText(earlier.place)}: ${difference}`;
      throw ddlError(table.place, 'conflicting-tables', message);
    }
    if (!earlier || table.replaces) this.#drafts.set(key, draft);
    else if (difference !== undefined && !table.ifMissing) {
      this.#skip(
        table.place,
        `table ${fullName} is defined again, differently (${difference}); its first definition stays`,
      );
    }
  }

  /** What differs between two definitions of a table; undefined if nothing does. */
  #difference(a: Draft, b: Draft): string | undefined {
    const names = (draft: Draft): Map<string, string> => {
      const keys = new Set(draft.primaryKey.map(foldName));
      return new Map(draft.columns.map(({ name, type, nullable }) => {
        const isNullable = (nullable ?? true) && !keys.has(foldName(name));
        const spelled = type === undefined ? 'computed' : (this.#types.sqlType(type, draft.dialect) ?? type.name);
        return [foldName(name), `${spelled}${isNullable ? '' : ' NOT NULL'}`];
      }));
    }; // prettier-ignore
    const [left, right] = [names(a), names(b)];
    for (const [name, type] of left) {
      const other = right.get(name);
      if (other === undefined) return `only there it has a column ${name}`;
      if (other !== type) return `column ${name} is ${type} there and ${other} here`;
    }
    const added = [...right.keys()].find((name) => !left.has(name));
    return added === undefined ? undefined : `only here it has a column ${added}`;
  }

  /** A table by its full name, in the schema of `from`, or by its bare name if only one table has it. */
  #find(name: QualifiedName, from?: Draft): Draft | undefined {
    const full = foldTableName(this.#fullName(name));
    const sibling = foldTableName(this.#fullName({ name: name.name, schema: name.schema ?? from?.schema }));
    const exact = this.#drafts.get(full) ?? this.#drafts.get(sibling) ?? this.#renamed.get(full);
    if (exact) return exact;
    const bare = foldName(name.name);
    const same = [...this.#drafts.values()].filter(
      ({ fullName }) => foldName(bareTableName(fullName)) === bare,
    );
    return same.length === 1 ? same[0] : undefined;
  }

  #change({ place, table, action }: DdlChange): void {
    const draft = this.#find(table);
    if (!draft) {
      const isKey = action.kind === 'add';
      if (isKey && !table.name.startsWith('#'))
        this.#skip(
          place,
          `ALTER TABLE of ${this.#fullName(table)}, which no CREATE TABLE defines`,
          'broken-ddl',
        );
      return;
    }
    if (action.kind === 'add') {
      const known = new Set(draft.columns.map(({ name }) => foldName(name)));
      addPart(draft, {
        ...action.part,
        columns: action.part.columns.filter(({ name }) => !known.has(foldName(name))),
      });
    } else if (action.kind === 'drop-column') {
      const gone = foldName(action.column);
      draft.columns = draft.columns.filter(({ name }) => foldName(name) !== gone);
      draft.foreignKeys = draft.foreignKeys.filter(
        ({ columns }) => !columns.some((name) => foldName(name) === gone),
      );
      draft.primaryKey = draft.primaryKey.filter((name) => foldName(name) !== gone);
    } else if (action.kind === 'alter-column') {
      const column = draft.columns.find(({ name }) => foldName(name) === foldName(action.column));
      if (column) renameAndAlter(draft, column, action.to);
    } else {
      this.#drafts.delete(foldTableName(draft.fullName));
      this.#renamed.set(foldTableName(draft.fullName), draft);
      draft.name = action.to;
      draft.fullName = this.#fullName({ schema: draft.schema, name: action.to });
      this.#drafts.set(foldTableName(draft.fullName), draft);
    }
  }

  #copyLike(draft: Draft, seen: ReadonlySet<Draft> = new Set()): void {
    const sources = draft.like.splice(0);
    for (const name of sources) {
      const source = this.#find(name, draft);
      if (!source || seen.has(source)) {
        this.#skip(
          draft.place,
          `table ${draft.fullName} is to be like ${this.#fullName(name)}, which no file defines`,
        );
        continue;
      }
      this.#copyLike(source, new Set([...seen, draft]));
      const known = new Set(draft.columns.map((column) => foldName(column.name)));
      draft.columns.unshift(
        ...source.columns
          .filter((column) => !known.has(foldName(column.name)))
          .map((column) => ({ ...column })),
      );
    }
  }

  /** Columns with their types. */
  #finish(draft: Draft): void {
    const columns: WholeColumn[] = [];
    const seen = new Set<string>();
    const later: DdlColumn[] = [];
    const repeated: DdlColumn[] = [];
    for (const column of draft.columns) {
      const fault = nameFault(column.name);
      const isTaken = seen.has(foldName(column.name));
      seen.add(foldName(column.name));
      if (isTaken) repeated.push(column);
      else if (fault !== undefined) {
        this.#skip(
          column.place,
          `column ${JSON.stringify(column.name)} of ${draft.fullName} is left out: its name ${fault}`,
          'bad-name',
        );
      } else if (column.type === undefined) later.push(column);
      else {
        const type = this.#types.sqlType(column.type, draft.dialect);
        const { name, place, nullable = this.#types.isNullable(column.type), comment } = column;
        if (type !== undefined) columns.push({ name, place, type, nullable, comment });
        else {
          const spelt =
            column.type.name + (column.type.args.length > 0 ? `(${column.type.args.join(', ')})` : '');
          this.#skip(
            place,
            `column ${name} of ${draft.fullName} is left out: type ${spelt} has no SQL Server equivalent`,
            'unknown-type',
          );
        }
      }
    }
    for (const column of later) this.#computed(draft, column, columns);
    this.#repeated(draft, repeated);
    const order = new Map(draft.columns.map((column, i) => [column.name, i]));
    columns.sort((a, b) => order.get(a.name)! - order.get(b.name)!);
    this.#add({
      name: draft.fullName, place: draft.place, isView: false, comment: draft.comment, primaryKey: [], columns,
      foreignKeys: [], unresolvedKeys: [],
    }); // prettier-ignore
  }

  /** One line for a table: a script that declares columns twice does so with most of them. */
  #repeated(draft: Draft, columns: readonly DdlColumn[]): void {
    const [first, ...others] = columns;
    if (!first) return;
    const name = JSON.stringify(first.name);
    const what =
      others.length === 0
        ? `column ${name} of ${draft.fullName} is declared twice`
        : `${columns.length} columns of ${draft.fullName} are declared twice, the first of them ${name}`;
    this.#skip(first.place, `${what}; the first declaration stays`, 'bad-name');
  }

  #add(table: WholeTable): void {
    if (table.columns.length > 0) this.#whole.set(foldTableName(table.name), table);
    else
      this.#skip(
        table.place,
        `${table.isView ? 'view' : 'table'} ${table.name} is left out: no column of it could be read`,
      );
  }

  #computed(draft: Draft, { name, place, computed = [], comment }: DdlColumn, columns: WholeColumn[]): void {
    const type = expressionType(computed, {
      column: (path) => columns.find((one) => foldName(one.name) === foldName(path.at(-1)!))?.type,
      type: (tokens) => this.#types.castType(tokens, draft.dialect),
    });
    if (type !== undefined) columns.push({ name, place, type, nullable: true, comment });
    else
      this.#skip(
        place,
        `computed column ${name} of ${draft.fullName} is left out: its expression does not tell its type`,
        'unknown-type',
      );
  }

  /** Views see tables, and each other. */
  #readViews(): void {
    const views = this.scripts.flatMap(({ dialect, script }) =>
      script.views.map((view) => ({ ...view, dialect })),
    );
    const isNew = (view: DdlView): boolean => !this.#drafts.has(foldTableName(this.#fullName(view)));
    const descriptions = this.scripts.flatMap(({ script }) => script.descriptions);
    const read = readViews(views.filter(isNew), {
      tables: this.#whole,
      types: this.#types,
      fullName: (name) => this.#fullName(name),
      skip: (place, reason, code) => this.#skip(place, reason, code),
    });
    for (const view of read) {
      for (const { table, column, text } of descriptions) {
        if (foldTableName(this.#fullName(table)) !== foldTableName(view.name)) continue;
        if (column === undefined) view.comment = text;
        else for (const one of view.columns) if (foldName(one.name) === foldName(column)) one.comment = text;
      }
      this.#add(view);
    }
  }

  #keys(draft: Draft): void {
    const table = this.#whole.get(foldTableName(draft.fullName));
    if (!table || table.isView) return;
    const primary = spell(draft.primaryKey, table);
    if (primary) {
      table.primaryKey = [...new Set(primary)];
      for (const column of table.columns) if (table.primaryKey.includes(column.name)) column.nullable = false;
    } else
      this.#skip(
        draft.place,
        `the primary key of ${table.name} (${draft.primaryKey.join(', ')}) is left out: it has a column that the table lacks`,
        'bad-schema',
      );
    for (const key of draft.foreignKeys) this.#foreignKey(draft, table, key);
  }

  #foreignKey(draft: Draft, table: WholeTable, key: DdlForeignKey): void {
    const what = `the key of ${table.name} (${key.columns.join(', ')})`;
    const columns = spell(key.columns, table);
    if (!columns)
      return this.#skip(key.place, `${what} is left out: it has a column that the table lacks`, 'bad-schema');
    const targetDraft = this.#find(key.table, draft);
    const target = targetDraft && this.#whole.get(foldTableName(targetDraft.fullName));
    if (!target) {
      const name = this.#fullName(key.table);
      if (nameFault(key.table.name) ?? tableNameFault(name))
        return this.#skip(key.place, `${what} is left out: no statement can name ${name}`);
      table.unresolvedKeys.push({ columns, table: name, targetColumns: key.targetColumns ?? columns });
      return this.#skip(
        key.place,
        `${what} points to table ${name}, which no file defines; it is kept as unresolved`,
        'unresolved-key',
      );
    }
    const named = key.targetColumns ?? targetDraft.primaryKey;
    const targetColumns = spell(named, target);
    if (!targetColumns || targetColumns.length !== columns.length) {
      return this.#skip(
        key.place,
        `${what} is left out: ${target.name} has no ${named.length === 0 ? 'primary key' : `key (${named.join(', ')})`} of as many columns`,
        'bad-schema',
      );
    }
    const clash = columns.findIndex((name, i) => {
      const [from, to] = [typeOf(table, name), typeOf(target, targetColumns[i]!)];
      return from && to && !areTypesComparable(from, to);
    });
    if (clash >= 0)
      return this.#skip(
        key.place,
        `${what} is left out: the types of ${columns[clash]} and ${target.name}.${targetColumns[clash]} differ`,
        'bad-schema',
      );
    table.foreignKeys.push({ columns, table: target.name, targetColumns });
  }
}

function renameAndAlter(
  draft: Draft,
  column: DdlColumn,
  to: { name?: string | undefined; type?: DdlType | undefined; nullable?: boolean | undefined },
): void {
  if (to.name !== undefined && to.name !== column.name) {
    const old = foldName(column.name);
    const renamed = (names: string[]): string[] =>
      names.map((name) => (foldName(name) === old ? to.name! : name));
    draft.primaryKey = renamed(draft.primaryKey);
    for (const key of draft.foreignKeys) key.columns = renamed(key.columns);
    column.name = to.name;
  }
  if (to.type) column.type = to.type;
  if (to.nullable !== undefined) column.nullable = to.nullable;
}
