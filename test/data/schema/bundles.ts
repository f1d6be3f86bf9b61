import type { SchemaBundle } from '../../../src/data/schema/bundle.js';

/** A small clinic with every kind of key: composite, self-referencing, two keys to one table, an undeclared join. */
export function clinic(): SchemaBundle {
  const id = (name: string) => ({ name, type: 'int', nullable: false });
  return {
    name: 'clinic',
    title: 'Clinic',
    version: '1',
    source: 'tests',
    licence: 'MIT',
    tables: [
      {
        name: 'Patient',
        description: 'A person under care.',
        synonyms: ['person'],
        primaryKey: ['PatientId'],
        columns: [
          id('PatientId'),
          { name: 'BirthDate', type: 'date', nullable: true, synonyms: ['date of birth'] },
          { name: 'GenderCode', type: 'int', nullable: true, synonyms: ['sex'] },
          { name: 'RaceCode', type: 'int', nullable: true },
        ],
        foreignKeys: [
          { columns: ['GenderCode'], references: { table: 'Code', columns: ['CodeId'] } },
          { columns: ['RaceCode'], references: { table: 'Code', columns: ['CodeId'] } },
        ],
      },
      {
        name: 'Visit',
        description: 'One stay or appointment.',
        synonyms: ['encounter', 'appointment'],
        primaryKey: ['VisitId'],
        columns: [
          id('VisitId'),
          id('PatientId'),
          { name: 'PreviousVisitId', type: 'int', nullable: true },
          { name: 'StartTime', type: 'datetime2', nullable: false },
          { name: 'WardName', type: 'varchar(40)', nullable: true },
        ],
        foreignKeys: [
          { columns: ['PatientId'], references: { table: 'Patient', columns: ['PatientId'] } },
          { columns: ['PreviousVisitId'], references: { table: 'Visit', columns: ['VisitId'] } },
        ],
      },
      {
        name: 'LabResult',
        description: 'One measured value.',
        synonyms: ['lab', 'test result'],
        primaryKey: ['VisitId', 'Seq'],
        columns: [
          id('VisitId'),
          id('Seq'),
          { name: 'TestCode', type: 'int', nullable: true },
          { name: 'Value', type: 'decimal(18,4)', nullable: true },
        ],
        foreignKeys: [
          { columns: ['VisitId'], references: { table: 'Visit', columns: ['VisitId'] } },
          { columns: ['TestCode'], references: { table: 'Code', columns: ['CodeId'] } },
        ],
      },
      {
        name: 'LabNote',
        description: 'A remark on one measured value.',
        primaryKey: [],
        columns: [id('VisitId'), id('Seq'), { name: 'Note', type: 'nvarchar(max)', nullable: true }],
        foreignKeys: [
          { columns: ['VisitId', 'Seq'], references: { table: 'LabResult', columns: ['VisitId', 'Seq'] } },
        ],
      },
      {
        name: 'Code',
        description: 'A coded term.',
        synonyms: ['term'],
        primaryKey: ['CodeId'],
        columns: [id('CodeId'), { name: 'Label', type: 'varchar(100)', nullable: false }],
        foreignKeys: [],
      },
      {
        name: 'Invoice',
        description: 'A bill.',
        primaryKey: [],
        columns: [id('patient_no'), { name: 'Total', type: 'money', nullable: true }],
        foreignKeys: [],
      },
    ],
    joins: [{ from: 'Invoice.patient_no', to: 'Patient.PatientId' }],
  };
}
