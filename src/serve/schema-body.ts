import type { SchemaBundle, Table } from '../data/schema/bundle.js';
import { overviewOf, type TableOverview } from '../data/schema/overview.js';
import type { SchemaBody, SchemaTable } from './contract.js';

/** A schema as people want to see it: tables by role, with words, keys and coded values. */
export function schemaBody(bundle: SchemaBundle, isDefault: boolean): SchemaBody {
  const { name, title, version, source, licence, joins = [] } = bundle;
  const tables = new Map(bundle.tables.map((table) => [table.name, table]));
  return {
    ...{ name, title, version, source, licence, joins, isDefault },
    tableCount: bundle.tables.length,
    tables: overviewOf(bundle).tables.map((overview) => tableBody(overview, tables.get(overview.name)!)),
  };
}

function tableBody(overview: TableOverview, table: Table): SchemaTable {
  const { columns, ...rest } = overview;
  const declared = new Map(table.columns.map((column) => [column.name, column]));
  return {
    ...rest,
    primaryKey: table.primaryKey,
    foreignKeys: table.foreignKeys,
    columns: columns.map((column) => {
      const { nullable, description, codes = [] } = declared.get(column.name)!;
      return { ...column, nullable, description, codes };
    }),
  };
}
