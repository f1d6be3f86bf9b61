import type { Match } from './types.js';

const KINDS: ReadonlySet<string> = new Set(['year', 'quarter', 'month']);
const NAMED = '(?:fiscal|financial|budget|tax|academic)[ -](?:year|yr|quarter|month)s?';
const YEAR = "(?:['’]?\\d{2,4}|q[1-4])";

/** `FY`, `fiscal years 2021, 2022 and `: everything up to a year that is one of a fiscal year. */
const BEFORE = new RegExp(
  `(?<![a-z])(?:f\\.?y\\.?e?|${NAMED}|fiscal)(?: \\d\\d?)?(?: (?:of|in|ending|ended|beginning|starting))?[ _-]?\\(?['’]?` +
    `(?:${YEAR}(?:[-–/]|,? (?:(?:and|or|to|through|until|versus|vs|&|-|–) )?)(?:f\\.?y\\.? ?)?['’]?)*$`,
  'i',
);
/** `2023 fiscal year`, `2022/23 financial year`, `Q1 2023 (fiscal)`. */
const AFTER = new RegExp(
  `^(?:(?:[-–/]|,? (?:(?:and|or|to) )?)${YEAR})* \\(?(?:fy(?![a-z])|${NAMED}|fiscal(?= ?(?:[?.,;)]|$)))`,
  'i',
);
const INSIDE = /f(?:y|iscal|inancial)/i;
/** The farthest that words are looked for, so that a scan stays linear. */
const REACH = 64;

/** Whether the words before a place name a fiscal year: a year may stand there. */
export function isFiscalBefore(text: string, start: number): boolean {
  return BEFORE.test(text.slice(Math.max(0, start - REACH), start));
}

/** A fiscal year need not begin in January: which months it has is asked of the person, and never assumed silently. */
export function withFiscalNote(match: Match, text: string): Match {
  if (!KINDS.has(match.kind)) return match;
  const isFiscal =
    INSIDE.test(text.slice(match.start, match.end)) ||
    isFiscalBefore(text, match.start) ||
    AFTER.test(text.slice(match.end, match.end + REACH));
  if (!isFiscal) return match;
  const message =
    'is of a fiscal year, read as if that began in January; if it does not, write its first and last day';
  return { ...match, notes: [...(match.notes ?? []), { code: 'fiscal-year', message }] };
}
