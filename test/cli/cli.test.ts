import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { engine } from './run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(root, { recursive: true }));

const OMOP = join(packageRoot, 'schemas', 'omop_cdm_5_4.json');

/** Writes a file into the test's folder. */
function file(name: string, content: string): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

function bundleWithDanglingKey(): string {
  const bundle = JSON.parse(readFileSync(OMOP, 'utf8')) as {
    tables: { foreignKeys: { references: { table: string } }[] }[];
  };
  bundle.tables.find(({ foreignKeys }) => foreignKeys.length > 0)!.foreignKeys[0]!.references.table =
    'nowhere';
  return file('dangling.json', JSON.stringify(bundle));
}

const emptyModel = join(root, 'empty-model');
mkdirSync(emptyModel);

describe('bad input gives one line on stderr, nothing on stdout, and exit code 2', () => {
  const ask = (schema: string, question: string): string[] => [
    'generate',
    '--schema',
    schema,
    '--model',
    emptyModel,
    question,
  ];
  const train = ['train', '--corpus', join(root, 'none'), '--model', join(root, 'm')];
  test.each<[string, () => string[], RegExp]>([
    [
      'a missing schema',
      () => ask(join(root, 'nope.json'), 'How many patients?'),
      /nope\.json: no such file; .*omop_cdm_5_4, /,
    ],
    ['broken JSON', () => ask(file('broken.json', '{\n'), 'How many patients?'), /broken\.json:2:1/],
    [
      'a dangling foreign key',
      () => ask(bundleWithDanglingKey(), 'How many patients?'),
      /dangling\.json: tables\[\d+\]\.foreignKeys\[0\]\.references\.table/,
    ],
    ['an empty question', () => ask(OMOP, ''), /the question is empty/],
    ['a question of 100 kB', () => ask(OMOP, 'a'.repeat(100_000)), /longer than 10240 bytes/],
    ['a folder without a model', () => ask(OMOP, 'How many patients?'), /model\.json: is not there/],
    ['an unknown preset', () => ['model', '--preset', 'huge'], /no preset huge; known: tiny/],
    ['a missing corpus', () => train, /none/],
    [
      'a time without a unit',
      () => [...train, '--for', '270'],
      /Expected a time above 0, such as 270s, 10m or 2h/,
    ],
    [
      'a time without end',
      () => [...train, '--for', `${'9'.repeat(400)}h`],
      /Expected a time above 0, such as 270s, 10m or 2h/,
    ],
    [
      'a share of the time without a time',
      () => [...train, '--warmup-share', '0.1'],
      /warmupShare: a share of the time needs a time: give seconds too \(--for\)/,
    ],
    [
      'a time and a number of steps',
      () => [...train, '--for', '1m', '--steps', '5'],
      /--for.* cannot be used with .*--steps/,
    ],
    [
      'a settings file with a time and a number of steps',
      () => [...train, '--config', file('both.json', '{"steps": 5, "seconds": 60}')],
      /both\.json: seconds: .*leave out steps or seconds/,
    ],
    ...(
      [
        [['--races'], /--races needs --variants matmul or --variants attention/],
        [['--keep'], /--keep needs --variants matmul or --variants attention/],
        [['--extents', '8,8,8'], /--extents needs --variants matmul or --variants attention/],
        [['--layout', 'weight'], /--layout needs --variants matmul\n/],
        [['--layout', 'weight', '--variants', 'attention'], /--layout needs --variants matmul\n/],
        [['--record', '9', '--variants', 'matmul'], /--record needs --variants attention\n/],
        [['--keep', '--races', '--variants', 'matmul'], /--keep stores what was timed, and --races times/],
      ] as const
    ).map(([options, message]): [string, () => string[], RegExp] => [
      `bench kernels ${options.join(' ')}`,
      () => ['bench', 'kernels', ...options],
      message,
    ]),
    [
      'a misspelt option',
      () => [...train, '--bach-size', '4'],
      /'--bach-size' \(Did you mean --batch-size\?\)/,
    ],
    [
      'a misspelt setting',
      () => [...train, '--config', file('misspelt.jsonc', '{\n  // half\n  "learningrate": 1,\n}')],
      /misspelt\.jsonc: learningrate: there is no such setting; did you mean 'learningRate'\?/,
    ],
    [
      'a broken settings file',
      () => [...train, '--config', file('cut.jsonc', '{\n"steps": ,')],
      /cut\.jsonc: line 2, column 10/,
    ],
    [
      'a misspelt setting of --set',
      () => [...train, '--set', 'model.widht=64'],
      /model\.widht: .*did you mean 'width'/,
    ],
    ['--set without a value', () => [...train, '--set', 'steps'], /--set: 'steps' is not NAME=VALUE/],
    [
      'nothing to train on',
      () => ['train', '--model', join(root, 'm')],
      /give --corpus FOLDER, or --text FILE/,
    ],
    ['pairs without a schema', () => [...train, '--pairs', 'p.jsonl'], /--pairs needs --schema/],
    [
      'rows that do not divide',
      () => [...train, '--micro-batch', '3'],
      /--micro-batch 3 does not divide the 8 rows/,
    ],
    [
      'an empty text',
      () => ['train', '--text', file('empty.txt', ' \n'), '--model', join(root, 'm')],
      /empty\.txt: has no text/,
    ],
    ['an unknown command', () => ['fly'], /unknown command/],
  ])('%s', (_name, args, message) => {
    const { code, stdout, stderr } = engine(args());
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/^engine: /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(readdirSync(root)).not.toContain('m');
  });
});

describe('JSON lines', () => {
  test('vault prints one object per line, with spans in the original question', () => {
    const question = 'Visits of patient 00123 since March 5, 2024';
    const { code, stdout } = engine(['vault', '--jsonl'], `${JSON.stringify({ question })}\n`);
    const answer = JSON.parse(stdout) as {
      question: string;
      placeholders: { name: string; text: string; start: number; end: number }[];
    };
    expect(answer.question).toBe('Visits of patient __ID_1__ since __DATE_1__');
    for (const { text, start, end } of answer.placeholders) expect(question.slice(start, end)).toBe(text);
    expect(code).toBe(0);
  });

  test('answerable says whether a schema can answer, line by line, and why not', () => {
    const lines = [
      JSON.stringify({ question: 'How many patients are there?' }),
      JSON.stringify({ question: 'Patients with more than three visits' }),
      'nonsense',
    ];
    const { code, stdout } = engine(['answerable', '--schema', OMOP, '--jsonl'], lines.join('\n'));
    const [right, shape, bad] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { answerable: boolean; reasons: { code: string }[] });
    expect(right).toEqual({ answerable: true, reasons: [] });
    expect(shape).toMatchObject({ answerable: false, reasons: [{ code: 'needs-having' }] });
    expect(bad).toMatchObject({ answerable: false, reasons: [{ code: 'bad-line' }] });
    expect(code).toBe(2);
  });

  test('validate answers a line that is not JSON with an error, and still checks the others', () => {
    const sql = 'SELECT COUNT(*) FROM person WHERE person_id = __ID_1__;';
    const lines = [
      JSON.stringify({ sql, placeholders: { __ID_1__: '5' } }),
      'nonsense',
      JSON.stringify({ sql: 'DROP TABLE person;' }),
    ];
    const { code, stdout } = engine(['validate', '--schema', OMOP, '--jsonl'], lines.join('\n') + '\n');
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ok: boolean; errors: { code: string }[] });
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(answers[1]!.errors[0]!.code).toBe('bad-line');
    expect(code).toBe(2);
  });
});

test('validate exits with 3 for an invalid statement, with 0 for a valid one', () => {
  expect(engine(['validate', '--schema', OMOP, 'SELECT year_of_birth FROM person;']).code).toBe(0);
  const { code, stderr, stdout } = engine(['validate', '--schema', OMOP, 'SELECT nope FROM person;']);
  expect(code).toBe(3);
  expect(stdout + stderr).toMatch(/nope/);
});

test('a bundle of the package is found by its name, from any folder', () => {
  const main = join(packageRoot, 'src', 'cli', 'main.ts');
  const sql = 'SELECT year_of_birth FROM person;';
  const tsx = import.meta.resolve('tsx');
  const args = ['--import', tsx, main, 'validate', '--schema', 'omop_cdm_5_4', sql];
  expect(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })).toBe('ok\n');
});

test('model prints parameters and memory without a device', () => {
  const { code, stdout } = engine(['model', '--preset', 'tier-a', '--batch-size', '2', '--context', '256']);
  expect(stdout).toMatch(/320M/);
  expect(stdout).toMatch(/activations/);
  expect(code).toBe(0);
});

test('model finds micro-batches of both tiers that fit into 22 GB, with as little recomputation as possible', () => {
  for (const preset of ['tier-a', 'tier-b']) {
    const { stdout, code } = engine(['model', '--preset', preset, '--vram', '22GB', '--json']);
    const { largest, memory, recompute, batchSize } = JSON.parse(stdout) as {
      largest: { recompute: string; batchSize: number }[];
      memory: { total: number };
      recompute: string;
      batchSize: number;
    };
    expect(code).toBe(0);
    expect(largest.map((one) => one.recompute)).toEqual(['none', 'mlp', 'block']);
    const rows = largest.map((one) => one.batchSize);
    expect(rows).toEqual([...rows].sort((a, b) => a - b));
    expect({ recompute, batchSize }).toEqual(largest[0]);
    expect(batchSize).toBeGreaterThanOrEqual(4);
    expect(memory.total).toBeLessThanOrEqual(22e9);
  }
});

test('model says what recomputation saves, what it costs, and which batch fits', () => {
  const plan = (...options: string[]): Record<string, number> & { memory: { total: number } } => {
    const { stdout } = engine(['model', '--preset', 'tier-a', '--json', ...options]);
    return JSON.parse(stdout) as Record<string, number> & { memory: { total: number } };
  };
  const kept = plan();
  const block = plan('--recompute', 'block');
  expect(block.memory.total).toBeLessThan(0.6 * kept.memory.total);
  expect(kept.recomputedFlopsPerStep).toBe(0);
  expect(block.flopsPerStep! - kept.flopsPerStep!).toBe(block.recomputedFlopsPerStep);

  const largest = plan('--recompute', 'block', '--vram', '22GB');
  expect(largest.memory.total).toBeLessThanOrEqual(22e9);
  const next = plan('--recompute', 'block', '--batch-size', String(largest.batchSize! + 1));
  expect(next.memory.total).toBeGreaterThan(22e9);

  const nothing = engine(['model', '--preset', 'tier-b', '--vram', '10']);
  expect(nothing.stderr).toMatch(/one row of 1024 tokens needs 1[23]\.\d GiB, more than 9\.3 GiB/);
  expect(nothing.code).toBe(2);
});

/** A folder of scripts as SSMS saves them, in UTF-16: two schemas, one table name, and a line that cannot be read. */
function scripts(folder: string, extra: Record<string, string> = {}): string {
  const files = {
    'person.sql':
      'CREATE TABLE [cdm].[Person](\r\n  [Id] [int] NOT NULL,\r\n  [Shape] [blurb] NULL\r\n) ON [PRIMARY]\r\nGO\r\n',
    'ward.sql':
      'CREATE TABLE [hosp].[Person]([Größe] [int] NULL, [Cdm] [int] REFERENCES [cdm].[Person] ([Id]))\r\nGO\r\n',
    ...extra,
  };
  const path = join(root, folder);
  mkdirSync(path);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(path, name), `\uFEFF${text}`, 'utf16le');
  return path;
}

test('schema import turns DDL into a bundle that schema check accepts', () => {
  const ddl = file('My Clinic.sql', 'CREATE TABLE patient (id int NOT NULL PRIMARY KEY, born date NULL);');
  const out = join(root, 'clinic.json');
  expect(engine(['schema', 'import', '--ddl', ddl, '--out', out]).code).toBe(0);
  expect((JSON.parse(readFileSync(out, 'utf8')) as { name: string }).name).toBe('my_clinic');
  expect(engine(['schema', 'check', out]).stdout).toMatch(/clinic\.json: ok/);
});

test('schema import reads a folder, keeps schemas, lists what it skips, and export writes it back', () => {
  const folder = scripts('ssms');
  const more = file('more.sql', 'CREATE TABLE dbo.Visit (Id int, Person int REFERENCES cdm.Person);');
  const [out, ddl] = [join(root, 'two.json'), join(root, 'two.sql')];
  const { code, stderr } = engine([
    'schema',
    'import',
    '--ddl',
    folder,
    '--ddl',
    more,
    '--name',
    'two',
    '--out',
    out,
  ]);
  expect(stderr.replaceAll(root, '').split('\n')).toEqual([
    '/ssms/person.sql:3:3: column Shape of cdm.Person is left out: type blurb has no SQL Server equivalent',
    '/more.sql:1:44: the key of Visit (Person) is left out: cdm.Person has no primary key of as many columns',
    '/two.json: 3 tables, 5 columns; 2 listed above',
    '',
  ]);
  expect(code).toBe(0);
  expect(engine(['schema', 'export', out, '--ddl', '--out', ddl]).code).toBe(0);
  expect(readFileSync(ddl, 'utf8')).toContain('CREATE TABLE hosp.Person (\n  [Größe] int NULL,');
  const again = join(root, 'again.json');
  expect(engine(['schema', 'import', '--ddl', ddl, '--name', 'two', '--strict', '--out', again]).code).toBe(
    0,
  );
  const read = (path: string): unknown =>
    (JSON.parse(readFileSync(path, 'utf8')) as { tables: unknown }).tables;
  expect(read(again)).toEqual(read(out));
  const ask = [
    'validate',
    '--schema',
    out,
    'SELECT COUNT(*) FROM hosp.Person AS p INNER JOIN cdm.Person AS c ON p.Cdm = c.Id;',
  ];
  expect(engine(ask).stdout).toBe('ok\n');
});

describe('schema import that fails writes one line, no file, and exits with 2', () => {
  test.each<[string, () => string[], RegExp]>([
    [
      'two files that define one table differently',
      () => ['--ddl', scripts('conflict', { 'x.sql': 'CREATE TABLE cdm.person (Id bigint)' })],
      /^engine: .*x\.sql:1:14: table cdm\.person is defined differently at .*person\.sql:1:14: /,
    ],
    [
      'what cannot be read, with --strict',
      () => ['--strict', '--ddl', scripts('strict')],
      /^engine: .*person\.sql:3:3: column Shape of cdm\.Person is left out: type blurb/,
    ],
    ['a missing path', () => ['--ddl', join(root, 'nowhere')], /nowhere: no such file or folder/],
    ['a pattern without a file', () => ['--ddl', join(root, 'none/**/*.sql')], /none.*has no \.sql file/],
    [
      'no table',
      () => ['--ddl', file('empty.sql', 'SELECT 1')],
      /empty\.sql: contains no CREATE TABLE with columns/,
    ],
    ['an option of the other kind', () => ['--server', 'mssql://x@y/z', '--strict'], /--strict/],
  ])('%s', (_name, args, message) => {
    const out = join(root, 'unwritten.json');
    const { code, stdout, stderr } = engine(['schema', 'import', ...args(), '--out', out]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });
});
