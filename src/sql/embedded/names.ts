import { createHash } from 'node:crypto';
import { foldName } from '../../tsql/identifier.js';

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

export function pgString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
