import { ServerError } from './errors.js';

/** Where a server is and who asks, as `mssql://USER@HOST:PORT/DATABASE?…` and the environment say. */
export interface ServerAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** TLS for the whole connection (default) or for the login alone. */
  encrypt: boolean;
  /** Takes a certificate that nobody signed. */
  trustServerCertificate: boolean;
  /** For connecting, and for each answer. */
  timeoutMs: number;
}

export const USER_VARIABLE = 'OPENWARD_SQL_USER';
export const PASSWORD_VARIABLE = 'OPENWARD_SQL_PASSWORD';

const DEFAULT_PORT = 1433;
const DEFAULT_TIMEOUT_S = 15;
const OPTIONS = ['encrypt', 'trustServerCertificate', 'timeout'];
const SHAPE = 'mssql://USER@HOST:1433/DATABASE?encrypt=true&trustServerCertificate=false&timeout=15';

/**
 * Reads a server's address. The password comes from OPENWARD_SQL_PASSWORD alone, since a command line is seen by
 * every user of the machine and kept by the shell; the user may stand in the address or in OPENWARD_SQL_USER.
 *
 * @throws ServerError `bad-url`, `password-in-url`, `no-credentials`; none of them quotes the address
 */
export function readAddress(text: string, env: Readonly<Record<string, string | undefined>>): ServerAddress {
  const url = parseUrl(text);
  if (url.password !== '') {
    throw new ServerError({
      code: 'password-in-url',
      message: 'the address holds a password, which other users of this machine can see',
      hint: `leave it out and set ${PASSWORD_VARIABLE}`,
    });
  }
  for (const option of url.searchParams.keys()) {
    if (!OPTIONS.includes(option)) throw badUrl(`the option ${option} is not known`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (url.hostname === '' || database === '') throw badUrl('host or database is missing');
  const user = decodeURIComponent(url.username) || env[USER_VARIABLE] || '';
  const password = env[PASSWORD_VARIABLE] ?? '';
  if (user === '' || password === '') {
    throw new ServerError({
      code: 'no-credentials',
      message: `the ${user === '' ? 'user' : 'password'} of the server is not known`,
      hint: `set ${user === '' ? USER_VARIABLE : PASSWORD_VARIABLE}; a login that may only read is enough`,
    });
  }
  return {
    host: url.hostname,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user,
    password,
    encrypt: readFlag(url, 'encrypt', true),
    trustServerCertificate: readFlag(url, 'trustServerCertificate', false),
    timeoutMs: 1000 * readTimeout(url),
  };
}

function badUrl(message: string): ServerError {
  return new ServerError({ code: 'bad-url', message, hint: `an address reads ${SHAPE}` });
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
    decodeURIComponent(url.pathname + url.username);
  } catch {
    throw badUrl('the address of the server cannot be read');
  }
  if (url.protocol !== 'mssql:') throw badUrl('the address does not begin with mssql://');
  return url;
}

function readFlag(url: URL, name: string, otherwise: boolean): boolean {
  const value = url.searchParams.get(name);
  if (value === null) return otherwise;
  if (value !== 'true' && value !== 'false') throw badUrl(`${name} is neither true nor false`);
  return value === 'true';
}

function readTimeout(url: URL): number {
  const seconds = Number(url.searchParams.get('timeout') ?? DEFAULT_TIMEOUT_S);
  if (!(seconds > 0 && seconds <= 600)) throw badUrl('timeout is no number of seconds up to 600');
  return seconds;
}
