import { quoteIdentifier, quoteTableName } from '../../tsql/identifier.js';
import type { ValueColumn, ValueSource } from './source.js';

/** What is asked of a server: rows for one statement. `Server` of src/data/server is one. */
export interface RowReader {
  rows(statement: string): Promise<Record<string, unknown>[]>;
}

/**
 * The different values of columns, each read by one SELECT.
 * @param limit the most values of a column; the first in the server's order are taken
 */
export function serverSource(server: RowReader, columns: readonly ValueColumn[], limit: number): ValueSource {
  return {
    columns,
    async read({ value, table, progress, note }) {
      for (const [i, column] of columns.entries()) {
        if (column.table !== columns[i - 1]?.table) table(column.table);
        const rows = await server.rows(distinctValues(column, limit + 1));
        if (rows.length > limit)
          note(`${column.table}.${column.column}: has more than ${limit} values; the first are taken`);
        for (const { value: text } of rows.slice(0, limit)) {
          if (typeof text === 'string' && text.trimEnd() !== '') value(i, text.trimEnd());
        }
        progress(i + 1, columns.length);
      }
    },
  };
}

function distinctValues({ table, column }: ValueColumn, most: number): string {
  const quoted = quoteIdentifier(column);
  return (
    `SELECT DISTINCT TOP (${most}) ${quoted} AS [value] FROM ${quoteTableName(table)} ` +
    `WHERE ${quoted} IS NOT NULL ORDER BY ${quoted};`
  );
}
