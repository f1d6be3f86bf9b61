import { readFileSync } from 'node:fs';
import type { SchemaBundle } from '../src/data/schema/bundle.js';
import { COLUMN_ROLES, TABLE_ROLES } from '../src/data/schema/roles/roles.js';
import { rolesOf } from '../src/data/schema/roles/infer.js';

/** Roles that a person wrote down for a schema: the first is meant, others fit as well. */
export interface RolesByHand {
  tables: Map<string, string[]>;
  columns: Map<string, string[]>;
}

/**
 * Reads a list of roles: `role|other role: names`, under `tables` or `columns`. `*` stands for any characters, a name
 * with a dot for a column of one table, and later lines win. Declared keys need no line.
 */
export function readRoles(file: string, bundle: SchemaBundle): RolesByHand {
  const rules: { inTables: boolean; roles: string[]; pattern: RegExp; name: string }[] = [];
  let inTables = true;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === 'tables' || line === 'columns') inTables = line === 'tables';
    else if (line !== '' && !line.startsWith('#')) {
      const [head, names] = line.split(': ');
      const roles = head!.split('|');
      const allowed: readonly string[] = inTables ? TABLE_ROLES : COLUMN_ROLES;
      for (const role of roles) if (!allowed.includes(role)) throw new Error(`${file}: unknown role ${role}`);
      for (const name of names!.split(' ')) {
        const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`, 'i');
        rules.push({ inTables, roles, pattern, name });
      }
    }
  }
  const find = (of: boolean, names: string[]): string[] | undefined =>
    rules.findLast((rule) => rule.inTables === of && names.some((name) => rule.pattern.test(name)))?.roles;
  const tables = new Map<string, string[]>();
  const columns = new Map<string, string[]>();
  for (const table of bundle.tables) {
    tables.set(table.name, find(true, [table.name]) ?? fault(file, table.name));
    const isForeign = new Set(
      table.foreignKeys.flatMap((key) => key.columns.map((name) => name.toLowerCase())),
    );
    for (const column of table.columns) {
      const path = `${table.name}.${column.name}`;
      const isKey = table.primaryKey.length === 1 && table.primaryKey[0] === column.name;
      const declared = isForeign.has(column.name.toLowerCase())
        ? ['foreign-key']
        : isKey
          ? ['key']
          : undefined;
      const here = rules.findLast((rule) => !rule.inTables && rule.name.toLowerCase() === path.toLowerCase());
      columns.set(path, here?.roles ?? declared ?? find(false, [column.name, path]) ?? fault(file, path));
    }
  }
  return { tables, columns };
}

function fault(file: string, name: string): never {
  throw new Error(`${file}: no role for ${name}`);
}

/** How many inferred roles agree with those by hand. */
export interface Agreement {
  tables: { right: number; first: number; all: number };
  columns: { right: number; first: number; all: number };
  /** Columns whose role no declared key gives away. */
  undeclared: { right: number; all: number };
  wrong: string[];
}

export function compareRoles(bundle: SchemaBundle, byHand: RolesByHand): Agreement {
  const roles = rolesOf(bundle);
  const result: Agreement = {
    tables: { right: 0, first: 0, all: 0 },
    columns: { right: 0, first: 0, all: 0 },
    undeclared: { right: 0, all: 0 },
    wrong: [],
  };
  const count = (
    into: Agreement['tables'],
    wanted: readonly string[],
    found: string,
    path: string,
  ): boolean => {
    into.all++;
    if (wanted[0] === found) into.first++;
    const isRight = wanted.includes(found);
    if (isRight) into.right++;
    else result.wrong.push(`${path}: ${found}, by hand ${wanted.join('|')}`);
    return isRight;
  };
  for (const table of bundle.tables) {
    count(result.tables, byHand.tables.get(table.name)!, roles.ofTable(table).role, table.name);
    const declared = new Set(
      [
        ...(table.primaryKey.length === 1 ? table.primaryKey : []),
        ...table.foreignKeys.flatMap((key) => key.columns),
      ].map((name) => name.toLowerCase()),
    );
    for (const column of table.columns) {
      const path = `${table.name}.${column.name}`;
      const isRight = count(result.columns, byHand.columns.get(path)!, roles.ofColumn(column), path);
      if (declared.has(column.name.toLowerCase())) continue;
      result.undeclared.all++;
      if (isRight) result.undeclared.right++;
    }
  }
  return result;
}
