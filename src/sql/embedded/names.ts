import { createHash } from 'node:crypto';
import { foldName } from '../../tsql/identifier.js';

/** PostgreSQL cuts identifiers after this many bytes, without an error. */
const MAX_BYTES = 63;

/**
 * An identifier for PostgreSQL: folded and quoted, so that names are compared as SQL Server's default collation
 * compares them. Longer names than PostgreSQL holds end in a hash, so that no two become one.
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
