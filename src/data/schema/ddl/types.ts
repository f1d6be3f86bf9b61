import { MAX_DIGITS, parseSqlType } from '../../../tsql/types.js';
import type { Dialect } from './tokens.js';

/** A type as written in DDL: `character varying`, `['50']`. */
export interface DdlType {
  /** Lower case, words separated by one space. */
  name: string;
  args: string[];
  isArray?: boolean | undefined;
}

/** Types that mean the same in every dialect and have another name in SQL Server. */
const SAME: Readonly<Record<string, string>> = {
  integer: 'int',
  int2: 'smallint',
  int4: 'int',
  int8: 'bigint',
  mediumint: 'int',
  year: 'smallint',
  serial: 'int',
  serial4: 'int',
  smallserial: 'smallint',
  bigserial: 'bigint',
  serial8: 'bigint',
  boolean: 'bit',
  bool: 'bit',
  double: 'float',
  'double precision': 'float',
  binary_double: 'float',
  float4: 'real',
  float8: 'float',
  uuid: 'uniqueidentifier',
  bytea: 'varbinary(max)',
  blob: 'varbinary(max)',
  tinyblob: 'varbinary(255)',
  mediumblob: 'varbinary(max)',
  longblob: 'varbinary(max)',
  tinytext: 'varchar(255)',
  mediumtext: 'varchar(max)',
  longtext: 'varchar(max)',
  clob: 'varchar(max)',
  nclob: 'nvarchar(max)',
  citext: 'varchar(max)',
  raw: 'varbinary(max)',
  'long raw': 'varbinary(max)',
  'long varbinary': 'varbinary(max)',
  'long varchar': 'varchar(max)',
  'character large object': 'varchar(max)',
  'char large object': 'varchar(max)',
  'binary large object': 'varbinary(max)',
  long: 'varchar(max)',
  point: 'geometry',
  polygon: 'geometry',
  linestring: 'geometry',
  multipolygon: 'geometry',
  box: 'geometry',
  ltree: 'varchar(max)',
  int4range: 'varchar(50)',
  int8range: 'varchar(50)',
  numrange: 'varchar(50)',
  daterange: 'varchar(50)',
  tsrange: 'varchar(100)',
  tstzrange: 'varchar(100)',
  json: 'nvarchar(max)',
  jsonb: 'nvarchar(max)',
  tsvector: 'nvarchar(max)',
  hstore: 'nvarchar(max)',
  inet: 'varchar(45)',
  cidr: 'varchar(45)',
  macaddr: 'varchar(17)',
  interval: 'varchar(50)',
  name: 'varchar(128)',
  oid: 'bigint',
};

/** Types that change only their name and keep their arguments. */
const RENAMED: Readonly<Record<string, string>> = {
  'character varying': 'varchar',
  'char varying': 'varchar',
  varchar2: 'varchar',
  nvarchar2: 'nvarchar',
  character: 'char',
  bpchar: 'char',
  'national character': 'nchar',
  'national char': 'nchar',
  'national character varying': 'nvarchar',
  'national char varying': 'nvarchar',
  'national varchar': 'nvarchar',
  'national text': 'ntext',
  'binary varying': 'varbinary',
  dec: 'decimal',
  fixed: 'decimal',
  number: 'decimal',
};

/**
 * The SQL Server type for a type of another dialect, or undefined if there is none. Lengths that SQL Server does not
 * support become `max`.
 */
export function toSqlServerType(type: DdlType, dialect: Dialect): string | undefined {
  if (type.isArray) return 'nvarchar(max)';
  const name = type.name.replace(/ (unsigned|signed|zerofill)\b/g, '');
  const special = dialectType(name, type.args, dialect);
  if (special !== undefined) return special;
  const same = SAME[name];
  if (same !== undefined) return same;
  return fitArguments(RENAMED[name] ?? name, type.args);
}

function dialectType(name: string, args: readonly string[], dialect: Dialect): string | undefined {
  switch (name) {
    case 'tinyint':
      // MySQL has no boolean; its tools use `tinyint(1)`. Its tinyint is signed, unlike SQL Server's.
      if (dialect === 'mysql') return args[0] === '1' ? 'bit' : 'smallint';
      return undefined;
    case 'bit':
    case 'bit varying':
    case 'varbit':
      return args.length === 0 || args[0] === '1' ? 'bit' : `varbinary(${Math.ceil(Number(args[0]) / 8)})`;
    case 'enum':
      return `varchar(${Math.max(1, ...args.map((label) => label.length))})`;
    case 'set':
      return `varchar(${Math.max(1, args.join(',').length)})`;
    case 'timestamp':
    case 'timestamp without time zone':
      // T-SQL's timestamp is a row version and takes no digits; with digits, a date and time is meant.
      return dialect === 'tsql' && args.length === 0 ? undefined : 'datetime2' + fraction(args);
    case 'timestamptz':
    case 'timestamp with time zone':
      return 'datetimeoffset' + fraction(args);
    case 'datetime':
      return dialect === 'mysql' ? 'datetime2' + fraction(args) : undefined;
    case 'timetz':
    case 'time without time zone':
    case 'time with time zone':
      return 'time' + fraction(args);
    case 'text':
      return dialect === 'tsql' ? undefined : 'varchar(max)';
    case 'numeric':
    case 'decimal':
      // Without a precision, PostgreSQL stores any number, but SQL Server drops all decimals.
      return dialect === 'postgres' && args.length === 0 ? 'decimal(38,10)' : undefined;
    case 'number':
      return args.length === 0 ? 'decimal(38,10)' : undefined;
    case 'varchar':
    case 'character varying':
      return dialect === 'postgres' && args.length === 0 ? 'varchar(max)' : undefined;
    default:
      return undefined;
  }
}

function fraction(args: readonly string[]): string {
  return args[0] === undefined ? '' : `(${Math.min(7, Number(args[0]))})`;
}

const LONGEST: Readonly<Record<string, number>> = { varchar: 8000, nvarchar: 4000, varbinary: 8000 };
const FIXED: Readonly<Record<string, string>> = { char: 'varchar', nchar: 'nvarchar', binary: 'varbinary' };

function fitArguments(base: string, args: readonly string[]): string | undefined {
  const length = Number(args[0]);
  const long = FIXED[base] ?? base;
  if (length > (LONGEST[long] ?? Infinity)) return `${long}(max)`;
  if (base === 'decimal' || base === 'numeric') {
    const precision = Math.min(MAX_DIGITS, Number(args[0] ?? 18));
    if (args.length > 0 && precision > 0) {
      return `${base}(${[precision, ...args.slice(1, 2).map((scale) => Math.min(precision, Number(scale)))].join(',')})`;
    }
  }
  const text = args.length === 0 ? base : `${base}(${args.join(',').toLowerCase()})`;
  if (parseSqlType(text)) return text;
  // MySQL's display widths, as in `int(11)` and `double(8,2)`, do not limit the values; other dialects have some too.
  return parseSqlType(base) ? base : undefined;
}

/** Whether a word is the name of a type in one of the dialects, or the first word of one. */
export function isTypeName(word: string): boolean {
  const name = word.toLowerCase();
  if (parseSqlType(name) || SAME[name] !== undefined || RENAMED[name] !== undefined) return true;
  return /^(enum|set|double|national|timestamptz|timetz|varbit)$/.test(name);
}
