import { describe, expect, test } from 'vitest';
import { importDdl, type ImportOptions } from '../../../../src/data/schema/ddl/import.js';
import { summary } from './summary.js';

describe('importDdl reads what people have:', () => {
  /** The summary, and what was skipped as `line: reason`. */
  const read = (
    ddl: string,
    options: Partial<ImportOptions> = {},
  ): { tables: string[]; skipped: string[] } => {
    const skipped: string[] = [];
    const onSkipped = ({ line, reason }: { line: number; reason: string }): number =>
      skipped.push(`${line}: ${reason}`);
    return { tables: summary(ddl, { dialect: 'tsql', onSkipped, ...options }), skipped };
  };

  test('a key of two columns without a comma before it', () => {
    const ddl = `CREATE TABLE [ward].[BedDay](
      [BedId] [int] NOT NULL,
      [Day] [date] NOT NULL
      CONSTRAINT [PK_BedDay] PRIMARY KEY CLUSTERED ([BedId] ASC, [Day] DESC) WITH (PAD_INDEX = OFF) ON [PRIMARY]
    ) ON [FG_Wards] TEXTIMAGE_ON [PRIMARY]
    GO
    CREATE TABLE [ward].[Turn]([A] [int] NOT NULL, [B] [int] NOT NULL PRIMARY KEY NONCLUSTERED ([A], [B]) FOREIGN KEY (A) REFERENCES ward.BedDay (BedId))
    GO`;
    expect(read(ddl)).toEqual({
      tables: [
        'ward.BedDay(BedId int pk, Day date pk)',
        'ward.Turn(A int pk, B int pk, A -> ward.BedDay.BedId)',
      ],
      skipped: [],
    });
  });

  test('temporal tables, computed columns, masks, WITH options, and alias types of a later line', () => {
    const ddl = `USE [Clinic]
    GO
    SET QUOTED_IDENTIFIER ON
    GO
    CREATE TABLE dbo.Stay (
      Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Stay PRIMARY KEY CLUSTERED WITH (FILLFACTOR = 80) ON [PRIMARY],
      Mrn dbo.MrnText, Sure [dbo].[Flag], Ssn varchar(11) MASKED WITH (FUNCTION = 'partial(0,"x",4)') NULL,
      Price money NOT NULL DEFAULT ((0)), Count smallint SPARSE NULL,
      Total AS ([Price] * [Count]) PERSISTED NOT NULL, Label AS (CONVERT([varchar](20), [Mrn])), Odd AS (dbo.odd(Id)),
      ValidFrom datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
      ValidTo datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
      PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo), INDEX ix NONCLUSTERED (Mrn) WHERE Mrn IS NOT NULL
    ) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.StayHistory), DATA_COMPRESSION = PAGE)
    GO
    CREATE TYPE [dbo].[MrnText] FROM [varchar](20) NOT NULL
    CREATE TYPE [dbo].[Flag] FROM [bit]
    CREATE TYPE [dbo].[IdList] AS TABLE ([Id] [int] NOT NULL)
    GO`;
    expect(read(ddl)).toEqual({
      tables: [
        'Stay(Id int pk, Mrn varchar(20), Sure bit?, Ssn varchar(11)?, Price money, Count smallint?, Total money?, ' +
          'Label varchar(20)?, ValidFrom datetime2(7), ValidTo datetime2(7))',
      ],
      skipped: ['9: computed column Odd of Stay is left out: its expression does not tell its type'],
    });
  });

  test('names quoted in every way, timestamp(n), and damage by automatic quoting', () => {
    const ddl = `CREATE TABLE [the clinic].[Order Line] ("id" int NOT NULL, [ward-no]int, \`bed\` int, 'note' varchar(9),
      "start"_date date, at timestamp(3), version timestamp, Größe int, [имя] nvarchar(40), "a.b" int, [c]]d] int)`;
    expect(read(ddl)).toEqual({
      tables: [
        'the clinic.Order Line(id int, ward-no int?, bed int?, note varchar(9)?, start_date date?, at datetime2(3)?, ' +
          'version timestamp?, Größe int?, имя nvarchar(40)?)',
      ],
      skipped: [
        '2: column "a.b" of the clinic.Order Line is left out: its name contains a dot',
        '2: column "c]d" of the clinic.Order Line is left out: its name contains a bracket',
      ],
    });
  });

  test('faults cost what they stand in, and nothing else', () => {
    const ddl = `CREATE TABLE a (x int, y blurb, z int)
    CREATE TABLE b (x int, ,y int (, z int)
    GO
    CREATE TABLE c (
      x int NOT NULL
      y date NOT NULL,
      z varchar(10) DEFAULT 'it
    )
    GO
    CREATE TABLE d (x int
    GO
    CREATE TABLE e (x int); ALTER TABLE nowhere ADD q int; CREATE TABLE f AS SELECT 1`;
    const { tables, skipped } = read(ddl);
    expect(tables).toEqual([
      'a(x int?, z int?)',
      'b(x int?, y int?)',
      'c(x int, y date, z varchar(10)?)',
      'd(x int?)',
      'e(x int?)',
    ]);
    expect(skipped).toEqual([
      '1: column y of a is left out: type blurb has no SQL Server equivalent',
      '2: expected a name, found ","',
      "7: quote ' is never closed",
      '10: parenthesis of table d is never closed',
      '12: ALTER TABLE of nowhere, which no CREATE TABLE defines',
      '12: table f is declared without columns',
    ]);
  });

  test('columns declared twice are one line for each table', () => {
    const { tables, skipped } = read(`CREATE TABLE a (x int, y int,
      X varchar(9), y int, z int)
    CREATE TABLE b (x int, x date)`);
    expect(tables).toEqual(['a(x int?, y int?, z int?)', 'b(x int?)']);
    expect(skipped).toEqual([
      '2: 2 columns of a are declared twice, the first of them "X"; the first declaration stays',
      '3: column "x" of b is declared twice; the first declaration stays',
    ]);
  });

  test('a procedure that makes tables, row inserts and strings that look like tables add nothing', () => {
    const ddl = `CREATE TABLE a (x int)
    GO
    CREATE OR ALTER PROCEDURE dbo.p AS BEGIN
      CREATE TABLE never (x int);
      CREATE TABLE #temp (x int);
    END
    GO
    INSERT INTO a VALUES ('CREATE TABLE never2 (x int)'); -- CREATE TABLE never3 (x int)
    PRINT N'it''s CREATE TABLE never4 (x int)'
    GO
    CREATE TABLE b (x int)`;
    expect(read(ddl)).toEqual({ tables: ['a(x int?)', 'b(x int?)'], skipped: [] });
  });

  test('ALTER TABLE that adds, drops, changes and renames columns, and sp_rename', () => {
    const ddl = `CREATE TABLE s.a (x int NULL, y int, z int, w int)
    ALTER TABLE s.a ALTER COLUMN x bigint NOT NULL
    ALTER TABLE s.a DROP COLUMN y, z
    ALTER TABLE s.a ADD p date NOT NULL CONSTRAINT df DEFAULT (getdate()), q bit
    ALTER TABLE s.a ADD CONSTRAINT d DEFAULT ((0)) FOR [q]
    ALTER TABLE s.a WITH NOCHECK ADD CONSTRAINT pk PRIMARY KEY CLUSTERED (w)
    EXEC sp_rename 's.a.w', 'key no', 'COLUMN'
    EXEC sp_rename N's.a', N'b'`;
    expect(read(ddl).tables).toEqual(['s.b(x bigint, key no int pk, p date, q bit?)']);
    const mysql = `CREATE TABLE a (x int, y int(11));
      ALTER TABLE a ADD COLUMN p date NOT NULL AFTER x, ADD KEY k (p), CHANGE x id int NOT NULL, MODIFY y varchar(9), DROP p;
      RENAME TABLE a TO b;`;
    expect(read(mysql, { dialect: 'mysql' }).tables).toEqual(['b(id int, y varchar(9)?)']);
  });

  test('views, marked, with the types that their queries tell', () => {
    const ddl = `CREATE TABLE cdm.person (id int NOT NULL, born date, name nvarchar(40))
    GO
    CREATE VIEW cdm.old AS
      WITH p AS (SELECT id, born AS birth FROM cdm.person)
      SELECT TOP (10) PERCENT p.*, n.name, COUNT(*) AS many, age = DATEDIFF(year, p.birth, GETDATE()), CAST(n.id AS varchar(9)) [id text],
        CASE WHEN n.id > 1 THEN 'a' ELSE 'bcd' END flag, dbo.f(n.id) AS lost
      FROM p INNER JOIN cdm.person AS n ON n.id = p.id GROUP BY p.id;
    GO
    CREATE VIEW v2 (a, b) AS SELECT NULL, 1 UNION ALL SELECT id, many FROM cdm.old`;
    const { tables, skipped } = read(ddl);
    expect(tables.slice(1)).toEqual([
      'cdm.old(id int?, birth date?, name nvarchar(40)?, many int?, age int?, id text varchar(9)?, flag nvarchar(3)?)',
      'v2(a int?, b int?)',
    ]);
    expect(skipped).toEqual([expect.stringMatching(/^3: view cdm\.old comes in without lost: /)]);
    expect(importDdl(ddl, { name: 'x' }).tables.map(({ view }) => view)).toEqual([undefined, true, true]);
  });

  test('a key to a table that no file defines is named, and kept as unresolved', () => {
    const ddl = 'CREATE TABLE s.a (x int, y int, FOREIGN KEY (x, y) REFERENCES other.t (p, q))';
    expect(read(ddl).skipped).toEqual([
      '1: the key of s.a (x, y) points to table other.t, which no file defines; it is kept as unresolved',
    ]);
    const [table] = importDdl(ddl, { name: 'x' }).tables;
    expect(table!.foreignKeys).toEqual([]);
    expect(table!.unresolvedKeys).toEqual([
      { columns: ['x', 'y'], references: { table: 'other.t', columns: ['p', 'q'] } },
    ]);
  });

  test('template variables are no schemas, and a search path is one', () => {
    const ddl =
      'CREATE TABLE [$(Cdm)].[a] (x int); CREATE TABLE ${schema}.b (x int); CREATE TABLE @cdm.c (x int)';
    expect(read(ddl).tables).toEqual(['a(x int?)', 'b(x int?)', 'c(x int?)']);
    const path = 'SET search_path = cdm, public; CREATE TABLE a (x int);';
    expect(read(path, { dialect: 'postgres' }).tables).toEqual(['cdm.a(x int?)']);
    expect(read(path, { dialect: 'postgres', schemas: 'drop' }).tables).toEqual(['a(x int?)']);
  });

  test('a right to create tables declares none', () => {
    const ddl =
      'GRANT CREATE TABLE TO [clerk];\nGO\nGRANT CREATE TABLE, CREATE VIEW TO nurse;\nCREATE TABLE [TO] (a int);';
    expect(read(ddl, { strict: true })).toEqual({ tables: ['TO(a int?)'], skipped: [] });
  });
});
