import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { engine } from './run-engine.js';

const root = mkdtempSync(join(tmpdir(), 'schema-words-'));
afterAll(() => rmSync(root, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
};

const bundle = join(root, 'ward.json');
const mine = join(root, 'mine.json');

test('an imported schema has words and roles, and an edited overlay changes both', () => {
  const ddl = file(
    'ward.sql',
    `CREATE TABLE Pt (PtID int PRIMARY KEY, PtDOB date);
     CREATE TABLE Bed (BedNo int PRIMARY KEY, PtID int REFERENCES Pt);`,
  );
  expect(engine(['schema', 'import', '--ddl', ddl, '--out', bundle]).code).toBe(0);
  const words = engine(['schema', 'words', bundle]).stdout;
  expect(words).toMatch(/^Pt: patient \(d\) ~ person \(l\)/m);
  expect(words).toMatch(/^ {2}PtDOB: patient birth date \(d\) ~ .*date of birth \(l\)/m);

  expect(engine(['schema', 'words', bundle, '--out', mine]).stdout).toBe('');
  const overlay = JSON.parse(readFileSync(mine, 'utf8')) as { tables: Record<string, { role: string }> };
  expect(overlay.tables['Pt']).toMatchObject({ role: 'patient' });
  overlay.tables['Bed'] = { role: 'catalogue', ...{ synonyms: ['cot'] } };
  writeFileSync(mine, JSON.stringify(overlay));
  const again = engine(['schema', 'words', bundle, '--out', mine]);
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringMatching(/exists: --overlay .* keeps its words/),
  ]);
  expect(readFileSync(mine, 'utf8')).toBe(JSON.stringify(overlay));
  const edited = engine(['schema', 'words', bundle, '--overlay', mine, '--table', 'bed']).stdout;
  expect(edited).toMatch(/^Bed: bed ~ cot \(o\)/);
  const shown = engine(['schema', 'show', bundle, '--overlay', mine]).stdout;
  expect(shown).toMatch(/^catalogue \(1\)\n {2}Bed: bed, cot\n {6}key BedNo; /m);
});

test('schema show writes a page and JSON', () => {
  const page = join(root, 'page.html');
  expect(engine(['schema', 'show', 'synthea', '--html', page]).code).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain('data-name="claims_transactions"');
  const { tables } = JSON.parse(engine(['schema', 'show', 'synthea', '--json']).stdout) as {
    tables: { name: string; role: string }[];
  };
  expect(tables[0]).toMatchObject({ name: 'patients', role: 'patient' });
});

test.each([
  [
    'an overlay that names a table the schema lacks',
    '{"tables":{"Nurse":{}}}',
    /tables\.Nurse: the bundle has no such table/,
  ],
  ['an overlay that is not JSON', '{"tables":', /:1:11: is not valid JSON from here on/],
])('%s is one line and exit code 2', (_what, text, message) => {
  const overlay = file('bad.json', text);
  const { code, stdout, stderr } = engine(['schema', 'words', 'synthea', '--overlay', overlay]);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('schema check and calibrate take an overlay, with one bundle', () => {
  const overlay = file('more.json', '{"tables":{"patients":{"synonyms":["sufferer"]}}}');
  const bad = file('worse.json', '{"tables":{"Nurse":{}}}');
  const checked = engine(['schema', 'check', 'synthea', '--overlay', overlay]);
  expect([checked.code, checked.stdout]).toEqual([0, `synthea with ${overlay}: ok\n`]);
  const refused = engine(['schema', 'check', 'synthea', '--overlay', bad]);
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('tables.Nurse: the bundle has no such table');
  expect(engine(['schema', 'check', 'synthea', 'i2b2', '--overlay', overlay]).code).toBe(2);
  expect(engine(['calibrate', '--overlay', overlay]).stderr).toContain('--overlay needs exactly one bundle');
}, 60_000);
