import { describe, expect, test } from 'vitest';
import { SampleSource, type Sample } from '../../src/data/corpus/sample.js';
import { loadKnobs, withoutSynthetic } from '../../src/data/corpus/knobs.js';
import {
  aggregateOf,
  column,
  compare,
  type QueryProgram,
  type QueryValue,
} from '../../src/data/corpus/statement/program.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { countSemanticFaults, semanticFaults } from '../../src/sql/corpus-semantics.js';
import { miniBundle, miniIndex } from '../data/corpus/mini-bundle.js';

const audited = new SchemaIndex({
  ...miniBundle,
  tables: [
    ...miniBundle.tables.map((table) =>
      table.name === 'provider'
        ? { ...table, columns: [...table.columns, { name: 'updated_at', type: 'datetime2', nullable: true }] }
        : table,
    ),
    {
      name: 'triage',
      description: 'triage',
      primaryKey: [],
      foreignKeys: [],
      columns: [
        { name: 'pain_level', type: 'int', nullable: true },
        { name: 'event_code', type: 'varchar(30)', nullable: true },
      ],
    },
  ],
});

/** A sample with only what the checks read. */
function sampleOf(program: Partial<QueryProgram>, question = 'How many?'): Sample {
  const empty = { distinct: false, select: [], from: [], where: [], groupBy: [], orderBy: [] };
  return {
    program: { ...empty, ...program },
    record: { question, sql: '' },
    values: [],
  } as unknown as Sample;
}

const given = (prefix: 'ID' | 'NUM' | 'TEXT', text: string): QueryValue => ({
  prefix,
  name: `__${prefix}_1__`,
  kind: 'quoted',
  type: 'varchar',
  text,
});
const dated = (kind: string, ...texts: string[]): QueryValue[] =>
  texts.map((text, i) => ({ prefix: 'DATE', name: `__DATE_${i + 1}__`, kind, type: 'date', text }));
/** The same sample with other values, another question, or a statement. */
const also = (sample: Sample, values: QueryValue[], question = 'How many?', sql = ''): Sample => ({
  ...sample,
  values,
  record: { ...sample.record, question, sql },
});
const some = (): Sample => sampleOf({ from: [{ table: 'visit_occurrence' }], select: [count] });
const since = (
  unit: 'day' | 'month' | 'hour',
  name = 'visit_start_date',
): QueryProgram['select'][number] => ({
  kind: 'dateDiff',
  unit,
  from: column(0, name),
  to: { kind: 'now' },
});
const known = (name: string) => ({ kind: 'null', of: column(0, name), negated: true }) as const;

const toProvider = {
  left: { source: 0, column: 'provider_id' },
  right: { source: 1, column: 'provider_id' },
};
const visits = (kind: 'INNER' | 'LEFT'): QueryProgram['from'] => [
  { table: 'visit_occurrence' },
  { table: 'provider', join: { kind, on: [toProvider] } },
];
const count = { kind: 'count' } as const;
const name = column(1, 'provider_name');
const isSmith = { kind: 'null', of: name, negated: true } as const;
const isLate = { kind: 'null', of: column(0, 'visit_end_date'), negated: false } as const;

describe('a fault of meaning is found', () => {
  test.each<[string, Sample, Sample]>([
    [
      'administrative-column',
      sampleOf({ from: [{ table: 'provider' }], select: [column(0, 'updated_at')] }),
      sampleOf({ from: [{ table: 'provider' }], select: [column(0, 'npi')] }),
    ],
    [
      'label-join-drops-rows',
      sampleOf({ from: visits('INNER'), select: [name, count], groupBy: [name] }),
      sampleOf({ from: visits('LEFT'), select: [name, count], groupBy: [name] }),
    ],
    [
      'label-join-drops-rows',
      sampleOf({ from: visits('INNER'), select: [name] }),
      sampleOf({ from: visits('INNER'), select: [name], distinct: true }),
    ],
    [
      'or-join-drops-rows',
      sampleOf({ from: visits('INNER'), select: [count], where: [{ kind: 'any', of: [isSmith, isLate] }] }),
      sampleOf({ from: visits('INNER'), select: [count], where: [{ kind: 'any', of: [isSmith, isSmith] }] }),
    ],
    [
      'own-key-in-set-question',
      sampleOf({
        from: [{ table: 'provider' }],
        select: [count],
        where: [compare(column(0, 'provider_id'), '=', { kind: 'number', value: 1 })],
      }),
      sampleOf({
        from: [{ table: 'provider' }],
        select: [column(0, 'npi')],
        where: [compare(column(0, 'provider_id'), '=', { kind: 'number', value: 1 })],
      }),
    ],
    [
      'null-ranks-first',
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [column(0, 'person_id')],
        top: 3,
        orderBy: [{ by: column(0, 'total_charge'), direction: 'ASC' }],
      }),
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [column(0, 'person_id')],
        top: 3,
        where: [{ kind: 'null', of: column(0, 'total_charge'), negated: true }],
        orderBy: [{ by: column(0, 'total_charge'), direction: 'ASC' }],
      }),
    ],
    [
      'two-date-formats',
      also(some(), dated('date', '2010-06-11', 'Jan 12, 2019')),
      also(some(), dated('date', 'May 3, 2010', 'January 12, 2019')),
    ],
    [
      'two-date-formats',
      also(some(), [...dated('date', '2010-06-11'), ...dated('month', 'May 2010')]),
      some(),
    ],
    ['year-of-another-century', also(some(), dated('year', '2131')), also(some(), dated('year', '2013'))],
    [
      'open-period',
      also(some(), dated('month', '08/2003'), 'How many visits until __DATE_1__?'),
      also(some(), dated('month', '08/2003'), 'How many visits before __DATE_1__?'),
    ],
    [
      'perfect-with-past-time',
      also(some(), [], 'Has patient __ID_1__ died in __DATE_1__?'),
      also(some(), [], 'Did patient __ID_1__ die in __DATE_1__?'),
    ],
    [
      'months-passed',
      sampleOf({ from: [{ table: 'visit_occurrence' }], select: [since('month')] }),
      sampleOf({ from: [{ table: 'visit_occurrence' }], select: [since('day')] }),
    ],
    [
      'hours-of-a-date',
      sampleOf({ from: [{ table: 'visit_occurrence' }], select: [since('hour')] }),
      sampleOf({ from: [{ table: 'visit_occurrence' }], select: [since('day')] }),
    ],
    [
      'discharged-visit',
      also(
        some(),
        [],
        'When was patient __ID_1__ discharged?',
        'SELECT visit_end_date FROM visit_occurrence',
      ),
      also(some(), [], 'When was patient __ID_1__ discharged?', 'SELECT dischtime FROM admissions'),
    ],
    [
      'unnamed-group-ranks',
      sampleOf({ from: visits('LEFT'), select: [name, count], groupBy: [name], top: 3 }),
      sampleOf({ from: visits('INNER'), select: [name, count], groupBy: [name], top: 3, where: [isSmith] }),
    ],
    [
      'average-of-whole-numbers',
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [
          aggregateOf('AVG', {
            kind: 'dateDiff',
            unit: 'day',
            from: column(0, 'visit_start_date'),
            to: column(0, 'visit_end_date'),
          }),
        ],
      }),
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [aggregateOf('AVG', column(0, 'total_charge'))],
      }),
    ],
    [
      'meaningless-figure',
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [aggregateOf('SUM', column(0, 'provider_id'))],
      }),
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [aggregateOf('SUM', column(0, 'total_charge'))],
      }),
    ],
    [
      'figure-counted-several-times',
      sampleOf({ from: visits('LEFT'), select: [aggregateOf('AVG', column(1, 'year_of_birth'))] }),
      sampleOf({ from: visits('LEFT'), select: [aggregateOf('AVG', column(0, 'total_charge'))] }),
    ],
    [
      'word-said-twice',
      sampleOf({ from: [{ table: 'provider' }], select: [count] }, 'What is the average average charge?'),
      sampleOf({ from: [{ table: 'provider' }], select: [count] }, 'How many visits, by visit type?'),
    ],
    [
      'grouped-by-constant',
      sampleOf({
        from: visits('LEFT'),
        select: [name, count],
        groupBy: [name],
        where: [compare(column(0, 'provider_id'), '=', { kind: 'value', value: given('ID', '12') })],
      }),
      sampleOf({ from: visits('LEFT'), select: [name, count], groupBy: [name] }),
    ],
    [
      'all-rows-but-one',
      sampleOf({
        from: [{ table: 'provider' }],
        select: [column(0, 'npi')],
        where: [compare(column(0, 'provider_id'), '<>', { kind: 'value', value: given('ID', '12') })],
      }),
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [column(0, 'total_charge')],
        where: [compare(column(0, 'person_id'), '<>', { kind: 'value', value: given('ID', '12') })],
      }),
    ],
    [
      'many-conditions',
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [count],
        where: ['person_id', 'visit_start_date', 'visit_end_date', 'provider_id'].map((one) => known(one)),
      }),
      sampleOf({
        from: [{ table: 'visit_occurrence' }],
        select: [count],
        where: ['visit_start_date', 'visit_end_date'].map((one) => known(one)),
      }),
    ],
    [
      'two-words-for-patient',
      sampleOf(
        { from: [{ table: 'provider' }], select: [count] },
        'Visits with patient sex F and client race A',
      ),
      sampleOf(
        { from: [{ table: 'provider' }], select: [count] },
        'Visits with patient sex F and patient race A',
      ),
    ],
    [
      'column-values',
      sampleOf(
        { from: [{ table: 'provider' }], select: [count] },
        'List the distinct visit type values of visits',
      ),
      sampleOf(
        { from: [{ table: 'provider' }], select: [count] },
        'List the observations with the largest values',
      ),
    ],
    [
      'number-out-of-range',
      sampleOf({
        from: [{ table: 'triage' }],
        select: [count],
        where: [compare(column(0, 'pain_level'), '<=', { kind: 'value', value: given('NUM', '342') })],
      }),
      sampleOf({
        from: [{ table: 'triage' }],
        select: [count],
        where: [compare(column(0, 'pain_level'), '<=', { kind: 'value', value: given('NUM', '4') })],
      }),
    ],
    [
      'text-for-code',
      sampleOf({
        from: [{ table: 'triage' }],
        select: [count],
        where: [
          compare(column(0, 'event_code'), '=', { kind: 'value', value: given('TEXT', 'type 2 diabetes') }),
        ],
      }),
      sampleOf({
        from: [{ table: 'triage' }],
        select: [count],
        where: [compare(column(0, 'event_code'), '=', { kind: 'value', value: given('TEXT', 'E11.9') })],
      }),
    ],
  ])('%s', (fault, planted, sound) => {
    expect(semanticFaults(planted, audited)).toContain(fault);
    expect(semanticFaults(sound, audited)).toEqual([]);
  });

  test('and none is in the samples of the small schema', () => {
    const knobs = withoutSynthetic({ ...loadKnobs('configs/corpus.json'), tables: undefined });
    const source = new SampleSource([miniIndex], knobs);
    const samples = Array.from({ length: 1500 }, (_, i) => source.sample(5, i));
    const { counts, examples } = countSemanticFaults(samples, () => miniIndex);
    expect(
      Object.values(counts).every((n) => n === 0),
      JSON.stringify(examples),
    ).toBe(true);
  });
});
