/**
 * Styles of CONVERT between dates and text, with the format of PostgreSQL's to_char that writes the same; undefined
 * where none does. Source: https://learn.microsoft.com/sql/t-sql/functions/cast-and-convert-transact-sql
 */
const STYLES: ReadonlyMap<number, string | undefined> = new Map([
  [0, undefined],
  [1, 'MM/DD/YY'],
  [2, undefined],
  [3, 'DD/MM/YY'],
  [4, 'DD.MM.YY'],
  [5, undefined],
  [6, undefined],
  [7, undefined],
  [8, 'HH24:MI:SS'],
  [9, undefined],
  [10, undefined],
  [11, undefined],
  [12, 'YYMMDD'],
  [13, undefined],
  [14, undefined],
  [20, 'YYYY-MM-DD HH24:MI:SS'],
  [21, 'YYYY-MM-DD HH24:MI:SS.MS'],
  [22, undefined],
  [23, 'YYYY-MM-DD'],
  [24, undefined],
  [25, undefined],
  [100, undefined],
  [101, 'MM/DD/YYYY'],
  [102, 'YYYY.MM.DD'],
  [103, 'DD/MM/YYYY'],
  [104, 'DD.MM.YYYY'],
  [105, 'DD-MM-YYYY'],
  [106, 'DD Mon YYYY'],
  [107, 'Mon DD, YYYY'],
  [108, 'HH24:MI:SS'],
  [109, undefined],
  [110, 'MM-DD-YYYY'],
  [111, 'YYYY/MM/DD'],
  [112, 'YYYYMMDD'],
  [113, undefined],
  [114, undefined],
  [120, 'YYYY-MM-DD HH24:MI:SS'],
  [121, 'YYYY-MM-DD HH24:MI:SS.MS'],
  [126, 'YYYY-MM-DD"T"HH24:MI:SS'],
  [127, undefined],
  [130, undefined],
  [131, undefined],
]);

export function isConvertStyle(digits: string): boolean {
  return /^\d{1,3}$/.test(digits) && STYLES.has(Number(digits));
}

/** The format of to_char for a style; undefined where PostgreSQL has none. */
export function postgresFormat(style: number): string | undefined {
  return STYLES.get(style);
}
