import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { judge } from '../../../src/sql/answerable/gate.js';
import { extract, knowledgeOf, type VaultResult } from '../../../src/sql/vault/index.js';

const indexes = new Map(
  ['omop_cdm_5_4', 'mimic_iv', 'openmrs_2_8', 'pcornet_4_1'].map((name) => [
    name,
    new SchemaIndex(loadBundle(name)),
  ]),
);

function ask(question: string, schema: string): VaultResult & { reasons: string[] } {
  const index = indexes.get(schema)!;
  const asked = extract(question, { knowledge: knowledgeOf(index.bundle) });
  const { reasons } = judge(asked, index, { threshold: 0.7 });
  return { ...asked, reasons: reasons.map(({ code, message }) => `${code}: ${message}`) };
}

describe('an ID that a key of whole numbers cannot hold', () => {
  test.each([
    ['procedures of patient 0311907', 'mimic_iv', '__ID_1__ has leading zeros, and patients.subject_id'],
    ["labs of patient '0311907'", 'mimic_iv', '__ID_1__ has leading zeros, and patients.subject_id'],
    ['labs of MRN KX-44120', 'mimic_iv', '__ID_1__ is no whole number, and patients.subject_id'],
    ['visit 00087 start date', 'openmrs_2_8', '__ID_1__ has leading zeros, and visit.visit_id'],
    ['length of stays 0061 and 0062', 'mimic_iv', '__ID_2__ has leading zeros, and icustays.stay_id'],
  ])('is refused with the key, and its value is not shown: %s', (question, schema, reason) => {
    const [message = '', ...more] = ask(question, schema).reasons;
    expect(more).toEqual([]);
    expect(message).toMatch(/^unplaceable: /);
    expect(message).toContain(`${reason} holds whole numbers`);
    expect(message).not.toMatch(/0311907|KX|0087|0061|0062/);
  });

  test.each([
    ['procedures of patient 311907', 'mimic_iv'],
    ['procedures of patient 0311907', 'pcornet_4_1'],
    ['orders by provider P60TTQ', 'mimic_iv'],
    ['patients with diagnosis 0389', 'mimic_iv'],
    ['visits with provider 0077', 'omop_cdm_5_4'],
  ])('is not seen where a column can hold it: %s', (question, schema) => {
    expect(ask(question, schema).reasons).toEqual([]);
  });

  test('brings the column for IDs from outside, and a plain number brings none', () => {
    const columns = (question: string, schema: string): (readonly string[] | undefined)[] =>
      ask(question, schema).placeholders.map((placeholder) => placeholder.columns);
    expect(columns('drugs of patients 0311907 and KX-44120', 'omop_cdm_5_4')).toEqual([
      ['person.person_source_value'],
      ['person.person_source_value'],
    ]);
    expect(columns('visits of patient 0311907', 'openmrs_2_8')).toEqual([['patient_identifier.identifier']]);
    expect(columns('drugs of patient 311907', 'omop_cdm_5_4')).toEqual([undefined]);
  });
});
