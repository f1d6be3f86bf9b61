import { foldName, foldTableName } from '../../../tsql/identifier.js';
import { parseSqlType, type SqlType } from '../../../tsql/types.js';
import type { Column, ForeignKey, SchemaBundle, Table } from '../bundle.js';
import { wordsOf, type SchemaWords } from '../words/derive.js';
import { columnRole, type ColumnFacts } from './column-role.js';
import type { ColumnRole, TableRole, TableRoles } from './roles.js';
import { ENCOUNTER_NOUNS, PATIENT_NOUNS, tableRole, type TableFacts } from './table-role.js';

const known = new WeakMap<SchemaBundle, SchemaRoles>();

/**
 * What each table and column of a bundle is for. A role that the bundle states is kept; the others are inferred from
 * names, types, keys and shape. Computed once per bundle.
 */
export function rolesOf(bundle: SchemaBundle): SchemaRoles {
  let roles = known.get(bundle);
  if (!roles) known.set(bundle, (roles = new SchemaRoles(bundle)));
  return roles;
}

/** Columns that record who changed a row and when; they say nothing about the subject of the table. */
const AUDIT =
  /\b(creat(ed?|ion|or)|insert\w*|etl|modified|changed|change|updated?|voided?|retired?|deleted?|audit|validity|upload|download|import|legacy|uuid|active)\b/;
const ORDERED = /\border(ed)?\b/;
const DONE = /\b(result|specimen|collection|collected)\b/;
const DEMOGRAPHICS = /\b(birth date|birthdate|birth|gender|sex|age)\b/;
const MONEY_TABLE =
  /\b(bill|billing|contract|claim|payment|premium|price|invoice|cost|transaction|payer|policy|product|charge)\b/;
const ADDRESS_PART = /\b(city|zip|postal code|postcode|county|street)\b/;
/** Columns of a table that lists things and says little more about them. */
const SMALL_TABLE = 8;
/** More steps than any chain of tables that hang on each other: claim → claim line → claim line adjustment. */
const MAX_ROUNDS = 4;

export class SchemaRoles {
  readonly #tables = new Map<Table, TableRoles>();
  readonly #columns = new Map<Column, ColumnRole>();
  readonly #words: SchemaWords;
  readonly #byName: Map<string, Table>;
  /** What the tables are about. */
  readonly #subjects: ReadonlySet<string>;

  constructor(readonly bundle: SchemaBundle) {
    this.#words = wordsOf(bundle);
    this.#byName = new Map(bundle.tables.map((table) => [foldTableName(table.name), table]));
    this.#subjects = new Set(bundle.tables.map((table) => this.#subject(table).join(' ')));
    for (const table of bundle.tables) this.#inferColumns(table);
    this.#inferTables();
    for (const table of bundle.tables) this.#addEventColumns(table);
  }

  ofTable(table: Table): TableRoles {
    return this.#tables.get(table)!;
  }

  ofColumn(column: Column): ColumnRole {
    return this.#columns.get(column)!;
  }

  #inferColumns(table: Table): void {
    const subject = this.#subject(table);
    const inKeys = new Set(table.foreignKeys.flatMap((key) => key.columns.map(foldName)));
    const onlyKey = table.primaryKey.length === 1 ? foldName(table.primaryKey[0]!) : undefined;
    const isAboutMoney = MONEY_TABLE.test(subject.join(' '));
    const ownWords = this.#words.columnWordsWithoutPrefix(table);
    const isOther = (words: string): boolean => words !== subject.join(' ') && this.#subjects.has(words);
    const hasAddress = table.columns.some((column) => ADDRESS_PART.test(this.#words.ofColumn(column).words));
    table.columns.forEach((column, i) => {
      const words = this.#words.ofColumn(column).words.split(' ');
      const type = parseSqlType(column.type) ?? { base: column.type, family: 'other' as const };
      const facts: ColumnFacts = {
        words,
        own: ownWords[i]!,
        type,
        length: lengthOf(type),
        isOnlyKey: onlyKey === foldName(column.name),
        isForeignKey: inKeys.has(foldName(column.name)),
        looksLikeKey:
          (onlyKey === undefined && i <= 1 && isKeyName(words, subject)) ||
          (table.primaryKey.length === 0 && i === 0 && /id$/i.test(column.name) && !isNumberOf(words)) ||
          (isNumberOf(words) &&
            words.length === 2 &&
            isNumberOf([...subject, 'id']) &&
            sameKind(words, subject)),
        isReference: isNumberOf(words),
        isAboutMoney,
        hasAddress,
        namesOwnTable:
          table.columns.length <= SMALL_TABLE &&
          words.join(' ') === subject.join(' ') &&
          onlyKey !== undefined &&
          onlyKey !== foldName(column.name),
        namesTable: !/s$/i.test(column.name) && isOther(words.join(' ')),
      };
      this.#columns.set(column, column.role ?? columnRole(facts));
    });
  }

  #inferTables(): void {
    const { tables } = this.bundle;
    const pointedTo = new Map<string, number>();
    for (const { foreignKeys } of tables) {
      for (const { references } of foreignKeys) {
        const key = foldTableName(references.table);
        pointedTo.set(key, (pointedTo.get(key) ?? 0) + 1);
      }
    }
    for (let round = 0; round < MAX_ROUNDS; round++) {
      let changed = false;
      for (const table of tables) {
        const facts = this.#factsOf(table, pointedTo.get(foldTableName(table.name)) ?? 0);
        const role = table.role ?? tableRole(facts);
        if (this.#tables.get(table)?.role === role) continue;
        this.#tables.set(table, { role });
        changed = true;
      }
      if (!changed) break;
    }
  }

  #factsOf(table: Table, pointedTo: number): TableFacts {
    const columns = table.columns.filter((column) => !this.#isAudit(column));
    const roles = new Set(columns.map((column) => this.ofColumn(column)));
    const keys = table.foreignKeys.filter(
      (key) => !key.columns.some((name) => this.#isAuditName(table, name)),
    );
    const wordsOfColumns = columns.map((column) => this.#words.ofColumn(column).words);
    return {
      subject: this.#subject(table),
      hasDemographics: wordsOfColumns.some((words) => DEMOGRAPHICS.test(words)),
      hasTimes: roles.has('start') || roles.has('end') || roles.has('time'),
      hasName: roles.has('name') || wordsOfColumns.some((words) => /description$/.test(words)),
      hasCode: wordsOfColumns.some((words) => /\bcode$/.test(words)),
      hasPatient: this.#reference(table, columns, keys, 'patient') !== undefined,
      hasEncounter:
        this.#reference(table, columns, keys, 'encounter') !== undefined ||
        keys.some((key) => this.#roleBehind(table, key) === 'event'),
      hasKey: table.primaryKey.length > 0 || roles.has('key') || roles.has('code'),
      columns: columns.length,
      foreignKeys: Math.max(
        keys.length,
        columns.filter((column) => this.ofColumn(column) === 'foreign-key').length,
      ),
      pointedTo,
    };
  }

  #roleBehind(table: Table, key: ForeignKey): TableRole | undefined {
    const target = this.#byName.get(foldTableName(key.references.table));
    return target === undefined || target === table ? undefined : this.#tables.get(target)?.role;
  }

  /** The column that says which patient or encounter a row belongs to: by a declared key, else by its name. */
  #reference(
    table: Table,
    columns: readonly Column[],
    keys: readonly ForeignKey[],
    to: 'patient' | 'encounter',
  ): string | undefined {
    const declared = keys.find((key) => key.columns.length === 1 && this.#roleBehind(table, key) === to);
    if (declared) return declared.columns[0];
    const nouns = to === 'patient' ? PATIENT_NOUNS : ENCOUNTER_NOUNS;
    return columns.find((column) => {
      if (this.ofColumn(column) !== 'foreign-key') return false;
      const words = this.#words
        .ofColumn(column)
        .words.replace(/ (id|number|identifier|key)$/, '')
        .split(' ');
      if (/\b(by|type|concept|status|class)\b/.test(words.join(' '))) return false;
      return nouns.has(words.at(-1)!);
    })?.name;
  }

  #addEventColumns(table: Table): void {
    const roles = this.#tables.get(table)!;
    if (roles.role !== 'event' && roles.role !== 'encounter') return;
    const all = table.columns.filter((column) => !this.#isAudit(column));
    // When a test was ordered is not when it was done.
    const isDone = all.some(
      (column) => DONE.test(this.#words.ofColumn(column).words) && this.#isTime(column),
    );
    const columns = isDone
      ? all.filter((column) => !(ORDERED.test(this.#words.ofColumn(column).words) && this.#isTime(column)))
      : all;
    const first = (role: ColumnRole): string | undefined => {
      const those = columns.filter((column) => this.ofColumn(column) === role);
      return (isDone ? (those.find(({ nullable }) => !nullable) ?? those[0]) : those[0])?.name;
    };
    this.#tables.set(table, {
      role: roles.role,
      time: first('start') ?? first('time') ?? first('end'),
      patient: this.#reference(table, columns, table.foreignKeys, 'patient'),
      encounter:
        roles.role === 'event' ? this.#reference(table, columns, table.foreignKeys, 'encounter') : undefined,
    });
  }

  #isTime(column: Column): boolean {
    return ['start', 'time', 'end'].includes(this.ofColumn(column));
  }

  #isAudit(column: Column): boolean {
    return AUDIT.test(this.#words.ofColumn(column).words);
  }

  #isAuditName(table: Table, name: string): boolean {
    const column = table.columns.find((c) => foldName(c.name) === foldName(name));
    return column !== undefined && this.#isAudit(column);
  }

  #subject(table: Table): string[] {
    return this.#words.subjectOf(table).split(' ');
  }
}

function lengthOf({ family, length, base }: SqlType): number {
  if (family !== 'string') return base === 'smallint' || base === 'tinyint' ? 1 : Infinity;
  return typeof length === 'number' ? length : base === 'char' ? 1 : Infinity;
}

/** Whether the name is that of a patient's or an encounter's number: `patient number`, `subject id`. */
function isNumberOf(words: readonly string[]): boolean {
  const [noun, end] = words.slice(-2);
  if (end === 'number') return PATIENT_NOUNS.has(noun!) || noun === 'encounter';
  return end === 'id' && (PATIENT_NOUNS.has(noun!) || ENCOUNTER_NOUNS.has(noun!));
}

/** Whether both speak of patients, or both of encounters. */
function sameKind(words: readonly string[], subject: readonly string[]): boolean {
  return PATIENT_NOUNS.has(words.at(-2)!) === PATIENT_NOUNS.has(subject.at(-1)!) && subject.length === 1;
}

/** `id`, `claim id` and `claimid` in the table of claims. */
function isKeyName(words: readonly string[], subject: readonly string[]): boolean {
  if (words.at(-1) !== 'id') return false;
  const about = words.slice(0, -1).join(' ');
  return about === '' || about === subject.join(' ') || about === subject.at(-1);
}
