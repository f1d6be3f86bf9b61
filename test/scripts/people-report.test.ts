import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { constructsOf } from '../../scripts/people/constructs.js';
import { rewrite } from '../../scripts/people/rewrite.js';
import { auc } from '../../scripts/people/summary.js';
import { compareValues } from '../../scripts/people/values.js';
import type { Literal } from '../../scripts/people/cases.js';
import { packageRoot } from '../../src/base/paths.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import type { VaultEntry } from '../../src/sql/vault/index.js';
import { parse } from '../../src/tsql/parser.js';

const mimic = new SchemaIndex(loadBundle('mimic_iv'));

function entryOf(name: string, text: string, value = text): VaultEntry {
  return { name, kind: 'any', type: 'varchar', text, value, start: 0, end: text.length, spans: [] };
}

describe('values', () => {
  test('a value in a placeholder is out; else it is kept, a part of it is cut, or it has another word', () => {
    const question = 'Which women took Zorvane, aspirin or Xelip 5 mg after March 2150?';
    const entries = [
      entryOf('__TEXT_1__', 'Zorvane'),
      entryOf('__TEXT_2__', 'Xelip'),
      entryOf('__DATE_1__', 'March 2150', '2150-03'),
    ];
    const literals: Literal[] = [
      { kind: 'text', value: 'zorvane' },
      { kind: 'text', value: 'aspirin' },
      { kind: 'text', value: 'XELIP 5 MG' },
      { kind: 'text', value: 'F' },
      { kind: 'date', value: '2150-04-01' },
      { kind: 'text', value: 'prescriptions' },
    ];
    const { literals: fates, wrong } = compareValues(question, { sql: '', literals }, entries, mimic);
    expect(fates.map(({ fate }) => fate)).toEqual(['out', 'kept', 'cut', 'reworded', 'out', 'implied']);
    expect(wrong).toEqual([entries[1]]);
  });

  test('a coded meaning counts if the entry holds the literal, whatever the question says', () => {
    const entry = { ...entryOf('__TEXT_1__', 'women'), literals: { 'patients.gender': "'F'" } };
    const literals: Literal[] = [{ kind: 'text', value: 'F' }];
    expect(compareValues('women', { sql: '', literals }, [entry], mimic).literals[0]!.fate).toBe('out');
  });

  test('a number of structure is a right placeholder, any other number is not', () => {
    const sql = 'SELECT TOP (7) a FROM t WHERE b > DATEADD(day, -90, GETDATE())';
    const entries = [entryOf('__NUM_1__', '90'), entryOf('__NUM_2__', '41')];
    const { wrong } = compareValues('over 90 and under 41', { sql, literals: [] }, entries, mimic);
    expect(wrong).toEqual([entries[1]]);
  });
});

describe('rewriting', () => {
  const spelling = { numbered: true, counts: true };

  test('a date in parts becomes an interval, a repeated condition of a catalogue goes', () => {
    const sql =
      "SELECT TOP (3) AVG(chartevents.valuenum) AS m FROM chartevents JOIN d_items ON chartevents.itemid = d_items.itemid WHERE d_items.label = 'pulse' AND d_items.linksto = 'chartevents' AND YEAR(chartevents.charttime) = 2150 AND MONTH(chartevents.charttime) = 3 AND CAST(chartevents.charttime AS date) <= '2150-03-09';";
    expect(rewrite(parse(sql), mimic, [], spelling).sql).toBe(
      'SELECT TOP (__NUM_1__) AVG(t1.valuenum) FROM chartevents AS t1 INNER JOIN d_items AS t2 ON t1.itemid = t2.itemid ' +
        'WHERE t2.label = __TEXT_1__ AND t1.charttime >= __DATE_1__ AND t1.charttime < DATEADD(month, 1, __DATE_1__) ' +
        'AND t1.charttime < DATEADD(day, 1, __DATE_2__);',
    );
  });

  test('a yes-or-no statement keeps its numbers', () => {
    const sql =
      'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END AS answer FROM admissions WHERE subject_id = 4711;';
    const { sql: written, placeholders } = rewrite(parse(sql), mimic, [], spelling);
    expect(written).toBe(
      'SELECT CASE WHEN COUNT(*) > 0 THEN 1 ELSE 0 END FROM admissions AS t1 WHERE t1.subject_id = __ID_1__;',
    );
    expect(placeholders).toEqual([{ name: '__ID_1__', kind: 'key', type: 'int' }]);
  });
});

test('constructs name forms, not tables and values', () => {
  const one = constructsOf(parse('SELECT a.x, COUNT(*) FROM t AS a WHERE a.y > 3 GROUP BY a.x;'));
  const other = constructsOf(parse('SELECT b.z, COUNT(*) FROM u AS b WHERE b.w > 99 GROUP BY b.z;'));
  expect([...one]).toEqual([...other]);
  expect([...one]).toContain('outline: aggregate, column GROUP BY');
  expect([...constructsOf(parse('SELECT a.x FROM t AS a WHERE a.y >= 3;'))]).not.toEqual([...one]);
});

test('AUC is one if every score is above, a half if nothing tells them apart', () => {
  expect([auc([3, 4], [1, 2]), auc([1, 1], [1, 1]), auc([1], [2]), auc([2, 1], [1, 0])]).toEqual([
    1, 0.5, 0, 0.875,
  ]);
});

describe('the report', () => {
  const root = mkdtempSync(join(tmpdir(), 'people-'));
  afterAll(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'schemas'));
  cpSync(join(packageRoot, 'schemas', 'mimic_iv.json'), join(root, 'schemas', 'mimic_iv.json'));
  const file = join(root, 'people.jsonl');
  const questions = [
    {
      question: 'How many hospital admissions of the patient with subject id 4711 are there?',
      sql: 'SELECT COUNT(*) FROM admissions WHERE subject_id = 4711;',
      needs: ['admissions', 'admissions.subject_id'],
      literals: [{ kind: 'number', value: '4711' }],
    },
    {
      question: 'Who left?',
      sql: "SELECT subject_id FROM admissions WHERE discharge_location = 'somewhere' AND MAX(hadm_id) = 1;",
      needs: ['admissions', 'admissions.subject_id', 'nowhere'],
      literals: [{ kind: 'text', value: 'somewhere' }],
    },
  ].map((item, i) => ({ id: String(i), source: `source ${i}`, db: 'mimic_iv', ...item }));
  writeFileSync(file, questions.map((item) => JSON.stringify(item)).join('\n'));
  writeFileSync(
    join(root, 'unanswerable.jsonl'),
    JSON.stringify({
      id: 'u',
      source: 'source 0',
      db: 'mimic_iv',
      question: 'Which sailors boarded a vessel in a foreign harbour in a storm?',
    }),
  );

  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(
      process.execPath,
      ['--import', 'tsx', join(packageRoot, 'scripts', 'people-report.ts'), '--samples', '800', ...args],
      { cwd: packageRoot, encoding: 'utf8' },
    );

  test('tells what stops each question, and the share that nothing stops', () => {
    const { stdout, stderr } = run(file, '--json');
    expect(stderr).toBe('');
    const { all, sources, gate } = JSON.parse(stdout as string) as Record<string, Record<string, unknown>>;
    expect(sources!['source 0']).toMatchObject({
      valuesOut: 1,
      linker: 1,
      refused: 0,
      accepted: 1,
      grammar: 1,
      ceiling: 1,
    });
    expect(sources!['source 1']).toMatchObject({
      valuesOut: 0,
      linker: 0,
      accepted: 0,
      grammar: 0,
      ceiling: 0,
    });
    expect(all).toMatchObject({ questions: 2, valuesOut: 0.5, linker: 0.5, ceiling: 0.5 });
    expect(gate).toEqual({ unanswerable: 1, refused: 1, auc: 1 });
  });

  test('prints the worst kinds with examples', () => {
    const { stdout } = run(file);
    expect(stdout).toMatch(/all +2 +50\.0/);
    expect(stdout).toMatch(/mimic_iv: .*nowhere/);
  });

  test('says in one line what is wrong with its input', () => {
    const bad = join(root, 'bad.jsonl');
    writeFileSync(bad, '{"question": "Who?"}\n');
    expect(run(bad)).toMatchObject({ status: 2, stderr: `${bad}:1: the line has no "db"\n` });
    expect(run()).toMatchObject({ status: 2 });
    expect(run(join(root, 'none.jsonl')).stderr).toContain('no such file');
  });
});
