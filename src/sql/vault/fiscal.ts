import type { Match } from './types.js';

const KINDS: ReadonlySet<string> = new Set(['year', 'quarter', 'month']);
const NAMED = '(?:fiscal|financial|budget|tax|academic)[ -](?:year|yr|quarter|month)s?';
const YEAR = "(?:['’]?\\d{2,4}|q[1-4])";

/** `FY`, `fiscal years 2021, 2022 and `: everything up to a year that belongs to a fiscal year. */
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
/** What every text with a fiscal year has. */
const MAY_BE = /f\.?y|fiscal|financial|budget|tax|academic/i;
const INSIDE = /f(?:y|iscal|inancial)/i;
/** How far to search around a year. The bound keeps a scan linear. */
const REACH = 64;

/** Whether the words before `start` announce a fiscal year. */
export function isFiscalBefore(text: string, start: number): boolean {
  return BEFORE.test(text.slice(Math.max(0, start - REACH), start));
}

/** Adds a note to a period of a fiscal year, because fiscal years need not begin in January. */
export function withFiscalNote(match: Match, text: string): Match {
  if (!KINDS.has(match.kind) || !MAY_BE.test(text)) return match;
  const isFiscal =
    INSIDE.test(text.slice(match.start, match.end)) ||
    isFiscalBefore(text, match.start) ||
    AFTER.test(text.slice(match.end, match.end + REACH));
  if (!isFiscal) return match;
  const message =
    'belongs to a fiscal year, which was read as starting in January; if it does not, write its first and last day';
  return { ...match, notes: [...(match.notes ?? []), { code: 'fiscal-year', message }] };
}
