import { describe, expect, test } from 'vitest';
import type { CodedValue, SchemaBundle } from '../../../src/data/schema/bundle.js';
import { checkBundle } from '../../../src/data/schema/check.js';
import { codesOf } from '../../../src/data/schema/codes.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { bundleFiles } from '../../../src/data/schema/shipped.js';

function faultsOf(type: string, codes: CodedValue[]): string[] {
  const bundle: SchemaBundle = {
    name: 'x',
    title: 'x',
    version: '1',
    source: 'x',
    licence: 'x',
    tables: [
      {
        name: 'patient',
        description: 'x',
        primaryKey: [],
        foreignKeys: [],
        columns: [{ name: 'sex', type, nullable: true, codes }],
      },
    ],
  };
  return checkBundle(bundle).map(({ path, message }) => `${path}: ${message}`);
}

describe('schema check lists faults of coded values:', () => {
  const at = 'tables[0].columns[0].codes';

  test('none', () => {
    expect(
      faultsOf('char(1)', [
        { value: 'M', words: ['male', 'man'] },
        { value: 'F', words: ['female'] },
      ]),
    ).toEqual([]);
    expect(
      faultsOf('bit', [
        { value: '1', words: ['yes', 'dead'] },
        { value: '0', words: ['no'] },
      ]),
    ).toEqual([]);
  });

  test.each([
    [
      'char(1)',
      [{ value: 'MM', words: ['male'] }],
      `${at}[0].value: patient.sex: "MM" is longer than char(1)`,
    ],
    ['bit', [{ value: '2', words: ['maybe'] }], `${at}[0].value: patient.sex: "2" is no bit`],
    ['int', [{ value: 'M', words: ['male'] }], `${at}[0].value: patient.sex: "M" is no int`],
    [
      'date',
      [{ value: 'M', words: ['male'] }],
      `${at}[0].value: patient.sex: "M" stands in a column of type date, which has no codes`,
    ],
    [
      'char(1)',
      [{ value: 'M', words: ['Male'] }],
      `${at}[0].words[0]: patient.sex: "Male" is not in lower case`,
    ],
    [
      'char(1)',
      [
        { value: 'M', words: ['male'] },
        { value: 'M', words: ['man'] },
      ],
      `${at}[1].value: patient.sex: "M" is listed twice`,
    ],
    [
      'char(1)',
      [
        { value: 'M', words: ['a', 'b'] },
        { value: 'F', words: ['b'] },
      ],
      `${at}[1].words[0]: patient.sex: "b" already names "M"`,
    ],
  ])('%s %j', (type, codes, fault) => {
    expect(faultsOf(type, codes)).toEqual([fault]);
  });

  test('a value without words, and no values', () => {
    expect(faultsOf('char(1)', [{ value: 'M', words: [] }])[0]).toMatch(/codes\[0\]\.words/);
    expect(faultsOf('char(1)', [])[0]).toMatch(/codes/);
  });
});

test('the codes of table.column win over those of the column', () => {
  const list = (word: string) => ({ source: 'x', values: { M: [word] } });
  const lists = { sex: list('anywhere'), 'Person.Sex': list('here') };
  expect(codesOf(lists, 'person', 'sex')).toEqual([{ value: 'M', words: ['here'] }]);
  expect(codesOf(lists, 'other', 'SEX')).toEqual([{ value: 'M', words: ['anywhere'] }]);
  expect(codesOf(lists, 'other', 'race')).toBeUndefined();
});

test('the shipped bundles list what their publishers fix', () => {
  const wordsOf = (schema: string, table: string, column: string, value: string): string[] | undefined =>
    loadBundle(schema)
      .tables.find((one) => one.name.toLowerCase() === table)
      ?.columns.find((one) => one.name.toLowerCase() === column)
      ?.codes?.find((code) => code.value === value)?.words;
  expect(wordsOf('omop_cdm_5_4', 'person', 'gender_concept_id', '8532')).toContain('woman');
  expect(wordsOf('omop_cdm_5_4', 'visit_occurrence', 'visit_concept_id', '9201')).toContain(
    'inpatient visit',
  );
  expect(wordsOf('synthea', 'patients', 'marital', 'S')).toEqual(['single', 'unmarried']);
  expect(wordsOf('mimic_iv', 'admissions', 'admission_type', 'EW EMER.')).toContain('ew emergency');
  expect(wordsOf('pcornet_4_1', 'demographic', 'sex', 'M')).toContain('male');
  expect(wordsOf('i2b2', 'observation_fact', 'valueflag_cd', 'H')).toEqual(['high']);
  const columns = bundleFiles().flatMap((file) => loadBundle(file).tables.flatMap((table) => table.columns));
  expect(columns.filter(({ codes }) => codes)).toHaveLength(27);
});
