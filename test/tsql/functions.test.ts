import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmbeddedServer, type EmbeddedDatabase } from '../../src/sql/embedded/index.js';
import { explain } from '../../src/sql/explain/explain.js';
import { Catalog } from '../../src/sql/grammar/catalog.js';
import { openScope } from '../../src/sql/grammar/grammar.js';
import { JoinPlanner } from '../../src/sql/grammar/join-plan.js';
import { statement } from '../../src/sql/grammar/statement.js';
import { Vocabulary } from '../../src/sql/grammar/vocabulary.js';
import { validate } from '../../src/sql/validator/validate.js';
import { datepartNames, DATEPARTS } from '../../src/tsql/dateparts.js';
import { argumentKind, FUNCTIONS, type ArgumentKind, type FunctionRow } from '../../src/tsql/functions.js';
import { bundleIndex, corpusSamples, tokenizerOf } from '../sql/grammar/decoding.js';
import { clinic, clinicBundle } from '../sql/validator/clinic.js';

// Everything here is derived from the tables: a row that lacks a part fails, and a new row needs no new test.

/** A column of `patient`, or a number, that fits each kind of argument; alternatives where calls should mix them. */
const SAMPLES: Readonly<Record<ArgumentKind, string | readonly string[]>> = {
  any: ['full_name', 'mrn'],
  written: 'full_name',
  number: 'weight_kg',
  whole: '2',
  position: '2',
  length: '2',
  text: 'full_name',
  measured: 'full_name',
  cuttable: 'full_name',
  date: 'birth_date',
  dateOrTime: 'birth_date',
  summed: 'weight_kg',
  ordered: 'weight_kg',
  formatted: 'birth_date',
  pattern: "'yyyy-MM'",
  separator: "', '",
};

function callOf(name: string, row: FunctionRow, count: number, part = 'day'): string {
  const args = Array.from({ length: count }, (_, i) => {
    const samples = [SAMPLES[argumentKind(row, i) ?? 'any']].flat();
    return samples[i % samples.length];
  });
  return `${name}(${(row.datepart ? [part, ...args] : args).join(', ')})`;
}

const selecting = (expression: string): string => `SELECT ${expression} FROM patient;`;

function codesOf(sql: string): string[] {
  return validate(sql, clinic).errors.map(({ code }) => code);
}

const NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d\d-\d\d/;
const TEXT = /[A-Za-z]/;

/** What the values of a sample look like; functions that return the type of an argument are compared with these. */
const SAMPLE_LOOKS: Readonly<Record<string, RegExp>> = {
  full_name: TEXT,
  mrn: /\S/,
  weight_kg: NUMBER,
  birth_date: DATE,
  '2': /^2$/,
};

/** What a value of a type looks like in a result of the embedded database. */
const LOOKS: Readonly<Record<Exclude<FunctionRow['returns'], 'first' | 'last' | 'widest'>, RegExp>> = {
  int: /^-?\d+$/,
  bigint: /^-?\d+$/,
  float: /^-?\d+(\.\d+)?(e[+-]\d+)?$/,
  sum: NUMBER,
  date: /^\d{4}-\d\d-\d\d$/,
  datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/,
  text: /\S/,
};

/** What a call returns, by its row: a type, or the type of one of its arguments. */
function looksOf({ returns, ...row }: FunctionRow, count: number): RegExp {
  if (returns !== 'first' && returns !== 'last' && returns !== 'widest') return LOOKS[returns];
  const kind = argumentKind({ returns, ...row }, returns === 'last' ? count - 1 : 0) ?? 'any';
  return SAMPLE_LOOKS[[SAMPLES[kind]].flat()[0]!]!;
}

let server: EmbeddedServer;
let db: EmbeddedDatabase;

beforeAll(async () => {
  server = await EmbeddedServer.start();
  db = await server.load(clinicBundle, { rows: 20 });
});

afterAll(() => server.close());

async function expectToRun(sql: string, looks: RegExp): Promise<void> {
  const outcome = await db.run(sql);
  expect(outcome).toMatchObject({ ok: true });
  // CONCAT makes '' of NULLs.
  const isNothing = (value: unknown): boolean => value === null || value === '';
  const values = (outcome.ok ? outcome.rows : [])
    .map(([value]) => value)
    .filter((value) => !isNothing(value));
  expect(values).not.toEqual([]);
  for (const value of values) expect(String(value)).toMatch(looks);
}

function explained(sql: string): string {
  return explain(validate(sql, clinic).statement!, clinic);
}

const MANY = 4;

describe.each([...FUNCTIONS])('%s', (name, row) => {
  const { min, max } = row.args;
  const counts = [...new Set([min, Math.min(max, Math.max(min, MANY))])];

  test.each(counts)('is accepted, executed and explained with %i arguments', async (count) => {
    const call = callOf(name, row, count);
    expect(codesOf(selecting(call))).toEqual([]);
    await expectToRun(selecting(call), looksOf(row, count));
    expect(explained(selecting(call))).toMatch(/^(Lists|Gives|Counts) \w.* patients\.$/);
    expect(explained(selecting(call))).not.toMatch(/undefined|[{}()]/);
  });

  test('is refused with an argument more than it takes, and with one less', () => {
    const isArity = /^(wrong-arity|arity-range|syntax)$/;
    expect(codesOf(selecting(callOf(name, row, max + 1)))).toContainEqual(expect.stringMatching(isArity));
    if (min === 0) return;
    expect(codesOf(selecting(callOf(name, row, min - 1)))).toContainEqual(expect.stringMatching(isArity));
  });

  test('may stand in WHERE unless it is an aggregate', () => {
    const call = callOf(name, row, min);
    const sql = `SELECT mrn FROM patient WHERE CASE WHEN mrn = 'A' THEN ${call} END IS NOT NULL;`;
    expect(codesOf(sql)).toEqual(row.aggregate ? ['aggregate-in-where'] : []);
  });

  test('is proposed for a misspelt name, and for what other dialects call it', () => {
    const adviceFor = (other: string): string =>
      validate(selecting(`${other}(mrn)`), clinic).errors[0]!.message;
    expect(adviceFor(`${name}X`)).toContain(`did you mean ${name}?`);
    for (const [other, instead] of Object.entries(row.elsewhere ?? {})) {
      expect(FUNCTIONS.has(other)).toBe(false);
      expect(adviceFor(other)).toContain(`write ${instead}`);
    }
  });

  test('cites its page in the documentation of T-SQL', () => {
    expect(row.source).toContain(`/t-sql/`);
    expect(row.source).toContain(`/${name.toLowerCase().replaceAll('_', '-')}-transact-sql`);
  });

  test('is written by the grammar exactly if it has a role', () => {
    expect(isWritten(name)).toBe(row.grammar !== undefined);
  });
});

const omop = bundleIndex('omop_cdm_5_4');
const vocabulary = new Vocabulary(tokenizerOf(corpusSamples(omop, 20, 41), 600));
const start = statement(openScope(new JoinPlanner(new Catalog(omop), 8), vocabulary, [])).start;
/** Every place in which the grammar may write an expression. */
const PLACES = [
  ' SELECT ',
  ' SELECT COUNT(*) FROM person AS p WHERE ',
  ' SELECT COUNT(*) FROM person AS p WHERE p.birth_datetime = ',
  ' SELECT COUNT(*) FROM person AS p WHERE p.year_of_birth = ',
  ' SELECT p.person_id FROM person AS p ORDER BY ',
];

function isWritten(name: string): boolean {
  const encoder = new TextEncoder();
  return PLACES.some((place) => start.afterAll(encoder.encode(`${place}${name}(`)) !== undefined);
}

describe.each(datepartNames())('the datepart %s', (part) => {
  const { abbreviations, step, isTime } = DATEPARTS[part];

  test.each([...FUNCTIONS].filter(([, row]) => row.datepart))('in %s', async (name, row) => {
    const column = isTime ? 'created_at' : 'birth_date';
    for (const written of [part, ...abbreviations]) {
      const call = callOf(name, row, row.args.min, written).replaceAll('birth_date', column);
      const isKnown = row.datepart === 'read' || step !== undefined;
      expect(codesOf(selecting(call))).toEqual(isKnown ? [] : ['datepart-for-function']);
      if (!isKnown) continue;
      await expectToRun(
        selecting(call),
        row.returns === 'int' ? LOOKS.int : row.returns === 'text' ? LOOKS.text : DATE,
      );
      expect(explained(selecting(call))).not.toMatch(/undefined|[{}]/);
    }
  });

  test('needs a time if it is a part of one', () => {
    expect(codesOf(selecting(`DATEPART(${part}, birth_date)`))).toEqual(isTime ? ['datepart-for-type'] : []);
  });
});
