import fc from 'fast-check';
import type { ForeignKey, SchemaBundle, Table } from '../../../src/data/schema/bundle.js';
import { defaultDescription } from '../../../src/data/schema/ddl/import.js';
import { foldName, foldTableName, isUsableName } from '../../../src/tsql/identifier.js';

const TYPES = [
  'int', 'bigint', 'bit', 'varchar(50)', 'nvarchar(max)', 'char(3)', 'decimal(18,2)', 'numeric(9)', 'float', 'real',
  'date', 'datetime', 'datetime2', 'datetime2(3)', 'time', 'uniqueidentifier', 'varbinary(max)', 'money', 'text',
]; // prettier-ignore

/** Plain names, reserved words, DDL keywords, and names with spaces or non-English letters. */
const name = fc
  .oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[A-Za-z][A-Za-z_0-9]{1,8}$/) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('order', 'user', 'key', 'primary', 'check', 'references', 'GO', 'comment'),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
  )
  .filter((text) => isUsableName(text) && !text.startsWith('#'));

/** `cdm.person`, and mostly `person`. Imports take these schemas for the default one, a variable or the server's own. */
const tableNames = (most: number) =>
  fc.uniqueArray(
    fc
      .tuple(
        fc.option(
          name.filter((text) => !/^(dbo|public|sys|information_schema)$|^@|\$[({]/i.test(text)),
          { nil: undefined, freq: 2 },
        ),
        name,
      )
      .map(([schema, table]) => (schema === undefined ? table : `${schema}.${table}`)),
    { minLength: 1, maxLength: most, selector: foldTableName },
  );

const names = (most: number) =>
  fc.uniqueArray(name, { minLength: 1, maxLength: most, selector: (text) => foldName(text) });

const columns = names(8).chain((list) =>
  fc.tuple(
    ...list.map((n) =>
      fc.record({ name: fc.constant(n), type: fc.constantFrom(...TYPES), nullable: fc.boolean() }),
    ),
  ),
);

const table = (tableName: string): fc.Arbitrary<Table> =>
  fc.tuple(columns, fc.nat(3)).map(([list, keyLength]) => {
    const primaryKey = list.slice(0, keyLength).map((column) => column.name);
    return {
      name: tableName,
      description: defaultDescription(tableName),
      primaryKey,
      columns: list.map((column, i) => ({ ...column, nullable: column.nullable && i >= keyLength })),
      foreignKeys: [],
    };
  });

/** Valid bundles that survive a round trip through DDL, titles aside; foreign keys join columns of one type. */
export const anyBundle: fc.Arbitrary<SchemaBundle> = fc
  .tuple(
    tableNames(6).chain((list) => fc.tuple(...list.map(table))),
    fc.array(fc.nat(), { maxLength: 8 }),
  )
  .map(([drawn, choices]) => {
    // Shrinking draws the same tables again, so they are copied before keys are added.
    const tables = drawn.map((one) => ({ ...one, foreignKeys: [...one.foreignKeys] }));
    const bundle: SchemaBundle = {
      name: 'x',
      title: 'x',
      version: '1',
      source: 'imported DDL',
      licence: 'unknown',
      tables,
    };
    const pairs = tables.flatMap((from) =>
      from.columns.flatMap((column) =>
        tables.flatMap((to) =>
          to.columns
            .filter((target) => target.type === column.type && (from !== to || target !== column))
            .map((target) => ({
              from,
              key: { columns: [column.name], references: { table: to.name, columns: [target.name] } },
            })),
        ),
      ),
    );
    const picked = new Set<{ from: Table; key: ForeignKey }>();
    for (const choice of choices) if (pairs.length > 0) picked.add(pairs[choice % pairs.length]!);
    for (const { from, key } of picked) from.foreignKeys.push(key);
    return bundle;
  });
