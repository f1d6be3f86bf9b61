import { describe, expect, test } from 'vitest';
import { formatIdMap, parseIdMap } from '../../src/data/placeholder.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { explain } from '../../src/sql/explain/explain.js';
import { parse } from '../../src/tsql/parser.js';
import { render } from '../../src/sql/renderer/render.js';
import { extract, knowledgeOf } from '../../src/sql/vault/index.js';

const index = new SchemaIndex(loadBundle('omop_cdm_5_4'));
const knowledge = knowledgeOf(index.bundle);

/** The question's value, and a statement with it as the whole pattern of a column. */
function answered(question: string, column: string) {
  const [value] = extract(question, { knowledge }).placeholders;
  const sql = `SELECT c.concept_id FROM concept AS c WHERE c.${column} LIKE ${value?.name};`;
  return { value, sql, values: new Map(value === undefined ? [] : [[value.name, value]]) };
}

describe('a part of a text in a question becomes the pattern of LIKE', () => {
  test.each([
    ["drugs that start with 'zol'", 'concept_name', "'zol%'"],
    ['concept names beginning with Zol', 'concept_name', "'Zol%'"],
    ['drugs with the prefix zolv', 'concept_name', "'zolv%'"],
    ['concept codes starting with E11', 'concept_code', "'E11%'"],
    ['concept codes starting with 25', 'concept_code', "'25%'"],
    ['medications ending in vexin', 'concept_name', "'%vexin'"],
    ["drugs whose name ends with '_x'", 'concept_name', "'%[_]x'"],
    ["tests with 'zol' in the name", 'concept_name', "'%zol%'"],
    ['drugs containing zolvexin', 'concept_name', "'%zolvexin%'"],
  ])('%s', (question, column, pattern) => {
    const { sql, values } = answered(question, column);
    expect(render(sql, index, values).sql).toContain(`LIKE ${pattern};`);
  });
});

test.each(['patients starting with zolvexin', 'stays ending with zolvexin', 'drugs called zolvexin'])(
  'no part of a text: %s',
  (question) => {
    expect(extract(question, { knowledge }).placeholders.map(({ part }) => part)).toEqual([undefined]);
  },
);

test('a pattern that the statement writes out gets no second %', () => {
  const { values } = answered("drugs that start with 'zol'", 'concept_name');
  const sql = "SELECT c.concept_id FROM concept AS c WHERE c.concept_name LIKE __TEXT_1__ + '%';";
  expect(render(sql, index, values).sql).toContain("LIKE 'zol' + '%';");
});

test('an explanation says which part', () => {
  const { sql, values } = answered("drugs that start with 'zol'", 'concept_name');
  expect(JSON.stringify(explain(parse(sql), index, values))).toContain('begins with ‘zol’');
});

test('the ID map says which part only in formats that have it, and is read back', () => {
  const { value } = answered("drugs that start with 'zol'", 'concept_name');
  const { name, kind, type, part } = value!;
  const info = { name, kind, type, part, columns: ['concept.concept_name'] };
  expect(formatIdMap([info])).toBe('__TEXT_1__ quoted varchar of concept.concept_name');
  const text = formatIdMap([info], undefined, { parts: true });
  expect(text).toBe('__TEXT_1__ quoted varchar begins of concept.concept_name');
  expect(parseIdMap(text)).toEqual([info]);
});
