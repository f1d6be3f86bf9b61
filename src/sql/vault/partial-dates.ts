import { ask, askForYear } from './asks.js';
import { isDay, isUsualYear, isoDay, isYear } from './calendar.js';
import { tokenAfter, whatFollows, wordBefore } from './context.js';
import { standsAlone } from './day-lists.js';
import { endsClean, matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';
import { DATE_WORDS } from './words.js';

const LEAP_YEAR = 2024;
const DAY_AND_MONTH = /(\d{1,2})\/(\d{1,2})(?![\d/.])/y;
const DASHED = /(\d{1,2})[-\u2010\u2011](\d{1,2})(?![\d/.-])/y;
const DASHED_PAIR = /\d{1,2}[-\u2010\u2011]\d{1,2}[ ]and[ ]\d{1,2}[-\u2010\u2011]\d{1,2}(?![\d/.-])/y;
const DOTTED = /(\d{1,2})\.(\d{1,2})\.(?=[ ?,;]|$)/y;

const BEFORE_DAY = new Set('on in during since before after until till from by through between'.split(' '));
/** `labs drawn 3/17`: what happened on a day. What is given or taken may also be `1/2`. */
const HAPPENED =
  /^(?:admitted|discharged|drawn|collected|resulted|seen|born|died|performed|dated|visited|issued|filled|started|ended|occurred|arrived|signed)$/;
/** Nothing but a time follows these. `before 2-3 visits` counts visits. */
const BEFORE_TIME = /^(?:on|since|before|after|until|till)$/;
const MONTH_PLACE = /^(?:in|during|since|before|after|until|till|from|by|through)$/;
const DAY_OR_MONTH =
  'may be a day without a year, or a month with a two-digit year; write the year with four digits';

/** `on 3/5`, `since 3-15`, `on 3.4.`, `the week of 3/4`. Elsewhere it may be a ratio, a fraction or a range. */
export function dayWithoutYear(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, end: afterFirst } = scan.tokens[i]!;
  if (afterFirst - start > 2) return undefined;
  const before = wordBefore(scan, i);
  const sign = text[afterFirst];
  if (sign !== '/') return sign === '.' ? dottedDay(scan, i, before) : dashedDay(scan, i, before);
  const isWeekOf = before === 'of' && wordBefore(scan, i - 1) === 'week';
  const isPlaced = BEFORE_DAY.has(before) || HAPPENED.test(before) || isWeekOf;
  const parts = isPlaced ? matchAt(DAY_AND_MONTH, text, start) : null;
  if (parts === null) return undefined;
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  const end = start + parts[0].length;
  const after = tokenAfter(scan, end, i + 2)?.word;
  if (after === 'of' || after === 'tsp' || after === 'tablet') return undefined;
  if (first <= 12 && second > 12 && MONTH_PLACE.test(before) && endsClean(text, end))
    return one(ask('incomplete-date', start, end, text, DAY_OR_MONTH));
  if (!isDayOfSome(parts) || !endsClean(text, end) || whatFollows(scan, end, i + 2) !== 'none')
    return undefined;
  return one(askForYear(start, end, text));
}

function dashedDay(scan: Scan, i: number, before: string): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const isPair =
    (before === 'between' && matchAt(DASHED_PAIR, text, start) !== null) ||
    (before === 'and' && /between \d{1,2}-\d{1,2} and $/.test(text.slice(Math.max(0, start - 20), start)));
  const day = isPair || BEFORE_TIME.test(before) ? matchAt(DASHED, text, start) : null;
  if (day === null || !isDayOfSome(day)) return undefined;
  const end = start + day[0].length;
  const isAlone = whatFollows(scan, end, i + 2) === 'none' && standsAlone(scan, i + 2, end);
  return isAlone && endsClean(text, end) ? one(askForYear(start, end, text)) : undefined;
}

/** At the end of a question, the second dot may also be the full stop. */
function dottedDay(scan: Scan, i: number, before: string): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const day = BEFORE_TIME.test(before) || before === 'from' ? matchAt(DOTTED, text, start) : null;
  if (day === null || !isDayOfSome(day)) return undefined;
  const end = start + day[0].length;
  const isCertain = before === 'on' || before === 'since' || before === 'until' || before === 'till';
  return end < text.length || isCertain ? one(askForYear(start, end, text)) : undefined;
}

function isDayOfSome([, first, second]: RegExpExecArray): boolean {
  const [a, b] = [Number(first), Number(second)];
  return isDay(LEAP_YEAR, a, b) || isDay(LEAP_YEAR, b, a);
}

const YEAR_AND_PAIR = /(\d{4})(?:-\d{1,2}\/|\/\d{1,2}-)\d{1,2}(?!\d)/y;
const PAIR_AND_YEAR = /\d{1,2}(?:-\d{1,2}\/|\/\d{1,2}-)(\d{4})(?!\d)/y;
const DAY_AND_ANOTHER = /(\d{4})(?:-\d{1,2}-\d{1,2}\/|\/\d{1,2}\/\d{1,2}-)\d{1,2}(?!\d)/y;
const THREE = /\d{1,2}([-/.])\d{1,2}\1\d(?!\d)/y;
const TWO_COMPACT = /(\d{4})(\d{2})(\d{2})[-–](\d{4})(\d{2})(\d{2})(?!\d)/y;
const SEVERAL_WAYS = 'can be read as a date in several ways; write the whole date';

/** `2021-04/05`, `3-5/2021`, `2021-04-05/09`, `on 5/6/7`: a date, but which one is not clear. */
export function unclearDate(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start, end: afterFirst } = scan.tokens[i]!;
  if (afterFirst - start === 8) return twoCompactDays(scan, i);
  const match =
    matchAt(YEAR_AND_PAIR, text, start) ??
    matchAt(PAIR_AND_YEAR, text, start) ??
    matchAt(DAY_AND_ANOTHER, text, start);
  const isDated = match !== null && isUsualYear(Number(match[1]));
  const whole = isDated ? match : BEFORE_TIME.test(wordBefore(scan, i)) ? matchAt(THREE, text, start) : null;
  if (whole === null) return undefined;
  const end = start + whole[0].length;
  return endsClean(text, end) ? one(ask('incomplete-date', start, end, text, SEVERAL_WAYS)) : undefined;
}

/** `from 20210405-20210409` */
function twoCompactDays(scan: Scan, i: number): Found | undefined {
  const { text } = scan;
  const { start } = scan.tokens[i]!;
  const days = DATE_WORDS.has(wordBefore(scan, i)) ? matchAt(TWO_COMPACT, text, start) : null;
  if (days === null || !endsClean(text, start + 17)) return undefined;
  const [y1, m1, d1, y2, m2, d2] = days.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isYear(y1) || !isYear(y2) || !isDay(y1, m1, d1) || !isDay(y2, m2, d2)) return undefined;
  const day = (at: number, value: string): Match => ({
    start: at,
    end: at + 8,
    prefix: 'DATE',
    kind: 'date',
    type: 'date',
    value,
  });
  return { matches: [day(start, isoDay(y1, m1, d1)), day(start + 9, isoDay(y2, m2, d2))], end: start + 17 };
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}
