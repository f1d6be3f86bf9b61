import type { Server, ServerMessage } from '../data/server/connect.js';

/**
 * What SQL Server itself says of a statement: it is compiled and its names and types are bound, and it is never
 * executed. `sp_describe_first_result_set` asks for the columns that the statement would give; the statement travels
 * as a parameter, as text.
 * https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-describe-first-result-set-transact-sql
 *
 * @param sql a statement that `validate` has accepted: nothing else should reach a server
 * @returns the server's complaints, none when it would run the statement
 * @throws ServerError when the server does not answer
 */
export function askServer(server: Server, sql: string): Promise<ServerMessage[]> {
  return server.complaints('EXEC sys.sp_describe_first_result_set @tsql = @statement;', { statement: sql });
}
