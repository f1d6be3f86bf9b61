import type { Command } from 'commander';
import type { StatementRows } from '../serve/rows.js';
import { UsageError } from './errors.js';
import { parseWholeNumber, timeOption } from './options.js';
import { note } from './output.js';
import { readOptionFile } from './paths.js';

/** Options for running statements. */
export interface RunFlags {
  runOn?: string;
  runPasswordFile?: string;
  runRows: number;
  runTimeLimit: number;
}

export const RUN_HELP = `
With --run-on, a person can run the statement of an answer and see its first rows: only a statement that this server wrote
and checked, on a connection of its own with the isolation level READ UNCOMMITTED, which waits for nobody. Give the login
the right to read, and no other. Rows go to the client that asked; no row, statement or value is logged. The password comes
from OPENWARD_SQL_PASSWORD or a file, the user from the address or OPENWARD_SQL_USER. Needs the package mssql. Untried on a
real SQL Server: it is tested against a stand-in that speaks the protocol.`;

export function withRunOn(command: Command): Command {
  return command
    .option(
      '--run-on <url>',
      "let people run statements on the first schema's SQL Server and see their first rows: mssql://USER@HOST:1433/DATABASE",
    )
    .option('--run-password-file <file>', 'with --run-on: the file that holds the password')
    .option('--run-rows <count>', 'with --run-on: the most rows to show', parseWholeNumber(1, 1000), 100)
    .addOption(timeOption('--run-time-limit <time>', 'with --run-on: the most time for a statement', 10));
}

/** @throws UsageError for an option of `--run-on` without it */
export function checkRunOn(command: Command): void {
  if (command.getOptionValue('runOn') !== undefined) return;
  const given = command.options.find(
    (option) =>
      option.long?.startsWith('--run-') && command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given) throw new UsageError(`${given.long} needs --run-on`);
}

/**
 * What runs statements over a schema, if `--run-on` is given. A database that cannot be reached now is only a warning.
 *
 * @param schema the name of the first schema
 * @throws UsageError, ServerError if the address or the password is missing or wrong
 * @throws MissingPackageError without the package mssql
 */
export async function openRows(flags: RunFlags, schema: string): Promise<StatementRows | undefined> {
  if (flags.runOn === undefined) return undefined;
  const { readAddress } = await import('../data/server/address.js');
  const { connect } = await import('../data/server/connect.js');
  const { ServerError } = await import('../data/server/errors.js');
  const { firstRowsReader } = await import('../sql/first-rows.js');
  const { StatementRows } = await import('../serve/rows.js');
  const address = readAddress(flags.runOn, { ...process.env, ...passwordOf(flags) });
  try {
    await (await connect(address)).close();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    note(`warning: no statement can be run now: ${error.message}`);
  }
  const [limit, timeLimit] = [flags.runRows, flags.runTimeLimit * 1000];
  const read = firstRowsReader(address, { rows: limit, timeoutMs: timeLimit });
  return new StatementRows({ schema, read, limit, timeLimit, log: note });
}

function passwordOf({ runPasswordFile: file }: RunFlags): { OPENWARD_SQL_PASSWORD?: string } {
  if (file === undefined) return {};
  const password = readOptionFile(file, '--run-password-file').replace(/\r?\n$/, '');
  if (password === '' || /[\r\n]/.test(password)) {
    throw new UsageError(`${file}: the password has to be the only line`);
  }
  return { OPENWARD_SQL_PASSWORD: password };
}
