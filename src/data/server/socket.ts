import { connect, type Socket } from 'node:net';
import { ServerError } from './errors.js';

/** Header of a TDS packet, whose length stands in bytes 2 and 3. [MS-TDS] 2.2.3.1 */
const HEADER = 8;
/** Option of a PRELOGIN message, and its values that lead to TLS for the whole connection. [MS-TDS] 2.2.6.5 */
const ENCRYPTION = 1;
const TERMINATOR = 0xff;
const ENCRYPT_ON = 1;
const ENCRYPT_REQUIRED = 3;

/**
 * Opens the connection that the driver talks through.
 *
 * With `encrypt`, what the server first says is read before the driver sees it, and the connection ends there unless
 * it leads to TLS: the driver by itself goes on without TLS when the server, or whoever stands in its place, claims
 * to know none, and would send user and password readable.
 */
export function openSocket(
  { host, port, encrypt }: { host: string; port: number; encrypt: boolean },
  signal?: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...(signal && { signal }) });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      if (encrypt) demandTls(socket);
      resolve(socket);
    });
  });
}

/** Holds the first packet back until it is whole and leads to TLS. */
function demandTls(socket: Socket): void {
  const push = socket.push.bind(socket);
  let first: Buffer | undefined = Buffer.alloc(0);
  socket.push = (chunk: Buffer | null): boolean => {
    if (first === undefined || chunk === null) return push(chunk);
    first = Buffer.concat([first, chunk]);
    if (first.length < HEADER || first.length < first.readUInt16BE(2)) return true;
    const encryption = encryptionOf(first.subarray(HEADER, first.readUInt16BE(2)));
    if (encryption !== ENCRYPT_ON && encryption !== ENCRYPT_REQUIRED) {
      socket.destroy(
        new ServerError({
          code: 'tls',
          message: 'the server does not offer TLS, and nothing was sent to it',
        }),
      );
      return false;
    }
    const whole = first;
    first = undefined;
    return push(whole);
  };
}

/** The server's ENCRYPTION option in a PRELOGIN answer; undefined where it gives none. */
function encryptionOf(answer: Buffer): number | undefined {
  for (let at = 0; at + 5 <= answer.length && answer[at] !== TERMINATOR; at += 5) {
    if (answer[at] === ENCRYPTION) return answer[answer.readUInt16BE(at + 1)];
  }
  return undefined;
}
