import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { ServeError } from './errors.js';

export interface ListenOptions {
  host: string;
  /** 0 for any free one. */
  port: number;
  /** The option that chooses the port (default `--port`). */
  portOption?: string | undefined;
}

/** A server that accepts connections. */
export interface Listening {
  /** `http://127.0.0.1:8080` */
  url: string;
  /**
   * Accepts no new connection, answers every request that has arrived or arrives on an open one, and closes each
   * connection after its answer.
   *
   * @param patience milliseconds after which connections are cut, answered or not
   * @returns whether every connection ended by itself
   */
  stop(patience: number): Promise<boolean>;
}

/** How long an open connection without a request may still bring one while the server stops. */
const LAST_REQUEST_MS = 500;

/** What the operating system says of an address, in words. PORT is the option that chooses the port. */
const NOT_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; PORT chooses another port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  EACCES: 'this user may not use that port; PORT chooses another port',
  ENOTFOUND: 'there is no host of that name',
};

/** @throws ServeError `cannot-listen` if the address is taken or not this machine's */
export async function listen(
  app: Hono,
  { host, port, portOption = '--port' }: ListenOptions,
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, hostname: host }) as Server;
  // A client that sends a request byte by byte holds no connection for longer.
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = NOT_LISTENING[error.code ?? ''] ?? `(${error.code ?? error.message})`;
      const message = `cannot listen on ${host} port ${port}: ${why.replace('PORT', portOption)}`;
      reject(new ServeError('cannot-listen', message, 500));
    });
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return { url: `http://${name}:${bound}`, stop: (patience) => stop(server, patience) };
}

export interface ServingOptions extends ListenOptions {
  /** Aborted when the server should end. */
  stopping: AbortSignal;
  /** Milliseconds that answers may still take then. */
  patience: number;
  onListening: (url: string) => void | Promise<void>;
}

/**
 * Serves until `stopping` is aborted and every request that has arrived is answered.
 * @returns whether every connection ended by itself
 * @throws ServeError as `listen`
 */
export async function serveUntilStopped(app: Hono, options: ServingOptions): Promise<boolean> {
  const { stopping, patience, onListening } = options;
  const server = await listen(app, options);
  await onListening(server.url);
  await new Promise<void>((resolve) => {
    if (stopping.aborted) resolve();
    else stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  return server.stop(patience);
}

function stop(server: Server, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      clearInterval(idle);
      server.closeAllConnections();
      resolve(false);
    }, patience);
    // http.Server's own close would also cut idle connections, on which a request may be on its way.
    const idle = setInterval(() => server.closeIdleConnections(), LAST_REQUEST_MS);
    closeListener(server, () => {
      clearTimeout(cut);
      clearInterval(idle);
      resolve(true);
    });
  });
}

function closeListener(server: Server, onClosed: () => void): void {
  const keepIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {};
  server.close(onClosed);
  server.closeIdleConnections = keepIdle;
}
