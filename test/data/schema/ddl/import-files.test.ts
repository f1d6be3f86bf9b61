import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { decodeScript } from '../../../../src/data/schema/ddl/decode.js';
import { importDdlFiles, type ImportFilesOptions } from '../../../../src/data/schema/ddl/import-file.js';
import { renderDdl } from '../../../../src/data/schema/ddl/render.js';
import { loadBundle } from '../../../../src/data/schema/load.js';
import { bundleFiles } from '../../../../src/data/schema/shipped.js';
import { importDdl } from '../../../../src/data/schema/ddl/import.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'schema-import-'));
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(dir, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const names = async (paths: string[], options?: ImportFilesOptions): Promise<string[]> =>
  (await importDdlFiles(paths, options)).bundle.tables.map(({ name }) => name);
const failure = async (paths: string[], options?: ImportFilesOptions): Promise<string> => {
  try {
    return `imported ${(await names(paths, options)).join()}`;
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message.replaceAll(dir, '')}`;
  }
};

const TABLE = 'CREATE TABLE [Größe] ([имя] nvarchar(9) NULL)\r\nGO\r\n';
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('decodeScript', () => {
  test.each([
    ['utf-8', Buffer.from(TABLE)],
    ['utf-8', Buffer.from(`\uFEFF${TABLE}`)],
    ['utf-16le', wide(TABLE)],
    ['utf-16le', wide(`\uFEFF${TABLE}`)],
    ['utf-16be', wide(TABLE).swap16()],
    ['utf-16be', wide(`\uFEFF${TABLE}`).swap16()],
  ])('reads %s, with a byte order mark or without', (encoding, bytes) => {
    expect(decodeScript(bytes)).toEqual({ text: TABLE, encoding });
  });

  test('reads a Cyrillic script in UTF-16 without a mark', () => {
    const text = 'CREATE TABLE [Больница] ([Имя пациента] nvarchar(40), [Отделение] int)';
    expect(decodeScript(wide(text))).toEqual({ text, encoding: 'utf-16le' });
  });

  test('reads Windows-1252 where the bytes are not UTF-8, and refuses what is no text', () => {
    expect(decodeScript(Buffer.from('-- F\xe4lle', 'latin1'))).toEqual({
      text: '-- Fälle',
      encoding: 'windows-1252',
    });
    expect(decodeScript(Buffer.from([80, 75, 3, 4, 0, 0, 0, 1, 0, 2]))).toBeUndefined();
  });
});

describe('importDdlFiles', () => {
  test('returns text that loads as the bundle, named after the file', async () => {
    const path = write('My Clinic-2.sql', 'CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t)');
    const { bundle, text, notes } = await importDdlFiles([path]);
    expect(bundle.name).toBe('my_clinic_2');
    expect(bundle.source).toBe('imported from My Clinic-2.sql');
    expect(notes).toEqual([]);
    expect(loadBundle(write('out.json', text))).toEqual(bundle);
  });

  test('reads files, folders, projects and patterns, each script once, numbers in order', async () => {
    write('db/Tables/t10.sql', 'CREATE TABLE t10 (a int)');
    const t2 = write('db/Tables/t2.SQL', wide('\uFEFFCREATE TABLE t2 (a int)'));
    write('db/Views/v.sql', 'CREATE VIEW v AS SELECT a FROM t2');
    write('db/bin/Debug/t3.sql', 'CREATE TABLE never (a int)');
    write('db/readme.txt', 'CREATE TABLE never (a int)');
    const project = write('db/Clinic.sqlproj', '<Project/>');
    const all = ['t2', 't10', 'v'];
    expect(await names([join(dir, 'db')])).toEqual(all);
    expect(await names([project])).toEqual(all);
    expect(await names([join(dir, 'db/**/*.sql')])).toEqual(all);
    expect(await names([join(dir, 'd?/Tab*/*.sql')])).toEqual(['t2', 't10']);
    expect(await names([t2, join(dir, 'db'), t2])).toEqual(all);
  });

  test('reads of a project the scripts that it builds', async () => {
    write('db/Core/Tables/A&B.sql', 'CREATE TABLE Core.Pt (a int)');
    write('db/Core/Tables/Old.sql', 'CREATE TABLE Core.Pt (b int)');
    write('db/Dim/x.sql', 'CREATE TABLE Dim.x (a int)');
    const items = '<Build Include="core\\Tables\\A&amp;B.sql" />\n<Build Include="Dim\\**\\*.sql" /><None Include="Core\\Tables\\Old.sql" />';
    const project = write('db/Clinic.sqlproj', `<Project><ItemGroup>${items}</ItemGroup></Project>`);
    expect(await names([project])).toEqual(['Core.Pt', 'Dim.x']);
  }); // prettier-ignore

  test('puts a schema together from files in any order', async () => {
    const key = write('1.sql', 'ALTER TABLE cdm.visit ADD FOREIGN KEY (person) REFERENCES cdm.person');
    const visit = write('2.sql', 'CREATE TABLE cdm.visit (id int, person dbo.Id)');
    const person = write('3.sql', 'CREATE TABLE [cdm].[person] ([id] int NOT NULL)\nGO\nALTER TABLE [cdm].[person] ADD PRIMARY KEY (id)');
    const rest = write('4.sql', "CREATE TYPE dbo.Id FROM int NOT NULL\nGO\nEXEC sp_addextendedproperty @value=N'One stay', @name=N'MS_Description', @level0type=N'SCHEMA', @level0name=N'cdm', @level1type=N'TABLE', @level1name=N'visit'");
    const { bundle, notes } = await importDdlFiles([key, visit, person, rest]);
    expect(notes).toEqual([]);
    expect(bundle.tables[0]).toEqual({
      name: 'cdm.visit',
      description: 'One stay',
      primaryKey: [],
      columns: [
        { name: 'id', type: 'int', nullable: true },
        { name: 'person', type: 'int', nullable: false },
      ],
      foreignKeys: [{ columns: ['person'], references: { table: 'cdm.person', columns: ['id'] } }],
    });
  }); // prettier-ignore

  test('refuses two files that define one table differently, and takes two that agree', async () => {
    const a = write('a.sql', 'CREATE TABLE cdm.t (x int, y date);');
    const b = write('b.sql', '\nCREATE TABLE CDM.T (x int, y datetime);');
    const c = write('c.sql', 'CREATE TABLE "cdm"."t" ([x] INTEGER NULL, y date)');
    expect(await failure([a, b])).toBe(
      'conflicting-tables: /b.sql:2:14: table CDM.T is defined differently at /a.sql:1:14: column y is date there and datetime here',
    );
    expect(await failure([a, c])).toBe('imported cdm.t');
  });

  test('says what a path lacks', async () => {
    expect(await failure([join(dir, 'nowhere.sql')])).toBe(
      'schema-not-found: /nowhere.sql: no such file or folder',
    );
    const file = write('script.txt', 'x');
    expect(await failure([join(file, 'x.sql')])).toBe(
      'schema-not-found: /script.txt/x.sql: no such file or folder',
    );
    expect(await failure([dir])).toBe('schema-not-found: : has no .sql file');
    expect(await failure([join(dir, '*.sql')])).toBe('schema-not-found: /*.sql: has no .sql file');
    const zip = write('x.sql', Buffer.from([80, 75, 3, 4, 0, 0, 0, 1, 0, 2]));
    expect(await failure([zip])).toBe('schema-unreadable: /x.sql: is not a text file');
  });

  test('passes over the rows of a dump, and says how far it is', async () => {
    const rows = "INSERT INTO t VALUES ('it''s', '/* CREATE TABLE never (a int)');\n".repeat(40_000);
    const dump = write('dump.sql', `CREATE TABLE t (a int);\n${rows}CREATE TABLE u (a int);\n`);
    const seen: number[] = [];
    expect(await names([dump], { onProgress: (done, total) => seen.push(done / total) })).toEqual(['t', 'u']);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  test('with strict, the first fault of any file is the error', async () => {
    const a = write('a.sql', 'CREATE TABLE t (x int)');
    const b = write('b.sql', 'CREATE TABLE u (\n x int,\n y blurb, z blurb)');
    expect((await importDdlFiles([a, b])).notes.map((note) => note.replace(dir, ''))).toEqual([
      '/b.sql:3:2: column y of u is left out: type blurb has no SQL Server equivalent',
      '/b.sql:3:11: column z of u is left out: type blurb has no SQL Server equivalent',
    ]);
    expect(await failure([a, b], { strict: true })).toBe(
      'unknown-type: /b.sql:3:2: column y of u is left out: type blurb has no SQL Server equivalent (and 1 more)',
    );
  });
});

test.each(bundleFiles())('bundle -> DDL -> bundle keeps all but synonyms and joins: %s', (file) => {
  const bundle = loadBundle(file);
  const { title, version, source, licence, name } = bundle;
  const again = importDdl(renderDdl(bundle), {
    name,
    title,
    version,
    source,
    licence,
    strict: true,
  });
  const tables = bundle.tables.map(({ synonyms: _, columns, ...table }) => ({
    ...table,
    columns: columns.map(({ synonyms: __, codes: ___, ...column }) => column),
  }));
  expect(again).toEqual({ name, title, version, source, licence, tables });
});
