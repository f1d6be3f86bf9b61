import { describe, expect, test } from 'vitest';
import { validate } from '../../../src/sql/validator/validate.js';
import { maternity, maternityPlaceholders } from './maternity.js';

function codesOf(sql: string): string[] {
  const { errors } = validate(sql, maternity, maternityPlaceholders(sql), { sense: true });
  return errors.map(({ code }) => code);
}

/** Each condition of one table, refused by that code. */
const ABSURD: [code: string, table: string, condition: string][] = [
  // IDs of a patient beside what classifies, describes, counts, orders, or numbers something else.
  ['sense-id', 'admission', 'kind = __ID_3__'],
  ['sense-id', 'admission', 'outcome = __ID_3__'],
  ['sense-id', 'admission', 'stop_reason = __ID_3__'],
  ['sense-id', 'admission', 'reason_no = __ID_2__'],
  ['sense-id', 'admission', 'ward_no = __ID_2__'],
  ['sense-id', 'mother', 'midwife_no = __ID_2__'],
  ['sense-id', 'mother', 'postcode = __ID_3__'],
  ['sense-id', 'mother', 'latitude = __ID_1__'],
  ['sense-id', 'mother', 'income_group = __ID_3__'],
  ['sense-id', 'reason', 'system = __ID_3__'],
  ['sense-id', 'dose', 'drug = __ID_3__'],
  ['sense-id', 'dose', 'gsn = __ID_3__'],
  ['sense-id', 'dose', 'lot_number = __ID_3__'],
  ['sense-id', 'dose', 'source_code = __ID_3__'],
  ['sense-id', 'dose', 'device_serial = __ID_1__'],
  ['sense-id', 'dose', 'seq_num = __ID_4__'],
  ['sense-id', 'dose', 'amount = __ID_4__'],
  ['sense-id', 'dose', 'order_provider_id = __ID_3__'],
  ['sense-id', 'dose', 'specimen_id = __ID_1__'],
  ['sense-id', 'dose', 'result_text = __ID_3__'],

  // Amounts beside what names or numbers something.
  ['sense-amount', 'mother', 'postcode = __NUM_1__'],
  ['sense-amount', 'mother', 'family_name = __NUM_1__'],
  ['sense-amount', 'dose', 'drug = __NUM_1__'],
  ['sense-amount', 'dose', 'device_serial = __NUM_1__'],
  ['sense-amount', 'dose', 'device_serial > 40'],

  // Coordinates, and what never has that length.
  ['sense-empty', 'mother', 'latitude > 200'],
  ['sense-empty', 'mother', 'longitude = -180.5'],
  ['sense-range', 'mother', 'latitude <= 90'],
  ['sense-keys', 'mother', 'latitude > longitude'],
  ['sense-range', 'mother', "LEFT(postcode, 3) = 'E1'"],
  ['sense-range', 'mother', "RIGHT(hospital_number, 4) IN ('0001', '7')"],
];

const SENSIBLE: [table: string, condition: string][] = [
  ['mother', 'mother_no = __ID_1__ OR mother_no = __ID_2__'],
  ['mother', 'hospital_number = __ID_3__'],
  ['admission', 'mother_no = __ID_2__'],
  ['admission', 'ward_no = __ID_4__ AND triage > __NUM_1__'],
  ['admission', 'stop_reason = __ID_5__ OR kind = __ID_5__'],
  ['midwife', 'npi = __ID_7__'],
  ['dose', 'lot_number = __ID_5__ OR gsn = __ID_5__ OR device_serial = __ID_4__ OR specimen_id = __ID_4__'],
  ['dose', 'drug = __ID_6__ OR source_code = __ID_6__'],
  ['dose', "result_text LIKE '%' + __ID_3__ + '%' OR result_text = __NUM_1__"],
  ['dose', 'seq_num = 1 AND amount > __NUM_1__'],
  ['mother', 'latitude > __NUM_1__ AND longitude BETWEEN -93.5 AND -93.1'],
  ['mother', "LEFT(postcode, 2) = 'E1' AND SUBSTRING(postcode, 3, 8) = 'AB'"],
];

describe('what a column holds', () => {
  test.each(ABSURD)('%s: %s, %s', (code, table, condition) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${table} WHERE ${condition};`)).toEqual([code]);
  });

  test.each(SENSIBLE)('has no objection to %s, %s', (table, condition) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${table} WHERE ${condition};`)).toEqual([]);
  });

  test.each([
    ['SUM(seq_num)', ['sense-sum']],
    ['AVG(seq_num)', ['sense-sum']],
    ['SUM(device_serial)', ['sense-sum']],
    ['AVG(TRY_CAST(gsn AS bigint))', ['sense-sum']],
    ['MAX(seq_num)', []],
    ['SUM(amount)', []],
  ])('%s: %j', (item, codes) => {
    expect(codesOf(`SELECT ${item} FROM dose;`)).toEqual(codes);
  });

  test.each([
    ['dose AS a INNER JOIN dose AS b ON b.seq_num = a.seq_num', ['sense-join']],
    ['admission AS a INNER JOIN ward AS b ON b.capacity = a.ward_no', ['sense-keys']],
    ['mother AS a INNER JOIN dose AS b ON b.drug = a.family_name', ['sense-keys']],
    ['dose AS a INNER JOIN calendar AS b ON b.day = a.given', []],
    ['admission AS a INNER JOIN dose AS b ON b.mother_no = a.mother_no AND b.given = a.admitted_at', []],
  ])('FROM %s: %j', (from, codes) => {
    expect(codesOf(`SELECT COUNT(*) FROM ${from};`)).toEqual(codes);
  });
});
