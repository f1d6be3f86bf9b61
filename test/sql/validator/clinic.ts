import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import type { Column, SchemaBundle } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';

/** A small invented schema with every type family, and names that are a reserved word or have a blank. */
const TABLES = {
  patient: `patient_id int, mrn varchar(20), full_name nvarchar(100), gender char(1), birth_date date,
    birth_year int, is_active bit, weight_kg decimal(6;2), bmi float, guid uniqueidentifier, created_at datetime2,
    wake_time time, history text, photo varbinary(max), extra xml`,
  visit: `visit_id bigint, patient_id int, ward varchar(50), start_date date, end_date date, admitted datetime,
    cost money, note nvarchar(max), doctor_id int`,
  diagnosis: `diagnosis_id int, visit_id bigint, code varchar(10), title nvarchar(200), is_primary bit, rank smallint`,
  order: `order_id int, visit_id bigint, from varchar(20), end datetime`,
  'lab result': `result_id int, visit_id bigint, value decimal(18;4), unit varchar(20), taken at datetime2`,
  sample: `sample_id int, drawn smalldatetime, site geometry, price smallmoney, grade tinyint, mass real, tag sql_variant`,
};

function columnsOf(text: string): Column[] {
  return text.split(',').map((part) => {
    const [, name = '', type = ''] = /^(.+) (\S+)$/.exec(part.trim().replaceAll('\n', ''))!;
    return { name, type: type.replace(';', ','), nullable: true };
  });
}

export const clinicBundle: SchemaBundle = {
  name: 'clinic',
  title: 'Clinic',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: Object.entries(TABLES).map(([name, columns]) => ({
    name,
    description: '',
    primaryKey: [columns.split(' ')[0]!],
    foreignKeys: [],
    columns: columnsOf(columns),
  })),
};

export const clinic = new SchemaIndex(clinicBundle);

/** One placeholder of every shape; the map of a statement has those that it mentions. */
export const INFOS: readonly PlaceholderInfo[] = [
  { name: '__ID_1__', kind: 'mrn', type: 'varchar' },
  { name: '__ID_2__', kind: 'patient', type: 'int' },
  { name: '__ID_3__', kind: 'uuid', type: 'varchar' },
  { name: '__DATE_1__', kind: 'date', type: 'date' },
  { name: '__DATE_2__', kind: 'year', type: 'date' },
  { name: '__DATE_3__', kind: 'month', type: 'date' },
  { name: '__DATE_4__', kind: 'timestamp', type: 'datetime2' },
  { name: '__DATE_5__', kind: 'quarter', type: 'date' },
  { name: '__TEXT_1__', kind: 'quoted', type: 'varchar' },
  { name: '__TEXT_2__', kind: 'time', type: 'varchar' },
  { name: '__NUM_1__', kind: 'threshold', type: 'int' },
  { name: '__NUM_2__', kind: 'threshold', type: 'decimal' },
];

/** The placeholders that a text mentions, or those of the given names. */
export function placeholdersOf(sql: string, names?: readonly string[]): Map<string, PlaceholderInfo> {
  const wanted = INFOS.filter(({ name }) => (names ? names.includes(name) : sql.includes(name)));
  return new Map(wanted.map((info) => [info.name, info]));
}
