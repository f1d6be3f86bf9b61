import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SchemaError } from '../../../../src/data/errors.js';
import { skippedText } from '../../../../src/data/schema/ddl/fault.js';
import type { SchemaBundle, Table } from '../../../../src/data/schema/bundle.js';
import { checkBundle } from '../../../../src/data/schema/check.js';
import { importDdl, type ImportOptions } from '../../../../src/data/schema/ddl/import.js';
import { renderDdl } from '../../../../src/data/schema/ddl/render.js';
import { anyBundle } from '../arbitrary.js';
import { summary } from './summary.js';

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
        expect(importDdl(renderDdl(bundle), { name: 'x', title: 'x' })).toEqual(bundle);
      }),
      { numRuns: 150 },
    );
  });

  test('reads a table that is called by a sign', () => {
    const tables = importDdl('CREATE TABLE [,] (a int);\nCREATE TABLE [(] (a int);', {
      name: 'x',
      title: 'x',
    }).tables;
    expect(tables.map(({ name }) => name)).toEqual([',', '(']);
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
        const again = importDdl(renderDdl(whole), { name: 'x', title: 'x' });
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
