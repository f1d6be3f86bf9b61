import type { Socket } from 'node:net';
import type { ConnectionPool, IOptions } from 'mssql';
import { importOptional } from '../../base/optional-package.js';
import { readAddress, type ServerAddress } from './address.js';
import { ServerError } from './errors.js';
import { openSocket } from './socket.js';

/** An error message from the server: its number (in sys.messages) and text. */
export interface ServerMessage {
  number: number;
  message: string;
  line?: number | undefined;
}

/** An open connection. It runs fixed statements with parameters, never a statement made from a question. */
export interface Server {
  /** Runs one statement and returns its rows. @throws ServerError */
  rows(statement: string, parameters?: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]>;
  /** Runs one statement and returns the server's error messages, if any. @throws ServerError */
  complaints(statement: string, parameters?: Readonly<Record<string, string>>): Promise<ServerMessage[]>;
  close(): Promise<void>;
}

/** How the driver asks for a socket. After a redirect, host and port differ from the address's. */
type Connector = (
  to: { host: string; port: number },
  lookup: unknown,
  signal: AbortSignal,
) => Promise<Socket>;

/**
 * Connects to a SQL Server, with the wish for a read-only replica where there is one.
 * @throws MissingPackageError without the package mssql
 * @throws ServerError `unknown-host`, `refused`, `time-out`, `tls`, `login`, `broken`
 */
export async function connect(address: ServerAddress): Promise<Server> {
  const { default: mssql } = await importOptional('mssql', 'talking to a SQL Server', () => import('mssql'));
  const { host, port, database, user, password, encrypt, trustServerCertificate, timeoutMs } = address;
  const connector: Connector = (to, _lookup, signal) => openSocket({ ...to, encrypt }, signal);
  const options: IOptions = {
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
    connectionTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    pool: { min: 0, max: 1 },
    options,
  });
  // If the connection breaks between two requests, the next request reports it.
  pool.on('error', () => {});
  try {
    await pool.connect();
  } catch (error) {
    await pool.close().catch(() => {});
    throw asServerError(error, address);
  }
  return new MssqlServer(pool, address);
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
  ) {}

  async rows(statement: string, parameters = {}): Promise<Record<string, unknown>[]> {
    try {
      return await this.#query(statement, parameters);
    } catch (error) {
      throw asServerError(error, this.address);
    }
  }

  async complaints(statement: string, parameters = {}): Promise<ServerMessage[]> {
    try {
      await this.#query(statement, parameters);
      return [];
    } catch (error) {
      const messages = messagesOf(error);
      if (messages.length === 0) throw asServerError(error, this.address);
      return messages;
    }
  }

  async #query(
    statement: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<Record<string, unknown>[]> {
    const request = this.pool.request();
    for (const [name, value] of Object.entries(parameters)) request.input(name, value);
    const { recordset } = await request.query<Record<string, unknown>>(statement);
    return recordset ?? [];
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** The server's own messages, in order; empty for a connection error. */
function messagesOf(error: unknown): ServerMessage[] {
  const { precedingErrors = [] } = error as { precedingErrors?: unknown[] };
  return [...precedingErrors, error].flatMap((one) => {
    const { number, message, lineNumber } = one as {
      number?: unknown;
      message?: unknown;
      lineNumber?: unknown;
    };
    if (typeof number !== 'number' || typeof message !== 'string') return [];
    return [{ number, message, line: typeof lineNumber === 'number' ? lineNumber : undefined }];
  });
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

function asServerError(error: unknown, { host, port, password }: ServerAddress): ServerError {
  const { code: own, message } = error as { code?: unknown; message?: unknown };
  const said = `${typeof own === 'string' ? own : ''} ${typeof message === 'string' ? message : String(error)}`;
  const reason = REASONS.find(({ when }) => when.test(said));
  // The driver's error contains the configuration, password included, so it is not kept as the cause.
  const text = (typeof message === 'string' ? message : 'no reason given').replaceAll(password, '***');
  return new ServerError({
    code: reason?.code ?? 'broken',
    message: `${host}:${port}: ${text.replace(/\s+/g, ' ')}`,
    hint: reason?.hint,
  });
}
