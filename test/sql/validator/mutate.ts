import type { PlaceholderInfo } from '../../../src/data/placeholder.js';
import { pickOf, type Pick } from './choices.js';

/** A statement with the placeholders of its question. */
export interface Case {
  sql: string;
  placeholders: Map<string, PlaceholderInfo>;
}

const HEADS = [
  'DROP TABLE x; ',
  ';',
  'USE master ',
  '-- ',
  '/* */',
  'EXEC ',
  '(',
  'WITH c AS (',
  'x ',
  '\uFEFF',
  '@',
];
const TAILS = [
  ' DROP TABLE x;',
  ';',
  ' SELECT 1;',
  '\nGO\n',
  ' -- end',
  ' /* end',
  ' x',
  " EXEC xp_cmdshell 'dir';",
  '\u0000',
  ' UNION SELECT 1;',
  ' )',
];

/** None of these is allowed anywhere in a statement. */
const INTRUDERS = [
  'UNION ALL SELECT 1',
  'EXCEPT',
  'INTO x',
  'WITH (NOLOCK)',
  'OPTION (RECOMPILE)',
  'FOR XML AUTO',
  'FOR JSON PATH',
  'HAVING COUNT(*) > 1',
  'CROSS JOIN x',
  'FULL JOIN x ON 1 = 1',
  'CROSS APPLY x',
  'RIGHT JOIN x ON 1 = 1',
  'OUTER APPLY OPENJSON(1)',
  'WITHIN GROUP (ORDER BY x)',
  'FOR SYSTEM_TIME ALL',
  'OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY',
  'AT TIME ZONE',
  'LIMIT 1',
  'WAITFOR DELAY',
  'BEGIN TRAN',
  'IS TRUE',
  '::int',
  '|| x',
  '<=> x',
  '->> x',
  'OVER (PARTITION BY x)',
  'COLLATE Latin1_General_BIN',
  'EXEC sp_who',
  'EXISTS (SELECT 1)',
  '(SELECT 1)',
  'sys.objects',
  'a.b.c.d',
  '@x',
  '@@version',
  '#x',
  '"x"',
  '0xFF',
  '-- x',
  '/* x */',
  '; DROP TABLE x',
  ';',
  'xp_cmdshell(1)',
  'OPENROWSET(1)',
  'SUSER_NAME()',
  '__ID_99__',
  '__id_1__',
  '{d 1}',
  '$x',
  '\u00A0',
  '\u0001',
  '\u0435',
  '\u200B',
  '\u202E',
  '\uFF07',
  '\u02BC',
  '\uFF1B',
  '\u2028',
  '\u3000',
  '\u0000',
  '\u007F',
  '\uD800',
  'GO',
  'PIVOT',
  'TABLESAMPLE (1 PERCENT)',
  'DELETE',
  'GRANT',
  'SHUTDOWN',
];

const LOOKALIKES: Record<string, string> = {
  a: 'а',
  e: 'е',
  o: 'о',
  p: 'р',
  c: 'с',
  x: 'х',
  s: 'ѕ',
  E: 'Е',
  S: 'Ѕ',
  K: '\u212A',
};

type Mutation = (pick: Pick, one: Case) => Case | undefined;

/** Places between words, outside of strings. */
function gaps(sql: string): number[] {
  const blanked = sql.replace(/'(?:[^']|'')*'/g, (text) => 'x'.repeat(text.length));
  return [...blanked.matchAll(/ /g)].map((match) => match.index);
}

function replaceOne(
  pick: Pick,
  sql: string,
  pattern: RegExp,
  by: (match: RegExpExecArray) => string,
): string | undefined {
  const found = [...sql.matchAll(pattern)];
  if (found.length === 0) return undefined;
  const match = pickOf(pick, found);
  return sql.slice(0, match.index) + by(match as RegExpExecArray) + sql.slice(match.index + match[0].length);
}

const onText =
  (change: (pick: Pick, sql: string) => string | undefined): Mutation =>
  (pick, { sql, placeholders }) => {
    const changed = change(pick, sql);
    return changed === undefined || changed === sql ? undefined : { sql: changed, placeholders };
  };

/** Replaces one placeholder everywhere by a literal of the wrong type, and removes it from the map. */
const standsFor =
  (prefix: string, literal: string): Mutation =>
  (pick, { sql, placeholders }) => {
    const names = [...placeholders.keys()].filter((name) => name.startsWith(`__${prefix}_`));
    if (names.length === 0) return undefined;
    const name = pickOf(pick, names);
    const fewer = new Map(placeholders);
    fewer.delete(name);
    return { sql: sql.replaceAll(name, literal), placeholders: fewer };
  };

/** Each turns an accepted statement into one that must be refused; undefined if it does not apply. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'something before it': onText((pick, sql) => pickOf(pick, HEADS) + sql),
  'something after it': onText((pick, sql) => sql + pickOf(pick, TAILS)),
  'no semicolon': onText((_, sql) => sql.slice(0, -1)),
  'cut short': onText((pick, sql) => sql.slice(0, pick(sql.length))),
  'an intruder between two words': onText((pick, sql) => {
    const places = gaps(sql);
    const at = pickOf(pick, places);
    return `${sql.slice(0, at)} ${pickOf(pick, INTRUDERS)} ${sql.slice(at + 1)}`;
  }),
  'a look-alike letter': onText((pick, sql) =>
    replaceOne(pick, sql, /\b(?:SELECT|FROM|WHERE|AS|t\d|DATEADD|COUNT|CASE)\b/g, ([word]) => {
      const letters = [...word].filter((letter) => LOOKALIKES[letter]);
      return letters.length === 0 ? word : word.replace(letters[0]!, LOOKALIKES[letters[0]!]!);
    }),
  ),
  'a column that does not exist': onText((pick, sql) =>
    replaceOne(pick, sql, /\b(t\d)\.(\w+)/g, ([, table]) => `${table}.no_such_column`),
  ),
  'an alias that is not bound': onText((pick, sql) => replaceOne(pick, sql, /\bt\d\.(?=\w)/g, () => 't9.')),
  'a table that does not exist': onText((pick, sql) =>
    replaceOne(
      pick,
      sql,
      /\b(FROM|JOIN) (?:dbo\.)?(?:\w+|\[[^\]]+\])/g,
      ([, word]) => `${word} no_such_table`,
    ),
  ),
  'another database': onText((pick, sql) =>
    replaceOne(pick, sql, /\b(FROM|JOIN) /g, ([word]) => `${word}master..`),
  ),
  'another schema': onText((pick, sql) =>
    replaceOne(pick, sql, /\b(FROM|JOIN) (dbo\.)?/g, ([, word]) => `${word} sys.`),
  ),
  'a function that is not allowed': onText((pick, sql) =>
    replaceOne(pick, sql, /\b(?:COUNT|SUM|AVG|MIN|MAX|UPPER|YEAR|ABS|DATEADD)\(/g, () => 'HASHBYTES('),
  ),
  'a placeholder in quotes': onText((pick, sql) =>
    replaceOne(pick, sql, /__[A-Z]+_\d+__/g, ([name]) => `'${name}'`),
  ),
  'a placeholder in lower case': onText((pick, sql) =>
    replaceOne(pick, sql, /__[A-Z]+_\d+__/g, ([name]) => name.toLowerCase()),
  ),
  'a placeholder of another number': onText((pick, sql) =>
    replaceOne(pick, sql, /__([A-Z]+)_\d+__/g, ([, prefix]) => `__${prefix}_42__`),
  ),
  'a placeholder cut off': onText((pick, sql) =>
    replaceOne(pick, sql, /__[A-Z]+_\d+__/g, ([name]) => name.slice(0, -1)),
  ),
  'a placeholder twice as long': onText((pick, sql) =>
    replaceOne(pick, sql, /__[A-Z]+_\d+__/g, ([name]) => name + name),
  ),
  'a line break and GO': onText((pick, sql) => {
    const at = pickOf(pick, gaps(sql));
    return `${sql.slice(0, at)}\nGO\n${sql.slice(at + 1)}`;
  }),
  'an aggregate in WHERE': onText((pick, sql) =>
    replaceOne(pick, sql, / WHERE /g, () => ' WHERE COUNT(*) > 1 OR '),
  ),
  'an aggregate in an aggregate': onText((pick, sql) =>
    replaceOne(pick, sql, /\bSUM\(/g, () => 'SUM(COUNT(*) + '),
  ),
  'an order by a column that is not there': onText((_, sql) =>
    sql.includes(' ORDER BY ') ? undefined : `${sql.slice(0, -1)} ORDER BY 99;`,
  ),
  'one name for two tables': onText((pick, sql) => replaceOne(pick, sql, /\bt1 ON\b/g, () => 't0 ON')),
  'a second table after a comma': onText((pick, sql) =>
    replaceOne(
      pick,
      sql,
      /\bFROM (?:dbo\.)?(?:\w+|\[[^\]]+\])(?: AS)? t0\b/g,
      ([text]) => `${text}, ${text.slice(5)}x`,
    ),
  ),
  'a number beside a date': standsFor('DATE', '7'),
  'a word beside a number': standsFor('NUM', "'seven'"),
  'a value of the question dropped': (_, { sql, placeholders }) => {
    const more = new Map(placeholders);
    more.set('__TEXT_16__', { name: '__TEXT_16__', kind: 'quoted', type: 'varchar' });
    return { sql, placeholders: more };
  },
  'a value that the question does not hold': (pick, { sql, placeholders }) => {
    if (placeholders.size === 0) return undefined;
    const fewer = new Map(placeholders);
    fewer.delete(pickOf(pick, [...fewer.keys()]));
    return { sql, placeholders: fewer };
  },
};

/** Damages a text at random: the result may still be allowed. */
export function scramble(pick: Pick, sql: string): string {
  let text = sql;
  for (let times = 1 + pick(3); times > 0; times--) {
    const tokens = text.match(/__\w+__|\w+|'(?:[^']|'')*'|\s+|[^\w\s]/g) ?? [''];
    const at = pick(tokens.length);
    switch (pick(6)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, ' ', tokens[pick(tokens.length)]!, ' ');
        break;
      case 2: {
        const other = pick(tokens.length);
        [tokens[at], tokens[other]] = [tokens[other]!, tokens[at]!];
        break;
      }
      case 3:
        tokens.splice(at, 0, ' ', pickOf(pick, INTRUDERS), ' ');
        break;
      case 4:
        tokens.splice(at, 0, String.fromCharCode(32 + pick(95)));
        break;
      default:
        tokens[at] = pickOf(pick, [
          ...'();,.=<>+-*/%',
          'AND',
          'OR',
          'NOT',
          'NULL',
          'IN',
          'CASE',
          'END',
          'AS',
          'ON',
          '1',
          "''",
        ]);
    }
    text = tokens.join('');
  }
  return text;
}
