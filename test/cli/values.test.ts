import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engine } from './run-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'values-cli-'));
const csv = join(folder, 'csv');
const index = join(folder, 'clinic.values');

beforeAll(() => {
  mkdirSync(csv);
  writeFileSync(
    join(csv, 'patients.csv'),
    'Id,FIRST,GENDER,SSN\r\n1,Ann,F,999-11-2222\r\n2,José,M,999-11-2223\r\n',
  );
  writeFileSync(
    join(csv, 'conditions.csv'),
    'PATIENT,CODE,DESCRIPTION\n1,44054006,"Diabetes mellitus type 2, with nephropathy"\n2,1,Fracture of ankle\n',
  );
  const { code, stdout, stderr } = engine([
    'values',
    'build',
    '--schema',
    'synthea',
    '--csv',
    csv,
    '--out',
    index,
  ]);
  expect(stderr).toMatch(/left out: conditions\.code \(numbers, dates or identifiers\)\n/);
  expect(stderr).toMatch(/clinic\.values: 6 values of 3 columns, [\d.]+ KiB\n$/);
  expect(stderr).not.toMatch(/Ann|Diabetes|999/);
  expect(stdout).toBe('');
  expect(code).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('find prints how a phrase matches, the value and its columns', () => {
  const find = (...phrase: string[]): string =>
    engine(['values', 'find', '--index', index, ...phrase]).stdout;
  expect(find('fractures', 'of', 'ankel')).toBe('typo (1)  Fracture of ankle  (conditions.description)\n');
  expect(find('JOSE')).toBe('folded  José  (patients.first)\n');
  expect(find('diabetes melli')).toBe(
    'prefix  Diabetes mellitus type 2, with nephropathy  (conditions.description)\n',
  );
  const [match] = JSON.parse(find('ann', '--json')) as unknown[];
  expect(match).toEqual({ value: 'Ann', columns: ['patients.first'], how: 'folded', edits: 0 });
});

test('a phrase that matches nothing is said on stderr without the phrase', () => {
  expect(engine(['values', 'find', '--index', index, 'secret'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'no value matches\n',
  });
});

test('show counts values by column and prints none', () => {
  const { stdout, code } = engine(['values', 'show', index]);
  expect(stdout).toBe(
    'bundle synthea: 6 values of 3 columns, 13 words\n' +
      'conditions.description  2\npatients.first          2\npatients.gender         2\n',
  );
  expect(code).toBe(0);
});

test('excluded columns are not in the index', () => {
  const out = join(folder, 'less.values');
  engine(['values', 'build', '--schema', 'synthea', '--csv', csv, '--exclude', 'patients.*', '--out', out]);
  expect(engine(['values', 'show', out]).stdout).not.toMatch(/patients/);
  expect(readFileSync(out).includes('Ann')).toBe(false);
});

describe('bad input ends with exit code 2, one line, and no file:', () => {
  const bad = (name: string, text: string): string => {
    const own = join(folder, `bad-${name}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, name), text);
    return own;
  };
  const build = (...args: string[]): string[] => [
    'values',
    'build',
    '--out',
    join(folder, 'never.values'),
    ...args,
  ];

  test.each<[string, () => string[], RegExp]>([
    [
      'an index of another bundle',
      () => ['values', 'find', '--index', index, '--schema', 'mimic_iv', 'x'],
      /built for the bundle synthea, not for mimic_iv/,
    ],
    [
      'a CSV that names no table',
      () => build('--schema', 'synthea', '--csv', bad('nothing.csv', 'a\nSecret\n')),
      /names no table of the bundle synthea/,
    ],
    [
      'a header that fits no column',
      () => build('--schema', 'synthea', '--csv', bad('patients.csv', 'Secret,x\n')),
      /none of the 2 names in its first line is a column of patients/,
    ],
    [
      'no column of values',
      () => build('--schema', 'synthea', '--csv', csv, '--exclude', '*'),
      /has no column of labels, names, states or codes; --exclude leaves out all/,
    ],
    [
      'no values',
      () => build('--schema', 'synthea', '--csv', bad('conditions.csv', 'CODE\n1\n')),
      /none of the \d+ columns has a value/,
    ],
    ['neither source', () => build('--schema', 'synthea'), /give either --csv or --server/],
    ...(
      [
        ['a plain list', 'Secret\n', /has no tables and columns; .*one object a line/],
        ['an empty file', '', /is empty; .*one object a line/],
        ['a JSON array', '["Secret"]', /is a JSON array, not JSON lines; .*one object a line/],
        ['a binary file', 'Secret\0\u0001', /is a binary file and no value index/],
        ['a line that is no object', '{"table": "Secret"}', /:1: is not one object with "table"/],
      ] as const
    ).map(([name, text, message]): [string, () => string[], RegExp] => [
      name,
      () => [
        'vault',
        '--schema',
        'synthea',
        '--values',
        join(bad('list', text), 'list'),
        'patients on zolvexin',
      ],
      message,
    ]),
    [
      'a folder without values of the bundle',
      () => ['generate', '--schema', 'synthea', '--values', folder, 'patients on zolvexin'],
      /the folder has no values of the bundle synthea: neither synthea\.values nor synthea\.jsonl/,
    ],
    [
      'no file',
      () => ['generate', '--schema', 'synthea', '--values', join(folder, 'none'), 'patients on zolvexin'],
      /none: no such file/,
    ],
    [
      'an index cut short',
      () => {
        const path = join(folder, 'short.values');
        writeFileSync(path, readFileSync(index).subarray(0, 3000));
        return ['values', 'show', path];
      },
      /short\.values: was cut short/,
    ],
  ])('%s', (_, args, message) => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = engine(args());
    expect(stderr.split('\n').filter((line) => line.startsWith('engine: '))).toEqual([
      expect.stringMatching(message),
    ]);
    expect(stderr).not.toMatch(/Secret/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    const added = readdirSync(folder).filter((name) => !before.includes(name) && !/^(bad-|short)/.test(name));
    expect(added).toEqual([]);
  });
});

test('a folder gives each bundle the values under its name', () => {
  const values = join(folder, 'by-bundle');
  mkdirSync(values);
  const list = { table: 'conditions', column: 'description', values: ['Male pattern baldness'] };
  writeFileSync(join(values, 'synthea.jsonl'), JSON.stringify(list));
  const { stdout } = engine(
    ['vault', '--schema', 'synthea', '--values', values, '--jsonl'],
    '{"question": "patients with male pattern baldness"}\n',
  );
  expect(JSON.parse(stdout)).toMatchObject({
    placeholders: [{ value: 'Male pattern baldness', columns: ['conditions.description'] }],
  });
});
