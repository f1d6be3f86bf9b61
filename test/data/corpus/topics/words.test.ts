import { describe, expect, test } from 'vitest';
import { pluralise, singularise, spokenWords } from '../../../../src/data/corpus/topics/words.js';

describe('words', () => {
  test.each([
    ['visit_start_date', 'visit start date'],
    ['AdmitDT', 'admit date'],
    ['ICD10Code', 'icd10 code'],
    ['patientid', 'patient id'],
    ['los', 'length of stay'],
  ])('says %s as %s', (name, words) => expect(spokenWords(name).join(' ')).toBe(words));

  test.each([
    ['visit', 'visits'],
    ['diagnosis', 'diagnoses'],
    ['hospital stay', 'hospital stays'],
    ['allergy', 'allergies'],
    ['place of residence', 'places of residence'],
  ])('knows the singular %s and the plural %s', (one, many) => {
    expect(pluralise(one)).toBe(many);
    expect(singularise(many)).toBe(one);
    expect(singularise(one)).toBe(one);
  });
});
