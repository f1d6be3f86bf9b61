import { askForTime } from './asks.js';
import { fullYear, isYear } from './calendar.js';
import { wordBefore } from './context.js';
import { DECADE_NAMES, NUMBER_NAMES } from './number-names.js';
import { matchAt } from './text.js';
import type { Found, Match, Scan } from './types.js';

type Notes = NonNullable<Match['notes']>;

const TEN_YEARS = { code: 'decade', message: 'is a decade and was read as its ten years' } as const;
const SHORT = { code: 'two-digit-year', message: 'has a two-digit year, read as 1950 to 2049' } as const;

interface Decade {
  start: number;
  end: number;
  first: number;
  /** Written without its century, and without an apostrophe: `the 80s` may also be ages, or values. */
  isDoubtful: boolean;
  isShort: boolean;
}

const LONG = /((?:1[89]|2[0-2])\d0)['’]?s(?![0-9A-Za-z])/y;
const CUT = /(\d0)['’]?s(?![0-9A-Za-z])/y;

/**
 * A decade is its ten years: `in the 1980s` gives both ends, and the question reads `from 1980 to 1989`. Beside `since`,
 * `before`, `after` and the like only the end that counts is used. `The '80s` and `the eighties` take the century that a
 * two-digit year would have.
 */
export function matchDecade(scan: Scan, i: number): Found | undefined {
  const decade = readDecade(scan, i);
  if (decade === undefined) return cutYear(scan, i);
  return decadeAt(scan, i, decade);
}

const CUT_YEARS = /(\d{2})([ ]?[-–][ ]?)['’‘]?(\d{2})(?![0-9A-Za-z'’‘"”,.:/-])/y;
const CUT_YEAR = /(\d{2})(?![0-9A-Za-z'’‘"”,.:/-])|(\d{2})(?=[,.](?:\s|$))/y;
const YEAR_PLACE = /^(?:in|since|before|after|during|until|till|from|through|of|and|to)$/;

/** `since '21`: a year without its century. */
function cutYear(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { kind, start } = tokens[i]!;
  if (kind !== 'quote' || !/['’‘]/.test(text[start]!)) return undefined;
  if (!YEAR_PLACE.test(wordBefore(scan, i))) return cutYears(scan, i);
  const cut = matchAt(CUT_YEAR, text, start + 1);
  if (cut === null) return cutYears(scan, i);
  const value = fullYear(Number(cut[1] ?? cut[2]));
  return one({ ...year(start, start + 3, value), notes: [SHORT] });
}

/** `'21-'23` */
function cutYears({ text, tokens }: Scan, i: number): Found | undefined {
  const { start } = tokens[i]!;
  const years = matchAt(CUT_YEARS, text, start + 1);
  if (years === null) return undefined;
  const [whole, from = '', , to = ''] = years;
  const [first, last] = [fullYear(Number(from)), fullYear(Number(to))];
  if (first >= last) return undefined;
  const end = start + 1 + whole.length;
  const hasSign = /['’‘]/.test(text[end - 3]!);
  const opening = { ...year(start, start + 3, first), notes: [SHORT] };
  return { matches: [opening, { ...year(end - (hasSign ? 3 : 2), end, last), notes: [SHORT] }], end };
}

function readDecade(scan: Scan, i: number): Decade | undefined {
  const { text, tokens } = scan;
  const { kind, start, end, word } = tokens[i]!;
  if (kind === 'quote') {
    const cut = /['’‘]/.test(text[start]!) ? matchAt(CUT, text, start + 1) : null;
    return cut === null
      ? undefined
      : {
          start,
          end: start + 1 + cut[0].length,
          first: fullYear(Number(cut[1])),
          isDoubtful: false,
          isShort: true,
        };
  }
  if (kind === 'word') return namedDecade(scan, i);
  const hasS = word.endsWith('s') || text[end] === "'" || text[end] === '’';
  if (!hasS) return undefined;
  const long = matchAt(LONG, text, start);
  if (long !== null) {
    const first = Number(long[1]);
    return { start, end: start + long[0].length, first, isDoubtful: false, isShort: false };
  }
  const cut = matchAt(CUT, text, start);
  if (cut === null) return undefined;
  return {
    start,
    end: start + cut[0].length,
    first: fullYear(Number(cut[1])),
    isDoubtful: true,
    isShort: true,
  };
}

/** `eighties`, `nineteen eighties` */
function namedDecade({ text, tokens }: Scan, i: number): Decade | undefined {
  const { start, end, word } = tokens[i]!;
  const own = DECADE_NAMES.get(word);
  if (own !== undefined) return { start, end, first: fullYear(own), isDoubtful: true, isShort: true };
  const century = NUMBER_NAMES.get(word);
  if (century === undefined) return undefined;
  const next = tokens[i + 1];
  const tens = next === undefined ? undefined : DECADE_NAMES.get(next.word);
  if (tens === undefined || next!.start !== end + 1) return undefined;
  const first = century * 100 + tens;
  return isYear(first) && /[ -]/.test(text[end]!)
    ? { start, end: next!.end, first, isDoubtful: false, isShort: false }
    : undefined;
}

/** Words before `the 80s` after which they are years. */
const OF_EVENTS =
  /(?:^|[^g])ed$|^(?:born|died|done|seen|given|taken|births?|deaths?|visits?|admissions?|encounters?|stays?|claims?|procedures?|surger(?:y|ies)|diagnos[ei]s|prescriptions?|hospitali[sz]ations?|discharges?|birth|date|dates|year|years)$/;
const IN = /^(?:in|during|within|throughout|over|of)$/;
const FROM = /^(?:from|between)$/;
const FIRST_YEAR = /^(?:since|before|starting|beginning|predating)$/;
const LAST_YEAR = /^(?:after|until|till|through|to|by)$/;
const RANGE_GOES_ON =
  /[ ](?:to|until|till|through|and)[ ](?:the[ ])?['’‘]?(?:\d{2}|\w+ties\b)|[ ]?[-–][ ]?['’‘]?\d{2}/y;

function decadeAt(
  scan: Scan,
  i: number,
  { start, end, first, isDoubtful, isShort }: Decade,
): Found | undefined {
  const { text, tokens } = scan;
  let from = start;
  let at = i;
  /** The word before, as far as it is not part of another value; the decade then begins there. */
  const previous = (): string => ((tokens[at - 1]?.start ?? -1) >= scan.from ? wordBefore(scan, at) : '');
  const take = (): void => {
    at--;
    from = tokens[at]!.start;
  };
  const hasPart = /^(?:early|mid|late|beginning|end|middle)$/.test(previous());
  if (hasPart) take();
  const hasThe = previous() === 'the';
  if (hasThe) take();
  const word = previous();
  const before = word === '' ? '' : wordBefore(scan, at - 1);
  if (isDoubtful) {
    if (!hasThe || !(IN.test(word) || FROM.test(word) || FIRST_YEAR.test(word) || LAST_YEAR.test(word)))
      return undefined;
    if (IN.test(word) && !OF_EVENTS.test(before)) {
      const advice = 'which may be years, ages or values; write the first and the last';
      return one(askForTime(start, end, text, advice));
    }
  }
  if (hasPart) {
    const advice = 'which has no exact first and last year; write both';
    return one(askForTime(hasThe ? tokens[at + 1]!.start : from, end, text, advice));
  }
  const notes: Notes = isShort ? [TEN_YEARS, SHORT] : [TEN_YEARS];
  const years = (offset: number): Match => ({ ...year(from, end, first + offset), notes });
  const isSecond = (word === 'and' || word === 'to') && isRange(scan, at - 1, word);
  const isPrior = word === 'to' && before === 'prior';
  if (isPrior || FIRST_YEAR.test(word)) return one(years(0));
  if (
    isSecond ||
    LAST_YEAR.test(word) ||
    /\d['’]?s[ ]?[-–][ ]?$/.test(text.slice(Math.max(0, from - 6), from))
  )
    return one(years(9));
  const goesOn = matchAt(RANGE_GOES_ON, text, end) !== null;
  if (FROM.test(word) && goesOn) return one(years(0));
  if (IN.test(word) || word === 'from') take();
  if (goesOn && /[-–]/.test(text[end]! + text[end + 1]!)) return one({ ...years(0), before: 'from ' });
  const opening: Match = { ...years(0), before: 'from ' };
  const closing: Match = { ...year(end, end, first + 9), before: ' to ' };
  return { matches: [opening, closing], end };
}

/** Whether the word at token `i` stands between two dates: `from 1975 to`, `between the 1980s and`. */
function isRange({ tokens }: Scan, i: number, word: string): boolean {
  const date = tokens[i - 1];
  if (date === undefined || !/\d{2}s?$|ties$/.test(date.word)) return false;
  const opening = tokens[i - 2]?.word === 'the' ? tokens[i - 3] : tokens[i - 2];
  return word === 'to' || opening?.word === 'between';
}

function year(start: number, end: number, value: number): Match {
  return { start, end, prefix: 'DATE', kind: 'year', type: 'date', value: String(value) };
}

function one(match: Match): Found {
  return { matches: [match], end: match.end };
}
