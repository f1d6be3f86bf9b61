import { askForTime } from './asks.js';
import { comparisonBefore, tokenAfter, whatFollows, wordBefore } from './context.js';
import { readNumberWords } from './number-reading.js';
import { matchAt } from './text.js';
import { amount, kindOfStructure } from './thresholds.js';
import type { Found, Match, Scan } from './types.js';
import { TIME_UNITS } from './words.js';

/** A unit as a whole number of smaller ones. */
const SMALLER: Readonly<Record<string, readonly [number, string]>> = {
  fortnight: [14, 'days'],
  decade: [10, 'years'],
  century: [100, 'years'],
};
/** The unit that half of a unit is a whole number of. Half a month is no whole number of days. */
const HALVED: Readonly<Record<string, readonly [number, string]>> = {
  decade: [5, 'years'],
  year: [6, 'months'],
  yr: [6, 'months'],
  week: [84, 'hours'],
  day: [12, 'hours'],
  hour: [30, 'minutes'],
  hr: [30, 'minutes'],
  minute: [30, 'seconds'],
};
const DIGITS = /(\d{1,4})(?:\.(5)0*(?!\d)|[ ]?(½)|[ ](1\/2)(?![\d/]))?(?![\d.,/:][\d]|\d)/y;
const AND_A_HALF = /[ ]and[ ]a[ ]half/iy;

/**
 * Spans of time that need another unit: `two and a half years` is 30 months, `a fortnight` 14 days, `two decades` 20
 * years. The question then reads `30 months`, both taken out as one value.
 */
export function matchSpan(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const token = tokens[i]!;
  const { word, start } = token;
  if (word === 'couple') return couple(scan, i);
  if (word === 'half') return halfOfUnit(scan, i);
  if (word === 'fortnight' || word === 'decade' || word === 'century') return wholeUnit(scan, i);
  let number: { value: number; end: number; next: number } | undefined;
  let isHalf = false;
  if (token.digits > 0) {
    const digits = matchAt(DIGITS, text, start);
    if (digits === null) return undefined;
    const end = start + digits[0].length;
    let next = i;
    while (next < tokens.length && tokens[next]!.start < end) next++;
    number = { value: Number(digits[1]), end, next };
    isHalf = digits[0] !== digits[1];
    if (tokens[next - 1]!.end > end) return undefined;
  } else if (word === '½') {
    number = { value: 0, end: token.end, next: i + 1 };
    isHalf = true;
  } else number = readNumberWords(scan, i);
  if (number === undefined) return undefined;
  let { end, next } = number;
  const half = isHalf ? null : matchAt(AND_A_HALF, text, end);
  if (half !== null) {
    isHalf = true;
    end += half[0].length;
    while (next < tokens.length && tokens[next]!.start < end) next++;
  }
  const unit = tokenAfter(scan, end, next);
  if (unit === undefined) return undefined;
  const one = singular(unit.word);
  const smaller = SMALLER[one];
  if (!isHalf) {
    return smaller === undefined
      ? undefined
      : span(scan, i, unit.end, number.value * smaller[0], smaller[1], next);
  }
  const halved = HALVED[one];
  if (halved === undefined) {
    if (!TIME_UNITS.has(unit.word)) return undefined;
    return single(askForTime(start, unit.end, text, 'which is no whole number of a smaller unit; write one'));
  }
  // `longer than 2.5 days` compares lengths, which may have a fraction; a moment is a whole number of units away.
  const isDecimal = text[number.end - 2] === '.' || /\.5/.test(text.slice(start, number.end));
  if (isDecimal && !isMoment(scan, i, number.end, next)) return undefined;
  return span(scan, i, unit.end, (2 * number.value + 1) * halved[0], halved[1], next);
}

function isMoment(scan: Scan, i: number, end: number, next: number): boolean {
  return (
    whatFollows(scan, end, next) === 'ago' ||
    /^(?:last|past|next|previous|prior|first)$/.test(wordBefore(scan, i))
  );
}

function singular(word: string): string {
  return word === 'centuries' ? 'century' : word.replace(/s$/, '');
}

function span(
  scan: Scan,
  i: number,
  end: number,
  value: number,
  unit: string,
  next: number,
  from?: number,
): Found {
  const { text, tokens } = scan;
  const start = from ?? tokens[i]!.start;
  const digits = String(value);
  const unitAt = tokens[next]!;
  const after = whatFollows(scan, unitAt.start - 1, next);
  const surroundings = {
    digits,
    end,
    before: wordBefore(scan, i),
    after: after === 'none' ? ('time' as const) : after,
    comparison: comparisonBefore(scan, i),
  };
  const kind = kindOfStructure(scan, i, surroundings) ?? 'threshold';
  return single({ ...amount(start, text.slice(start, end), digits, false), kind, after: ` ${unit}` });
}

/** `last fortnight`, `a decade ago`, `the last century`: one of a unit. */
function wholeUnit(scan: Scan, i: number): Found | undefined {
  const { tokens } = scan;
  const { word, end } = tokens[i]!;
  const before = wordBefore(scan, i);
  const [value, unit] = SMALLER[word]!;
  const hasArticle = before === 'a' || before === 'one';
  if (!hasArticle && !/^(?:last|past|previous|next)$/.test(before)) return undefined;
  if (word === 'century' && !hasArticle) return undefined;
  const start = hasArticle ? tokens[i - 1]!.start : tokens[i]!.start;
  const found = span(scan, hasArticle ? i - 1 : i, end, value, unit, i, start);
  const isLast = word === 'decade' && !hasArticle;
  const note = { code: 'loose-amount', message: `was read as ${value} ${unit} up to now` } as const;
  return isLast ? { ...found, matches: found.matches.map((match) => ({ ...match, notes: [note] })) } : found;
}

const HALF = /half[ -](?:an?[ -])?([a-z]+)/iy;

/** `half a year ago`, `the last half year`, `half an hour`; `a year and a half`. */
function halfOfUnit(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start, end } = tokens[i]!;
  const back = tokens[i - 3];
  if (wordBefore(scan, i) === 'a' && tokens[i - 2]?.word === 'and' && back !== undefined) {
    const halved = HALVED[singular(back.word)];
    const article = tokens[i - 4];
    if (halved === undefined || article === undefined || !/^(?:an?|one)$/.test(article.word))
      return undefined;
    if (article.start < scan.from) return undefined;
    const next = tokenAfter(scan, end, i + 1);
    const kind =
      next?.word === 'ago' || /^(?:last|past)$/.test(wordBefore(scan, i - 4)) ? 'count' : 'threshold';
    const spelled = text.slice(article.start, end);
    const digits = String(3 * halved[0]);
    return single({ ...amount(article.start, spelled, digits, false), kind, after: ` ${halved[1]}` });
  }
  const match = matchAt(HALF, text, start);
  const halved = match === null ? undefined : HALVED[match[1]!.toLowerCase()];
  if (match === null || halved === undefined) return undefined;
  const unitEnd = start + match[0].length;
  let next = i;
  while (tokens[next]!.end < unitEnd) next++;
  // `the first half year of 2019`
  if (/^(?:first|second|other|latter)$/.test(wordBefore(scan, i))) return undefined;
  return span(scan, i, unitEnd, halved[0], halved[1], next);
}

const COUPLE = /couple[ ](?:of[ ])?([a-z]+)/iy;
const TWO = { code: 'loose-amount', message: 'was read as 2' } as const;

/** `a couple of months ago`, `the last couple of weeks`: two, with a note. */
function couple(scan: Scan, i: number): Found | undefined {
  const { text, tokens } = scan;
  const { start } = tokens[i]!;
  const match = matchAt(COUPLE, text, start);
  if (match === null || !TIME_UNITS.has(match[1]!.toLowerCase())) return undefined;
  const unitStart = start + match[0].length - match[1]!.length;
  let next = i;
  while (tokens[next]!.start < unitStart) next++;
  const hasArticle = wordBefore(scan, i) === 'a' && tokens[i - 1]!.start >= scan.from;
  const first = hasArticle ? i - 1 : i;
  const from = tokens[first]!.start;
  const smaller = SMALLER[singular(match[1]!.toLowerCase())];
  const [times, unit] = smaller ?? [1, undefined];
  const end = unit === undefined ? unitStart - 1 : unitStart + match[1]!.length;
  const found = span(scan, first, end, 2 * times, unit ?? '', next, from);
  const value: Match = {
    ...found.matches[0]!,
    notes: [TWO],
    after: unit === undefined ? undefined : ` ${unit}`,
  };
  return { matches: [value], end };
}

function single(match: Match): Found {
  return { matches: [match], end: match.end };
}
