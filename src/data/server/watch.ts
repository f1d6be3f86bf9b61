import type { Socket } from 'node:net';
import { onDriverFault } from './driver-faults.js';
import { ServerError } from './errors.js';

/** After the driver's own limit, whose message says more. */
const GRACE_MS = 1000;

/** What one exchange with the server may take. */
export interface Limits {
  /** Bytes that the server may send. */
  bytes: number;
  timeoutMs: number;
}

/**
 * Ends an exchange that takes too long or too much. The driver alone does not: it waits for the end of an answer that has
 * begun, however long it is.
 */
export class Watch {
  readonly #sockets = new Set<Socket>();
  #received = 0;
  #most = 0;
  #fail: (error: ServerError) => void = () => {};
  /** Why there are no further exchanges. */
  #stopped: ServerError | undefined;
  readonly #release = onDriverFault(() => {
    this.stop(notSqlServer());
  });

  /** Counts what arrives at the socket from now on. */
  adopt(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Whoever waits for the exchange is told; without a listener the error would end the process.
    socket.on('error', () => {});
    const push = socket.push.bind(socket);
    socket.push = (chunk: Buffer | null): boolean => {
      this.#received += chunk?.length ?? 0;
      if (this.#received <= this.#most) return push(chunk);
      this.stop(tooLong());
      return false;
    };
  }

  /**
   * Waits for an exchange.
   * @throws ServerError `time-out`, `too-long`, or `broken` if the driver failed over what it read; then every socket is
   *   closed
   */
  during<T>(limits: Limits, exchange: () => Promise<T>): Promise<T> {
    if (this.#stopped) return Promise.reject(this.#stopped);
    this.#received = 0;
    this.#most = limits.bytes;
    return new Promise<T>((resolve, reject) => {
      const seconds = limits.timeoutMs / 1000;
      const overdue = (): void => {
        const message = `the answer was not complete within ${seconds} s`;
        this.stop(new ServerError({ code: 'time-out', message, hint: 'raise timeout= in the address' }));
      };
      const timer = setTimeout(overdue, limits.timeoutMs + GRACE_MS);
      this.#fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      exchange()
        .then(resolve, reject)
        .finally(() => {
          clearTimeout(timer);
          this.#fail = () => {};
        });
    });
  }

  /** Closes every socket and fails the exchange that is under way. */
  stop(error: ServerError): void {
    this.#stopped ??= error;
    this.#fail(error);
    this.close();
  }

  close(): void {
    this.#release();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The driver could not read the answer. Its own words speak of offsets and tokens. */
export function notSqlServer(): ServerError {
  return new ServerError({
    code: 'broken',
    message: 'this is not SQL Server: its answer does not follow the protocol',
    hint: 'check host and port',
  });
}

export function tooLong(): ServerError {
  return new ServerError({ code: 'too-long', message: 'the answer is longer than any that was asked for' });
}
