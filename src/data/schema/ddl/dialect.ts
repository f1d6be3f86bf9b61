import type { Dialect } from './tokens.js';

const DIALECT_MARKS: readonly [Dialect, RegExp][] = [
  ['mysql', /`|\bAUTO_INCREMENT\b|\bENGINE\s*=|\bINT\(\d+\)/gi],
  [
    'tsql',
    /\[\w+\]|\bIDENTITY\s*\(|^\s*GO\s*$|\bNVARCHAR\b|\b(?:NON)?CLUSTERED\b|\bDATETIME2?\b|\bUNIQUEIDENTIFIER\b|\bsp_(?:addextendedproperty|rename)\b/gim,
  ],
  [
    'postgres',
    /::|\bSERIAL\b|\bBIGSERIAL\b|\bCHARACTER VARYING\b|\bBYTEA\b|\bTIMESTAMPTZ\b|\bWITHOUT TIME ZONE\b|\bCOMMENT ON\b/gi,
  ],
];

/** A dump tells its dialect in its first lines. */
const LOOKED_AT = 1 << 21;

/** T-SQL's own strings hold descriptions, whose words and signs are no marks. */
const TEXT = /\bN'[^'\n]*'/g;

/** How often the marks of each dialect occur in the text. */
export function dialectMarks(text: string): Map<Dialect, number> {
  const start = text.slice(0, LOOKED_AT).replace(TEXT, '');
  return new Map(DIALECT_MARKS.map(([dialect, marks]) => [dialect, start.match(marks)?.length ?? 0]));
}

/** The dialect whose marks are most frequent; without any, PostgreSQL, which is closest to the standard. */
export function guessDialect(marks: ReadonlyMap<Dialect, number>, otherwise: Dialect = 'postgres'): Dialect {
  let best = otherwise;
  let most = 0;
  for (const [dialect, count] of marks) if (count > most) [best, most] = [dialect, count];
  return best;
}
