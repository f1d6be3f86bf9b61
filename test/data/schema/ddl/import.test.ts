import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchemaError } from '../../../../src/data/errors.js';
import { skippedText } from '../../../../src/data/schema/ddl/fault.js';
import type { SchemaBundle, Table } from '../../../../src/data/schema/bundle.js';
import { checkBundle } from '../../../../src/data/schema/check.js';
import { importDdl, type ImportOptions } from '../../../../src/data/schema/ddl/import.js';
import { renderDdl } from '../../../../src/data/schema/ddl/render.js';
import { anyBundle } from '../arbitrary.js';

/** The imported tables, one line each: `Patient(Id int pk, Sex char(1)?, Sex -> Code.Id)`; `?` means nullable. */
function summary(ddl: string, options: Partial<ImportOptions> = {}): string[] {
  return importDdl(ddl, { name: 'x', ...options }).tables.map((table) => {
    const columns = table.columns.map((column) => {
      const pk = table.primaryKey.includes(column.name) ? ' pk' : '';
      return `${column.name} ${column.type}${column.nullable ? '?' : ''}${pk}`;
    });
    const keys = table.foreignKeys.map(
      (key) => `${key.columns.join()} -> ${key.references.table}.${key.references.columns.join()}`,
    );
    return `${table.name}(${[...columns, ...keys].join(', ')})`;
  });
}

function caught(ddl: string, options: Partial<ImportOptions> = {}): SchemaError {
  try {
    importDdl(ddl, { name: 'x', file: 'my.sql', ...options });
  } catch (error) {
    if (error instanceof SchemaError) return error;
    throw error;
  }
  throw new Error('it was imported');
}

describe('importDdl', () => {
  test('reads back the DDL that renderDdl writes, for any bundle', () => {
    fc.assert(
      fc.property(anyBundle, (bundle) => {
        expect(checkBundle(bundle)).toEqual([]);
        expect(importDdl(renderDdl(bundle), { name: 'x', title: 'x', dialect: 'tsql' })).toEqual(bundle);
      }),
      { numRuns: 150 },
    );
  });

  test('reads back views, descriptions and keys to tables that are not there', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .map((raw) => raw.replace(/\s+/g, ' ').trim());
    fc.assert(
      fc.property(anyBundle, fc.array(text, { minLength: 12, maxLength: 12 }), (bundle, words) => {
        const said = (i: number): string => `It's ${words[i % 12]!}.`.trim();
        const tables = bundle.tables.map((table, i): Table => {
          const { foreignKeys, ...rest } = table;
          const columns = table.columns.map((column, k) =>
            k % 2 === 0 ? column : { ...column, description: said(i + k) },
          );
          const isView =
            i % 3 === 2 &&
            !bundle.tables.some((other) =>
              other.foreignKeys.some((key) => key.references.table === table.name),
            );
          if (isView) {
            const nullable = columns.map((column) => ({ ...column, nullable: true }));
            return {
              ...rest,
              description: said(i),
              view: true,
              primaryKey: [],
              columns: nullable,
              foreignKeys: [],
            };
          }
          const key = { columns: [columns[0]!.name], references: { table: 'no.where', columns: ['x__'] } };
          return { ...rest, columns, foreignKeys, ...(i % 2 === 0 && { unresolvedKeys: [key] }) };
        });
        const whole: SchemaBundle = { ...bundle, tables };
        expect(checkBundle(whole)).toEqual([]);
        const again = importDdl(renderDdl(whole), { name: 'x', title: 'x', dialect: 'tsql' });
        const byName = (a: Table, b: Table): number => (a.name < b.name ? -1 : 1);
        expect([...again.tables].sort(byName)).toEqual([...tables].sort(byName));
      }),
      { numRuns: 150 },
    );
  });

  test('throws nothing but SchemaError on any text', () => {
    const word = fc.constantFrom(
      'CREATE', 'TABLE', 'ALTER', 'ADD', 'CONSTRAINT', 'PRIMARY', 'KEY', 'FOREIGN', 'REFERENCES', 'a', 'b', 'int', '(', ')',
      ',', ';', '.', "'x'", '[c]', '"d"', '`e`', 'DEFAULT', 'NOT', 'NULL', 'GO', '/*', '*/', '--', '\n', "'", '[', 'COMMENT', 'ON',
    ); // prettier-ignore
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 40 }),
        fc.constantFrom('tsql', 'postgres', 'mysql'),
        (words, dialect) => {
          try {
            importDdl(words.join(' '), { name: 'x', dialect: dialect as 'tsql' });
          } catch (error) {
            if (!(error instanceof SchemaError)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('T-SQL: brackets, schemas, inline and named keys, identity, defaults, GO', () => {
    const ddl = `
      SET ANSI_NULLS ON
      GO
      IF NOT EXISTS (SELECT 1 FROM sys.tables WHERE name = 'Patient')
      CREATE TABLE [dbo].[Patient](
        [Id] [int] IDENTITY(1,1) NOT NULL,           -- the key
        [MRN] [varchar](20) COLLATE Latin1_General_CI_AS NOT NULL,
        [Birth Date] date NULL DEFAULT (getdate()),
        Note nvarchar(max), /* outer /* inner */ still a comment */
        Age AS (DATEDIFF(year, [Birth Date], GETDATE())) PERSISTED,
        CONSTRAINT [PK_Patient] PRIMARY KEY CLUSTERED ([Id] ASC) WITH (PAD_INDEX = OFF) ON [PRIMARY]
      ) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
      GO
      CREATE TABLE hospital.dbo.Visit (
        VisitId bigint PRIMARY KEY,
        PatientId INT NOT NULL CONSTRAINT FK1 FOREIGN KEY REFERENCES dbo.PATIENT (ID) ON DELETE SET NULL,
        Rate decimal(5, 2) CHECK (Rate > 0), [Primary] bit, INDEX ix (Rate)
      )
      GO
      ALTER TABLE [dbo].[Visit] WITH CHECK ADD PreviousId bigint NULL
      ALTER TABLE [dbo].[Visit] WITH CHECK ADD CONSTRAINT [FK2] FOREIGN KEY([PreviousId]) REFERENCES [dbo].[Visit] ([VisitId])
      GO
      ALTER TABLE [dbo].[Visit] CHECK CONSTRAINT [FK2]
      CREATE TABLE #temp (x int)`;
    const notes: string[] = [];
    expect(summary(ddl, { onSkipped: (skipped) => notes.push(skippedText(skipped)) })).toEqual([
      'Patient(Id int pk, MRN varchar(20), Birth Date date?, Note nvarchar(max)?, Age int?)',
      'Visit(VisitId bigint pk, PatientId int, Rate decimal(5,2)?, Primary bit?, PreviousId bigint?, ' +
        'PatientId -> Patient.Id, PreviousId -> Visit.VisitId)',
    ]);
    expect(notes).toEqual([]);
  });

  test('PostgreSQL: multi-word types, arrays, enums, domains, COMMENT ON, ONLY', () => {
    const ddl = `
      CREATE TYPE public.mood AS ENUM ('calm', 'anxious');
      CREATE DOMAIN code AS character varying(12) NOT NULL;
      CREATE TABLE IF NOT EXISTS public.person (
        id serial,
        "birthDate" timestamp(3) without time zone DEFAULT '2000-01-01'::timestamp NOT NULL,
        seen timestamptz, weight double precision, score numeric, name text, tags integer[] DEFAULT '{}'::integer[],
        mood public.mood, code code, active boolean DEFAULT true, photo bytea, key varchar(5), ref uuid, extra jsonb,
        CHECK (weight > 0), UNIQUE (name)
      );
      ALTER TABLE ONLY public.person ADD CONSTRAINT person_pkey PRIMARY KEY (id);
      CREATE FUNCTION f() RETURNS void AS $$ CREATE TABLE never (x int); $$ LANGUAGE sql;
      CREATE TABLE visit (id bigserial PRIMARY KEY, person_id int REFERENCES person ON DELETE CASCADE);
      COMMENT ON TABLE public.person IS 'A person.
It''s one row each.';
      COMMENT ON COLUMN public.person."birthDate" IS 'When born';`;
    expect(summary(ddl)).toEqual([
      'person(id int pk, birthDate datetime2(3), seen datetimeoffset?, weight float?, score decimal(38,10)?, ' +
        'name varchar(max)?, tags nvarchar(max)?, mood varchar(7)?, code varchar(12), active bit?, ' +
        'photo varbinary(max)?, key varchar(5)?, ref uniqueidentifier?, extra nvarchar(max)?)',
      'visit(id bigint pk, person_id int?, person_id -> person.id)',
    ]);
    const [person] = importDdl(ddl, { name: 'x' }).tables;
    expect(person!.description).toBe("A person. It's one row each.");
    expect(person!.columns[1]!.description).toBe('When born');
    expect(importDdl(ddl, { name: 'x', comments: 'drop' }).tables[0]!.description).toBe('Person.');
  });

  test('MySQL: backticks, indexes, display widths, enums, escapes, table options', () => {
    const ddl = `
      # a comment
      CREATE TABLE \`patient\` (
        \`id\` int(11) unsigned NOT NULL AUTO_INCREMENT,
        \`alive\` tinyint(1) NOT NULL DEFAULT '1' COMMENT 'it\\'s a flag',
        \`grade\` tinyint(4) DEFAULT NULL,
        \`sex\` enum('f','m','other') CHARACTER SET utf8 DEFAULT NULL,
        \`notes\` longtext, \`seen\` datetime(6) ON UPDATE CURRENT_TIMESTAMP, \`at\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (\`id\`), UNIQUE KEY \`u\` (\`sex\`(10)), KEY \`k\` (\`grade\`), FULLTEXT KEY f (\`notes\`)
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8 COMMENT='People; under care';
      CREATE TABLE \`visit\` (\`id\` int(11) NOT NULL, \`patient_id\` int(11) unsigned, PRIMARY KEY (\`id\`),
        CONSTRAINT \`c\` FOREIGN KEY \`i\` (\`patient_id\`) REFERENCES \`patient\` (\`id\`) ON DELETE NO ACTION ON UPDATE CASCADE);`;
    expect(summary(ddl)).toEqual([
      'patient(id int pk, alive bit, grade smallint?, sex varchar(5)?, notes varchar(max)?, seen datetime2(6)?, at datetime2)',
      'visit(id int pk, patient_id int?, patient_id -> patient.id)',
    ]);
    const [patient] = importDdl(ddl, { name: 'x' }).tables;
    expect(patient!.description).toBe('People; under care');
    expect(patient!.columns[1]!.description).toBe("it's a flag");
  });

  test('timestamp is a row version in T-SQL and a date and time elsewhere', () => {
    const ddl = 'CREATE TABLE t (x timestamp)';
    expect(summary(ddl, { dialect: 'tsql' })).toEqual(['t(x timestamp?)']);
    expect(summary(ddl, { dialect: 'postgres' })).toEqual(['t(x datetime2?)']);
  });

  test('descriptions come from MS_Description properties', () => {
    const ddl = `CREATE TABLE dbo.T (A int)
      EXEC sys.sp_addextendedproperty @name=N'MS_Description', @value=N'All of T', @level0type=N'SCHEMA',@level0name=N'dbo', @level1type=N'TABLE',@level1name=N'T'
      EXEC sp_addextendedproperty 'MS_Description', 'The A', 'SCHEMA', 'dbo', 'TABLE', 'T', 'COLUMN', 'A'`;
    const [table] = importDdl(ddl, { name: 'x', dialect: 'tsql' }).tables;
    expect([table!.description, table!.columns[0]!.description]).toEqual(['All of T', 'The A']);
  });

  test('template parameters before table names, and composite keys', () => {
    const ddl = `CREATE TABLE @cdm.a (x int NOT NULL, y int NOT NULL, PRIMARY KEY NONCLUSTERED (x, y));
      CREATE TABLE @cdm.b (p int, q int);
      ALTER TABLE @cdm.b ADD CONSTRAINT f FOREIGN KEY (p, q) REFERENCES @cdm.A (X, Y);`;
    expect(summary(ddl)).toEqual(['a(x int pk, y int pk)', 'b(p int?, q int?, p,q -> a.x,y)']);
  });

  test('imports the tables of one database schema only', () => {
    const ddl = 'CREATE TABLE a.t (x int); CREATE TABLE b.t (y int);';
    expect(summary(ddl, { schema: 'B' })).toEqual(['b.t(y int?)']);
    expect(summary(ddl)).toEqual(['a.t(x int?)', 'b.t(y int?)']);
    expect(caught(ddl, { schema: 'c' }).message).toContain('its schemas: a, b');
  });
});

describe('importDdl, strict, locates the fault in', () => {
  test.each([
    ['CREATE TABLE t (\n  a int,\n  b geometryish\n)', 'unknown-type', 'my.sql:3:3: '],
    ["CREATE TABLE t (a varchar(5) DEFAULT 'x)", 'broken-ddl', 'my.sql:1:38: '],
    ['CREATE TABLE t (a int', 'broken-ddl', 'my.sql:1:16: '],
    ['/* CREATE TABLE t (a int)\nCREATE TABLE u (a int /*', 'broken-ddl', 'my.sql:2:23: '],
    ['CREATE TABLE t (a int b int (', 'broken-ddl', 'my.sql:1:29: '],
    ['SELECT 1', 'empty-ddl', 'my.sql: '],
    ['', 'empty-ddl', 'my.sql: '],
    [
      'CREATE TABLE t (a int);\nCREATE TABLE u (a int, FOREIGN KEY (a) REFERENCES nowhere (b));',
      'unresolved-key',
      'my.sql:2:36: ',
    ],
    ['CREATE TABLE t (a int, PRIMARY KEY (b))', 'bad-schema', 'my.sql:1:14: '],
    ['ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a)', 'broken-ddl', 'my.sql:1:1: '],
    ['CREATE TABLE t (a int, x__ID_1__y int)', 'bad-name', 'my.sql:1:24: '],
  ])('%j', (ddl, code, start) => {
    const error = caught(ddl, { strict: true });
    expect(error.code).toBe(code);
    expect(error.message.slice(0, start.length)).toBe(start);
    expect(error.message).not.toContain('\n');
  });
});

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
});
