import { connect, type Socket } from 'node:net';
import { ServerError } from './errors.js';

/** Bytes of a TDS packet header; its bytes 2 and 3 hold the packet's length. [MS-TDS] 2.2.3.1 */
const HEADER = 8;
/** The ENCRYPTION option of a PRELOGIN message, and the values that encrypt the whole connection. [MS-TDS] 2.2.6.5 */
const ENCRYPTION = 1;
const TERMINATOR = 0xff;
const ENCRYPT_ON = 1;
const ENCRYPT_REQUIRED = 3;

/**
 * Opens the socket for the driver.
 *
 * With `encrypt`, the server's first packet is checked before the driver sees it, and the connection is closed unless
 * it leads to TLS. On its own, the driver continues without TLS if the server, or an attacker in its place, claims not
 * to support it, and would send user and password in plain text.
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

/** Holds back the first packet until it is complete, and rejects it unless it leads to TLS. */
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
          message: 'the server does not offer TLS, so no login was sent',
        }),
      );
      return false;
    }
    const whole = first;
    first = undefined;
    return push(whole);
  };
}

/** The ENCRYPTION option of a PRELOGIN answer; undefined if there is none. */
function encryptionOf(answer: Buffer): number | undefined {
  for (let at = 0; at + 5 <= answer.length && answer[at] !== TERMINATOR; at += 5) {
    if (answer[at] === ENCRYPTION) return answer[answer.readUInt16BE(at + 1)];
  }
  return undefined;
}
