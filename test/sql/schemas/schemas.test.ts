import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBundle } from '../../../src/data/schema/check.js';
import { linkSchema } from '../../../src/data/schema/link/link.js';
import { renderSchema } from '../../../src/data/schema/render.js';
import { formatRecord, parseRecord } from '../../../src/data/record.js';
import { EmbeddedServer, type EmbeddedDatabase } from '../../../src/sql/embedded/index.js';
import { explain } from '../../../src/sql/explain/explain.js';
import { render } from '../../../src/sql/renderer/render.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { bundleIndex, corpusSamples } from '../grammar/decoding.js';
import { hospital, inSchema, twoSchemas } from './two-schemas.js';

const verdict = (sql: string): string => {
  const { ok, errors } = validate(sql, hospital);
  return ok ? 'ok' : `${errors[0]!.code}: ${errors[0]!.message}`;
};

test('a bundle with two tables of one name in two schemas has no faults', () => {
  expect(checkBundle(twoSchemas)).toEqual([]);
});

describe('a statement', () => {
  test.each([
    'SELECT p.birth_date FROM cdm.person AS p;',
    'SELECT p.birth_date FROM [CDM].[Person] AS p;',
    'SELECT person.birth_date FROM cdm.person;',
    'SELECT p.[имя] FROM hosp.person AS p INNER JOIN cdm.person AS p2 ON p.research_id = p2.person_id;',
    'SELECT [größe] FROM cdm.person;',
    'SELECT o.[visit-date] FROM hosp.[order] AS o WHERE o.[x__] > 1;',
    'SELECT f.[__key] FROM [Fälle] AS f;',
    'SELECT f.[__key] FROM dbo.[FÄLLE] AS f;',
  ])('names the schema that the bundle says: %s', (sql) => {
    expect(verdict(sql)).toBe('ok');
  });

  test.each([
    ['SELECT COUNT(*) FROM person;', "unknown-table: the schema has no table 'person'; write cdm.person or hosp.person"],
    ['SELECT COUNT(*) FROM dbo.person;', "unknown-table: the schema has no table 'dbo.person'; write cdm.person or hosp.person"],
    ['SELECT COUNT(*) FROM cdm.[order];', "unknown-table: the schema has no table 'cdm.order'; write hosp.[order]"],
    ['SELECT COUNT(*) FROM audit.person;', "schema-not-allowed: the schema 'audit' is not part of this database; write cdm.person or hosp.person"],
    ['SELECT COUNT(*) FROM [cdm.person];', "unknown-table: the schema has no table '[cdm.person]'"],
    ['SELECT COUNT(*) FROM hosp.[Fälle];', "unknown-table: the schema has no table 'hosp.Fälle'; write [Fälle]"],
    ['SELECT [имя] FROM cdm.person;', 'unknown-column'],
    ['SELECT [Gr\u00f6\u00dfe\u200b] FROM cdm.person;', 'unicode-character'],
    ['SELECT [Gro\u0308ße] FROM cdm.person;', 'unicode-character'],
    ['SELECT Größe FROM cdm.person;', 'unicode-character'],
    ['SELECT birth_date AS [имя] FROM cdm.person;', 'unicode-character'],
    ['SELECT x__ FROM hosp.[order];', 'placeholder-altered'],
    ['SELECT person.birth_date FROM cdm.person INNER JOIN hosp.person ON person.id = person.person_id;', 'duplicate-table'],
  ])('is refused: %s', (sql, start) => {
    expect(verdict(sql)).toContain(start);
  }); // prettier-ignore
});

test('the prompt shows schemas, the record keeps them, and the linker tells the two tables apart', () => {
  const shown = linkSchema('How many orders has each hosp person on the ward?', hospital);
  const schema = renderSchema(shown);
  expect(schema.split('\n')).toEqual([
    'cdm.person(person_id int pk, birth_date date, [Größe] int)',
    'hosp.person(id int pk, research_id int -> cdm.person, [имя] nvarchar)',
    'hosp.[order]([x__] int pk, person int -> hosp.person, [visit-date] datetime2)',
    '[Fälle]([__key] int pk -> hosp.person, [order] int -> hosp.[order])',
  ]);
  const record = { schema, question: 'How many?', idMap: '', sql: 'SELECT COUNT(*) FROM hosp.[order];' };
  expect(parseRecord(formatRecord(record))).toEqual(record);
  const tables = (question: string): string[] =>
    linkSchema(question, hospital, { maxTables: 1 }).tables.map(({ table }) => table.name);
  expect(tables('How many cdm persons are there?')).toEqual(['cdm.person']);
  expect(tables('How many hosp persons are there?')).toEqual(['hosp.person']);
});

test('the explanation calls two tables of one name by their schemas', () => {
  const say = (sql: string): string => explain(validate(sql, hospital).statement!, hospital);
  expect(say('SELECT COUNT(*) FROM cdm.person;')).toBe('Counts persons.');
  expect(
    say(
      'SELECT p.birth_date FROM cdm.person AS p INNER JOIN hosp.person AS h ON h.research_id = p.person_id;',
    ),
  ).toContain('the cdm person’s birth date');
});

test('the renderer keeps the schema', () => {
  const sql = 'SELECT COUNT(*) FROM hosp.[order] AS o WHERE o.[x__] = __NUM_1__;';
  const value = { name: '__NUM_1__', kind: 'threshold', type: 'int', text: '7', value: '7' } as const;
  expect(render(sql, hospital, new Map([['__NUM_1__', value]])).sql).toBe(
    'SELECT COUNT(*) FROM hosp.[order] AS o WHERE o.[x__] = 7;',
  );
});

describe('the corpus and the embedded database', () => {
  let server: EmbeddedServer;
  let db: EmbeddedDatabase;
  beforeAll(async () => {
    server = await EmbeddedServer.start();
    db = await server.load(twoSchemas, { rows: 5 });
  }, 120_000);
  afterAll(() => server.close());

  test('statements of the corpus write the schema, are valid, and run in those schemas', async () => {
    const samples = corpusSamples(hospital, 60, 3);
    expect(samples.some(({ record }) => /FROM (cdm|hosp)\./.test(record.sql))).toBe(true);
    for (const { record, values } of samples) {
      const byName = new Map(values.map((one) => [one.name, { ...one, value: one.value ?? one.text }]));
      const { sql } = render(record.sql, hospital, byName);
      const outcome = await db.run(sql);
      expect(outcome.ok ? '' : `${outcome.code} ${outcome.message}: ${sql}`).toBe('');
    }
  });

  test('OMOP in the schema cdm: the statements of OMOP, with the schema, run', async () => {
    const omop = bundleIndex('omop_cdm_5_4');
    const cdm = new SchemaIndex(inSchema(omop.bundle, 'cdm'));
    expect(checkBundle(cdm.bundle)).toEqual([]);
    const cdmDatabase = await server.load(cdm.bundle, { rows: 5 });
    const [plain, samples] = [corpusSamples(omop, 60, 11), corpusSamples(cdm, 60, 11)];
    const without = (sql: string): string => sql.replace(/(FROM|JOIN) cdm\./g, '$1 ');
    expect(samples.map(({ record }) => record.question)).toEqual(plain.map(({ record }) => record.question));
    expect(samples.map(({ record }) => without(record.sql))).toEqual(plain.map(({ record }) => record.sql));
    for (const { record, values } of samples) {
      expect(record.sql).not.toBe(without(record.sql));
      const byName = new Map(values.map((one) => [one.name, { ...one, value: one.value ?? one.text }]));
      const { sql } = render(record.sql, cdm, byName);
      const outcome = await cdmDatabase.run(sql);
      expect(outcome.ok ? '' : `${outcome.code} ${outcome.message}: ${sql}`).toBe('');
    }
  });

  test('two tables of one name have rows of their own', async () => {
    await db.execute('DELETE FROM "s1_hospital"."fälle"; DELETE FROM "s1_hospital.hosp"."order"');
    const count = async (table: string) => db.run(`SELECT COUNT(*) FROM ${table};`);
    expect(await count('hosp.[order]')).toMatchObject({ ok: true, rows: [[0]] });
    expect(await count('hosp.person')).toMatchObject({ ok: true, rows: [[5]] });
    expect(await count('[cdm.person]')).toMatchObject({ ok: false });
    expect(await count('person')).toMatchObject({ ok: false });
  });
});
