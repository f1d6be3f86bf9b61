import { askForYear } from './asks.js';
import { isDay, isoDay, isYear } from './calendar.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';

const DAYS =
  /(\d{1,2})\/(\d{1,2})([ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ])(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/y;

/** `2.5.-19.5.2108`, as it is written where the day comes first. */
const DOTTED_DAYS =
  /(\d{1,2})\.(\d{1,2})\.([ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/y;

const SHORT_DAYS =
  /(\d{1,2})\/(\d{1,2})([ ]?[-–—][ ]?|[ ](?:to|through|until|and)[ ])(\d{1,2})\/(\d{1,2})(?![\d/])/y;
const LEAP_YEAR = 2024;

const DAY_LIST =
  /\d{1,2}\/\d{1,2}(?:(?:,[ ]?(?:and[ ]|or[ ])?|[ ](?:and|or)[ ])\d{1,2}\/\d{1,2}){1,8}(?![\d/])/y;

/** `5/3, 5/9 and 5/12`, `on 5/3, 5/9`: days without a year. Two alone may be fractions. */
function listOfDays(text: string, start: number): Found | undefined {
  const list = matchAt(DAY_LIST, text, start);
  if (list === null || !endsClean(text, start + list[0].length)) return undefined;
  const days = [...list[0].matchAll(/(\d{1,2})\/(\d{1,2})/g)];
  const areDays = (['mdy', 'dmy'] as const).some((order) =>
    days.every(([, first = '', second = '']) => dayOf(LEAP_YEAR, first, second, order) !== undefined),
  );
  const isPlaced =
    days.length > 2 || /\b(?:on|since|until|before|after) $/i.test(text.slice(Math.max(0, start - 7), start));
  if (!areDays || !isPlaced) return undefined;
  const matches = days.map(({ 0: day, index }) =>
    askForYear(start + index, start + index + day.length, text),
  );
  return { matches, end: start + list[0].length };
}

/** `5/3 to 5/9`: two days without a year. `120/80 to 140/90` has no days, and `1/2 and 1/4` may be fractions. */
function daysWithoutYear({ text }: Scan, start: number): Found | undefined {
  const several = listOfDays(text, start);
  if (several !== undefined) return several;
  const range = matchAt(SHORT_DAYS, text, start);
  if (range === null) return undefined;
  const [whole, a = '', b = '', sign = '', c = '', d = ''] = range;
  const stop = start + whole.length;
  const arePlaced = /\b(?:from|between|during|in|on|since|stays?|visits?|admissions?|dates?) $/i.test(
    text.slice(Math.max(0, start - 12), start),
  );
  if (!endsClean(text, stop) || (sign === ' and ' && !arePlaced)) return undefined;
  const areDays = (['mdy', 'dmy'] as const).some((order) => {
    const [first, last] = [dayOf(LEAP_YEAR, a, b, order), dayOf(LEAP_YEAR, c, d, order)];
    return first !== undefined && last !== undefined && (arePlaced || first < last);
  });
  const firstEnd = start + a.length + 1 + b.length;
  return areDays
    ? {
        matches: [askForYear(start, firstEnd, text), askForYear(firstEnd + sign.length, stop, text)],
        end: stop,
      }
    : undefined;
}

/** `3/1–3/15/2024`, `1.3.–15.3.2024`: both days take the year of the second. */
export function matchDayRange(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, end } = scan.tokens[i]!;
  const isDotted = text[end] === '.';
  if (end - start > 2 || !(isDotted || text[end] === '/')) return undefined;
  const range = matchAt(isDotted ? DOTTED_DAYS : DAYS, text, start);
  if (range === null) return isDotted ? undefined : daysWithoutYear(scan, start);
  const [whole, a = '', b = '', sign = '', c = '', d = '', digits = ''] = range;
  const stop = start + whole.length;
  const year = Number(digits);
  const firstEnd = start + a.length + 1 + b.length + (isDotted ? 1 : 0);
  const lastStart = firstEnd + sign.length;
  if (!isYear(year) || !endsClean(text, stop)) return undefined;
  // Both days are read in one order, the one that gives two days in order if only one does.
  const preferred = scan.dateOrder ?? (isDotted ? 'dmy' : 'mdy');
  for (const order of preferred === 'mdy' ? (['mdy', 'dmy'] as const) : (['dmy', 'mdy'] as const)) {
    const first = dayOf(year, a, b, order);
    const last = dayOf(year, c, d, order);
    if (first === undefined || last === undefined || first > last) continue;
    const isClear = [a, c].some((n) => Number(n) > 12) || [b, d].some((n) => Number(n) > 12);
    const notes = isClear ? undefined : [AMBIGUOUS[order]];
    return { matches: [day(start, firstEnd, first, notes), day(lastStart, stop, last, notes)], end: stop };
  }
  // `12/30–1/2/2022` begins in a year that it does not name. The second day is read as any other.
  const isDayOfSome = (['mdy', 'dmy'] as const).some((order) => dayOf(year, a, b, order) !== undefined);
  if (!isDayOfSome) return undefined;
  const asked = askForYear(start, firstEnd, text);
  const last = isDotted ? dayOf(year, c, d, preferred) : undefined;
  if (last === undefined) return { matches: [asked], end: firstEnd };
  const notes = Number(c) > 12 ? undefined : [AMBIGUOUS[preferred]];
  return { matches: [asked, day(lastStart, stop, last, notes)], end: stop };
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
