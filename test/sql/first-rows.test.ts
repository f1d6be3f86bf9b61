import { afterEach, describe, expect, test } from 'vitest';
import { readAddress } from '../../src/data/server/address.js';
import type { FirstRows } from '../../src/data/server/connect.js';
import { ServerError } from '../../src/data/server/errors.js';
import { firstRowsReader } from '../../src/sql/first-rows.js';
import { hostileServer, type HostileServer } from '../data/server/hostile-server.js';
import { closedPort, startStandIn, type Behaviour, type StandIn } from '../data/server/tds-server.js';

const PASSWORD = 'S3cret-p@ss';
const ENV = { OPENWARD_SQL_USER: 'reader', OPENWARD_SQL_PASSWORD: PASSWORD };
const STATEMENT = 'SELECT t1.name, t1.born FROM patient AS t1;';

let standIn: StandIn | HostileServer | undefined;
afterEach(async () => {
  await standIn?.close();
  standIn = undefined;
});

function read(
  port: number,
  { rows = 3, timeoutMs = 20_000, signal = undefined as AbortSignal | undefined } = {},
): Promise<FirstRows> {
  const address = readAddress(`mssql://127.0.0.1:${port}/clinic?encrypt=false&timeout=20`, ENV);
  return firstRowsReader(address, { rows, timeoutMs })(STATEMENT, signal);
}

async function start(behaviour: Behaviour): Promise<StandIn> {
  const started = await startStandIn({ encryption: 2, ...behaviour });
  standIn = started;
  return started;
}

async function failureOf(work: Promise<unknown>): Promise<ServerError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerError);
  expect(`${(error as Error).message} ${(error as Error).stack}`).not.toContain(PASSWORD);
  return error as ServerError;
}

const PEOPLE = (count: number): NonNullable<Behaviour['result']> => ({
  columns: [
    { name: 'name', type: 'nvarchar' },
    { name: 'born', type: 'date' },
    { name: '', type: 'int' },
  ],
  rows: Array.from({ length: count }, (_, i) => [`Name ${i}`, i === 1 ? null : new Date('1950-03-05'), i]),
});

describe('the first rows of a statement', () => {
  test('come with the columns in order, whatever their names', async () => {
    const { port } = await start({ result: PEOPLE(2) });
    expect(await read(port)).toEqual({
      columns: [
        { name: 'name', type: 'nvarchar' },
        { name: 'born', type: 'date' },
        { name: '', type: 'int' },
      ],
      rows: [
        ['Name 0', new Date('1950-03-05'), 0],
        ['Name 1', null, 1],
      ],
      more: false,
    });
  });

  test.each([
    [3, false],
    [4, true],
    [20_000, true],
  ])('of %i are at most as many as asked for', async (count, more) => {
    const { port } = await start({ result: PEOPLE(count) });
    const found = await read(port);
    expect(found.rows.map(([name]) => name)).toEqual(['Name 0', 'Name 1', 'Name 2']);
    expect(found.more).toBe(more);
  });

  test('are asked for once, as they are, after the settings of the connection', async () => {
    const { port, received } = await start({ result: PEOPLE(1) });
    await read(port);
    const statements = received.filter(({ type }) => type === 1 || type === 3);
    const settings = statements
      .filter(({ type }) => type === 1)
      .map(({ text }) => text.slice(text.indexOf('set ')));
    expect(settings.join('\n')).toMatch(/^set transaction isolation level read uncommitted$/m);
    expect(
      settings
        .join('\n')
        .split('\n')
        .filter((line) => !line.startsWith('set ')),
    ).toEqual([]);
    const own = statements.filter(({ type }) => type === 3);
    expect(own.map(({ text }) => text.includes(STATEMENT))).toEqual([true]);
    expect(statements.at(-1)).toBe(own[0]);
  });
});

describe('rows that cannot be read end with one typed error:', () => {
  test('the server refuses the statement', async () => {
    const { port } = await start({
      result: { ...PEOPLE(1), error: { number: 208, message: "Invalid object name 'patient'." } },
    });
    expect(await failureOf(read(port))).toMatchObject({
      code: 'statement',
      message: "error 208: Invalid object name 'patient'.",
    });
  });

  test('the statement takes too long', async () => {
    const { port } = await start({ neverDone: true });
    expect(await failureOf(read(port, { timeoutMs: 300 }))).toMatchObject({
      code: 'too-slow',
      message: 'not done within 0.3 s',
    });
  });

  test('the login is refused', async () => {
    const { port } = await start({ loginError: { number: 18456, message: `Login failed (${PASSWORD}).` } });
    expect((await failureOf(read(port))).code).toBe('login');
  });

  test('nothing listens', async () => {
    expect((await failureOf(read(await closedPort()))).code).toBe('refused');
  });

  test('the server hangs up in the middle of the rows', async () => {
    standIn = await hostileServer('call', 'half');
    expect((await failureOf(read(standIn.port))).code).toBe('broken');
  });

  test('rows never end: the first of them are enough', async () => {
    standIn = await hostileServer('call', 'rows');
    const found = await read(standIn.port, { rows: 100 });
    expect([found.rows.length, found.more]).toEqual([100, true]);
  });

  test('the rows are larger than anyone looks at', async () => {
    const rows = Array.from({ length: 4500 }, () => ['x'.repeat(3990)]);
    const { port } = await start({ result: { columns: [{ name: 'note', type: 'nvarchar' }], rows } });
    expect((await failureOf(read(port, { rows: 5000 }))).code).toBe('too-long');
  });

  test('nobody waits any more', async () => {
    const { port } = await start({ neverDone: true });
    const gone = new AbortController();
    const rows = failureOf(read(port, { signal: gone.signal }));
    setTimeout(() => gone.abort(), 300);
    expect((await rows).message).toContain('nobody waits');
  });
});
