import { afterEach, describe, expect, test } from 'vitest';
import { readAddress } from '../../../src/data/server/address.js';
import { connectTo } from '../../../src/data/server/connect.js';
import { ServerError } from '../../../src/data/server/errors.js';
import { bundleOfCatalogue, importFromServer } from '../../../src/data/server/import.js';
import { checkBundle } from '../../../src/data/schema/check.js';
import { askServer } from '../../../src/sql/ask-server.js';
import { closedPort, startStandIn, type Behaviour, type StandIn, type StandInResult } from './tds-server.js';

const PASSWORD = 'S3cret-p@ss';
const ENV = { OPENWARD_SQL_USER: 'reader', OPENWARD_SQL_PASSWORD: PASSWORD };

let standIn: StandIn | undefined;
afterEach(async () => {
  await standIn?.close();
  standIn = undefined;
});

async function urlOf(behaviour: Behaviour, options: string): Promise<string> {
  standIn = await startStandIn(behaviour);
  return `mssql://127.0.0.1:${standIn.port}/clinic?${options}`;
}

/** The error, after checking that the password is nowhere in it. */
async function failureOf(work: Promise<unknown>): Promise<ServerError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerError);
  const { message, stack, cause } = error as ServerError;
  expect(`${message} ${stack} ${JSON.stringify(error)}`).not.toContain(PASSWORD);
  expect(cause).toBeUndefined();
  return error as ServerError;
}

describe('a failed connection is reported with a hint:', () => {
  test('nothing listens on the port', async () => {
    const url = `mssql://127.0.0.1:${await closedPort()}/clinic`;
    const error = await failureOf(connectTo(url, ENV));
    expect(error).toMatchObject({ code: 'refused' });
    expect(error.message).toMatch(/127\.0\.0\.1:\d+.*check host and port/);
  });

  test('no answer in time', async () => {
    const error = await failureOf(connectTo(await urlOf({}, 'timeout=0.4'), ENV));
    expect(error.code).toBe('time-out');
  });

  test('the login fails and the server quotes the password', async () => {
    const loginError = { number: 18456, message: `Login failed for user 'reader' (${PASSWORD}).` };
    const error = await failureOf(
      connectTo(await urlOf({ encryption: 2, loginError }, 'encrypt=false'), ENV),
    );
    expect(error.code).toBe('login');
    expect(error.message).toContain("Login failed for user 'reader' (***)");
  });

  test('the server has no TLS, which is the default', async () => {
    const error = await failureOf(connectTo(await urlOf({ encryption: 2 }, 'timeout=600'), ENV));
    expect(error.code).toBe('tls');
    expect(standIn!.received.map(({ type }) => type)).toEqual([0x12]);
  });

  test('the host does not exist', async () => {
    const error = await failureOf(connectTo('mssql://no-such-host.invalid/clinic?timeout=5', ENV));
    expect(['unknown-host', 'refused', 'time-out']).toContain(error.code);
  });
});

describe('a statement checked by the server', () => {
  const NAMED = { number: 208, message: "Invalid object name 'patients'." };

  test('returns the numbers and messages of the server', async () => {
    const { server } = await connectTo(await urlOf({ encryption: 2, errors: [NAMED] }, 'encrypt=false'), ENV);
    expect(await askServer(server, 'SELECT mrn FROM patients;')).toMatchObject([NAMED]);
    await server.close();
  });

  test('is sent as a parameter of sp_describe_first_result_set, never as a batch', async () => {
    const result: StandInResult = { columns: [{ name: 'name', type: 'nvarchar' }], rows: [['mrn']] };
    const { server } = await connectTo(await urlOf({ encryption: 2, result }, 'encrypt=false'), ENV);
    expect(await askServer(server, "SELECT mrn FROM patient WHERE mrn = 'it''s';")).toEqual([]);
    await server.close();
    const own = standIn!.received.filter(({ text }) => text.includes('mrn'));
    expect(own).toHaveLength(1);
    expect(own[0]!.type).toBe(3);
    expect(own[0]!.text).toContain('sp_describe_first_result_set @tsql = @statement');
  });

  test('is not accepted by a server that says nothing of it', async () => {
    const { server } = await connectTo(await urlOf({ encryption: 2 }, 'encrypt=false'), ENV);
    const error = await failureOf(askServer(server, 'SELECT mrn FROM patient;'));
    await server.close();
    expect(error.code).toBe('broken');
    expect(error.message).toContain('neither described the statement nor refused it');
  });

  test('throws a connection error if the server does not answer', async () => {
    const url = await urlOf({ encryption: 2 }, 'encrypt=false&timeout=600');
    const { server } = await connectTo(url, ENV);
    await standIn!.close();
    const error = await failureOf(askServer(server, 'SELECT mrn FROM patient;'));
    expect(['broken', 'refused', 'time-out']).toContain(error.code);
    await server.close();
  });
});

describe('an address', () => {
  const codeOf = (text: string, env: Record<string, string> = ENV): string => {
    try {
      readAddress(text, env);
      return 'accepted';
    } catch (error) {
      expect((error as Error).message).not.toMatch(/hunter2/);
      return (error as ServerError).code;
    }
  };

  test('has user, host, port, database and options', () => {
    expect(readAddress('mssql://me@db.local:1500/My%20Clinic?encrypt=false&timeout=3', ENV)).toEqual({
      host: 'db.local',
      port: 1500,
      database: 'My Clinic',
      user: 'me',
      password: PASSWORD,
      encrypt: false,
      trustServerCertificate: false,
      timeoutMs: 3000,
    });
  });

  test('is rejected if it has a password, which is not repeated', () => {
    expect(codeOf('mssql://me:hunter2@db/clinic')).toBe('password-in-url');
  });

  test.each([
    ['nothing', 'bad-url'],
    ['postgres://me:hunter2@db/clinic', 'bad-url'],
    ['mssql://db', 'bad-url'],
    ['mssql://db/clinic?encrypt=perhaps', 'bad-url'],
    ['mssql://db/clinic?password=hunter2', 'bad-url'],
    ['mssql://db/clinic?timeout=0', 'bad-url'],
    ['mssql://db/%E0%A4%A', 'bad-url'],
  ])('%s: %s', (text, code) => expect(codeOf(text)).toBe(code));

  test('needs a user and a password', () => {
    expect(codeOf('mssql://db/clinic', {})).toBe('no-credentials');
    expect(codeOf('mssql://me@db/clinic', {})).toBe('no-credentials');
  });
});

describe('a database catalogue', () => {
  const column = (table: string, name: string, type: string, more: object = {}): Record<string, unknown> => ({
    table,
    column: name,
    type,
    nullable: 'YES',
    length: null,
    precision: null,
    scale: null,
    fraction: null,
    ...more,
  });
  const columns = [
    column('Patient', 'PatientID', 'int', { precision: 10, scale: 0, nullable: 'NO' }),
    column('Patient', 'Name', 'nvarchar', { length: 100 }),
    column('Patient', 'Notes', 'varchar', { length: -1 }),
    column('Patient', 'History', 'text', { length: 2147483647 }),
    column('Patient', 'Weight', 'decimal', { precision: 6, scale: 2 }),
    column('Patient', 'Bmi', 'float', { precision: 53 }),
    column('Patient', 'Seen', 'datetime2', { fraction: 7 }),
    column('Patient', 'Born', 'date', { fraction: 0 }),
    column('Patient', 'Shape', 'tabletype'),
    column('Visit', 'VisitID', 'bigint', { nullable: 'NO' }),
    column('Visit', 'PatientID', 'int'),
    column('Visit', 'At', 'time', { fraction: 3 }),
    column('Visit', 'odd[name', 'int'),
  ];
  const primary = [
    { table: 'Patient', column: 'PatientID' },
    { table: 'Visit', column: 'VisitID' },
  ];
  const key = (target: string, targetSchema = 'dbo'): Record<string, unknown> => ({
    key: `fk_${target}`,
    table: 'Visit',
    column: 'PatientID',
    target,
    targetSchema,
    targetColumn: 'PatientID',
  });

  test('becomes a valid bundle with types, keys and notes on what is left out', () => {
    const catalogue = { columns, primary, foreign: [key('Patient'), key('Person', 'audit')] };
    const { bundle, notes } = bundleOfCatalogue(catalogue, 'Clinic DB', { schema: 'dbo' });
    expect(checkBundle(bundle)).toEqual([]);
    expect(bundle.name).toBe('clinic_db');
    const [patient, visit] = bundle.tables;
    expect(patient!.columns.map(({ type }) => type)).toEqual([
      'int',
      'nvarchar(100)',
      'varchar(max)',
      'text',
      'decimal(6,2)',
      'float',
      'datetime2',
      'date',
    ]);
    expect(patient!.primaryKey).toEqual(['PatientID']);
    expect(visit!.columns.at(-1)).toEqual({ name: 'At', type: 'time(3)', nullable: true });
    expect(visit!.foreignKeys).toEqual([
      { columns: ['PatientID'], references: { table: 'Patient', columns: ['PatientID'] } },
    ]);
    expect(notes).toHaveLength(3);
  });

  test('of another schema than dbo keeps the schema in its names', () => {
    const catalogue = { columns, primary, foreign: [key('Patient', 'hosp')] };
    const { bundle } = bundleOfCatalogue(catalogue, 'Clinic', { schema: 'hosp' });
    expect(checkBundle(bundle)).toEqual([]);
    expect(bundle.tables.map(({ name }) => name)).toEqual(['hosp.Patient', 'hosp.Visit']);
    expect(bundle.tables[1]!.foreignKeys[0]!.references.table).toBe('hosp.Patient');
  });

  test('without tables is an error naming the schema', async () => {
    const { server } = await connectTo(await urlOf({ encryption: 2 }, 'encrypt=false'), ENV);
    await expect(importFromServer(server, 'clinic')).rejects.toMatchObject({ code: 'empty-ddl' });
    await server.close();
  });
});
