import { expect, test } from 'vitest';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { loadBundle } from '../../../src/data/schema/load.js';
import { createGrammar } from '../../../src/sql/grammar/index.js';
import { render } from '../../../src/sql/renderer/render.js';
import { validate } from '../../../src/sql/validator/validate.js';
import type { PlaceholderValue } from '../../../src/sql/values.js';
import { corpusSamples, tokenizerOf, walk } from '../grammar/decoding.js';

const bundle = loadBundle('schemas/omop_cdm_5_4.json');
const CODES: Readonly<Record<string, string>> = {
  'person.gender_concept_id': '8532',
  'person.gender_source_value': 'F',
};
const tables = bundle.tables.map((table) => {
  const columns = table.columns.map((column) => {
    const value = CODES[`${table.name}.${column.name}`];
    return value === undefined ? column : { ...column, codes: [{ value, words: ['female'] }] };
  });
  return { ...table, columns };
});
const index = new SchemaIndex({ ...bundle, tables });
const FEMALE: PlaceholderValue = {
  name: '__TEXT_1__',
  kind: 'code',
  type: 'varchar',
  text: 'female',
  columns: Object.keys(CODES),
  literals: CODES,
};
const values = new Map([[FEMALE.name, FEMALE]]);
const asked = (condition: string): string => `SELECT COUNT(*) FROM person AS p WHERE p.${condition};`;
const tokenizer = tokenizerOf(corpusSamples(index, 200, 1));
const grammar = createGrammar(index, tokenizer);

test.each([
  ['gender_concept_id = __TEXT_1__', 'gender_concept_id = 8532'],
  ['gender_source_value <> __TEXT_1__', "gender_source_value <> 'F'"],
  ['gender_source_value IN (__TEXT_1__)', "gender_source_value IN ('F')"],
])('a coded meaning is written as its column spells it: %s', (condition, rendered) => {
  expect(walk(grammar.start([FEMALE]), tokenizer, asked(condition))).toBe('complete');
  expect(render(asked(condition), index, values).sql).toBe(asked(rendered));
});

test.each([
  'race_source_value = __TEXT_1__',
  "gender_source_value LIKE __TEXT_1__ + '%'",
  'gender_concept_id > __TEXT_1__',
])('a coded meaning is compared with its columns alone, and has no order: %s', (condition) => {
  expect(walk(grammar.start([FEMALE]), tokenizer, asked(condition))).toContain('⟨');
  expect(validate(asked(condition), index, values).errors.map(({ code }) => code)).toEqual([
    'placeholder-type',
  ]);
});
