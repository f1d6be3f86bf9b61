import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../../src/base/paths.js';
import type { SchemaBundle } from '../../../../src/data/schema/bundle.js';
import { columnsForTextId, identifiersOf } from '../../../../src/data/schema/link/identifiers.js';
import { loadBundle } from '../../../../src/data/schema/load.js';

const other = (name: string): SchemaBundle =>
  loadBundle(join(packageRoot, 'test', 'data', 'schema', 'roles', 'bundles', `${name}.json`));

describe('an ID with letters or leading zeros', () => {
  test.each([
    ['omop_cdm_5_4', 'patient', ['person.person_source_value']],
    ['omop_cdm_5_4', 'provider', ['provider.provider_source_value']],
    ['openmrs_2_8', 'patient', ['patient_identifier.identifier']],
    ['openmrs_2_8', 'provider', ['provider.identifier']],
    ['i2b2', 'patient', ['PATIENT_MAPPING.PATIENT_IDE']],
  ])('in %s, of a %s, stands in the column for IDs from outside', (name, noun, columns) => {
    expect(columnsForTextId(loadBundle(name), noun)).toEqual(columns);
  });

  test.each([
    ['eicu', ['patient.uniquepid']],
    ['openimis', ['tblInsuree.CHFID']],
    ['open_hospital', []],
  ])('stands in %s in the column that names a patient', (name, columns) => {
    expect(columnsForTextId(other(name), 'patient')).toEqual(columns);
  });

  test('stands in the key itself where that is a text', () => {
    expect(identifiersOf(loadBundle('pcornet_4_1'), 'patient').keysHoldText).toBe(true);
    expect(columnsForTextId(loadBundle('pcornet_4_1'), 'patient')).toEqual([]);
  });

  test('of a visit never stands in the code for its kind', () => {
    expect(identifiersOf(loadBundle('omop_cdm_5_4'), 'visit').texts).toEqual([]);
  });
});
