import type { Server, ServerMessage } from '../data/server/connect.js';

/**
 * Asks SQL Server itself to check a statement. The server compiles it and binds its names and types, but never executes
 * it: `sp_describe_first_result_set` only describes the columns of the result. The statement is passed as a parameter.
 * https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-describe-first-result-set-transact-sql
 *
 * @param sql a statement that `validate` has accepted; nothing else should reach a server
 * @returns the server's complaints; empty if it would run the statement
 * @throws ServerError if the server does not answer, or neither describes the result nor complains
 */
export function askServer(server: Server, sql: string): Promise<ServerMessage[]> {
  return server.complaints('EXEC sys.sp_describe_first_result_set @tsql = @statement;', { statement: sql });
}
