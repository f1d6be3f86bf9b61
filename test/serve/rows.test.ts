import { describe, expect, test } from 'vitest';
import { readAddress } from '../../src/data/server/address.js';
import type { FirstRows } from '../../src/data/server/connect.js';
import { ServerError } from '../../src/data/server/errors.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { chartOf } from '../../src/serve/chart.js';
import {
  answerShape,
  errorShape,
  rowsShape,
  settingsShape,
  type RowsBody,
} from '../../src/serve/contract.js';
import { StatementRows } from '../../src/serve/rows.js';
import { firstRowsReader, type FirstRowsReader } from '../../src/sql/first-rows.js';
import { parse } from '../../src/tsql/parser.js';
import { startStandIn } from '../data/server/tds-server.js';
import { stubApp, stubRows, type StubApp } from './stub.js';

const QUESTION = 'How many visits did patient 4711 have?';
const STATEMENT = 'SELECT COUNT(*) FROM person AS t1 WHERE t1.person_id = 4711;';
const ONE: FirstRows = { columns: [{ name: '', type: 'int' }], rows: [[12]], more: false };

async function idOf({ post }: StubApp, question = QUESTION, schema?: string): Promise<string | undefined> {
  const response = await post('/v1/sql', { question, schema });
  return answerShape.parse(await response.json()).id;
}

async function failureOf(response: Response): Promise<[number, string, string]> {
  const { code, message } = errorShape.parse(await response.json()).error;
  return [response.status, code, message];
}

describe('POST /v1/rows', () => {
  test('runs the statement of an answer, and nothing else', async () => {
    const asked: string[] = [];
    const app = stubApp({ rows: stubRows(ONE, { asked }) });
    const id = await idOf(app);
    const response = await app.post('/v1/rows', { id });
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = rowsShape.parse(await response.json());
    expect(body).toMatchObject({
      columns: [{ name: 'COUNT(*)', type: 'int' }],
      rows: [[12]],
      more: false,
      chart: null,
    });
    expect(asked).toEqual([STATEMENT]);
  });

  test('is not there unless the server was started with a database', async () => {
    const app = stubApp();
    expect(await idOf(app)).toBeUndefined();
    const [status, code, message] = await failureOf(await app.post('/v1/rows', { id: 'x' }));
    expect([status, code]).toEqual([404, 'rows-off']);
    expect(message).toContain('--run-on SERVER');
    const settings = settingsShape.parse(await (await app.get('/v1/settings')).json());
    expect(settings.rows).toBeNull();
  });

  test('says its limits in the settings', async () => {
    const { get } = stubApp({ rows: stubRows(ONE, { limit: 20, timeLimit: 5000 }) });
    const settings = settingsShape.parse(await (await get('/v1/settings')).json());
    expect(settings.rows).toEqual({ schema: 'omop_cdm_5_4', limit: 20, timeLimit: 5000 });
  });

  test.each<[string, object]>([
    ['a statement', { sql: 'SELECT * FROM person;' }],
    ['a statement beside an id', { id: 'x', sql: 'SELECT * FROM person;' }],
    ['a statement as an id', { id: STATEMENT }],
  ])('takes no text of a client: %s', async (_, body) => {
    const asked: string[] = [];
    const { post } = stubApp({ rows: stubRows(ONE, { asked }) });
    const [status] = await failureOf(await post('/v1/rows', body));
    expect([400, 404]).toContain(status);
    expect(asked).toEqual([]);
  });

  test('gives no id to a refusal, nor to an answer over another schema', async () => {
    const app = stubApp({ rows: stubRows(ONE) });
    expect(await idOf(app, 'How is the weather?')).toBeUndefined();
    expect(await idOf(app, 'How many patients?', 'mimic_iv')).toBeUndefined();
    expect(await idOf(app, 'How many patients?')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('runs at most four statements at a time', async () => {
    let release = (): void => {};
    const held = new Promise<void>((done) => (release = done));
    const app = stubApp({ rows: stubRows(() => held.then(() => ONE)) });
    const id = await idOf(app);
    const running = Array.from({ length: 4 }, () => app.post('/v1/rows', { id }));
    await new Promise((done) => setTimeout(done, 20));
    const refused = await app.post('/v1/rows', { id });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    release();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('writes neither rows nor statements into log or metrics, whatever goes wrong', async () => {
    // Eight digits, which no counter of bytes or times has by chance.
    const secrets = /Zebulon|76543210|SELECT/;
    const failure = new ServerError({
      code: 'statement',
      message: "error 245: Conversion failed for 'Zebulon'.",
    });
    const log: string[] = [];
    const rows = stubRows(() => Promise.reject(failure), { log: (line) => log.push(line) });
    const app = stubApp({ rows, log: (line) => log.push(line) });
    const id = await idOf(app, 'How many visits did patient 76543210 have?');
    const [status, code, message] = await failureOf(await app.post('/v1/rows', { id }));
    expect([status, code]).toEqual([422, 'rows-refused']);
    expect(message).toContain("error 245: Conversion failed for 'Zebulon'.");
    const metrics = await (await app.get('/metrics')).text();
    expect(metrics).toContain('route="/v1/rows"');
    expect(`${log.join('\n')}\n${metrics}`).not.toMatch(secrets);
    expect(log).toContain('rows: statement');
  });
});

describe('a database that fails is told in one line, without its address:', () => {
  test.each<[string, number, string]>([
    ['login', 502, 'rows-login'],
    ['refused', 502, 'rows-unreachable'],
    ['unknown-host', 502, 'rows-unreachable'],
    ['time-out', 502, 'rows-unreachable'],
    ['tls', 502, 'rows-unreachable'],
    ['broken', 502, 'rows-broken'],
    ['too-slow', 504, 'rows-time-limit'],
    ['too-long', 422, 'rows-too-long'],
  ])('%s', async (code, status, own) => {
    const failure = new ServerError({ code, message: 'db.clinic.local:1433: Login failed for user reader' });
    const app = stubApp({ rows: stubRows(() => Promise.reject(failure)) });
    const failed = await failureOf(await app.post('/v1/rows', { id: await idOf(app) }));
    expect(failed.slice(0, 2)).toEqual([status, own]);
    expect(failed[2]).not.toMatch(/clinic|reader|\n/);
  });
});

describe('an answer can be run', () => {
  const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));
  const code = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'ran',
      (error: { code: string }) => error.code,
    );

  test('for an hour, as one of the last 1000', async () => {
    let now = 0;
    const { options } = stubRows(ONE);
    const rows = new StatementRows(options, () => now);
    const first = rows.remember(STATEMENT, index);
    const ids = Array.from({ length: 999 }, () => rows.remember(STATEMENT, index));
    expect(await code(rows.run(first))).toBe('ran');
    ids.push(rows.remember(STATEMENT, index));
    expect(await code(rows.run(first))).toBe('unknown-answer');
    now = 3_600_000;
    expect(await code(rows.run(ids[0]!))).toBe('ran');
    now++;
    expect(await code(rows.run(ids[0]!))).toBe('unknown-answer');
  });

  test.each(['DROP TABLE person;', 'SELECT 1; SELECT 2;', 'SELECT COUNT(*) FROM nowhere;'])(
    'only if it is one safe SELECT: not %s',
    async (statement) => {
      const asked: string[] = [];
      const rows = stubRows(ONE, { asked });
      expect(await code(rows.run(rows.remember(statement, index)))).toBe('rows-refused');
      expect(asked).toEqual([]);
    },
  );
});

test('values come as people write them', async () => {
  const at = new Date('2021-03-05T14:30:00.000Z');
  const cells: [unknown, string, unknown][] = [
    [at, 'date', '2021-03-05'],
    [at, 'datetime2', '2021-03-05 14:30:00'],
    [new Date('2021-03-05T14:30:00.250Z'), 'datetime', '2021-03-05 14:30:00.250'],
    [new Date('1970-01-01T08:15:00.000Z'), 'time', '08:15:00'],
    [at, 'datetimeoffset', '2021-03-05 14:30:00 UTC'],
    [Buffer.from([1, 255]), 'varbinary', '0x01FF'],
    ['9223372036854775807', 'bigint', '9223372036854775807'],
    [true, 'bit', true],
    [1.5, 'float', 1.5],
    [null, 'int', null],
    ['x'.repeat(2000), 'nvarchar', `${'x'.repeat(1000)}…`],
  ];
  const rows: FirstRows = {
    columns: cells.map(([, type]) => ({ name: type, type })),
    rows: [cells.map(([value]) => value)],
    more: false,
  };
  const app = stubApp({ rows: stubRows(rows) });
  const response = await app.post('/v1/rows', { id: await idOf(app) });
  expect(rowsShape.parse(await response.json()).rows).toEqual([cells.map(([, , shown]) => shown)]);
});

test.each<[string, RowsBody['chart']]>([
  [
    'SELECT t1.gender, COUNT(*) FROM person AS t1 GROUP BY t1.gender;',
    { kind: 'bar', labels: [0], value: 1 },
  ],
  [
    'SELECT COUNT(*), YEAR(t1.seen) FROM visit AS t1 GROUP BY YEAR( t1.seen );',
    { kind: 'line', labels: [1], value: 0 },
  ],
  [
    'SELECT YEAR(t1.seen), MONTH(t1.seen), AVG(1.0 * t1.cost) FROM visit AS t1 GROUP BY YEAR(t1.seen), MONTH(t1.seen);',
    { kind: 'line', labels: [0, 1], value: 2 },
  ],
  [
    'SELECT t1.year_of_birth, COUNT(*) FROM person AS t1 GROUP BY t1.year_of_birth;',
    { kind: 'line', labels: [0], value: 1 },
  ],
  ['SELECT COUNT(*) FROM person AS t1;', null],
  ['SELECT t1.gender FROM person AS t1;', null],
  ['SELECT COUNT(*) FROM person AS t1 GROUP BY t1.gender;', null],
  ['SELECT t1.gender, t1.race FROM person AS t1 GROUP BY t1.gender, t1.race;', null],
])('a chart fits the statement: %s', (sql, chart) => {
  expect(chartOf(parse(sql), sql)).toEqual(chart);
});

test('a real driver brings the rows of a server that speaks its protocol', async () => {
  const standIn = await startStandIn({
    encryption: 2,
    result: { columns: [{ name: 'visits', type: 'int' }], rows: [[1], [2], [3]] },
  });
  const env = { OPENWARD_SQL_USER: 'reader', OPENWARD_SQL_PASSWORD: 'S3cret-p@ss' };
  const address = readAddress(`mssql://127.0.0.1:${standIn.port}/clinic?encrypt=false`, env);
  const read = firstRowsReader(address, { rows: 2, timeoutMs: 10_000 });
  const app = stubApp({
    rows: new StatementRows({ schema: 'omop_cdm_5_4', read, limit: 2, timeLimit: 10_000 }),
  });
  const response = await app.post('/v1/rows', { id: await idOf(app) });
  expect(await response.json()).toMatchObject({
    columns: [{ name: 'visits', type: 'int' }],
    rows: [[1], [2]],
    more: true,
  });
  expect(standIn.received.filter(({ type, text }) => type === 3 && text.includes(STATEMENT))).toHaveLength(1);
  await standIn.close();
});

describe('a database that accepts a connection and says nothing', () => {
  const env = { OPENWARD_SQL_USER: 'reader', OPENWARD_SQL_PASSWORD: 'S3cret-p@ss' };
  const silent = async (
    timeoutMs: number,
  ): Promise<{ read: FirstRowsReader; close: () => Promise<void> }> => {
    const standIn = await startStandIn({});
    const address = readAddress(`mssql://127.0.0.1:${standIn.port}/clinic?encrypt=false`, env);
    return { read: firstRowsReader(address, { rows: 2, timeoutMs }), close: standIn.close };
  };

  test('is given up after the time limit, not after the longer one of its address', async () => {
    const { read, close } = await silent(300);
    const rows = new StatementRows({ schema: 'omop_cdm_5_4', read, limit: 2, timeLimit: 300 });
    const app = stubApp({ rows });
    const started = performance.now();
    const failed = await failureOf(await app.post('/v1/rows', { id: await idOf(app) }));
    expect(failed.slice(0, 2)).toEqual([502, 'rows-unreachable']);
    // The address allows 15 s.
    expect(performance.now() - started).toBeLessThan(8000);
    await close();
  });

  test('is given up at once when nobody waits for the rows any more', async () => {
    const { read, close } = await silent(60_000);
    const gone = new AbortController();
    const reading = read(STATEMENT, gone.signal);
    setTimeout(() => gone.abort(), 50);
    await expect(reading).rejects.toMatchObject({ code: 'broken' });
    await expect(read(STATEMENT, AbortSignal.abort())).rejects.toMatchObject({ code: 'broken' });
    await close();
  });
});
