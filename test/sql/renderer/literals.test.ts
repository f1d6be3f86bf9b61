import { describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../../src/data/schema/bundle.js';
import { SchemaIndex } from '../../../src/data/schema/schema-index.js';
import { RenderError } from '../../../src/sql/errors.js';
import { render } from '../../../src/sql/renderer/render.js';
import type { PlaceholderValue } from '../../../src/sql/values.js';

/**
 * The literal for each kind of value beside each type of column, written by hand from
 * https://learn.microsoft.com/sql/t-sql/data-types/ (ranges, precision, forms of date literals) and
 * https://learn.microsoft.com/sql/t-sql/language-elements/like-transact-sql (wildcards).
 */
const COLUMNS = {
  int_: 'int',
  bigint_: 'bigint',
  tinyint_: 'tinyint',
  bit_: 'bit',
  decimal_: 'decimal(10,2)',
  money_: 'money',
  float_: 'float',
  varchar_: 'varchar(20)',
  char_: 'char(5)',
  nvarchar_: 'nvarchar(20)',
  nchar_: 'nchar(5)',
  sysname_: 'sysname',
  text_: 'text',
  ntext_: 'ntext',
  date_: 'date',
  datetime_: 'datetime',
  smalldatetime_: 'smalldatetime',
  datetime2_: 'datetime2',
  datetimeoffset_: 'datetimeoffset',
  time_: 'time',
  guid_: 'uniqueidentifier',
  xml_: 'xml',
  varbinary_: 'varbinary(10)',
};

const bundle: SchemaBundle = {
  name: 'types',
  title: 'Types',
  version: '1',
  source: 'invented for the tests',
  licence: 'MIT',
  tables: [
    {
      name: 't',
      description: '',
      primaryKey: ['int_'],
      foreignKeys: [],
      columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type, nullable: true })),
    },
  ],
};
const index = new SchemaIndex(bundle);

type Value = Pick<PlaceholderValue, 'text'> & Partial<PlaceholderValue>;
const value = (prefix: string, given: Value | string): PlaceholderValue => {
  const known: Record<string, Pick<PlaceholderValue, 'kind' | 'type'>> = {
    ID: { kind: 'mrn', type: 'varchar' },
    DATE: { kind: 'date', type: 'date' },
    TEXT: { kind: 'quoted', type: 'varchar' },
    NUM: { kind: 'threshold', type: 'decimal' },
  };
  const own = typeof given === 'string' ? { text: given } : given;
  return { name: `__${prefix}_1__`, ...known[prefix]!, ...own };
};

const HEAD = 'SELECT COUNT(*) FROM t WHERE ';

/** The rendered condition, or `! code` if it was refused. */
function rendered(condition: string, given: Value | string): string {
  const prefix = /__([A-Z]+)_1__/.exec(condition)![1]!;
  const one = value(prefix, given);
  try {
    return render(`${HEAD}${condition};`, index, new Map([[one.name, one]])).sql.slice(HEAD.length, -1);
  } catch (error) {
    if (error instanceof RenderError) return `! ${error.code}`;
    throw error;
  }
}

const equal = (column: string, prefix: string, given: Value | string): string => {
  const operator = prefix === 'DATE' ? '>=' : '=';
  return rendered(`${column} ${operator} __${prefix}_1__`, given).replace(`${column} ${operator} `, '');
};

const moment = (text: string): Value => ({ text, kind: 'timestamp', type: 'datetime2' });
const nines = '9'.repeat(38);

describe('a number', () => {
  test.each([
    ['int_', '0', '0'],
    ['int_', '-5', '-5'],
    ['int_', '65', '65'],
    // Beyond 2^53 a double would round; beyond int and bigint SQL Server compares as numeric.
    ['bigint_', '9007199254740993', '9007199254740993'],
    ['bigint_', '-9223372036854775808', '-9223372036854775808'],
    ['bigint_', '9223372036854775808', '9223372036854775808'],
    ['int_', nines, nines],
    ['decimal_', `0.${'0'.repeat(37)}1`, `0.${'0'.repeat(37)}1`],
    ['decimal_', '12.50', '12.50'],
    ['decimal_', '-0.10', '-0.10'],
    ['money_', '1234.5678', '1234.5678'],
    ['float_', '0.1', '0.1'],
    ['tinyint_', '300', '300'],
    ['bit_', '1', '1'],
    ['varchar_', '65', "'65'"],
    ['nvarchar_', '65', "N'65'"],
  ])('beside %s: %s becomes %s', (column, given, expected) => {
    expect(equal(column, 'NUM', given)).toBe(expected);
  });

  test.each([
    ['int_', '007', '! leading-zeros'],
    ['decimal_', '00.5', '! leading-zeros'],
    ['int_', `${nines}9`, '! too-many-digits'],
    ['decimal_', `1.${'0'.repeat(38)}`, '! too-many-digits'],
    ['int_', '1e5', '! not-a-number'],
    ['int_', '+5', '! not-a-number'],
    ['int_', '5.', '! not-a-number'],
    ['int_', '.5', '! not-a-number'],
    ['money_', '$5', '! not-a-number'],
    ['int_', '0x1F', '! not-a-number'],
    ['int_', '\u0665', '! not-a-number'],
    ['int_', '5 OR 1=1', '! not-a-number'],
    ['int_', '', '! not-a-number'],
    ['date_', '2024', '! invalid-statement'],
    ['guid_', '5', '! invalid-statement'],
  ])('beside %s: %s is refused: %s', (column, given, expected) => {
    expect(equal(column, 'NUM', given)).toBe(expected);
  });

  test('keeps leading zeros beside text', () => {
    const id: Value = { text: '007345', kind: 'mrn', type: 'varchar' };
    for (const column of ['varchar_', 'char_']) expect(equal(column, 'ID', id)).toBe("'007345'");
    expect(equal('nvarchar_', 'ID', id)).toBe("N'007345'");
    expect(equal('int_', 'ID', id)).toBe('! invalid-statement');
    expect(equal('int_', 'ID', { ...id, type: 'int' })).toBe('! leading-zeros');
  });

  test('is refused where it cannot be a whole number of rows or days', () => {
    expect(rendered("LEFT(varchar_, __NUM_1__) = 'a'", '2.5')).toBe('! rendered-invalid');
    expect(rendered("LEFT(varchar_, __NUM_1__) = 'a'", '-2')).toBe('! rendered-invalid');
    expect(rendered('date_ > DATEADD(day, -__NUM_1__, date_)', '99999999999')).toBe('! rendered-invalid');
    expect(rendered('int_ / __NUM_1__ > 2', '0')).toBe('! rendered-invalid');
    expect(rendered('int_ > CAST(__NUM_1__ AS tinyint)', '300')).toBe('! rendered-invalid');
  });
});

describe('a text', () => {
  test.each([
    ['varchar_', "O'Brien", "'O''Brien'"],
    ['char_', 'F', "'F'"],
    ['nvarchar_', 'Smith', "N'Smith'"],
    ['nchar_', 'Smith', "N'Smith'"],
    ['sysname_', 'Smith', "N'Smith'"],
    // A plain '…' can only store the database's code page: every other character would become '?'.
    ['varchar_', 'Müller', "N'Müller'"],
    ['varchar_', '名前', "N'名前'"],
    ['nvarchar_', '💉', "N'💉'"],
    ['varchar_', '\u02BC', "N'\u02BC'"],
    ['varchar_', '\uFF07', "N'\uFF07'"],
    ['varchar_', "''", "''''''"],
    ['varchar_', '--', "'--'"],
    ['varchar_', 'a ', "'a '"],
    ['varchar_', '', "''"],
    ['varchar_', '50%_[a]', "'50%_[a]'"],
    ['varchar_', '\uD83D', '! rendered-invalid'],
    ['varchar_', '\uDC89\uD83D', '! rendered-invalid'],
    ['varchar_', 'a\u0000', '! rendered-invalid'],
    ['varchar_', 'a\nb', '! rendered-invalid'],
    ['varchar_', '\u200D', '! rendered-invalid'],
    ['text_', 'a', '! invalid-statement'],
    ['ntext_', 'a', '! invalid-statement'],
    ['xml_', 'a', '! invalid-statement'],
    ['varbinary_', 'a', '! invalid-statement'],
    ['int_', '5', '! invalid-statement'],
    ['date_', '2024-03-05', '! invalid-statement'],
    ['guid_', 'a', '! uuid-conversion-failed'],
    ['guid_', '6f9619ff-8b86-d011-b42d-00c04fc964ff', "'6f9619ff-8b86-d011-b42d-00c04fc964ff'"],
    ['guid_', '{6F9619FF-8B86-D011-B42D-00C04FC964FF}', '! uuid-conversion-failed'],
    ['time_', '07:30', '! invalid-statement'],
  ])('beside %s: %j becomes %s', (column, given, expected) => {
    expect(equal(column, 'TEXT', given)).toBe(expected);
  });

  test.each([
    ['07:30:00', "'07:30:00'"],
    ['07:30', "'07:30'"],
    ['07:30:00.1234567', "'07:30:00.1234567'"],
    ['07:30:00.12345678', '! date-spelling'],
    ['24:00:00', '! date-conversion-failed'],
    ['7:30', '! date-spelling'],
  ])('of a time of day: %s becomes %s', (text, expected) => {
    expect(equal('time_', 'TEXT', { text, kind: 'time' })).toBe(expected);
  });

  test.each([
    ['varchar_ LIKE __TEXT_1__', '50%_[a]^-]', "varchar_ LIKE '50[%][_][[]a]^-]'"],
    ['nvarchar_ LIKE __TEXT_1__', 'Smith', "nvarchar_ LIKE N'Smith'"],
    ['ntext_ LIKE __TEXT_1__', 'Smith', "ntext_ LIKE N'Smith'"],
    ["nvarchar_ LIKE '%' + __TEXT_1__ + '%'", '100%', "nvarchar_ LIKE '%' + N'100[%]' + '%'"],
    ["varchar_ LIKE CONCAT(__TEXT_1__, '%')", '_', "varchar_ LIKE CONCAT('[_]', '%')"],
    ['varchar_ LIKE UPPER(__TEXT_1__)', '100%', "varchar_ LIKE UPPER('100[%]')"],
    ["varchar_ LIKE LOWER(__TEXT_1__) + '%'", '[x]', "varchar_ LIKE LOWER('[[]x]') + '%'"],
    ["varchar_ LIKE COALESCE(__TEXT_1__, 'b%')", 'a%', "varchar_ LIKE COALESCE('a[%]', 'b%')"],
    [
      "varchar_ LIKE CASE WHEN int_ = 1 THEN __TEXT_1__ ELSE 'b%' END",
      'a%',
      "varchar_ LIKE CASE WHEN int_ = 1 THEN 'a[%]' ELSE 'b%' END",
    ],
    ["varchar_ LIKE __TEXT_1__ ESCAPE '!'", '5!%[_', "varchar_ LIKE '5!!!%![!_' ESCAPE '!'"],
    ["varchar_ LIKE __TEXT_1__ ESCAPE ']'", 'a]%', "varchar_ LIKE 'a]]]%' ESCAPE ']'"],
    ["varchar_ LIKE '[' + __TEXT_1__ + ']'", 'abc', '! invalid-statement'],
    ["varchar_ LIKE '!' + __TEXT_1__ ESCAPE '!'", '!', '! invalid-statement'],
    ["varchar_ LIKE '[a-z]' + __TEXT_1__", '%', "varchar_ LIKE '[a-z]' + '[%]'"],
    ["varchar_ LIKE NULLIF(__TEXT_1__, 'a%')", 'a%', '! invalid-statement'],
    // Outside the pattern the value is compared unescaped.
    ["varchar_ + __TEXT_1__ LIKE '%'", 'a%', '! invalid-statement'],
    ["CASE WHEN varchar_ = __TEXT_1__ THEN 'a' ELSE 'b' END LIKE 'a'", 'a%', undefined],
  ])('in a pattern, %s, means itself: %j', (condition, given, expected) => {
    const literal = `'${given}'`;
    expect(rendered(condition, given)).toBe(expected ?? condition.replace('__TEXT_1__', literal));
  });
});

describe('a day', () => {
  test.each([
    ['date_', '2024-03-05', "'20240305'"],
    ['datetime_', '2024-03-05', "'20240305'"],
    ['smalldatetime_', '2024-03-05', "'20240305'"],
    ['datetime2_', '2024-03-05', "'20240305'"],
    ['datetimeoffset_', '2024-03-05', "'20240305'"],
    ['date_', '2024-02-29', "'20240229'"],
    ['date_', '2000-02-29', "'20000229'"],
    ['date_', '1900-02-29', '! date-conversion-failed'],
    ['datetime_', '2023-02-29', '! date-out-of-range'],
    ['date_', '0001-01-01', "'00010101'"],
    ['date_', '0000-01-01', '! date-conversion-failed'],
    ['datetime2_', '0001-01-01', "'00010101'"],
    ['date_', '9999-12-31', "'99991231'"],
    // datetime: 1753-01-01 to 9999-12-31; smalldatetime: 1900-01-01 to 2079-06-06.
    ['datetime_', '1752-12-31', '! date-out-of-range'],
    ['datetime_', '1753-01-01', "'17530101'"],
    ['datetime_', '9999-12-31', "'99991231'"],
    ['smalldatetime_', '1899-12-31', '! smalldatetime-out-of-range'],
    ['smalldatetime_', '1900-01-01', "'19000101'"],
    ['smalldatetime_', '2079-06-06', "'20790606'"],
    ['smalldatetime_', '2079-06-07', '! smalldatetime-out-of-range'],
    ['varchar_', '2024-03-05', '! invalid-statement'],
    ['int_', '2024-03-05', '! invalid-statement'],
    ['time_', '2024-03-05', '! invalid-statement'],
  ])('beside %s: %s becomes %s', (column, given, expected) => {
    expect(equal(column, 'DATE', given)).toBe(expected);
  });
});

describe('a moment', () => {
  test.each([
    ['datetime_', '2024-03-05T10:00:00', "'2024-03-05T10:00:00'"],
    ['datetime_', '2024-03-05T10:00', "'2024-03-05T10:00:00'"],
    ['datetime_', '2024-03-05 10:00:00', "'2024-03-05T10:00:00'"],
    ['datetime2_', '2024-03-05T10:00:00.1234567', "'2024-03-05T10:00:00.1234567'"],
    ['datetimeoffset_', '2024-03-05T10:00:00.1234567', "'2024-03-05T10:00:00.1234567'"],
    // datetime and smalldatetime read at most three digits of a second.
    ['datetime_', '2024-03-05T10:00:00.123', "'2024-03-05T10:00:00.123'"],
    ['datetime_', '2024-03-05T10:00:00.1234', '! date-conversion-failed'],
    ['smalldatetime_', '2024-03-05T10:00:00.123', "'2024-03-05T10:00:00.123'"],
    ['smalldatetime_', '2024-03-05T10:00:00.1234', '! smalldatetime-conversion-failed'],
    // Rounding would leave the range.
    ['datetime_', '9999-12-31T23:59:59.998', "'9999-12-31T23:59:59.998'"],
    ['datetime_', '9999-12-31T23:59:59.999', '! date-out-of-range'],
    ['smalldatetime_', '2079-06-06T23:59:29', "'2079-06-06T23:59:29'"],
    ['smalldatetime_', '2079-06-06T23:59:30', '! smalldatetime-out-of-range'],
    ['datetime_', '2024-03-05T24:00:00', '! date-out-of-range'],
    ['datetime2_', '2024-03-05T10:60:00', '! date-conversion-failed'],
    // A zone would be dropped or shift the day, so the vault keeps the clock time and adds a note.
    ['datetimeoffset_', '2024-03-05T10:00:00+02:00', '! not-a-date'],
    ['datetime2_', '2024-03-05T10:00:00Z', '! not-a-date'],
    ['date_', '2024-03-05T10:00:00', '! invalid-statement'],
  ])('beside %s: %s becomes %s', (column, given, expected) => {
    expect(equal(column, 'DATE', moment(given))).toBe(expected);
  });

  test('in DATEADD is a datetime, because SQL Server reads a string there as one', () => {
    const fine = moment('2024-03-05T10:00:00.1234567');
    expect(rendered('datetime2_ >= DATEADD(day, 1, __DATE_1__)', fine)).toBe('! date-conversion-failed');
  });
});

describe('a day in a function', () => {
  // DATEADD of a bare string returns a datetime, and a date compared with a datetime becomes one: years before 1753 fail.
  test.each([
    ['date_ < DATEADD(day, 1, @)', '2024-03-05', "date_ < DATEADD(day, 1, CAST('20240305' AS date))"],
    ['date_ < DATEADD(day, 1, @)', '1700-03-05', "date_ < DATEADD(day, 1, CAST('17000305' AS date))"],
    [
      'datetime2_ < DATEADD(day, 1, @)',
      '1700-03-05',
      "datetime2_ < DATEADD(day, 1, CAST('17000305' AS date))",
    ],
    ['datetime_ < DATEADD(day, 1, @)', '2024-03-05', "datetime_ < DATEADD(day, 1, CAST('20240305' AS date))"],
    ['date_ > EOMONTH(@)', '0001-03-05', "date_ > EOMONTH(CAST('00010305' AS date))"],
    [
      'date_ > DATEADD(day, 1, EOMONTH(@, 1))',
      '2024-03-05',
      "date_ > DATEADD(day, 1, EOMONTH(CAST('20240305' AS date), 1))",
    ],
    ['DATEDIFF(day, @, date_) > 3', '1700-03-05', "DATEDIFF(day, CAST('17000305' AS date), date_) > 3"],
    [
      'DATEDIFF(hour, @, datetime_) > 3',
      '2024-03-05',
      "DATEDIFF(hour, CAST('20240305' AS date), datetime_) > 3",
    ],
    ['YEAR(@) = YEAR(date_)', '1700-03-05', "YEAR(CAST('17000305' AS date)) = YEAR(date_)"],
    ['DATEPART(week, @) = int_', '2024-03-05', "DATEPART(week, CAST('20240305' AS date)) = int_"],
    // A date has no hours (message 9810); a CAST or a typed operand already gives the type.
    ['datetime_ > DATEADD(hour, 1, @)', '2024-03-05', "datetime_ > DATEADD(hour, 1, '20240305')"],
    ['datetime_ > DATEADD(hour, 1, @)', '1700-03-05', '! date-out-of-range'],
    ['DATEPART(hour, @) = int_', '2024-03-05', "DATEPART(hour, '20240305') = int_"],
    [
      'date_ > DATEADD(day, 1, CAST(@ AS date))',
      '1700-03-05',
      "date_ > DATEADD(day, 1, CAST('17000305' AS date))",
    ],
    [
      'date_ > COALESCE(DATEADD(day, 1, date_), @)',
      '1700-03-05',
      "date_ > COALESCE(DATEADD(day, 1, date_), '17000305')",
    ],
    // Compared with a datetime, the resulting day must be in its range.
    ['datetime_ < DATEADD(day, 1, @)', '1752-12-31', "datetime_ < DATEADD(day, 1, CAST('17521231' AS date))"],
    ['datetime_ < DATEADD(day, 1, @)', '1752-12-30', '! rendered-invalid'],
    [
      'smalldatetime_ < DATEADD(day, 1, @)',
      '2079-06-05',
      "smalldatetime_ < DATEADD(day, 1, CAST('20790605' AS date))",
    ],
    ['smalldatetime_ < DATEADD(day, 1, @)', '2079-06-06', '! rendered-invalid'],
    ['date_ < DATEADD(day, 1, @)', '9999-12-30', "date_ < DATEADD(day, 1, CAST('99991230' AS date))"],
    ['date_ < DATEADD(day, 1, @)', '9999-12-31', '! rendered-invalid'],
    ['date_ < DATEADD(day, 1, @)', '2023-02-29', '! date-conversion-failed'],
  ])('%s with %s: %s', (condition, given, expected) => {
    expect(rendered(condition.replace('@', '__DATE_1__'), given)).toBe(expected);
  });

  test('that is the first of a period is written in the same form', () => {
    const year: Value = { text: '1700', kind: 'year', type: 'date' };
    expect(rendered('date_ < DATEADD(year, 1, __DATE_1__)', year)).toBe(
      "date_ < DATEADD(year, 1, CAST('17000101' AS date))",
    );
  });
});

describe('a value in two places', () => {
  test('is written to suit each of them', () => {
    const condition =
      'int_ = __ID_1__ OR nvarchar_ = __ID_1__ OR varchar_ IN (__ID_1__) OR float_ = __ID_1__';
    expect(rendered(condition, { text: '12', type: 'int' })).toBe(
      "int_ = 12 OR nvarchar_ = N'12' OR varchar_ IN ('12') OR float_ = 12",
    );
  });
});
