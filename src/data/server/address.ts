import { ServerError } from './errors.js';

/** A server and a login, from `mssql://USER@HOST:PORT/DATABASE?…` and the environment. */
export interface ServerAddress {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** TLS for the whole connection (default) or only for the login. */
  encrypt: boolean;
  /** Accepts a certificate that no trusted authority signed. */
  trustServerCertificate: boolean;
  /** Sends the login on to the host or port that the server redirects to. */
  followRedirect?: boolean | undefined;
  /** Limit for connecting, and for each request. */
  timeoutMs: number;
}

const USER_VARIABLE = 'OPENWARD_SQL_USER';
const PASSWORD_VARIABLE = 'OPENWARD_SQL_PASSWORD';

const DEFAULT_PORT = 1433;
const DEFAULT_TIMEOUT_S = 15;
const OPTIONS = ['encrypt', 'trustServerCertificate', 'redirect', 'timeout'];
const SHAPE =
  'mssql://USER@HOST:1433/DATABASE?encrypt=true&trustServerCertificate=false&redirect=false&timeout=15';

/**
 * Reads a server's address. The user comes from the address or from OPENWARD_SQL_USER. The password comes only from
 * OPENWARD_SQL_PASSWORD: other users of the machine can see a command line, and the shell stores it.
 *
 * @throws ServerError `bad-url`, `password-in-url`, `no-credentials`; no message quotes the address
 */
export function readAddress(text: string, env: Readonly<Record<string, string | undefined>>): ServerAddress {
  const url = parseUrl(text);
  if (url.password !== '') {
    throw new ServerError({
      code: 'password-in-url',
      message: 'the address contains a password, which other users of this machine can see',
      hint: `leave it out and set ${PASSWORD_VARIABLE}`,
    });
  }
  for (const option of url.searchParams.keys()) {
    if (!OPTIONS.includes(option)) throw badUrl(`unknown option ${option}`);
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  if (url.hostname === '' || database === '') throw badUrl('the host or the database is missing');
  const user = decodeURIComponent(url.username) || env[USER_VARIABLE] || '';
  const password = env[PASSWORD_VARIABLE] ?? '';
  if (user === '' || password === '') {
    throw new ServerError({
      code: 'no-credentials',
      message: `no ${user === '' ? 'user' : 'password'} for the server`,
      hint: `set ${user === '' ? USER_VARIABLE : PASSWORD_VARIABLE}; a read-only login is enough`,
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
    ...(readFlag(url, 'redirect', false) ? { followRedirect: true } : {}),
    timeoutMs: 1000 * readTimeout(url),
  };
}

function badUrl(message: string): ServerError {
  return new ServerError({ code: 'bad-url', message, hint: `write the address as ${SHAPE}` });
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
    decodeURIComponent(url.pathname + url.username);
  } catch {
    throw badUrl('the server address is not a valid URL');
  }
  if (url.protocol !== 'mssql:') throw badUrl('the address must begin with mssql://');
  return url;
}

function readFlag(url: URL, name: string, otherwise: boolean): boolean {
  const value = url.searchParams.get(name);
  if (value === null) return otherwise;
  if (value !== 'true' && value !== 'false') throw badUrl(`${name} must be true or false`);
  return value === 'true';
}

function readTimeout(url: URL): number {
  const seconds = Number(url.searchParams.get('timeout') ?? DEFAULT_TIMEOUT_S);
  if (!(seconds > 0 && seconds <= 600)) throw badUrl('timeout must be a number of seconds, at most 600');
  return seconds;
}
