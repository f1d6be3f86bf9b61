import type { Column, ForeignKey, SchemaBundle, Table } from './bundle.js';
import {
  foldName,
  foldTableName,
  nameFault,
  splitColumnPath,
  splitTableName,
} from '../../tsql/identifier.js';
import { codeFaults } from './codes.js';
import { bundleShape } from './shape.js';
import { areTypesComparable, parseSqlType } from '../../tsql/types.js';

export type FaultCode =
  | 'shape'
  | 'bad-name'
  | 'duplicate-name'
  | 'unknown-type'
  | 'unknown-column'
  | 'unknown-table'
  | 'key-length'
  | 'key-type'
  | 'unknown-join'
  | 'bad-code';

/** One fault of a bundle. */
export interface Fault {
  code: FaultCode;
  /** JSON path: `tables[3].foreignKeys[0].references.table`; empty for the document itself. */
  path: string;
  message: string;
}

/**
 * All faults of a parsed bundle. Names, types and keys are checked only if the shape is right. An empty list means
 * that the value is a SchemaBundle.
 */
export function checkBundle(json: unknown): Fault[] {
  const shaped = bundleShape.safeParse(json);
  if (!shaped.success) {
    return shaped.error.issues.map((issue) => ({
      code: 'shape' as const,
      path: jsonPath(issue.path),
      message: issue.message.endsWith('received undefined') ? 'is missing' : issue.message,
    }));
  }
  return [
    ...checkNames(shaped.data),
    ...shaped.data.tables.flatMap((t, i) => checkTable(shaped.data, t, i)),
    ...checkJoins(shaped.data),
  ];
}

/** `['tables', 3, 'name']` → `tables[3].name`. */
export function jsonPath(keys: readonly PropertyKey[]): string {
  return keys
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** Why statements cannot use a table's name, schema included; see `nameFault`. */
export function tableNameFault(name: string): string | undefined {
  const { schema, table } = splitTableName(name);
  const ofSchema = schema === undefined ? undefined : nameFault(schema);
  if (ofSchema !== undefined) return `has a schema that ${ofSchema}`;
  if (schema !== undefined && /^(sys|information_schema)$/i.test(schema))
    return 'is a table of the server itself';
  return nameFault(table);
}

function checkNames(bundle: SchemaBundle): Fault[] {
  return checkNameList(bundle.tables, 'tables', 'table', foldTableName, tableNameFault);
}

function checkNameList(
  items: readonly { name: string }[],
  path: string,
  what: string,
  fold = foldName,
  faultOf = nameFault,
): Fault[] {
  const faults: Fault[] = [];
  const first = new Map<string, number>();
  items.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`;
    const fault = faultOf(name);
    if (fault !== undefined) {
      const message = `${what} name ${JSON.stringify(name)} ${fault}`;
      faults.push({ code: 'bad-name', path: at, message });
    }
    const earlier = first.get(fold(name));
    if (earlier === undefined) first.set(fold(name), i);
    else {
      faults.push({
        code: 'duplicate-name',
        path: at,
        message: `${what} "${name}" is already ${path}[${earlier}] (names ignore case)`,
      });
    }
  });
  return faults;
}

function checkTable(bundle: SchemaBundle, table: Table, index: number): Fault[] {
  const path = `tables[${index}]`;
  const faults = checkNameList(table.columns, `${path}.columns`, 'column');
  table.columns.forEach((column, i) => {
    if (parseSqlType(column.type)) {
      faults.push(...codeFaults(table, column, `${path}.columns[${i}]`));
      return;
    }
    faults.push({
      code: 'unknown-type',
      path: `${path}.columns[${i}].type`,
      message: `"${column.type}" of ${table.name}.${column.name} is not a SQL Server column type`,
    });
  });
  faults.push(...checkColumnList(table, table.primaryKey, `${path}.primaryKey`));
  table.foreignKeys.forEach((key, i) => {
    faults.push(...checkForeignKey(bundle, table, key, `${path}.foreignKeys[${i}]`));
  });
  return faults;
}

function findTable(bundle: SchemaBundle, name: string): Table | undefined {
  return bundle.tables.find((t) => foldTableName(t.name) === foldTableName(name));
}

function findColumn(table: Table, name: string): Column | undefined {
  return table.columns.find((c) => foldName(c.name) === foldName(name));
}

function checkColumnList(table: Table, columns: readonly string[], path: string): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  columns.forEach((name, i) => {
    if (!findColumn(table, name)) {
      faults.push({
        code: 'unknown-column',
        path: `${path}[${i}]`,
        message: `table ${table.name} has no column "${name}"`,
      });
    } else if (seen.has(foldName(name))) {
      faults.push({
        code: 'duplicate-name',
        path: `${path}[${i}]`,
        message: `column "${name}" appears twice in one key`,
      });
    }
    seen.add(foldName(name));
  });
  return faults;
}

function checkForeignKey(bundle: SchemaBundle, table: Table, key: ForeignKey, path: string): Fault[] {
  const faults = checkColumnList(table, key.columns, `${path}.columns`);
  const target = findTable(bundle, key.references.table);
  if (!target) {
    faults.push({
      code: 'unknown-table',
      path: `${path}.references.table`,
      message: `${table.name} (${key.columns.join(', ')}) points to table "${key.references.table}", which does not exist`,
    });
    return faults;
  }
  faults.push(...checkColumnList(target, key.references.columns, `${path}.references.columns`));
  if (key.columns.length !== key.references.columns.length) {
    faults.push({
      code: 'key-length',
      path: `${path}.references.columns`,
      message: `${key.columns.length} columns point to ${key.references.columns.length}`,
    });
    return faults;
  }
  key.columns.forEach((name, i) => {
    const fault = checkPair(table, name, target, key.references.columns[i]!, `${path}.columns[${i}]`);
    if (fault) faults.push(fault);
  });
  return faults;
}

/** The type fault of a column pair. Unknown columns and types are reported elsewhere. */
function checkPair(
  table: Table,
  name: string,
  target: Table,
  targetName: string,
  path: string,
): Fault | undefined {
  const from = findColumn(table, name);
  const to = findColumn(target, targetName);
  const fromType = from && parseSqlType(from.type);
  const toType = to && parseSqlType(to.type);
  if (!fromType || !toType || areTypesComparable(fromType, toType)) return undefined;
  return {
    code: 'key-type',
    path,
    message: `${table.name}.${from.name} is ${from.type}, but ${target.name}.${to.name} is ${to.type}`,
  };
}

function checkJoins(bundle: SchemaBundle): Fault[] {
  return (bundle.joins ?? []).flatMap((join, i) => {
    const faults: Fault[] = [];
    const ends = (['from', 'to'] as const).map((side) => {
      const [tableName, columnName] = splitColumnPath(join[side]);
      const table = findTable(bundle, tableName);
      const column = table && findColumn(table, columnName);
      if (!column) {
        const what = table
          ? `table ${table.name} has no column "${columnName}"`
          : `there is no table "${tableName}"`;
        faults.push({ code: 'unknown-join', path: `joins[${i}].${side}`, message: what });
      }
      return { table, columnName };
    });
    const [from, to] = ends;
    if (from?.table && to?.table) {
      const fault = checkPair(from.table, from.columnName, to.table, to.columnName, `joins[${i}].from`);
      if (fault) faults.push(fault);
    }
    return faults;
  });
}
