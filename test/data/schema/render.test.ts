import { expect, test } from 'vitest';
import { renderSchema } from '../../../src/data/schema/render.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { SelectionBuilder } from '../../../src/data/schema/selection.js';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { clinic } from './bundles.js';

/** Renders the given items: `Table` (only its key) or `Table.Column`. */
function render(bundle: SchemaBundle, ...names: string[]): string {
  const builder = new SelectionBuilder(new SchemaIndex(bundle));
  for (const name of names) {
    const [table = '', column] = name.split('.');
    if (column === undefined) builder.addTable(table);
    else builder.addColumn(table, column);
  }
  return renderSchema(builder.build());
}

test('one line per table in the order of the bundle, types without lengths, arrows to shown tables', () => {
  expect(
    render(
      clinic(),
      'Code.Label',
      'Visit.StartTime',
      'Visit.WardName',
      'Patient.GenderCode',
      'Visit.PatientId',
    ),
  ).toBe(
    [
      'Patient(PatientId int pk, GenderCode int -> Code)',
      'Visit(VisitId int pk, PatientId int -> Patient, StartTime datetime2, WardName varchar)',
      'Code(CodeId int pk, Label varchar)',
    ].join('\n'),
  );
});

test('an arrow to a hidden table is omitted', () => {
  expect(render(clinic(), 'Patient.GenderCode')).toBe('Patient(PatientId int pk, GenderCode int)');
});

test('an arrow names the column if the target has no one-column key', () => {
  expect(render(clinic(), 'LabNote.VisitId', 'LabNote.Seq', 'LabResult')).toBe(
    'LabResult(VisitId int pk, Seq int pk)\nLabNote(VisitId int -> LabResult.VisitId, Seq int -> LabResult.Seq)',
  );
});

test('undeclared joins have arrows', () => {
  expect(render(clinic(), 'Invoice.patient_no', 'Patient')).toContain('Invoice(patient_no int -> Patient)');
});

test('a self reference points to its own table', () => {
  expect(render(clinic(), 'Visit.PreviousVisitId')).toBe(
    'Visit(VisitId int pk, PreviousVisitId int -> Visit)',
  );
});

test('reserved words and irregular names are bracketed', () => {
  const bundle = clinic();
  bundle.tables[5]!.name = 'Order';
  bundle.tables[5]!.columns[1]!.name = 'Date of birth';
  delete bundle.joins;
  expect(render(bundle, 'order.date of birth')).toBe('[Order]([Date of birth] money)');
});
