import { describe, expect, test } from 'vitest';
import { ASKS } from '../../../src/data/corpus/events/asks.js';
import { EventModel } from '../../../src/data/corpus/events/model.js';
import { loadKnobs } from '../../../src/data/corpus/knobs.js';
import { generateSamples, type Sample } from '../../../src/data/corpus/sample.js';
import { Topics } from '../../../src/data/corpus/topics/topics.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';

const knobs = { ...loadKnobs('configs/corpus.json'), eventShare: 1 };
const omop = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const names = ['mimic_iv', 'openmrs_2_8', 'synthea', 'i2b2', 'pcornet_4_1'];
const others = names.map((name) => new SchemaIndex(loadBundle(name)));
const all = [...generateSamples({ schemas: [omop, ...others], knobs, seed: 11, count: 4000 })];
const ofOmop = all.filter(({ schemaName }) => schemaName === 'omop_cdm_5_4');

function shareOf(samples: readonly Sample[], holds: (sample: Sample) => boolean): number {
  return samples.filter(holds).length / samples.length;
}

const sql = ({ record }: Sample): string => record.sql;
const isNegation = (sample: Sample): boolean =>
  /<>|NOT IN/.test(sql(sample)) || /LEFT JOIN.* WHERE .*\bt[2-9]\.\w+ IS NULL/.test(sql(sample));
const hasCode = ({ values }: Sample): boolean => values.some(({ kind }) => kind === 'code');

describe('questions about events', () => {
  test('come from every ask', () => {
    const drawn = new Set(all.map(({ family }) => family.replace('event.', '')));
    expect([...ASKS.keys()].filter((name) => !drawn.has(name))).toEqual([]);
  });

  test('speak of coded meanings and of what did not happen as often as people do', () => {
    const manyOfOmop = [...generateSamples({ schemas: [omop], knobs, seed: 12, count: 1500 })];
    for (const samples of [all, manyOfOmop]) {
      expect(shareOf(samples, hasCode)).toBeGreaterThan(0.08);
      expect(shareOf(samples, isNegation)).toBeGreaterThan(0.07);
    }
  });

  test('deny in the statement what the words deny', () => {
    const denies = /\bneither\b|\bother than\b|\bexcept\b|\bapart from\b|\bnever\b|\bwithout (a |any )/i;
    const spoken = all.filter(({ rawQuestion }) => denies.test(rawQuestion));
    expect(spoken.length).toBeGreaterThan(100);
    for (const sample of spoken)
      expect(sql(sample), sample.rawQuestion).toMatch(/<>|NOT IN|IS NULL|IN \(|LEFT JOIN/);
  });

  test('compare a coded meaning with a column that the ID map names', () => {
    const coded = all.filter((sample) => hasCode(sample) && sample.program.from.length === 1);
    expect(coded.length).toBeGreaterThan(50);
    for (const { values, program } of coded) {
      for (const { kind, columns = [] } of values.filter((value) => value.kind === 'code')) {
        expect(kind).toBe('code');
        expect(columns.map((path) => path.split('.').slice(0, -1).join('.'))).toContain(
          program.from[0]!.table,
        );
      }
    }
  });

  test('never speak of today and of a century to come at once', () => {
    for (const sample of all) {
      if (!sql(sample).includes('GETDATE()')) continue;
      const years = sample.values.flatMap(({ prefix, text, value = text }) =>
        prefix === 'DATE' ? [Number(/\d{4}/.exec(value)![0])] : [],
      );
      expect(Math.max(0, ...years), sample.rawQuestion).toBeLessThan(2030);
    }
  });

  test('hang independent events on the patient, and not on one stay', () => {
    for (const sample of ofOmop.filter(({ family }) => /countPatients|listPatients/.test(family)))
      expect(sql(sample)).not.toMatch(/JOIN \w+ AS t\d ON t\d\.visit_occurrence_id/);
  });

  test('keep a patient without events when asked for details', () => {
    const details = all.filter(
      ({ family, program }) => family === 'event.detailsOfPatient' && program.from.length > 1,
    );
    expect(details.length).toBeGreaterThan(10);
    for (const sample of details) expect(sql(sample)).not.toContain('INNER JOIN');
  });

  test('do not say ever beside a time', () => {
    for (const sample of all)
      if (/\bever\b/i.test(sample.rawQuestion))
        expect(sql(sample), sample.rawQuestion).not.toMatch(/GETDATE|__DATE/);
  });
});

describe('what a schema tells of events', () => {
  const modelOf = (index: SchemaIndex): EventModel => new Topics(index, { joinDepth: 2 }).events;

  test('finds the codes of a key, and the catalogue that names them', () => {
    const gender = modelOf(omop).patient!.traits.find(({ name }) => name === 'gender')!;
    expect(gender.column.name).toBe('gender_concept_id');
    expect(gender.joins).toEqual([]);
    expect(gender.label?.table.name).toBe('concept');
  });

  test('finds deaths in a table of their own, and nowhere else where patients have a date of death', () => {
    expect(modelOf(omop).deaths?.table.name).toBe('death');
    expect(modelOf(others[0]!).deaths).toBeUndefined();
  });

  test('takes the day of a test from its result, and not from its order', () => {
    const pcornet = modelOf(others[4]!);
    const tests = pcornet.events.find(({ table }) => table.name === 'lab_result_cm')!;
    expect(tests.time?.name).toBe('result_date');
  });

  test('calls diagnoses by that word in the table of diagnoses', () => {
    const openmrs = modelOf(others[1]!);
    const led = openmrs.events.find(({ kind, leads }) => kind.name === 'diagnosis' && leads)!;
    expect(led.table.name).toBe('encounter_diagnosis');
  });
});
