import { describe, expect, test } from 'vitest';
import { loadBundle } from '../../../src/data/schema/load.js';
import { extract, knowledgeOf } from '../../../src/sql/vault/index.js';

const omop = loadBundle('omop_cdm_5_4');
const knowledge = knowledgeOf(omop);

function texts(question: string, known = knowledge): string[] {
  return extract(question, { knowledge: known })
    .placeholders.filter(({ name }) => name.startsWith('__TEXT_'))
    .map(({ text }) => text);
}

describe('a name without quotes is taken out whole', () => {
  test.each([
    ['who had a prescription for 12.5mcg velorine patch', ['12.5mcg velorine patch']],
    ['patients who got 5% velorine', ['5% velorine']],
    ['how many had a velorine (calculated) over 12', ['velorine (calculated)']],
    ['people with osteoma, right side', ['osteoma, right side']],
    ['the last velorine, plasma of patient 12', ['velorine, plasma']],
    ['velorine, calculated, below 60', ['velorine, calculated']],
    ['who underwent insertion of 3 hip wires last year', ['insertion of 3 hip wires']],
    ['when patient 12 first had a KNEE BIOPSY procedure', ['KNEE BIOPSY']],
    ['who had an open hip fixation', ['open hip fixation']],
    ['the highest total velorine of all patients', ['total velorine']],
    ['patients with unspecified wrist palsy', ['unspecified wrist palsy']],
    ['patients fitted with a Brendal pump', ['Brendal pump']],
  ])('%s', (question, names) => {
    expect(texts(question)).toEqual(names);
  });

  test.each([
    ['how many colopexy procedures were there', ['colopexy']],
    ['patients discharged to another hospital', ['another hospital']],
    ['patients admitted from a clinic', ['clinic']],
    ['visits of patients discharged to home lasted how long', ['home']],
    ['who was discharged to home or to a clinic', ['home', 'clinic']],
    ['patients admitted to hospital in 2020', []],
    ['the total cost of all visits', []],
    ['pneumonia, sepsis and left side weakness', ['pneumonia', 'sepsis', 'left side weakness']],
  ])('and no word around it: %s', (question, names) => {
    expect(texts(question)).toEqual(names);
  });
});
