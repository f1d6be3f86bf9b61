import type { SchemaBundle, Table } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';

/** Parses a column: `name type`, with `!` for NOT NULL, `-> table` for a foreign key, `*` for the primary key. */
function table(name: string, synonyms: string[], lines: string[]): Table {
  const built: Table = {
    name,
    description: name,
    synonyms,
    primaryKey: [],
    columns: [],
    foreignKeys: [],
  };
  for (const line of lines) {
    const [, column, type, mark, target] = /^(\w+) (\S+?)([*!]?)(?: -> (\w+))?$/.exec(line)!;
    built.columns.push({ name: column!, type: type!, nullable: mark === '' });
    if (mark === '*') built.primaryKey.push(column!);
    if (target !== undefined) {
      built.foreignKeys.push({
        columns: [column!],
        references: { table: target, columns: [`${target}_id`] },
      });
    }
  }
  return built;
}

/**
 * A small clinical schema with everything the generator must handle: two keys to one table, a self reference, a
 * reserved word, and both date and datetime columns.
 */
export const miniBundle: SchemaBundle = {
  name: 'mini',
  title: 'Mini',
  version: '1',
  source: 'written for the tests',
  licence: 'MIT',
  tables: [
    table(
      'person',
      ['patient'],
      [
        'person_id int*',
        'gender_concept_id int! -> concept',
        'year_of_birth int!',
        'birth_datetime datetime2',
        'person_source_value varchar(50)',
        'provider_id int -> provider',
      ],
    ),
    table(
      'visit_occurrence',
      ['visit', 'encounter'],
      [
        'visit_occurrence_id int*',
        'person_id int! -> person',
        'visit_concept_id int! -> concept',
        'visit_type_concept_id int! -> concept',
        'visit_start_date date!',
        'visit_start_datetime datetime',
        'visit_end_date date',
        'total_charge decimal(10,2)',
        'paid_amount decimal(10,2)',
        'admission_type varchar(20)',
        'discharge_status varchar(20)',
        'visit_priority varchar(20)',
        'urgent_flag bit',
        'procedure_count int',
        'provider_id int -> provider',
        'preceding_visit_occurrence_id int -> visit_occurrence',
      ],
    ),
    table(
      'measurement',
      ['lab result'],
      [
        'measurement_id int*',
        'person_id int! -> person',
        'measurement_concept_id int! -> concept',
        'measurement_date date!',
        'result_value decimal(18,3)',
        'range_low float',
        'range_high float',
        'is_abnormal bit',
        'visit_occurrence_id int -> visit_occurrence',
      ],
    ),
    table(
      'provider',
      ['doctor'],
      ['provider_id int*', 'provider_name varchar(255)', 'npi varchar(20)', 'year_of_birth int'],
    ),
    table('concept', [], ['concept_id int*', 'concept_name varchar(255)!', 'concept_code varchar(50)!']),
    table(
      'order',
      [],
      ['order_id int*', 'person_id int! -> person', 'status varchar(20)', 'placed_at datetime2'],
    ),
  ],
};
export const miniIndex = new SchemaIndex(miniBundle);
