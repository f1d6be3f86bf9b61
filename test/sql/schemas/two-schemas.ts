import type { Column, SchemaBundle } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';

const column = (name: string, type: string, nullable = true): Column => ({ name, type, nullable });

/** `person` in two schemas, names outside ASCII, reserved words, and a table of the default schema. */
export const twoSchemas: SchemaBundle = {
  name: 'hospital',
  title: 'Hospital',
  version: '1',
  source: 'tests',
  licence: 'MIT',
  tables: [
    {
      name: 'cdm.person',
      description: 'A person in the research data.',
      primaryKey: ['person_id'],
      columns: [column('person_id', 'int', false), column('birth_date', 'date'), column('Größe', 'int')],
      foreignKeys: [],
    },
    {
      name: 'hosp.person',
      description: 'A person on the ward.',
      primaryKey: ['id'],
      columns: [column('id', 'int', false), column('research_id', 'int'), column('имя', 'nvarchar(80)')],
      foreignKeys: [
        { columns: ['research_id'], references: { table: 'cdm.person', columns: ['person_id'] } },
      ],
    },
    {
      name: 'hosp.order',
      description: 'What was ordered.',
      primaryKey: ['x__'],
      columns: [column('x__', 'int', false), column('person', 'int'), column('visit-date', 'datetime2')],
      foreignKeys: [{ columns: ['person'], references: { table: 'hosp.person', columns: ['id'] } }],
    },
    {
      name: 'Fälle',
      description: 'Cases.',
      primaryKey: ['__key'],
      columns: [column('__key', 'int', false), column('order', 'int')],
      foreignKeys: [{ columns: ['order'], references: { table: 'hosp.order', columns: ['x__'] } }],
    },
  ],
  joins: [{ from: 'Fälle.__key', to: 'hosp.person.id' }],
};

export const hospital = new SchemaIndex(twoSchemas);

/** The bundle with all of its tables in one schema. */
export function inSchema(bundle: SchemaBundle, schema: string): SchemaBundle {
  const tables = bundle.tables.map((table) => ({
    ...table,
    name: `${schema}.${table.name}`,
    foreignKeys: table.foreignKeys.map(({ columns, references }) => ({
      columns,
      references: { ...references, table: `${schema}.${references.table}` },
    })),
  }));
  const joins = (bundle.joins ?? []).map(({ from, to }) => ({
    from: `${schema}.${from}`,
    to: `${schema}.${to}`,
  }));
  return { ...bundle, name: `${bundle.name}_${schema}`, tables, joins };
}
