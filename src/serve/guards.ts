import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { ServeError } from './errors.js';

export interface GuardOptions {
  /** Whether the server listens on addresses of other machines too: requests may then name any IP address. */
  isPublic: boolean;
  /** Host names that requests may name besides `localhost` and loopback addresses. */
  hosts: readonly string[];
  /** Origins of other pages that may call the server: `https://clinic.example`. */
  origins: readonly string[];
  /** Requests must show it; without it anyone may ask. */
  apiKey?: string | undefined;
  /** Requests a minute from one address; 0 for no limit. */
  rateLimit: number;
}

/** Whether an address or a host name is this machine's own. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/**
 * Refuses requests that a page of another site may have caused. Such a page can send a browser here under a name of its own
 * (DNS rebinding), which the host tells, or directly, which the origin tells.
 *
 * @param url of the request, with the host that its client named
 * @throws ServeError `foreign-host`, `foreign-origin`
 */
export function checkSource(url: URL, origin: string | undefined, options: GuardOptions): void {
  const { hostname } = url;
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  const isOurs =
    isLoopback(hostname) || (options.isPublic && isAddress) || options.hosts.includes(hostname.toLowerCase());
  if (!isOurs) {
    throw new ServeError(
      'foreign-host',
      'this server is not known by that name; --allow-host NAME allows it',
      403,
    );
  }
  if (origin === undefined || options.origins.includes(origin) || hostOf(origin) === url.host) return;
  throw new ServeError(
    'foreign-origin',
    'pages of that origin may not ask here; --allow-origin ORIGIN allows it',
    403,
  );
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** @throws ServeError `no-api-key` if the request does not show the key */
export function checkKey(headers: Headers, apiKey: string | undefined): void {
  if (apiKey === undefined) return;
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '') ?? [];
  const shown = bearer ?? headers.get('x-api-key') ?? '';
  // The time that the comparison takes tells nothing about the key.
  if (timingSafeEqual(digest(shown), digest(apiKey))) return;
  throw new ServeError('no-api-key', 'send the API key: Authorization: Bearer KEY', 401);
}

const MOST_CLIENTS = 10_000;

/** Lets each client make so many requests a minute, and as many at once. */
export class RateLimit {
  /** Requests that are left to a client, and when that was so. The longest silent ones come first. */
  readonly #clients = new Map<string, { left: number; at: number }>();

  constructor(
    private readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws ServeError `too-many-requests` */
  take(client: string): void {
    if (this.perMinute === 0) return;
    const now = this.now();
    const perMs = this.perMinute / 60_000;
    const { left, at } = this.#clients.get(client) ?? { left: this.perMinute, at: now };
    const refilled = Math.min(this.perMinute, left + (now - at) * perMs);
    const isLate = refilled < 1;
    this.#clients.delete(client);
    this.#clients.set(client, { left: isLate ? refilled : refilled - 1, at: now });
    for (const [oldest] of this.#clients) {
      if (this.#clients.size <= MOST_CLIENTS) break;
      this.#clients.delete(oldest);
    }
    if (!isLate) return;
    const retryAfter = Math.max(1, Math.ceil((1 - refilled) / perMs / 1000));
    const message = `more than ${this.perMinute} requests a minute: ask again in ${retryAfter} s`;
    throw new ServeError('too-many-requests', message, 429, retryAfter);
  }
}
