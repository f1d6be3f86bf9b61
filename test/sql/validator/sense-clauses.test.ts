import { describe, expect, test } from 'vitest';
import { validate } from '../../../src/sql/validator/validate.js';
import { maternity, maternityPlaceholders } from './maternity.js';

function codesOf(sql: string): string[] {
  const { errors } = validate(sql, maternity, maternityPlaceholders(sql), { sense: true });
  return errors.map(({ code }) => code);
}

describe('conditions that another one makes idle', () => {
  test.each([
    ['sense-idle', 'dose', 'amount > 5 AND amount > 3'],
    ['sense-idle', 'dose', 'amount = 5 AND amount > 3'],
    ['sense-idle', 'dose', '3 < amount AND amount BETWEEN 4 AND 9'],
    ['sense-idle', 'dose', 'amount > 5 OR amount > 3'],
    ['sense-idle', 'dose', 'amount > 3 OR amount IN (4, 5)'],
    ['sense-idle', 'dose', 'amount IN (3, 4) AND amount = 3'],
    ['sense-idle', 'dose', 'amount NOT IN (3, 4) AND amount <> 3'],
    ['sense-idle', 'dose', "given > '20200101' AND given > '20190101'"],
    ['sense-idle', 'dose', 'given >= __DATE_1__ AND given > __DATE_1__'],
    ['sense-idle', 'dose', 'amount = __NUM_1__ OR amount <= __NUM_1__'],
    ['sense-empty', 'dose', 'amount IN (3) AND amount <> 3'],
    ['sense-idle', 'dose', 'amount IN (3, 4) OR amount <> 3'],
    ['sense-idle', 'calendar', 'is_holiday = 1 OR is_holiday = 0'],
    ['sense-range', 'calendar', 'is_holiday IN (0, 1)'],
    ['sense-idle', 'calendar', 'is_holiday = 1 AND is_holiday <> 0'],

    // The same, in other words or another order.
    ['sense-idle', 'admission', "kind = 'a' AND NOT (kind <> 'a')"],
    ['sense-idle', 'admission', "kind IN ('a') OR kind = 'a'"],
    ['sense-idle', 'admission', "kind IN ('a', 'b') AND kind IN ('b', 'a')"],
    ['sense-idle', 'admission', "(kind = 'a' OR outcome = 'b') AND (outcome = 'b' OR kind = 'a')"],
    ['sense-idle', 'admission', "kind = 'a' AND (outcome = 'c' AND kind = 'a')"],
    ['sense-idle', 'admission', "kind = 'a' AND (kind = 'a' OR outcome = 'b')"],
    ['sense-idle', 'admission', "(kind = 'a' AND outcome = 'b') OR kind = 'a'"],
    ['sense-idle', 'admission', 'kind IN (kind, outcome)'],
    ['sense-idle', 'admission', 'kind LIKE kind'],
    ['sense-idle', 'admission', "COALESCE(kind, 'x') IS NOT NULL"],
    ['sense-empty', 'admission', 'ISNULL(triage, 0) IS NULL'],
  ])('%s: %s, %s', (code, table, condition) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${table} WHERE ${condition};`)).toEqual([code]);
  });

  test.each([
    ['dose', 'amount > 3 AND amount < 9 AND amount <> 5'],
    ['dose', 'amount > 9 OR amount < 3 OR amount = 5'],
    ['dose', 'amount > __NUM_1__ AND amount > __NUM_2__'],
    ['dose', 'given >= __DATE_1__ AND given <> __DATE_1__'],
    ['admission', "kind = 'a' AND kind IS NOT NULL AND kind <> 'b'"],
    ['admission', "(kind = 'a' AND outcome = 'x') OR (kind = 'a' AND triage > 3)"],
    ['admission', "(kind = 'a' OR outcome = 'x') AND (kind = 'b' OR triage > 3)"],
    ['admission', "COALESCE(kind, outcome) IS NULL OR ISNULL(kind, 'x') = 'x'"],
  ])('has no objection to %s, %s', (table, condition) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${table} WHERE ${condition};`)).toEqual([]);
  });

  test.each([
    ["CASE WHEN kind = 'a' THEN __ID_1__ ELSE 0 END", ['sense-idle']],
    ['COALESCE(mother_no, __ID_1__)', ['sense-idle']],
    ['__NUM_1__', ['sense-idle']],
    ['__DATE_1__', ['sense-idle']],
    ['CASE WHEN mother_no = __ID_1__ THEN 1 ELSE 0 END', []],
    ['DATEDIFF(day, admitted_at, __DATE_1__)', []],
  ])('SELECT %s: %j', (item, codes) => {
    expect(codesOf(`SELECT admission_no, ${item} FROM admission;`)).toEqual(codes);
  });
});

const OF = 'mother AS m INNER JOIN admission AS a ON a.mother_no = m.mother_no';
const WITHOUT = 'mother AS m LEFT JOIN admission AS a ON a.mother_no = m.mother_no';
const RIGHT = 'admission AS a RIGHT JOIN mother AS m ON m.mother_no = a.mother_no';
const FULL = 'mother AS m FULL JOIN admission AS a ON a.mother_no = m.mother_no';

describe('conditions in ON and WHERE', () => {
  test.each([
    ['sense-idle', `${OF} AND a.kind = 'x' WHERE a.kind = 'x'`],
    ['sense-idle', `${OF} AND a.triage > 5 WHERE a.triage > 3`],
    ['sense-idle', `${OF} WHERE m.mother_no = a.mother_no`],
    ['sense-empty', `${OF} WHERE m.mother_no <> a.mother_no`],
    ['sense-empty', `${OF} AND a.kind = 'x' WHERE a.kind = 'y'`],
    ['sense-empty', `${OF} AND a.kind = 'x' WHERE a.kind IS NULL`],
    ['sense-idle', `${WITHOUT} AND a.kind = 'x' WHERE a.kind = 'x'`],
    ['sense-empty', `${WITHOUT} AND a.kind = 'x' WHERE a.kind <> 'x'`],
  ])('%s: FROM %s', (code, from) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${from};`)).toEqual([code]);
  });

  test.each([
    `${OF} AND a.kind = 'x' WHERE a.outcome = 'x' AND m.postcode = 'AB1'`,
    `${WITHOUT} AND a.kind = 'x' WHERE a.kind IS NULL`,
    `${WITHOUT} AND a.kind = 'x' WHERE a.admission_no IS NOT NULL AND a.triage > 3`,
  ])('has no objection to FROM %s', (from) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${from};`)).toEqual([]);
  });
});

describe('rows without a match', () => {
  test.each([
    `${RIGHT} WHERE a.admission_no IS NULL AND a.kind = 'x'`,
    `${RIGHT} WHERE m.mother_no IS NULL`,
    `${FULL} WHERE a.admission_no IS NULL AND a.triage > 3`,
    `${FULL} WHERE a.admission_no IS NULL AND m.mother_no IS NULL`,
    `${WITHOUT} WHERE a.admission_no IS NULL AND NOT (a.kind = 'x')`,
    `${WITHOUT} WHERE a.admission_no IS NULL AND NOT (a.kind = 'x' OR m.postcode = 'y')`,
    `${WITHOUT} WHERE a.admission_no IS NULL AND COALESCE(a.kind, '') = 'x'`,
    `${WITHOUT} WHERE a.admission_no IS NULL AND CASE WHEN a.kind = 'x' THEN 1 ELSE 0 END = 1`,
    `${WITHOUT} WHERE COALESCE(a.admission_no, 0) = 0 AND a.kind = 'x'`,
  ])('are none: FROM %s', (from) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${from};`)).toEqual(['sense-empty']);
  });

  test.each([
    ['m.mother_no', `${RIGHT} WHERE a.admission_no IS NULL AND m.postcode = 'AB1'`],
    ['m.mother_no', `${RIGHT} AND a.kind = 'x' WHERE a.admission_no IS NULL`],
    ['m.mother_no, a.admission_no', `${FULL} WHERE a.admission_no IS NULL`],
    ['m.mother_no, a.admission_no', `${FULL} WHERE a.admission_no IS NULL OR m.mother_no IS NULL`],
    ['m.mother_no', `${WITHOUT} WHERE a.admission_no IS NULL AND COALESCE(a.kind, '') = ''`],
    ['m.mother_no', `${WITHOUT} WHERE a.admission_no IS NULL AND COALESCE(a.kind, 'y') <> 'x'`],
    [
      'm.mother_no',
      `${WITHOUT} WHERE a.admission_no IS NULL AND CASE WHEN a.kind = 'x' THEN 1 ELSE 0 END = 0`,
    ],
    ['m.mother_no', `${WITHOUT} WHERE a.admission_no IS NULL AND NOT (a.kind = 'x' AND m.postcode = 'y')`],
    ['m.mother_no, a.kind', `${WITHOUT} WHERE COALESCE(a.triage, 0) = 0`],
  ])('are kept: SELECT %s FROM %s', (items, from) => {
    expect(codesOf(`SELECT ${items} FROM ${from};`)).toEqual([]);
  });

  test('are selected with nothing of the table on the other side of RIGHT JOIN', () => {
    expect(codesOf(`SELECT m.mother_no, a.kind FROM ${RIGHT} WHERE a.admission_no IS NULL;`)).toEqual([
      'sense-empty',
    ]);
  });
});
