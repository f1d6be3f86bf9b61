import { connect, type FirstRows } from '../data/server/connect.js';
import type { ServerAddress } from '../data/server/address.js';

export interface FirstRowsLimits {
  /** The most rows to read. */
  rows: number;
  /** Milliseconds that connecting may take, and then the statement. */
  timeoutMs: number;
}

/** Reads the first rows of a statement that `validate` has accepted; nothing else should reach a database. */
export type FirstRowsReader = (statement: string, signal?: AbortSignal) => Promise<FirstRows>;

/**
 * Reads rows from a SQL Server. Each statement has a connection of its own, which asks for a read-only replica where there is
 * one, sets the isolation level READ UNCOMMITTED, so that it waits for nobody and nobody for it, and runs nothing else.
 *
 * @returns a reader that throws ServerError, as `connect` and `Server.first`
 */
export function firstRowsReader(address: ServerAddress, limits: FirstRowsLimits): FirstRowsReader {
  return async (statement, signal) => {
    const { timeoutMs } = limits;
    const server = await connect(address, {
      reads: 'uncommitted',
      statementMs: timeoutMs,
      connectMs: timeoutMs,
      signal,
    });
    try {
      return await server.first(statement, limits.rows, signal);
    } finally {
      await server.close();
    }
  };
}
