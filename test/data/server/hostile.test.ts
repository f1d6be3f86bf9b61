import { connect as open, createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { connectTo } from '../../../src/data/server/connect.js';
import { ServerError } from '../../../src/data/server/errors.js';
import { bundleOfCatalogue, importFromServer } from '../../../src/data/server/import.js';
import { legible } from '../../../src/data/server/legible.js';
import { Watch } from '../../../src/data/server/watch.js';
import { hostileServer, type Attack, type HostileServer, type Stage } from './hostile-server.js';
import { startStandIn } from './tds-server.js';

const PASSWORD = 'S3cret-p@ss';
const ENV = { OPENWARD_SQL_USER: 'reader', OPENWARD_SQL_PASSWORD: PASSWORD };

let server: HostileServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function importError(port: number, timeout = 0.5): Promise<ServerError> {
  const url = `mssql://127.0.0.1:${port}/clinic?encrypt=false&timeout=${timeout}`;
  const error: unknown = await (async () => {
    const { server } = await connectTo(url, ENV);
    try {
      await importFromServer(server, 'clinic');
    } finally {
      await server.close();
    }
  })().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  return error as ServerError;
}

describe('a hostile server', () => {
  const stages: Stage[] = ['handshake', 'login', 'statement'];
  const attacks: Attack[] = ['pours', 'drips', 'half', 'hangs-up'];
  const cases = stages.flatMap((stage) => attacks.map((attack): [Stage, Attack] => [stage, attack]));

  test.each([...cases, ['statement', 'rows'] as [Stage, Attack]])(
    'that at the %s %s: one error in time',
    async (stage, attack) => {
      server = await hostileServer(stage, attack);
      const before = performance.now();
      const error = await importError(server.port);
      // Limit, grace and the goodbye; the rest is a busy machine.
      expect(performance.now() - before).toBeLessThan(15_000);
      expect(error).toBeInstanceOf(ServerError);
      expect(error.message).not.toMatch(/\n|\p{Cc}/u);
    },
    30_000,
  );

  test('that redirects the login: another place sees it only if the address says so', async () => {
    let callers = 0;
    const elsewhere = createServer((socket) => {
      callers++;
      socket.destroy();
    });
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    try {
      server = await hostileServer('login', 'redirects', (elsewhere.address() as AddressInfo).port);
      const error = await importError(server.port, 2);
      expect((error as unknown as { code: string }).code).toBe('redirected');
      expect(error.message).toContain('the server redirects the login to another host or port');
      expect(error.message).not.toContain(PASSWORD);
      expect(callers).toBe(0);
      const url = `mssql://127.0.0.1:${server.port}/clinic?encrypt=false&timeout=2&redirect=true`;
      await expect(connectTo(url, ENV)).rejects.toThrow();
      expect(callers).toBeGreaterThan(0);
    } finally {
      await new Promise((done) => elsewhere.close(done));
    }
  }, 60_000);

  test('that sends garbage at any stage: an error, and nothing unhandled', async () => {
    for (const stage of stages) {
      for (let seed = 1; seed <= 12; seed++) {
        server = await hostileServer(stage, 'garbage', seed);
        const error = await importError(server.port, 0.2);
        // Garbage may read as an empty catalogue.
        expect([error.name, (error as { code?: unknown }).code]).toSatisfy(
          ([name, code]) => name === 'ServerError' || code === 'empty-ddl',
        );
        expect(error.message).not.toMatch(/offset|token|Received|data type|unexpected|out of range/i);
        await server.close();
      }
    }
  }, 120_000);

  test('that is none: the error says so', async () => {
    server = await hostileServer('handshake', 'greets');
    const error = await importError(server.port, 2);
    expect(error.code).toBe('broken');
    expect(error.message).toBe(
      `127.0.0.1:${server.port}: this is not SQL Server: its answer does not follow the protocol; check host and port`,
    );
  });

  test('that writes control characters into a refusal: they are spelled out', async () => {
    const message = 'Login failed.\u001b[2J\u0007\u202eall is well\u0000';
    const standIn = await startStandIn({ encryption: 2, loginError: { number: 18456, message } });
    const error = await importError(standIn.port);
    await standIn.close();
    expect(error.code).toBe('login');
    expect(error.message).toContain('Login failed.\\u{1b}[2J\\u{7}\\u{202e}all is well\\u{0}');
  });

  test('that writes them into names and types of the catalogue: the note spells them out', () => {
    const row = { table: 'Pat\u001b[2Jient', column: 'a', type: 'int', nullable: 'YES' };
    const good = { table: 'Patient', column: 'id', type: 'int', nullable: 'NO' };
    const odd = { ...good, column: 'b', type: 'int\u0007' };
    const catalogue = { columns: [row, good, odd], primary: [], foreign: [] };
    const { notes } = bundleOfCatalogue(catalogue, 'clinic', { schema: 'dbo' });
    expect(notes).toHaveLength(2);
    expect(notes.join('')).not.toMatch(/\p{Cc}/u);
    expect(notes.join('')).toMatch(/Pat\\u\{1b\}\[2Jient\.a: left out.*int\\u\{7\}/);
  });
});

describe('legible', () => {
  test.each([
    ['quoted', `failed for ${PASSWORD}!`, 'failed for ***!'],
    ['with blanks between its letters', [...PASSWORD].join(' '), '(a text that quotes the password)'],
    ['with invisible letters in it', [...PASSWORD].join('\u200b'), '(a text that quotes the password)'],
    ['in capitals', PASSWORD.toUpperCase(), '(a text that quotes the password)'],
  ])('a password %s is not shown', (_, text, shown) => {
    expect(legible(text, PASSWORD)).toBe(shown);
  });

  test('a long text is cut, and names outside ASCII stay', () => {
    expect(legible('Größe имя')).toBe('Größe имя');
    expect(legible('x'.repeat(100_000))).toHaveLength(501);
    expect(legible('\u0000'.repeat(100_000)).length).toBeLessThanOrEqual(501);
  });
});

describe('a watch', () => {
  async function pouring(): Promise<{ port: number; close: () => void }> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(Buffer.alloc(3_000_000));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  }

  test.each([
    [1_000_000, 'too-long'],
    [4_000_000, 'time-out'],
  ])('ends an exchange of 3 MB without an end, of which %i bytes are allowed: %s', async (bytes, code) => {
    const { port, close } = await pouring();
    const watch = new Watch();
    const socket = open({ host: '127.0.0.1', port });
    watch.adopt(socket);
    let received = 0;
    socket.on('data', (data) => (received += data.length));
    const error: unknown = await watch
      .during({ bytes, timeoutMs: 300 }, () => new Promise(() => {}))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(received).toBeLessThanOrEqual(bytes);
    expect(socket.destroyed).toBe(true);
    close();
  });
});
