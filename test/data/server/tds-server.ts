import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A stand-in that speaks just enough of SQL Server's protocol (TDS 7.4, [MS-TDS]) on the loopback interface to fail as
 * a real server does. It has no tables; every statement has the same result.
 */
export interface Behaviour {
  /** The handshake's answer about TLS; 2 means "not supported". If undefined, the server never answers. */
  encryption?: 0 | 2 | 3;
  /** Rejects the login with this message. */
  loginError?: { number: number; message: string };
  /** Errors to return for a checked statement; empty means success without rows. */
  errors?: { number: number; message: string }[];
  /** The result of every statement but the driver's own. */
  result?: StandInResult;
  /** A statement is answered only once it is given up. */
  neverDone?: true;
}

export interface StandInResult {
  columns: { name: string; type: keyof typeof TYPES }[];
  rows: (string | number | Date | null)[][];
  /** An error after the rows. */
  error?: { number: number; message: string };
}

export interface StandIn {
  port: number;
  /** Packets received: their type and their text (UTF-16). */
  received: { type: number; text: string }[];
  close(): Promise<void>;
}

const PRELOGIN = 0x12;
const LOGIN = 0x10;
const CALL = 0x03;
const ATTENTION = 0x06;
const RESPONSE = 0x04;
const LARGEST_BODY = 4000;

export async function startStandIn(behaviour: Behaviour): Promise<StandIn> {
  const received: StandIn['received'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let pending = Buffer.alloc(0);
    socket.on('data', (data) => {
      pending = Buffer.concat([pending, data]);
      while (pending.length >= 8 && pending.length >= pending.readUInt16BE(2)) {
        const packet = pending.subarray(0, pending.readUInt16BE(2));
        pending = pending.subarray(packet.length);
        received.push({ type: packet[0]!, text: packet.subarray(8).toString('utf16le') });
        const answer = answerTo(packet[0]!, packet.subarray(8), behaviour);
        if (answer) socket.write(answer);
      }
    });
  });
  await listen(server);
  return {
    port: (server.address() as AddressInfo).port,
    received,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await listen(server);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answerTo(
  type: number,
  body: Buffer,
  { encryption, loginError, errors = [], result, neverDone }: Behaviour,
): Buffer | undefined {
  if (encryption === undefined) return undefined;
  if (type === PRELOGIN) return packet(prelogin(encryption));
  if (type === LOGIN) return packet(loginError ? [error(loginError), done(2)] : [loginAck(), done(0)]);
  if (type === ATTENTION) return packet(done(0x20));
  if (type === CALL && neverDone) return undefined;
  if (type === CALL && result) return packet(rowsOf(result));
  // The driver's own statement (settings) succeeds.
  const said = body.toString('utf16le').includes('sp_describe') ? errors : [];
  return packet([...said.map(error), done(said.length > 0 ? 2 : 0)]);
}

function packet(parts: Buffer | Buffer[]): Buffer {
  const body = Buffer.isBuffer(parts) ? parts : Buffer.concat(parts);
  const packets: Buffer[] = [];
  for (let at = 0; at === 0 || at < body.length; at += LARGEST_BODY) {
    const part = body.subarray(at, at + LARGEST_BODY);
    const isLast = at + LARGEST_BODY >= body.length;
    const header = Buffer.from([RESPONSE, Number(isLast), 0, 0, 0, 0, 1, 0]);
    header.writeUInt16BE(8 + part.length, 2);
    packets.push(header, part);
  }
  return Buffer.concat(packets);
}

/** How a type is declared in COLMETADATA, and its values in a ROW. [MS-TDS] 2.2.5.4 to 2.2.5.6 */
const TYPES = {
  int: {
    declared: [0x26, 4],
    value(value: unknown) {
      if (value === null) return Buffer.from([0]);
      const bytes = Buffer.from([4, 0, 0, 0, 0]);
      bytes.writeInt32LE(value as number, 1);
      return bytes;
    },
  },
  nvarchar: {
    declared: [0xe7, 0x40, 0x1f, 9, 4, 0xd0, 0, 0x34],
    value(value: unknown) {
      if (value === null) return Buffer.from([0xff, 0xff]);
      const bytes = text16(value as string);
      const length = Buffer.alloc(2);
      length.writeUInt16LE(bytes.length);
      return Buffer.concat([length, bytes]);
    },
  },
  date: {
    declared: [0x28],
    value(value: unknown) {
      if (value === null) return Buffer.from([0]);
      const bytes = Buffer.from([3, 0, 0, 0]);
      const days = ((value as Date).getTime() - new Date('0001-01-01').getTime()) / 86_400_000;
      bytes.writeUIntLE(days, 1, 3);
      return bytes;
    },
  },
};

function rowsOf({ columns, rows, error: fault }: StandInResult): Buffer[] {
  const head = Buffer.from([0x81, columns.length, 0]);
  const declared = columns.map(({ name, type }) =>
    Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 0, ...TYPES[type].declared, name.length]), text16(name)]),
  );
  const sent = rows.map((row) =>
    Buffer.concat([Buffer.from([0xd1]), ...row.map((value, i) => TYPES[columns[i]!.type].value(value))]),
  );
  return [head, ...declared, ...sent, ...(fault ? [error(fault), done(2)] : [done(0)])];
}

function prelogin(encryption: number): Buffer {
  // VERSION at 11, six bytes; ENCRYPTION at 17, one byte; terminator.
  return Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption]);
}

function text16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

function token(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(3);
  head[0] = type;
  head.writeUInt16LE(body.length, 1);
  return Buffer.concat([head, body]);
}

function error({ number, message }: { number: number; message: string }): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt32LE(number, 0);
  fixed[4] = 1;
  fixed[5] = 16;
  fixed.writeUInt16LE(message.length, 6);
  return token(0xaa, Buffer.concat([fixed, text16(message), Buffer.from([0, 0, 1, 0, 0, 0])]));
}

function loginAck(): Buffer {
  const name = 'stand-in';
  const body = [Buffer.from([1, 0x74, 0, 0, 4, name.length]), text16(name), Buffer.from([16, 0, 0, 0])];
  return token(0xad, Buffer.concat(body));
}

function done(status: number): Buffer {
  const body = Buffer.alloc(13);
  body[0] = 0xfd;
  body.writeUInt16LE(status, 1);
  return body;
}
