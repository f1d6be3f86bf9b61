import { createHash } from 'node:crypto';
import { foldName, foldTableName, splitTableName } from '../../tsql/identifier.js';

/** PostgreSQL silently cuts longer identifiers. */
const MAX_BYTES = 63;

/**
 * An identifier for PostgreSQL: in lower case and quoted, so names compare as in SQL Server's default collation. Names
 * that are too long for PostgreSQL end in a hash, which keeps them different.
 */
export function pgName(name: string): string {
  let folded = foldName(name);
  if (Buffer.byteLength(folded) > MAX_BYTES) {
    const hash = createHash('sha256').update(folded).digest('hex').slice(0, 12);
    let head = folded;
    while (Buffer.byteLength(head) > MAX_BYTES - 13) head = head.slice(0, -1);
    folded = `${head}_${hash}`;
  }
  return `"${folded.replaceAll('"', '""')}"`;
}

/** The PostgreSQL schema of a bundle's table: `cdm.person` of the bundle loaded as `s1_x` is in `s1_x.cdm`. */
export function pgSchema(loaded: string, tableName: string): string {
  const { schema } = splitTableName(foldTableName(tableName));
  return pgName(schema === undefined ? loaded : `${loaded}.${schema}`);
}

/** A bundle's table with its PostgreSQL schema. */
export function pgTable(loaded: string, tableName: string): string {
  return `${pgSchema(loaded, tableName)}.${pgName(splitTableName(foldTableName(tableName)).table)}`;
}

export function pgString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
