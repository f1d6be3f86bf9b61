import { importDdl, type ImportOptions } from '../../../../src/data/schema/ddl/import.js';

/** The imported tables, one line each: `Patient(Id int pk, Sex char(1)?, Sex -> Code.Id)`; `?` means nullable. */
export function summary(ddl: string, options: Partial<ImportOptions> = {}): string[] {
  return importDdl(ddl, { name: 'x', ...options }).tables.map((table) => {
    const columns = table.columns.map((column) => {
      const pk = table.primaryKey.includes(column.name) ? ' pk' : '';
      return `${column.name} ${column.type}${column.nullable ? '?' : ''}${pk}`;
    });
    const keys = table.foreignKeys.map(
      (key) => `${key.columns.join()} -> ${key.references.table}.${key.references.columns.join()}`,
    );
    return `${table.name}(${[...columns, ...keys].join(', ')})`;
  });
}
