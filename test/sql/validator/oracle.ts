import type { SchemaIndex } from '../../../src/data/schema/schema-index.js';

/**
 * An oracle of forbidden constructs that shares no code with the validator: by regular expressions alone, it names the
 * first thing that no allowed statement contains. It knows no grammar and no types: what it passes may be wrong, but
 * what it names must never be accepted.
 */
const FORBIDDEN_WORDS =
  /\b(?:INSERT|UPDATE|DELETE|MERGE|DROP|CREATE|ALTER|TRUNCATE|EXEC|EXECUTE|DECLARE|SET|GRANT|REVOKE|DENY|BACKUP|RESTORE|SHUTDOWN|KILL|USE|WAITFOR|UNION|EXCEPT|INTERSECT|INTO|HAVING|OVER|WITHIN|WITH(?! TIES)|OPTION|FOR|COLLATE|PIVOT|UNPIVOT|TABLESAMPLE|CROSS|EXISTS|ANY|SOME|OPENROWSET|OPENQUERY|OPENXML|OPENDATASOURCE|CONTAINS|FREETEXT|FETCH|PERCENT|BULK|USER|CURRENT_USER|SESSION_USER|SYSTEM_USER|GO)\b/i;

const CALLABLE = new Set(
  `COUNT SUM AVG MIN MAX DATEADD DATEDIFF DATEPART YEAR MONTH DAY GETDATE CAST CONVERT COALESCE ISNULL NULLIF UPPER LOWER
  LTRIM RTRIM COUNT_BIG STDEV STDEVP VAR VARP STRING_AGG DATENAME REPLACE CHARINDEX FORMAT TRY_CAST TRY_CONVERT
  LEN LEFT RIGHT SUBSTRING ABS ROUND FLOOR CEILING CONCAT EOMONTH DATEFROMPARTS
  IN AND OR NOT ON WHERE WHEN THEN ELSE BETWEEN LIKE TOP BY SELECT CASE DISTINCT
  VARCHAR NVARCHAR CHAR NCHAR DECIMAL NUMERIC FLOAT DATETIME2 TIME`.split(/\s+/),
);

export function forbiddenConstruct(
  sql: string,
  names: Iterable<string>,
  index: SchemaIndex,
): string | undefined {
  if (sql.length > 20_000) return 'length';
  const strings: string[] = [];
  const noStrings = sql.replace(/'(?:[^']|'')*'/g, (text) => {
    strings.push(text);
    return "''";
  });
  const brackets: string[] = [];
  const text = noStrings.replace(/\[(?:[^\]]|\]\])*\]/g, (name) => {
    brackets.push(name.slice(1, -1).replaceAll(']]', ']'));
    return ` b${brackets.length - 1}_ `;
  });
  if (/[^\x20-\x7e\t\r\n]/.test(text)) return 'a character that is not ASCII';
  if (/--|\/\*|\*\//.test(text)) return 'a comment';
  const odd = /[@#"$`{}\\|&^~:?[\]]|!(?!=)/.exec(text);
  if (odd) return `the character ${odd[0]}`;
  if (!/^\s*SELECT\b/i.test(text)) return 'no SELECT at the start';
  if (!/^[^;]*;\s*$/.test(text)) return 'not one statement with one semicolon';
  if ((text.match(/\bSELECT\b/gi) ?? []).length !== 1) return 'a second SELECT';
  const word = FORBIDDEN_WORDS.exec(text);
  if (word) return `the word ${word[0]}`;
  for (const [, name] of text.matchAll(/\b([A-Za-z_]\w*)\s*\(/g)) {
    if (!CALLABLE.has(name!.toUpperCase())) return `a call of ${name}`;
  }
  if (/\w\s*\.\s*\w+\s*\.|\.\s*\./.test(text.replace(/\d+\.\d+/g, '1'))) return 'a name of three parts';
  for (const [, , name] of text.matchAll(/\b(FROM|JOIN)\s+(?:dbo\s*\.\s*|b\d+_\s*\.\s*)?(\w+)/gi)) {
    const bracket = /^b(\d+)_$/.exec(name!);
    const table = bracket ? brackets[Number(bracket[1])]! : name!;
    if (!index.table(table)) return `the table ${table}`;
  }
  const found = new Set(text.match(/__\w*|\w*__(?!\w)/g) ?? []);
  const wanted = new Set(names);
  if (found.size !== wanted.size || [...found].some((name) => !wanted.has(name))) return 'other placeholders';
  if (strings.some((one) => /__(ID|DATE|TEXT|NUM)_\d+__/i.test(one))) return 'a placeholder in a string';
  if (strings.some((one) => /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(one)))
    return 'a control character';
  return undefined;
}
