import { createServer, type AddressInfo, type Socket } from 'node:net';

/** Types of TDS packets that the driver sends: handshake, login, statement. [MS-TDS] 2.2.3.1.1 */
const STAGES = { handshake: 0x12, login: 0x10, batch: 0x01, call: 0x03 } as const;

/**
 * Where the server turns hostile; before that it answers as it should. `statement` is the first one, which the driver sends
 * on its own; `call` is the first of ours.
 */
export type Stage = 'handshake' | 'login' | 'statement' | 'call';

/** What it does there. */
export type Attack =
  /** Packets whose message never ends, as fast as they are taken. */
  | 'pours'
  /** A byte of a message every now and then. */
  | 'drips'
  /** Rows of a table without an end. */
  | 'rows'
  /** Bytes that are no tokens. */
  | 'garbage'
  /** The beginning of an answer, then the end of the connection. */
  | 'half'
  | 'hangs-up'
  /** Greets as another kind of server does. */
  | 'greets'
  /** Logs in and sends the client to the port `seed`. */
  | 'redirects';

export interface HostileServer {
  port: number;
  close(): Promise<void>;
}

/** A server on the loopback interface that is polite up to `stage`. @param seed of the garbage */
export async function hostileServer(stage: Stage, attack: Attack, seed = 1): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const type = data[0];
      const isStatement = type === STAGES.batch || type === STAGES.call;
      const said: Stage = stage === 'call' && type === STAGES.call ? 'call' : 'statement';
      const at: Stage = type === STAGES.handshake ? 'handshake' : isStatement ? said : 'login';
      if (at === stage) void attacks[attack](socket, seed);
      else if (at === 'handshake') socket.write(packet(HANDSHAKE));
      else if (at === 'login') socket.write(packet(Buffer.concat([LOGGED_IN, DONE])));
      else socket.write(packet(DONE));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((done) => server.close(done));
    },
  };
}

const HANDSHAKE = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2]);
const LOGGED_IN = Buffer.from([0xad, 10, 0, 1, 0x74, 0, 0, 4, 0, 16, 0, 0, 0]);
const DONE = Buffer.from([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/** COLMETADATA of one column `a` of type nvarchar(10), and a ROW in which it is NULL. */
const COLUMN = Buffer.from([0x81, 1, 0, 0, 0, 0, 0, 1, 0, 0xe7, 20, 0, 9, 4, 0xd0, 0, 0x34, 1, 0x61, 0]);
const ROW = Buffer.from([0xd1, 0xff, 0xff]);

function packet(body: Buffer, isLast = 1): Buffer {
  const header = Buffer.from([4, isLast, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(8 + body.length, 2);
  return Buffer.concat([header, body]);
}

async function repeat(socket: Socket, text: Buffer): Promise<void> {
  while (!socket.destroyed) {
    if (!socket.write(text)) await new Promise((on) => socket.once('drain', on).once('close', on));
  }
}

const attacks: Record<Attack, (socket: Socket, seed: number) => Promise<void> | void> = {
  pours: (socket) => repeat(socket, packet(Buffer.alloc(4000, 0x20), 0)),
  rows: (socket) => {
    socket.write(packet(COLUMN, 0));
    return repeat(socket, packet(Buffer.concat(Array<Buffer>(1300).fill(ROW)), 0));
  },
  drips: (socket) => {
    const timer = setInterval(() => socket.write(packet(Buffer.from([0x20]), 0)), 50);
    socket.once('close', () => {
      clearInterval(timer);
    });
  },
  garbage: (socket, seed) => {
    let state = seed;
    const bytes = Buffer.alloc(3000);
    for (let i = 0; i < bytes.length; i++)
      bytes[i] = (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16;
    socket.write(seed % 2 === 0 ? packet(bytes) : bytes);
  },
  half: (socket) => {
    socket.end(packet(Buffer.concat([COLUMN, ROW]), 0).subarray(0, 20));
  },
  // Its bytes 2 and 3 say how long a packet it would be.
  greets: (socket) => {
    socket.end(Buffer.concat([Buffer.from('SSH-2.0-OpenSSH_9.6\r\n'), Buffer.alloc(20_000, 0x41)]));
  },
  'hangs-up': (socket) => {
    socket.destroy();
  },
  redirects: (socket, port) => {
    const host = Buffer.from('127.0.0.1', 'utf16le');
    const route = Buffer.concat([Buffer.from([0, port & 255, port >> 8, host.length / 2, 0]), host]);
    const change = Buffer.concat([Buffer.from([20, route.length, 0]), route, Buffer.from([0, 0])]);
    socket.write(packet(Buffer.concat([LOGGED_IN, Buffer.from([0xe3, change.length, 0]), change, DONE])));
  },
};
