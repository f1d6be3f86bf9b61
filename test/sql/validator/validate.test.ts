import { describe, expect, test } from 'vitest';
import { CODES } from '../../../src/sql/validator/codes.js';
import { validate } from '../../../src/sql/validator/validate.js';
import { ATTACKS } from './attacks.js';
import { clinic, placeholdersOf } from './clinic.js';
import { VALID } from './valid.js';

const valid = Object.values(VALID).flat();
const attacks = Object.values(ATTACKS).flat();

describe.each(Object.entries(VALID))('accepted: %s', (_, statements) => {
  test.each(statements)('%s', (sql) => {
    expect(validate(sql, clinic, placeholdersOf(sql)).errors).toEqual([]);
  });
});

describe.each(Object.entries(ATTACKS))('refused: %s', (_, list) => {
  test.each(list.map(([code, sql, names]) => ({ code, sql, names, shown: sql.slice(0, 120) })))(
    '$code: $shown',
    ({ code, sql, names }) => {
      const verdict = validate(sql, clinic, placeholdersOf(sql, names));
      expect(verdict.ok).toBe(false);
      const [first] = verdict.errors;
      expect(first?.code).toBe(code);
      expect(first?.number).toBe(CODES[code] === 0 ? undefined : CODES[code]);
      expect(first?.at.offset).toBeLessThanOrEqual(sql.length);
      expect(first?.message).not.toMatch(/undefined|\[object/);
    },
  );
});

describe('the lists', () => {
  test('have at least 150 different statements each, none in both', () => {
    const attackKeys = new Set(attacks.map(([, sql, names]) => `${sql} ${names?.join() ?? ''}`));
    expect(new Set(valid).size).toBeGreaterThanOrEqual(150);
    expect(attackKeys.size).toBeGreaterThanOrEqual(150);
    for (const sql of valid) expect(attackKeys.has(`${sql} `)).toBe(false);
  });

  test('have an attack for every code', () => {
    const shown = new Set<string>(attacks.map(([code]) => code));
    // Sense and what a question asks have tests of their own (sense, question and said.test.ts).
    const others = Object.keys(CODES).filter((code) => !/^(sense|literal|negation|state|said)-/.test(code));
    expect(others.filter((code) => !shown.has(code))).toEqual([]);
  });
});

describe('an error', () => {
  test('says where it is: line and column from 1, the offset from 0', () => {
    const sql = 'SELECT p.mrn\nFROM patient AS p\nWHERE p.wrd = 1;';
    const [first] = validate(sql, clinic).errors;
    expect(first).toEqual({
      code: 'unknown-column',
      number: 207,
      message: "the table patient has no column 'wrd'",
      at: { offset: sql.indexOf('wrd'), line: 3, column: 9 },
    });
  });

  test('suggests a similar name, the table that has the column, the alias of the table', () => {
    const message = (sql: string): string => validate(sql, clinic).errors[0]!.message;
    expect(message('SELECT mnr FROM patient;')).toContain("did you mean 'mrn'?");
    expect(message('SELECT mrn FROM patients;')).toContain("did you mean 'patient'?");
    expect(
      message('SELECT p.ward FROM patient AS p INNER JOIN visit AS v ON v.patient_id = p.patient_id;'),
    ).toContain('write v.ward');
    expect(message('SELECT patient.mrn FROM patient AS p;')).toContain('write p.column');
    expect(message('SELECT IFNULL(mrn, 1) FROM patient;')).toContain('write ISNULL(a, b)');
    expect(message('SELECT COUNT(*) AS n FROM patient GROUP BY n;')).toContain('alias of the SELECT list');
  });

  test('comes with the other errors of the statement', () => {
    const { errors } = validate('SELECT p.a, p.b, x.c FROM patient AS p WHERE p.mrn = 1;', clinic);
    expect(errors.map((error) => error.code)).toEqual([
      'unknown-column',
      'unknown-column',
      'unbound-alias',
      'conversion-failed',
    ]);
  });
});

describe('a result', () => {
  test('says where each placeholder is and what type it met', () => {
    const sql = 'SELECT COUNT(*) FROM visit AS v WHERE v.cost > __NUM_1__ AND v.admitted < __DATE_2__;';
    const { uses } = validate(sql, clinic, placeholdersOf(sql));
    expect(uses.map((use) => [sql.slice(use.node.start, use.node.end), use.type.base])).toEqual([
      ['__NUM_1__', 'money'],
      ['__DATE_2__', 'datetime'],
    ]);
  });

  test('has the tree with the positions of its parts', () => {
    const sql = 'SELECT p.mrn FROM patient AS p WHERE p.birth_year > 5;';
    const { statement } = validate(sql, clinic);
    expect(statement?.where).toMatchObject({ kind: 'comparison', operator: '>' });
    expect(sql.slice(statement!.where!.start, statement!.where!.end)).toBe('p.birth_year > 5');
  });

  test('does not depend on the case of names and keywords', () => {
    for (const sql of valid) {
      if (/__|\[|'/.test(sql)) continue;
      expect(validate(sql.toUpperCase(), clinic).errors).toEqual([]);
      expect(validate(sql.toLowerCase(), clinic).errors).toEqual([]);
    }
  });
});

describe('a hostile input', () => {
  const megabyte = (unit: string): string => unit.repeat(Math.ceil(1_000_000 / unit.length));

  test.each([
    ['a'],
    ["'"],
    ['('],
    ['['],
    ['SELECT '],
    ['__ID_1__ '],
    ['-'],
    ['\u0000'],
    ['💉'],
    ['1,'],
    ['NOT '],
  ])('of a megabyte of %j is refused unread', (unit) => {
    const { errors } = validate(megabyte(unit), clinic);
    expect(errors.map((error) => error.code)).toEqual(['too-long']);
  });

  test.each([
    ['parentheses', `SELECT mrn FROM patient WHERE ${'('.repeat(16_000)}`],
    ['calls', `SELECT ${'UPPER('.repeat(2_600)} FROM patient;`],
    ['minus signs', `SELECT ${'- '.repeat(8_000)} FROM patient;`],
    ['NOT', `SELECT mrn FROM patient WHERE ${'NOT '.repeat(4_000)} 1 = 1;`],
    ['sums', `SELECT ${'1+'.repeat(8_000)}1 FROM patient;`],
  ])('that nests %s endlessly is refused as too deep', (_, sql) => {
    expect(validate(sql, clinic).errors.map((error) => error.code)).toEqual(['too-deep']);
  });

  test('that nests CASE endlessly is refused at the depth of SQL Server', () => {
    const sql = `SELECT ${'CASE WHEN 1 = 1 THEN '.repeat(700)} 1 FROM patient;`;
    expect(validate(sql, clinic).errors.map((error) => error.code)).toEqual(['case-too-deep']);
  });

  test('with many faults gets the first few', () => {
    const sql = `SELECT ${'nothing, '.repeat(1_500)} mrn FROM patient;`;
    expect(validate(sql, clinic).errors).toHaveLength(20);
  });

  test('with many joins of one table, ORs or list items gets its result', () => {
    const joins = 'INNER JOIN visit ON 1 = 1 '.repeat(500);
    const ors = 'birth_year = 1 OR '.repeat(800);
    const list = '1,'.repeat(7_000);
    expect(validate(`SELECT mrn FROM patient ${joins};`, clinic).ok).toBe(false);
    expect(validate(`SELECT mrn FROM patient WHERE ${ors} birth_year = 2;`, clinic).ok).toBe(true);
    expect(validate(`SELECT mrn FROM patient WHERE birth_year IN (${list}1);`, clinic).ok).toBe(true);
  });
});
