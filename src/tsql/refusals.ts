import type { ParseCode } from './codes.js';
import type { Token } from './lexer.js';

/**
 * Constructs of T-SQL that are not allowed, by the word that begins them. The parser would refuse them anyway, since it
 * accepts only what it knows. With this table it can say what it refused.
 */
const REFUSALS: ReadonlyMap<string, { code: ParseCode; message: string }> = new Map(
  (
    [
      ['subquery', 'SELECT EXISTS ANY SOME', 'subqueries are not allowed; join the table instead'],
      ['cte', 'WITH', 'common table expressions, hints and WITH clauses are not allowed'],
      [
        'set-operation',
        'UNION EXCEPT INTERSECT',
        'UNION, EXCEPT and INTERSECT are not allowed: one SELECT only',
      ],
      [
        'outside-of-shape',
        'AT',
        'AT TIME ZONE is not allowed; dates and times are taken as they are written',
      ],
      ['outside-of-shape', 'IDENTITYCOL ROWGUIDCOL', 'name the column itself'],
      ['outside-of-shape', 'ALL', 'leave out ALL, which is the default'],
      [
        'having',
        'HAVING',
        'HAVING is not in the allowed shape (SELECT … FROM … WHERE … GROUP BY … ORDER BY …;)',
      ],
      ['window-function', 'OVER WITHIN', 'window functions (OVER, WITHIN GROUP) are not allowed'],
      ['into', 'INTO', 'SELECT … INTO writes a table and is not allowed'],
      ['for-clause', 'FOR', 'FOR XML, FOR JSON and FOR SYSTEM_TIME are not allowed'],
      ['option-clause', 'OPTION', 'OPTION (query hints) is not allowed'],
      ['offset-fetch', 'OFFSET FETCH LIMIT', 'OFFSET, FETCH and LIMIT are not allowed; write SELECT TOP (n)'],
      ['collate', 'COLLATE', 'COLLATE is not allowed'],
      ['join-kind', 'OUTER APPLY NATURAL', 'only INNER, LEFT, RIGHT and FULL JOIN are allowed'],
      ['cross-join', 'CROSS', 'CROSS JOIN and CROSS APPLY are not allowed; write INNER JOIN … ON …'],
      ['join-kind', 'HASH LOOP MERGE REMOTE', 'join hints are not allowed; write INNER JOIN or LEFT JOIN'],
      ['join-kind', 'USING', 'JOIN … USING is not T-SQL; write ON a.x = b.x'],
      ['table-clause', 'PIVOT UNPIVOT TABLESAMPLE', 'PIVOT, UNPIVOT and TABLESAMPLE are not allowed'],
      [
        'table-function',
        'OPENROWSET OPENQUERY OPENDATASOURCE OPENXML OPENJSON CONTAINSTABLE FREETEXTTABLE STRING_SPLIT',
        'table functions are not allowed; name a table of the schema',
      ],
      ['function-not-allowed', 'CONTAINS FREETEXT', 'full-text predicates are not allowed; write LIKE'],
      [
        'function-not-allowed',
        'CURRENT_DATE CURRENT_TIME CURRENT_USER SESSION_USER SYSTEM_USER USER',
        'this system function is not allowed; for the current time write GETDATE()',
      ],
      [
        'not-select',
        `INSERT UPDATE DELETE DROP TRUNCATE ALTER CREATE EXEC EXECUTE DECLARE SET GRANT REVOKE DENY BACKUP RESTORE
        SHUTDOWN KILL USE WAITFOR PRINT RAISERROR BULK DBCC WRITETEXT UPDATETEXT READTEXT BEGIN COMMIT ROLLBACK
        WHILE IF GOTO RETURN THROW RECONFIGURE CHECKPOINT DEALLOCATE SAVE REVERT OPEN CLOSE BREAK CONTINUE`,
        'only one SELECT statement is allowed',
      ],
      ['text-after-statement', 'GO', 'GO separates batches and is not part of a statement; remove it'],
    ] satisfies [ParseCode, string, string][]
  ).flatMap(([code, words, message]) => words.split(/\s+/).map((word) => [word, { code, message }])),
);

/** The refusal for a token that begins a known construct; undefined for others. */
export function refusalOf(token: Token, after: Token): { code: ParseCode; message: string } | undefined {
  if (token.kind !== 'word') return undefined;
  if (token.upper === 'WITH' && after.kind === 'symbol' && after.text === '(') {
    return { code: 'hint', message: 'table hints (WITH (…)) are not allowed; remove them' };
  }
  return REFUSALS.get(token.upper);
}

/** Table hints, which SQL Server accepts in parentheses after a table. */
export const HINT_WORDS: ReadonlySet<string> = new Set(
  'NOLOCK READUNCOMMITTED READCOMMITTED READPAST REPEATABLEREAD SERIALIZABLE HOLDLOCK UPDLOCK XLOCK TABLOCK TABLOCKX PAGLOCK ROWLOCK NOWAIT SNAPSHOT FORCESEEK FORCESCAN INDEX NOEXPAND'.split(
    ' ',
  ),
);

/**
 * Words that T-SQL takes for an alias, but that a person or another tool reads as the start of a clause. Alone on a
 * line, `GO` even ends the batch in sqlcmd and Management Studio.
 */
export const NOT_A_BARE_ALIAS: ReadonlySet<string> = new Set([
  ...HINT_WORDS,
  ...'LIMIT OFFSET GO APPLY NATURAL HASH LOOP REMOTE USING WINDOW QUALIFY AT WITHIN THROW'.split(' '),
]);
