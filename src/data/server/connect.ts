import type { Socket } from 'node:net';
import type { ConnectionPool, IOptions } from 'mssql';
import { importOptional } from '../../base/optional-package.js';
import { readAddress, type ServerAddress } from './address.js';
import { ServerError } from './errors.js';
import { legible } from './legible.js';
import { openSocket } from './socket.js';
import { notSqlServer, tooLong, Watch } from './watch.js';

/** An error message from the server: its number (in sys.messages) and text. */
export interface ServerMessage {
  number: number;
  message: string;
  line?: number | undefined;
}

/** The first rows of a result, in the order in which the server sent them. */
export interface FirstRows {
  /** Names may be empty or repeated. `type` is SQL Server's: `int`, `nvarchar`. */
  columns: { name: string; type: string }[];
  /** A value for each column. */
  rows: unknown[][];
  /** Whether the result has more rows. */
  more: boolean;
}

export interface ConnectOptions {
  /**
   * What a statement may read: `committed` data (default), or also `uncommitted` changes, which takes no lock and lets
   * nobody wait.
   */
  reads?: 'committed' | 'uncommitted' | undefined;
  /** Milliseconds that a statement may take (default: the address's limit). */
  statementMs?: number | undefined;
  /** Milliseconds that connecting may take, if that is less than the address's limit. */
  connectMs?: number | undefined;
  /** Ends the attempt to connect. */
  signal?: AbortSignal | undefined;
}

/** An open connection. All but `first` run fixed statements with parameters. */
export interface Server {
  /** Runs one statement and returns its rows. @throws ServerError */
  rows(statement: string, parameters?: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]>;
  /**
   * Runs one statement and returns the server's error messages; if there is none, the server has to return a row.
   * @throws ServerError
   */
  complaints(statement: string, parameters?: Readonly<Record<string, string>>): Promise<ServerMessage[]>;
  /**
   * Runs one statement, which must be one that the validator has passed, and stops it after `most` rows. The connection can
   * only be closed then.
   *
   * @param signal ends the statement and the connection
   * @throws ServerError `statement` if the server refuses it (the message may quote a row's value), `too-slow`, others as `rows`
   */
  first(statement: string, most: number, signal?: AbortSignal): Promise<FirstRows>;
  close(): Promise<void>;
}

/** Bytes of an answer before and during the login, and of one to a statement. */
const LOGIN_BYTES = 1 << 20;
const ANSWER_BYTES = 512 << 20;
/** Bytes of the first rows, which a person looks at. Several statements run at a time. */
const SHOWN_BYTES = 32 << 20;
/** Memory that the rows of one answer may take, by the estimate of `costOf`. */
const ROW_BYTES = 384 << 20;
/** How long a connection may take to say goodbye. */
const CLOSING_MS = 1000;
/** The driver's numbers for SET TRANSACTION ISOLATION LEVEL, which it sends once it has logged in. */
const ISOLATION_LEVELS = { uncommitted: 1, committed: 2 } as const;

/** How the driver asks for a socket. After a redirect, host and port differ from the address's. */
type Connector = (
  to: { host: string; port: number },
  lookup: unknown,
  signal: AbortSignal,
) => Promise<Socket>;

/**
 * Connects to a SQL Server, with the wish for a read-only replica where there is one.
 * @throws MissingPackageError without the package mssql
 * @throws ServerError `unknown-host`, `refused`, `time-out`, `too-long`, `tls`, `login`, `broken`
 */
export async function connect(address: ServerAddress, how: ConnectOptions = {}): Promise<Server> {
  const { default: mssql } = await importOptional('mssql', 'talking to a SQL Server', () => import('mssql'));
  const { host, port, database, user, password, encrypt, trustServerCertificate, timeoutMs } = address;
  const { reads = 'committed', statementMs = timeoutMs, signal } = how;
  const connectMs = Math.min(timeoutMs, how.connectMs ?? timeoutMs);
  const watch = new Watch();
  const connector: Connector = async (to, _lookup, signal) => {
    if (!address.followRedirect && !isSamePlace(to, address)) {
      watch.stop(redirected());
      throw redirected();
    }
    const socket = await openSocket({ ...to, encrypt }, signal);
    watch.adopt(socket);
    return socket;
  };
  const options: IOptions & { connectionIsolationLevel: number } = {
    connectionIsolationLevel: ISOLATION_LEVELS[reads],
    encrypt,
    trustServerCertificate,
    readOnlyIntent: true,
    appName: 'openward',
    // The driver's types omit the arguments that it passes.
    connector: connector as unknown as () => Promise<Socket>,
  };
  const pool = new mssql.ConnectionPool({
    server: host,
    port,
    database,
    user,
    password,
    connectionTimeout: connectMs,
    requestTimeout: statementMs,
    pool: { min: 0, max: 1 },
    // No statement of the driver's own before each of ours.
    validateConnection: 'socket',
    options,
  });
  // If the connection breaks between two requests, the next request reports it.
  pool.on('error', () => {});
  const server = new MssqlServer(pool, address, watch, statementMs);
  const leave = (): void => watch.stop(nobodyWaits());
  signal?.addEventListener('abort', leave, { once: true });
  try {
    await watch.during({ bytes: LOGIN_BYTES, timeoutMs: connectMs }, () => {
      if (signal?.aborted) leave();
      return pool.connect();
    });
  } catch (error) {
    await server.close();
    throw asServerError(error, address);
  } finally {
    signal?.removeEventListener('abort', leave);
  }
  return server;
}

/**
 * Connects to the server at an address, with credentials from the environment.
 * @throws ServerError as `readAddress` and `connect`
 */
export async function connectTo(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ server: Server; address: ServerAddress }> {
  const address = readAddress(url, env);
  return { server: await connect(address), address };
}

class MssqlServer implements Server {
  constructor(
    private readonly pool: ConnectionPool,
    private readonly address: ServerAddress,
    private readonly watch: Watch,
    private readonly statementMs: number,
  ) {}

  async rows(statement: string, parameters = {}): Promise<Record<string, unknown>[]> {
    const { rows, errors } = await this.#query(statement, parameters);
    if (errors.length > 0) throw asServerError(errors[0], this.address);
    return rows;
  }

  async complaints(statement: string, parameters = {}): Promise<ServerMessage[]> {
    const { rows, errors } = await this.#query(statement, parameters);
    if (errors.length === 0 && rows.length === 0) throw asServerError(saidNothing(), this.address);
    const messages = errors.flatMap((error) => messageOf(error, this.address.password));
    if (messages.length === 0 && errors.length > 0) throw asServerError(errors[0], this.address);
    return messages;
  }

  async #query(statement: string, parameters: Readonly<Record<string, string>>): Promise<QueryAnswer> {
    const request = this.pool.request();
    for (const [name, value] of Object.entries(parameters)) request.input(name, value);
    // Rows are taken as they come, so that they can be counted.
    request.stream = true;
    const answer: QueryAnswer = { rows: [], errors: [] };
    let cost = 0;
    request.on('row', (row: Record<string, unknown>) => {
      answer.rows.push(row);
      cost += costOf(row);
      if (cost > ROW_BYTES) this.watch.stop(tooLong());
    });
    request.on('error', (error: unknown) => answer.errors.push(error));
    const limits = { bytes: ANSWER_BYTES, timeoutMs: this.statementMs };
    try {
      await this.watch.during(limits, () => request.query(statement));
    } catch (error) {
      throw asServerError(error, this.address);
    }
    return answer;
  }

  async first(statement: string, most: number, signal?: AbortSignal): Promise<FirstRows> {
    const request = this.pool.request();
    request.stream = true;
    request.arrayRowMode = true;
    const found: FirstRows = { columns: [], rows: [], more: false };
    const errors: unknown[] = [];
    const enough = new Promise<void>((done) => {
      request.on('recordset', (columns: DriverColumn[]) => {
        found.columns = columns.map(({ name, type }) => ({ name, type: typeName(type) }));
      });
      request.on('row', (row: unknown[]) => {
        if (found.more) return;
        found.more = found.rows.length === most;
        if (!found.more) return void found.rows.push(row);
        request.cancel();
        done();
      });
    });
    request.on('error', (error: unknown) => errors.push(error));
    const leave = (): void => this.watch.stop(nobodyWaits());
    signal?.addEventListener('abort', leave, { once: true });
    try {
      const limits = { bytes: SHOWN_BYTES, timeoutMs: this.statementMs };
      await this.watch.during(limits, async () => {
        if (signal?.aborted) leave();
        await Promise.race([request.query(statement), enough]);
      });
      if (!found.more && errors.length > 0) throw errors[0];
      return found;
    } catch (error) {
      throw this.#statementError(error);
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #statementError(error: unknown): ServerError {
    const [said] = messageOf(error, this.address.password);
    if (said) {
      return new ServerError({ code: 'statement', message: `error ${said.number}: ${said.message}` });
    }
    const told = asServerError(error, this.address);
    if (told.code !== 'time-out') return told;
    return new ServerError({ code: 'too-slow', message: `not done within ${this.statementMs / 1000} s` });
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((done) => {
      timer = setTimeout(done, CLOSING_MS);
    });
    await Promise.race([this.pool.close().catch(() => {}), enough]);
    clearTimeout(timer);
    this.watch.close();
  }
}

/** The login goes only where the address says: whoever answers there could send it anywhere. */
function isSamePlace(to: { host: string; port: number }, { host, port }: ServerAddress): boolean {
  return to.host.toLowerCase() === host.toLowerCase() && to.port === port;
}

function redirected(): ServerError {
  return new ServerError({
    code: 'redirected',
    message: 'the server redirects the login to another host or port',
    hint: 'check the address; write redirect=true in it if the redirect is wanted, as with Azure SQL',
  });
}

function saidNothing(): ServerError {
  return new ServerError({
    code: 'broken',
    message: 'the server neither described the statement nor refused it',
    hint: 'check that this is SQL Server 2012 or later',
  });
}

function nobodyWaits(): ServerError {
  return new ServerError({ code: 'broken', message: 'nobody waits for the rows' });
}

interface DriverColumn {
  name: string;
  /** A function of the driver, named like the type in its own capitals: `NVarChar`. */
  type: unknown;
}

function typeName(type: unknown): string {
  return typeof type === 'function' ? type.name.toLowerCase() : 'unknown';
}

interface QueryAnswer {
  rows: Record<string, unknown>[];
  /** What the server and the driver complained about, in order. */
  errors: unknown[];
}

/** About how many bytes a row takes in memory: an object, its slots, and its texts. */
function costOf(row: Readonly<Record<string, unknown>>): number {
  let bytes = 64;
  for (const name in row) {
    const value = row[name];
    bytes += 24 + (typeof value === 'string' ? 2 * value.length : 0);
  }
  return bytes;
}

/** The server's own message; none for a connection error. */
function messageOf(error: unknown, password: string): ServerMessage[] {
  const { number, message, lineNumber } = error as {
    number?: unknown;
    message?: unknown;
    lineNumber?: unknown;
  };
  if (typeof number !== 'number' || typeof message !== 'string') return [];
  return [
    {
      number,
      message: legible(message, password),
      line: typeof lineNumber === 'number' ? lineNumber : undefined,
    },
  ];
}

/** What the driver's errors mean, and what to do. The first pattern that matches the code or the message wins. */
const REASONS: readonly { code: string; when: RegExp; hint: string }[] = [
  { code: 'login', when: /ELOGIN|Login failed/, hint: 'check user, password and database' },
  {
    code: 'tls',
    when: /EENCRYPT|certificate|TLS|SSL|secure/i,
    hint: 'the server needs a certificate that this machine trusts; trustServerCertificate=true or encrypt=false in the address weaken the protection',
  },
  { code: 'unknown-host', when: /EINSTLOOKUP|ENOTFOUND|EAI_AGAIN/, hint: 'check the host name' },
  {
    code: 'refused',
    when: /ECONNREFUSED/,
    hint: 'check host and port, and that the server accepts TCP connections',
  },
  {
    code: 'time-out',
    when: /ETIMEOUT|ETIMEDOUT|timeout/i,
    hint: 'check host and port, or raise timeout= in the address',
  },
];

/** What the driver says of a connection that ended. Anything else comes from reading what no SQL Server sends. */
const ENDED = /ECONN|EPIPE|socket|connect|hang up|closed|lost|state|abort|cancel/i;

function asServerError(
  error: unknown,
  { host, port, password }: Pick<ServerAddress, 'host' | 'port' | 'password'>,
): ServerError {
  if (error instanceof ServerError) {
    const { details } = error;
    return new ServerError({ ...details, message: `${host}:${port}: ${legible(details.message, password)}` });
  }
  const { code: own, message } = error as { code?: unknown; message?: unknown };
  const said = `${typeof own === 'string' ? own : ''} ${typeof message === 'string' ? message : String(error)}`;
  const reason = REASONS.find(({ when }) => when.test(said));
  // The driver's error contains the configuration, password included, so it is not kept as the cause.
  const isOfConnection = reason !== undefined || ENDED.test(said);
  if (!isOfConnection) return asServerError(notSqlServer(), { host, port, password });
  const text = legible(typeof message === 'string' ? message : 'no reason given', password);
  return new ServerError({
    code: reason?.code ?? 'broken',
    message: `${host}:${port}: ${text.replace(/\.$/, '')}`,
    hint: reason?.hint,
  });
}
