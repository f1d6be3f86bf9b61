import { isDay, isoDay, isYear } from './calendar.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';

const DAYS =
  /(\d{1,2})\/(\d{1,2})([ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ])(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/y;

/** `3/1–3/15/2024`: both days take the year of the second. */
export function matchDayRange(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, end } = scan.tokens[i]!;
  if (end - start > 2 || text[end] !== '/') return undefined;
  const range = matchAt(DAYS, text, start);
  if (range === null) return undefined;
  const [whole, a = '', b = '', sign = '', c = '', d = '', digits = ''] = range;
  const stop = start + whole.length;
  const year = Number(digits);
  if (!isYear(year) || !endsClean(text, stop)) return undefined;
  // Both days are read in one order, the one that gives two days in order if only one does.
  const preferred = scan.dateOrder ?? 'mdy';
  for (const order of preferred === 'mdy' ? (['mdy', 'dmy'] as const) : (['dmy', 'mdy'] as const)) {
    const first = dayOf(year, a, b, order);
    const last = dayOf(year, c, d, order);
    if (first === undefined || last === undefined || first > last) continue;
    const firstEnd = start + a.length + 1 + b.length;
    const lastStart = firstEnd + sign.length;
    const isClear = [a, c].some((n) => Number(n) > 12) || [b, d].some((n) => Number(n) > 12);
    const notes = isClear ? undefined : [AMBIGUOUS[order]];
    return { matches: [day(start, firstEnd, first, notes), day(lastStart, stop, last, notes)], end: stop };
  }
  return undefined;
}

const READ = 'can be read in two ways and was read as';
const ADVICE = 'to choose, set the date order to mdy or dmy (--date-order)';
const AMBIGUOUS = {
  mdy: { code: 'ambiguous-date', message: `${READ} month/day/year; ${ADVICE}` },
  dmy: { code: 'ambiguous-date', message: `${READ} day/month/year; ${ADVICE}` },
} as const;

function dayOf(year: number, first: string, second: string, order: 'mdy' | 'dmy'): string | undefined {
  const [month, day] = order === 'mdy' ? [Number(first), Number(second)] : [Number(second), Number(first)];
  return isDay(year, month, day) ? isoDay(year, month, day) : undefined;
}

function day(start: number, end: number, value: string, notes: Match['notes']): Match {
  return { start, end, prefix: 'DATE', kind: 'date', type: 'date', value, notes };
}
