import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import type { Table } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { column } from './dental.js';

const ROLES: Readonly<Record<string, 'patient' | 'encounter'>> = {
  mother: 'patient',
  admission: 'encounter',
};

/** @param columns `name type, …`, with `;` for a comma inside a type */
function table(
  name: string,
  columns: string,
  key: string | undefined,
  references: Record<string, string> = {},
): Table {
  return {
    name,
    description: '',
    ...(ROLES[name] && { role: ROLES[name] }),
    primaryKey: key === undefined ? [] : [key],
    foreignKeys: Object.entries(references).map(([own, target]) => {
      const [other, others] = target.split('.') as [string, string];
      return { columns: [own], references: { table: other, columns: [others] } };
    }),
    columns: columns.split(',').map((text) => {
      const [own, type] = text.trim().split(/\s+/) as [string, string];
      return column(own, type.replace(';', ','));
    }),
  };
}

/** A schema with catalogues, staff, things that have numbers, and dates of several kinds. */
export const maternity = new SchemaIndex({
  name: 'maternity',
  title: 'Maternity ward',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: [
    table(
      'mother',
      `mother_no int, hospital_number varchar(12), family_name nvarchar(40), born date, postcode varchar(8),
       latitude decimal(9;6), longitude decimal(9;6), midwife_no int, income_group varchar(10)`,
      'mother_no',
      { midwife_no: 'midwife.midwife_no' },
    ),
    table('midwife', 'midwife_no int, npi char(10), name nvarchar(60), hired date', 'midwife_no'),
    table(
      'admission',
      `admission_no int, mother_no int, ward_no int, reason_no int, admitted_at datetime2, left_at datetime2,
       kind varchar(12), outcome varchar(12), stop_reason varchar(20), triage tinyint`,
      'admission_no',
      { mother_no: 'mother.mother_no', ward_no: 'ward.ward_no', reason_no: 'reason.reason_no' },
    ),
    table('ward', 'ward_no int, ward_name nvarchar(40), capacity int', 'ward_no'),
    table('reason', 'reason_no int, term nvarchar(80), system varchar(20)', 'reason_no'),
    table('calendar', 'day date, is_holiday bit', 'day'),
    table(
      'dose',
      `dose_no int, mother_no int, drug nvarchar(80), gsn varchar(10), lot_number varchar(20), source_code varchar(20),
       device_serial numeric(38;0), seq_num int, amount float, given date, order_provider_id varchar(10),
       specimen_id int, result_text nvarchar(80)`,
      'dose_no',
      { mother_no: 'mother.mother_no' },
    ),
  ],
});

/** The placeholders that its statements use. */
export const MATERNITY_INFOS: PlaceholderInfo[] = [
  { name: '__ID_1__', kind: 'patient', type: 'int' },
  { name: '__ID_2__', kind: 'mrn', type: 'int' },
  { name: '__ID_3__', kind: 'mrn', type: 'varchar' },
  { name: '__ID_4__', kind: 'key', type: 'int' },
  { name: '__ID_5__', kind: 'key', type: 'varchar' },
  { name: '__ID_6__', kind: 'ndc', type: 'varchar' },
  { name: '__ID_7__', kind: 'npi', type: 'varchar' },
  { name: '__NUM_1__', kind: 'threshold', type: 'int' },
  { name: '__NUM_2__', kind: 'threshold', type: 'int' },
  { name: '__DATE_1__', kind: 'date', type: 'date' },
];

/** The placeholders that a text mentions. */
export function maternityPlaceholders(sql: string): Map<string, PlaceholderInfo> {
  const infos = MATERNITY_INFOS.filter(({ name }) => sql.includes(name));
  return new Map(infos.map((info) => [info.name, info]));
}
