import { describe, expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import type { SchemaJoin } from '../../../src/data/schema/join-graph.js';
import { clinic } from './bundles.js';

const index = new SchemaIndex(clinic());

/** `Visit(PatientId)=Patient(PatientId)` */
function spell(join: SchemaJoin): string {
  return `${join.from.table}(${join.from.columns.join()})=${join.to.table}(${join.to.columns.join()})`;
}

describe('SchemaIndex', () => {
  test('finds tables and columns in any case and keeps their spelling', () => {
    expect(index.table('PATIENT')?.name).toBe('Patient');
    expect(index.column('patient', 'BIRTHDATE')?.column.name).toBe('BirthDate');
    expect(index.table('nurse')).toBeUndefined();
    expect(index.column('patient', 'shoe_size')).toBeUndefined();
    expect(index.column('nurse', 'PatientId')).toBeUndefined();
  });

  test('knows the type and keys of a column', () => {
    const value = index.column('LabResult', 'Value')!;
    expect(value.type).toEqual({ base: 'decimal', family: 'number', precision: 18, scale: 4 });
    expect([value.isPrimaryKey, value.isForeignKey]).toEqual([false, false]);
    const visit = index.column('LabResult', 'VisitId')!;
    expect([visit.isPrimaryKey, visit.isForeignKey]).toEqual([true, true]);
  });

  test('resolves an unqualified column to every table that has it', () => {
    expect(index.columnsNamed('visitid').map((ref) => ref.table.name)).toEqual([
      'Visit',
      'LabResult',
      'LabNote',
    ]);
    expect(index.columnsNamed('nothing')).toEqual([]);
  });

  test('two keys to one table are two joins', () => {
    expect(index.joinsBetween('patient', 'code').map(spell)).toEqual([
      'Patient(GenderCode)=Code(CodeId)',
      'Patient(RaceCode)=Code(CodeId)',
    ]);
  });

  test('a self join can be walked both ways', () => {
    expect(index.joinsBetween('Visit', 'Visit').map(spell)).toEqual([
      'Visit(PreviousVisitId)=Visit(VisitId)',
      'Visit(VisitId)=Visit(PreviousVisitId)',
    ]);
  });

  test('a join knows which side is unique and which is nullable', () => {
    const [join] = index.joinsBetween('Patient', 'Visit');
    expect(join).toMatchObject({
      from: { unique: true, nullable: false },
      to: { unique: false },
      declared: true,
    });
    expect(index.joinsBetween('Visit', 'LabResult')[0]!.to.unique).toBe(false);
    expect(index.joinsBetween('LabNote', 'LabResult')[0]!.to.unique).toBe(true);
    expect(index.joinsBetween('Patient', 'Invoice')[0]!.declared).toBe(false);
  });

  test('a path avoids lookup tables', () => {
    expect(index.graph.isLookup('code')).toBe(true);
    expect(index.joinPath('LabResult', 'Patient')!.map(spell)).toEqual([
      'LabResult(VisitId)=Visit(VisitId)',
      'Visit(PatientId)=Patient(PatientId)',
    ]);
    expect(index.joinPath('LabResult', 'Code')!.map(spell)).toEqual(['LabResult(TestCode)=Code(CodeId)']);
  });

  test('connect adds the tables in between and lists unreachable ones', () => {
    const whole = index.graph.connect(['LabNote', 'Invoice']);
    expect(whole.tables).toEqual(['LabNote', 'LabResult', 'Visit', 'Patient', 'Invoice']);
    const bundle = clinic();
    delete bundle.joins;
    expect(new SchemaIndex(bundle).graph.connect(['LabNote', 'Invoice'])).toMatchObject({
      tables: ['LabNote'],
      apart: ['Invoice'],
    });
  });
});
