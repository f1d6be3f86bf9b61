import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';

export const column = (name: string, type: string): { name: string; type: string; nullable: boolean } => ({
  name,
  type,
  nullable: true,
});

/** A schema whose names say what its columns hold. */
export const dental = new SchemaIndex({
  name: 'dental',
  title: 'Dental practice',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: [
    {
      name: 'client',
      description: '',
      synonyms: ['patient'],
      role: 'patient',
      primaryKey: ['client_id'],
      foreignKeys: [],
      columns: [
        column('client_id', 'int'),
        column('chart_no', 'varchar(12)'),
        column('latitude', 'decimal(9,6)'),
        column('weight', 'decimal(6,2)'),
        column('birth_year', 'int'),
        column('month_of_birth', 'tinyint'),
        column('tooth_count', 'int'),
        column('months_insured', 'int'),
        { ...column('state', 'char(1)'), codes: [{ value: 'A', words: ['active'] }] },
        column('mrn', 'varchar(20)'),
        column('last_name', 'varchar(40)'),
        column('town', 'varchar(40)'),
        column('sex', 'char(1)'),
        column('remarks', 'varchar(400)'),
        column('insurance_key', 'varchar(20)'),
        column('xyz_ref', 'varchar(40)'),
        column('plan_name', 'varchar(40)'),
      ],
    },
    {
      name: 'sitting',
      description: '',
      role: 'encounter',
      primaryKey: ['sitting_id'],
      foreignKeys: [
        { columns: ['client_id'], references: { table: 'client', columns: ['client_id'] } },
        { columns: ['referrer_id'], references: { table: 'client', columns: ['client_id'] } },
      ],
      columns: [
        column('sitting_id', 'int'),
        column('client_id', 'int'),
        column('referrer_id', 'int'),
        column('began', 'datetime'),
        column('serial_number', 'numeric(38,0)'),
        column('fee', 'decimal(8,2)'),
        column('ended', 'datetime'),
        column('icd10_code', 'varchar(10)'),
        column('loinc_code', 'varchar(10)'),
        column('treatment_code', 'varchar(10)'),
        column('dose_unit', 'varchar(10)'),
        column('minutes', 'int'),
        column('paid', 'bit'),
        column('due', 'date'),
      ],
    },
  ],
});

/** The placeholders that its statements use. */
export const DENTAL_INFOS: PlaceholderInfo[] = [
  { name: '__ID_1__', kind: 'patient', type: 'int' },
  { name: '__ID_2__', kind: 'key', type: 'bigint' },
  { name: '__DATE_1__', kind: 'quarter', type: 'date' },
  { name: '__NUM_1__', kind: 'threshold', type: 'int' },
  { name: '__NUM_2__', kind: 'age', type: 'int' },
  { name: '__ID_3__', kind: 'patient', type: 'varchar', columns: ['client.chart_no'] },
  { name: '__ID_4__', kind: 'mrn', type: 'varchar' },
  { name: '__ID_5__', kind: 'icd10', type: 'varchar' },
  { name: '__ID_6__', kind: 'loinc', type: 'varchar' },
  { name: '__ID_7__', kind: 'key', type: 'varchar' },
  { name: '__ID_8__', kind: 'mrn', type: 'int' },
  { name: '__DATE_2__', kind: 'month', type: 'date' },
  { name: '__DATE_3__', kind: 'year', type: 'date' },
];
