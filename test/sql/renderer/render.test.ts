import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RenderError } from '../../../src/sql/errors.js';
import { isSameTree } from '../../../src/sql/renderer/same-tree.js';
import { render } from '../../../src/sql/renderer/render.js';
import { parse } from '../../../src/tsql/parser.js';
import type { PlaceholderValue } from '../../../src/sql/values.js';
import { clinic } from '../validator/clinic.js';

type Value = Partial<PlaceholderValue> & { text: string };

const DEFAULTS: Record<string, Pick<PlaceholderValue, 'kind' | 'type'>> = {
  ID: { kind: 'mrn', type: 'varchar' },
  DATE: { kind: 'date', type: 'date' },
  TEXT: { kind: 'quoted', type: 'varchar' },
  NUM: { kind: 'threshold', type: 'int' },
};

function valuesOf(values: Record<string, Value>): Map<string, PlaceholderValue> {
  return new Map(
    Object.entries(values).map(([short, value]) => {
      const name = `__${short}__`;
      return [name, { ...DEFAULTS[short.split('_')[0]!]!, name, ...value }];
    }),
  );
}

/** Renders `condition` over visit AS v or patient AS p, and returns the condition of the rendered statement. */
function rendered(condition: string, values: Record<string, Value>): string {
  const from = condition.includes('v.') ? 'visit AS v' : 'patient AS p';
  const head = `SELECT COUNT(*) FROM ${from} WHERE `;
  const { sql } = render(`${head}${condition};`, clinic, valuesOf(values));
  expect(sql.startsWith(head)).toBe(true);
  return sql.slice(head.length, -1);
}

function codeOf(condition: string, values: Record<string, Value>): string {
  try {
    return `nothing thrown: ${rendered(condition, values)}`;
  } catch (error) {
    if (error instanceof RenderError) return error.code;
    throw error;
  }
}

describe('a number', () => {
  test.each<[string, Value, string]>([
    ['p.patient_id = __ID_1__', { text: '4711', type: 'int' }, 'p.patient_id = 4711'],
    ['p.birth_year < __NUM_1__', { text: '1,950', value: '1950' }, 'p.birth_year < 1950'],
    ['p.weight_kg > __NUM_1__', { text: '0.10', type: 'decimal' }, 'p.weight_kg > 0.10'],
    ['p.weight_kg > __NUM_1__', { text: '-5' }, 'p.weight_kg > -5'],
    ['p.weight_kg > p.bmi -__NUM_1__', { text: '-5' }, 'p.weight_kg > p.bmi - -5'],
    ['p.weight_kg > -__NUM_1__', { text: '5' }, 'p.weight_kg > -5'],
    ['p.weight_kg > -__NUM_1__', { text: '-5' }, 'p.weight_kg > - -5'],
    ['v.visit_id = __ID_1__', { text: '9007199254740993', type: 'bigint' }, 'v.visit_id = 9007199254740993'],
    [
      'v.visit_id = __ID_1__',
      { text: '9223372036854775807', type: 'bigint' },
      'v.visit_id = 9223372036854775807',
    ],
  ])('%s with %j becomes %s', (condition, value, expected) => {
    const short = /__(\w+_\d)__/.exec(condition)![1]!;
    expect(rendered(condition, { [short]: value })).toBe(expected);
  });

  test('keeps every digit, whatever its length', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (n) => {
        const value = { text: String(n), type: 'bigint' as const };
        expect(rendered('v.visit_id = __ID_1__', { ID_1: value })).toBe(`v.visit_id = ${n}`);
      }),
    );
  });

  test('is refused if it is not numeric, starts with zeros, or has more digits than SQL Server allows', () => {
    expect(codeOf('p.birth_year = __NUM_1__', { NUM_1: { text: 'forty' } })).toBe('not-a-number');
    expect(codeOf('p.birth_year = __NUM_1__', { NUM_1: { text: '1e3' } })).toBe('not-a-number');
    expect(codeOf('p.birth_year = __NUM_1__', { NUM_1: { text: '1; DROP' } })).toBe('not-a-number');
    expect(codeOf('p.patient_id = __ID_1__', { ID_1: { text: '007', type: 'int' } })).toBe('leading-zeros');
    const long = { text: '9'.repeat(39), type: 'bigint' as const };
    expect(codeOf('v.visit_id = __ID_1__', { ID_1: long })).toBe('too-many-digits');
  });

  test('is refused as an ID if no value of the column can be as large, and as an amount compared all the same', () => {
    const large = { text: '9223372036854775808', type: 'bigint' as const };
    expect(codeOf('v.visit_id = __ID_1__', { ID_1: large })).toBe('out-of-range');
    expect(codeOf('p.patient_id = __ID_1__', { ID_1: { text: '2147483648', type: 'bigint' } })).toBe(
      'out-of-range',
    );
    expect(rendered('v.visit_id < __NUM_1__', { NUM_1: large })).toBe('v.visit_id < 9223372036854775808');
  });
});

describe('a text', () => {
  test('keeps leading zeros, and is quoted even when it is all digits', () => {
    expect(rendered('p.mrn = __ID_1__', { ID_1: { text: '007345' } })).toBe("p.mrn = '007345'");
    expect(rendered('p.mrn = __ID_1__', { ID_1: { text: '4711', type: 'int' } })).toBe("p.mrn = '4711'");
    expect(rendered('p.mrn = __NUM_1__', { NUM_1: { text: '250' } })).toBe("p.mrn = '250'");
  });

  test("is written as N'…' if the column is national or a character is not ASCII", () => {
    const text = { text: "'Smith'", value: 'Smith' };
    expect(rendered('p.full_name = __TEXT_1__', { TEXT_1: text })).toBe("p.full_name = N'Smith'");
    expect(rendered('p.mrn = __TEXT_1__', { TEXT_1: text })).toBe("p.mrn = 'Smith'");
    expect(rendered('p.mrn = __TEXT_1__', { TEXT_1: { text: 'Müller' } })).toBe("p.mrn = N'Müller'");
  });

  test('is escaped, so all of it stays inside its quotes', () => {
    const attack = { text: "x'; DROP TABLE patient; --" };
    expect(rendered('p.mrn = __TEXT_1__', { TEXT_1: attack })).toBe("p.mrn = 'x''; DROP TABLE patient; --'");
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`'";-/*()[]%_ aN0é\\@`) }), (text) => {
        const sql = rendered('p.mrn = __TEXT_1__', { TEXT_1: { text, value: text } });
        const inner = /^p\.mrn = N?'([^]*)'$/.exec(sql)![1]!;
        expect(inner.replaceAll("''", '')).not.toContain("'");
        expect(inner.replaceAll("''", "'")).toBe(text);
      }),
    );
  });

  test('means itself in a LIKE pattern: wildcards of the value are escaped', () => {
    const value = { text: '50%_[a]' };
    expect(rendered("p.mrn LIKE '%' + __TEXT_1__ + '%'", { TEXT_1: value })).toBe(
      "p.mrn LIKE '%' + '50[%][_][[]a]' + '%'",
    );
    expect(rendered("p.mrn LIKE __TEXT_1__ + '%' ESCAPE '!'", { TEXT_1: { text: '5!%' } })).toBe(
      "p.mrn LIKE '5!!!%' + '%' ESCAPE '!'",
    );
    expect(rendered('p.mrn = __TEXT_1__', { TEXT_1: value })).toBe("p.mrn = '50%_[a]'");
  });

  test.each([
    ['a NUL', 'a\u0000b'],
    ['a line end', 'a\nGO\nb'],
    ['a direction mark', 'a\u202Eb'],
    ['half a character', 'a\uD800'],
    ['a placeholder', '__ID_2__'],
  ])('that holds %s is refused', (_, text) => {
    expect(codeOf('p.mrn = __TEXT_1__', { TEXT_1: { text } })).toBe('rendered-invalid');
  });

  test('must be a UUID beside a uniqueidentifier, and a time beside a time', () => {
    const uuid = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
    expect(rendered('p.guid = __ID_1__', { ID_1: { text: uuid } })).toBe(`p.guid = '${uuid}'`);
    expect(codeOf('p.guid = __ID_1__', { ID_1: { text: 'A12' } })).toBe('uuid-conversion-failed');
    const time = { text: '7:30 am', value: '07:30:00', kind: 'time' };
    expect(rendered('p.wake_time > __TEXT_1__', { TEXT_1: time })).toBe("p.wake_time > '07:30:00'");
  });
});

describe('a date', () => {
  const day = { text: 'March 5, 2024', value: '2024-03-05' };
  const moment = { text: 'x', value: '2024-03-05T10:00:00', kind: 'timestamp', type: 'datetime2' as const };

  test('is written in the two forms that do not depend on DATEFORMAT', () => {
    expect(rendered('p.birth_date = __DATE_1__', { DATE_1: day })).toBe("p.birth_date = '20240305'");
    expect(rendered('v.admitted >= __DATE_1__', { DATE_1: day })).toBe("v.admitted >= '20240305'");
    expect(rendered('v.admitted >= __DATE_1__', { DATE_1: moment })).toBe(
      "v.admitted >= '2024-03-05T10:00:00'",
    );
    const spelled = { text: '2024-03-05' };
    expect(rendered('p.birth_date = __DATE_1__', { DATE_1: spelled })).toBe("p.birth_date = '20240305'");
  });

  test.each<[string, string, string, string]>([
    ['year', '2024', "'20240101'", "DATEADD(year, 1, CAST('20240101' AS date))"],
    ['quarter', '2024-Q3', "'20240701'", "DATEADD(quarter, 1, CAST('20240701' AS date))"],
    ['month', '2024-12', "'20241201'", "DATEADD(month, 1, CAST('20241201' AS date))"],
  ])('of a %s begins with its first day: half-open intervals hold it whole', (kind, value, first, next) => {
    const condition = `v.start_date >= __DATE_1__ AND v.start_date < DATEADD(${kind}, 1, __DATE_1__)`;
    expect(rendered(condition, { DATE_1: { text: 'x', value, kind } })).toBe(
      `v.start_date >= ${first} AND v.start_date < ${next}`,
    );
  });

  test('of a period beside a number is the number of that part', () => {
    const month = { text: 'x', value: '2024-08', kind: 'month' };
    const year = { text: '1950', kind: 'year' };
    const condition =
      'YEAR(v.start_date) = __DATE_1__ AND DATEPART(qq, v.start_date) = __DATE_1__ AND __DATE_1__ = MONTH(v.start_date)';
    expect(rendered(condition, { DATE_1: month })).toBe(
      'YEAR(v.start_date) = 2024 AND DATEPART(qq, v.start_date) = 3 AND 8 = MONTH(v.start_date)',
    );
    expect(rendered('p.birth_year < __DATE_1__', { DATE_1: year })).toBe('p.birth_year < 1950');
    expect(rendered('p.birth_year < YEAR(__DATE_1__)', { DATE_1: year })).toBe(
      "p.birth_year < YEAR(CAST('19500101' AS date))",
    );
  });

  test('is refused if it is not a date or its column cannot store it', () => {
    expect(codeOf('p.birth_date = __DATE_1__', { DATE_1: { text: 'soon' } })).toBe('not-a-date');
    expect(codeOf('p.birth_date = __DATE_1__', { DATE_1: { text: '2023-02-29' } })).toBe(
      'date-conversion-failed',
    );
    expect(codeOf('v.admitted < __DATE_1__', { DATE_1: { text: '1700-01-01' } })).toBe('date-out-of-range');
    const fine = { ...moment, value: '2024-03-05T10:00:00.1234567' };
    expect(codeOf('v.admitted = __DATE_1__', { DATE_1: fine })).toBe('date-conversion-failed');
    expect(rendered('p.created_at = __DATE_1__', { DATE_1: fine })).toContain('.1234567');
  });
});

describe('a statement', () => {
  test('is refused if the validator refuses it or a value is missing', () => {
    expect(codeOf('p.nothing = __ID_1__', { ID_1: { text: 'a' } })).toBe('invalid-statement');
    expect(codeOf('p.mrn = __ID_1__', {})).toBe('invalid-statement');
    expect(codeOf('p.mrn = __ID_1__', { ID_1: { text: 'a' }, ID_2: { text: 'b' } })).toBe(
      'invalid-statement',
    );
  });

  test('gets each value at each of its places, in the form needed there', () => {
    const condition = 'p.mrn = __ID_1__ OR p.full_name = __ID_1__ OR p.patient_id = __ID_1__';
    expect(rendered(condition, { ID_1: { text: '12', type: 'int' } })).toBe(
      "p.mrn = '12' OR p.full_name = N'12' OR p.patient_id = 12",
    );
  });

  test('is refused if its values leave no row, where sense is asked for', () => {
    const sql = 'SELECT COUNT(*) FROM patient AS p WHERE p.birth_year BETWEEN __NUM_1__ AND __NUM_2__;';
    const values = (low: string, high: string): Map<string, PlaceholderValue> =>
      valuesOf({ NUM_1: { text: low }, NUM_2: { text: high } });
    expect(() => render(sql, clinic, values('1990', '1980'), { sense: true })).toThrow(/sense-empty/);
    expect(render(sql, clinic, values('1990', '1980')).sql).toContain('BETWEEN 1990 AND 1980');
    const years = 'SELECT COUNT(*) FROM patient AS p WHERE p.birth_year IN (__NUM_1__, __NUM_2__);';
    expect(render(years, clinic, values('1990', '1990'), { sense: true }).sql).toContain('(1990, 1990)');
  });

  test('is refused if its values make it too long', () => {
    expect(codeOf('p.mrn = __TEXT_1__', { TEXT_1: { text: 'a'.repeat(20_000) } })).toBe('rendered-invalid');
  });
});

describe('the comparison of trees', () => {
  const before = parse('SELECT p.mrn FROM patient AS p WHERE p.mrn = __ID_1__ AND p.birth_year > 5;');
  const literal = { kind: 'string', value: 'A', national: false, start: 0, end: 0 } as const;
  const literals = new Map([[before.placeholders[0]!, literal]]);
  const isSame = (sql: string): boolean => isSameTree(before, parse(sql), literals);

  test('allows different whitespace, and the literal in place of its placeholder', () => {
    expect(isSame("SELECT p.mrn FROM patient AS p WHERE p.mrn = 'A' AND p.birth_year > 5;")).toBe(true);
    expect(isSame("SELECT  p.mrn\nFROM patient p WHERE (p.mrn = 'A') AND p.birth_year > 5 ;")).toBe(true);
  });

  test.each([
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = 'B' AND p.birth_year > 5;",
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = N'A' AND p.birth_year > 5;",
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = 'A' OR p.birth_year > 5;",
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = 'A';",
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = 'A' AND p.birth_year > 5 ORDER BY p.mrn;",
    "SELECT DISTINCT p.mrn FROM patient AS p WHERE p.mrn = 'A' AND p.birth_year > 5;",
    "SELECT p.mrn FROM patient AS p WHERE p.mrn = 'A' AND p.birth_year >= 5;",
    "SELECT p.mrn FROM visit AS p WHERE p.mrn = 'A' AND p.birth_year > 5;",
    'SELECT p.mrn FROM patient AS p WHERE p.mrn = __ID_1__ AND p.birth_year > 5;',
  ])('finds that %s is another statement', (sql) => {
    expect(isSame(sql)).toBe(false);
  });
});
