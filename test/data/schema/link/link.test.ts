import fc from 'fast-check';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../../src/base/paths.js';
import { loadKnobs } from '../../../../src/data/corpus/knobs.js';
import { SampleSource } from '../../../../src/data/corpus/sample.js';
import { columnsOf } from '../../../../src/data/corpus/statement/program.js';
import { linkSchema } from '../../../../src/data/schema/link/link.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { renderSchema } from '../../../../src/data/schema/render.js';
import { SchemaIndex } from '../../../../src/data/schema/schema-index.js';
import { covers } from '../../../../src/data/schema/selection.js';
import { anyBundle } from '../arbitrary.js';
import { clinic } from '../bundles.js';
import { isConnected } from '../connected.js';

const bundleFile = (name: string) =>
  fileURLToPath(new URL(`../../../../schemas/${name}.json`, import.meta.url));
const small = new SchemaIndex(clinic());
const omop = new SchemaIndex(loadBundle(bundleFile('omop_cdm_5_4')));

/** A simple stand-in for a tokenizer: counts words, digits and punctuation. */
const countTokens = (text: string): number => (text.match(/[A-Za-z]+|\d|[^\sA-Za-z\d]+/g) ?? []).length;

describe('linkSchema', () => {
  const questions: [string, Record<string, string[]>][] = [
    ['How many patients were born before __NUM_1__?', { person: ['year_of_birth'] }],
    ['List the birth dates of all women', { person: ['birth_datetime', 'gender_concept_id'] }],
    ['Number of admissions per year', { visit_occurrence: ['visit_start_date'] }],
    [
      'Which drugs did patient __ID_1__ get after __DATE_1__?',
      { drug_exposure: ['drug_concept_id', 'drug_exposure_start_date'] },
    ],
    [
      'Average hemoglobin lab value by sex',
      { measurement: ['value_as_number', 'person_id'], person: ['gender_concept_id'] },
    ],
    ['doctors by specialty', { provider: ['specialty_concept_id'] }],
    ['patients who died of __TEXT_1__', { death: ['cause_concept_id', 'death_date'] }],
    ['copay by insurer', { cost: ['paid_patient_copay'], payer_plan_period: ['payer_concept_id'] }],
  ];

  test.each(questions)('finds what the question needs: %s', (question, needed) => {
    const selection = linkSchema(question, omop, { tokenBudget: 400, countTokens, maxColumnsPerTable: 40 });
    expect(renderSchema(selection)).toBeTruthy();
    expect(covers(selection, Object.entries(needed))).toBe(true);
    expect(isConnected(selection)).toBe(true);
  });

  test.each([
    ['a misspelling', 'pateint byrth date', 'BirthDate'],
    ['a plural', 'wards of appointments', 'WardName'],
    ['a synonym', 'count persons by sex', 'GenderCode'],
    ['a synonym of two words', 'the date of birth', 'BirthDate'],
    ['another case', 'WARDNAME', 'WardName'],
  ])('understands %s', (_what, question, column) => {
    const selection = linkSchema(question, small, { maxTables: 2, maxColumnsPerTable: 2 });
    expect(selection.tables.flatMap(({ columns }) => columns.map((c) => c.name))).toContain(column);
  });

  test('includes the tables between and the keys of their joins', () => {
    const selection = linkSchema('lab value by date of birth', small, { maxColumnsPerTable: 3 });
    expect(covers(selection, [['Visit', ['VisitId', 'PatientId']]])).toBe(true);
    expect(isConnected(selection)).toBe(true);
  });

  test('placeholder names match nothing', () => {
    const bundle = clinic();
    bundle.tables[5]!.columns.push(
      { name: 'Num', type: 'int', nullable: true },
      { name: 'Text', type: 'int', nullable: true },
    );
    const index = new SchemaIndex(bundle);
    const options = { maxTables: 1, maxColumnsPerTable: 1 };
    expect(renderSchema(linkSchema('patients __NUM_1__ __TEXT_1__', index, options))).toBe(
      'Patient(PatientId int pk)',
    );
    expect(renderSchema(linkSchema('__NUM_1__ __TEXT_1__', index, options))).not.toContain('Invoice');
  });

  test('a placeholder favours columns of its kind', () => {
    const columns = (question: string) =>
      linkSchema(question, small, { maxTables: 1, maxColumnsPerTable: 3 }).tables[0]!.columns.map(
        (c) => c.name,
      );
    expect(columns('visits at __DATE_1__')).toEqual(['VisitId', 'PreviousVisitId', 'StartTime']);
    expect(columns('visits at __TEXT_1__')).toEqual(['VisitId', 'PreviousVisitId', 'WardName']);
  });

  test('names of object properties are ordinary words', () => {
    const { tables } = linkSchema('constructor, toString and valueOf of the patients', small, {
      maxTables: 1,
    });
    expect(tables).toHaveLength(1);
  });

  test('a question that names nothing still selects a table', () => {
    for (const question of [
      '',
      '???',
      'the of and',
      '__ID_1__',
      'x'.repeat(100_000),
      'a b '.repeat(25_000),
    ]) {
      expect(linkSchema(question, small).tables.length).toBeGreaterThan(0);
    }
  });

  const words = fc.array(
    fc.constantFrom(
      'patients',
      'visit',
      'lab',
      'value',
      'birth',
      'date',
      '__DATE_1__',
      'by',
      'code',
      'invoice',
      'total',
      'note',
    ),
    { maxLength: 8 },
  );

  test('is connected and within its limits for any question', () => {
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 10, max: 120 }),
        (list, maxTables, tokenBudget) => {
          const selection = linkSchema(list.join(' '), small, { maxTables, tokenBudget, countTokens });
          expect(isConnected(selection)).toBe(true);
          expect(selection.tables.length).toBeLessThanOrEqual(maxTables);
          const tokens = countTokens(renderSchema(selection));
          if (selection.tables.length > 1) expect(tokens).toBeLessThanOrEqual(tokenBudget);
          for (const { table, columns } of selection.tables) {
            const shown = columns.map((column) => column.name);
            expect(table.primaryKey.every((name) => shown.includes(name))).toBe(true);
          }
        },
      ),
    );
  });

  test('is connected in any connected schema, and deterministic', () => {
    fc.assert(
      fc.property(anyBundle, fc.string(), (bundle, extra) => {
        const question = `${bundle.tables.map((table) => table.name).join(' ')} ${extra}`;
        const selection = linkSchema(question, new SchemaIndex(bundle));
        if (selection.index.graph.connect(bundle.tables.map((t) => t.name)).apart.length === 0) {
          expect(isConnected(selection)).toBe(true);
        }
        expect(renderSchema(linkSchema(question, new SchemaIndex(bundle)))).toBe(renderSchema(selection));
      }),
    );
  });

  test('within few tables and columns, shows what nearly every question of the corpus needs', () => {
    const source = new SampleSource(
      [omop],
      loadKnobs(join(packageRoot, 'configs', 'corpus.one-schema.json')),
    );
    const limits = { maxTables: 6, maxColumnsPerTable: 10, tokenBudget: 1e9, countTokens: () => 0 };
    const samples = Array.from({ length: 150 }, (_, i) => source.sample(77, i));
    const missed = samples.filter(({ record, program, values }) => {
      const selection = linkSchema(record.question, omop, { ...limits, placeholders: values });
      return !covers(selection, columnsOf(program));
    });
    expect(missed.length).toBeLessThan(0.05 * samples.length);
  });

  test('where tables are few, a text brings the events that it may name, with their catalogue', () => {
    const limits = { maxTables: 6, maxColumnsPerTable: 10, tokenBudget: 1e9, countTokens: () => 0 };
    const { tables } = linkSchema('patients with __TEXT_1__ above __NUM_1__', omop, limits);
    const names = tables.map(({ table }) => table.name);
    expect(names).toEqual(expect.arrayContaining(['person', 'measurement', 'observation', 'concept']));
    const columns = tables.find(({ table }) => table.name === 'measurement')!.columns.map(({ name }) => name);
    expect(columns).toEqual(expect.arrayContaining(['measurement_date', 'value_as_number']));
  });

  test('a larger budget never hides the only named column', () => {
    for (const tokenBudget of [60, 120, 240, 480, 960]) {
      const selection = linkSchema('year of birth of patients', omop, { tokenBudget, countTokens });
      expect(covers(selection, [['person', ['year_of_birth']]])).toBe(true);
    }
  });
});
