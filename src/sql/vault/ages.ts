import { wordBefore } from './context.js';
import { ANY_DASH } from './dashes.js';
import { matchAt, withPlainBlanks } from './text.js';
import { amount } from './thresholds.js';
import type { Found, Match, Scan } from './types.js';

const DECADES = 'teens twenties thirties forties fifties sixties seventies eighties nineties'.split(' ');
const NAMED = `(?:([1-9]0)['’]?s|(${DECADES.join('|')}))(?![0-9a-z])`;
const PART = '(?:(early|mid|late)(?:[- ]to[- ](mid|late))?[- ])?';
const IN_THEIR_DECADE = new RegExp(
  `in[ ](?:their|his|her|(the)|his[ ]or[ ]her|his/her)[ ]${PART}${NAMED}`,
  'iy',
);
/**
 * `in their 70s`, `in her twenties`: both ends of the ages are taken out, and the question reads `aged 70 to 79`. `In the
 * 70s` is a span of ages only after a word for it; it may also be a decade of years, or values of a measurement.
 */
export function matchAgeDecade(scan: Scan, i: number): Found | undefined {
  const { start, word } = scan.tokens[i]!;
  if (word === 'aged') return agedDecade(scan.text, start);
  if (word !== 'in') return undefined;
  const match = matchAt(IN_THEIR_DECADE, scan.text, start);
  if (match === null) return undefined;
  const [whole, the, part, to, digits, name] = match;
  const before = wordBefore(scan, i);
  const isAge = /^age[ds]?$/.test(before);
  if (the !== undefined && !isAge) return undefined;
  const decade = name ?? digits!;
  const second = part === undefined ? secondDecade(scan.text, start + whole.length, decade) : undefined;
  const spelled = whole + (second?.spelled ?? '');
  return decadeOf(start, spelled, decade, [part, to], before === 'aged' ? '' : 'aged ', second?.low);
}

const SECOND = new RegExp(`[ ](or|and|to|through)[ ](?:their[ ])?${NAMED}`, 'iy');

/** `or forties` behind `in their thirties`: the ages of both decades, which must be neighbours unless `to` joins them. */
function secondDecade(text: string, at: number, first: string): { spelled: string; low: number } | undefined {
  const match = matchAt(SECOND, text, at);
  if (match === null) return undefined;
  const [spelled, sign, digits, name] = match;
  const low = lowestOf(name ?? digits!);
  const isNext = low === lowestOf(first) + 10;
  return isNext || (/^t/i.test(sign!) && low > lowestOf(first)) ? { spelled, low } : undefined;
}

function lowestOf(decade: string): number {
  return /^\d/.test(decade) ? Number(decade) : 10 * (DECADES.indexOf(decade.toLowerCase()) + 1);
}

const AGED = new RegExp(`aged[ ](?:in[ ]the[ ])?${PART}${NAMED}`, 'iy');

/** `aged 50s` */
function agedDecade(text: string, start: number): Found | undefined {
  const match = matchAt(AGED, text, start);
  if (match === null) return undefined;
  const [whole, part, to, digits, name] = match;
  return decadeOf(start + 5, whole.slice(5), name ?? digits!, [part, to], '');
}

/** The ages that parts of a decade are read as, and those of the teens, which begin at 13. */
const PARTS: Readonly<Record<string, readonly [number, number]>> = {
  early: [0, 3],
  mid: [4, 6],
  late: [7, 9],
};
const PARTS_OF_TEENS: typeof PARTS = { early: [3, 5], mid: [5, 7], late: [7, 9] };

/** @param parts `early`, `mid` or `late`, the first and the last; undefined for all ten years */
function decadeOf(
  start: number,
  spelled: string,
  decade: string,
  [part, to]: readonly [string | undefined, string | undefined],
  before: string,
  lastDecade?: number,
): Found {
  const low = lowestOf(decade);
  const end = start + spelled.length;
  const isTeens = low === 10;
  const table = isTeens ? PARTS_OF_TEENS : PARTS;
  const first = part === undefined ? (isTeens ? 3 : 0) : table[part.toLowerCase()]![0];
  const last = part === undefined ? 9 : table[(to ?? part).toLowerCase()]![1];
  const notes = part === undefined ? undefined : [partOfDecade(first, last)];
  return {
    matches: [
      { ...amount(start, spelled, String(low + first), false), kind: 'age', before, notes },
      { ...amount(end, '', String((lastDecade ?? low) + last), false), kind: 'age', before: ' to ' },
    ],
    end,
  };
}

function partOfDecade(first: number, last: number): { code: 'age-range'; message: string } {
  return { code: 'age-range', message: `was read as the ages that end in ${first} to ${last}` };
}

const OLDEST = 130;
const RANGE_BEFORE = /\b(?:aged|ages?|(?:aged|ages?) (?:between|from)|between (?:the )?ages(?: of)?) $/i;
const RANGE_SIGN = new RegExp(String.raw`^(?: (?:to|and|through) | ?(?:-|${ANY_DASH.source}) ?)$`);
const YEARS_OLD = /^[- ]years?[- ](?:olds?\b|of age\b)/i;
const YEARS = /^[- ]years?(?:[- ](?:olds?|of age))?\b/i;
/** `or older`, `and above`: the age is compared. */
const OPEN = /^(?:\+|[ ,]*(?:or|and|&) (?:older|younger|above|below|over|under|more|less|up|down)\b)/i;

/**
 * Ages that are asked for as they are become the kind `age`, as in the records that models learn from: `aged 77`, `aged 30
 * to 39`, `between 41 and 92 years old`. An age with a comparison (`over 65`, `aged 43 or older`) is a threshold.
 *
 * @param matches in reading order
 */
export function markAges(written: string, matches: readonly Match[]): readonly Match[] {
  const question = withPlainBlanks(written);
  const isAge = (match: Match | undefined): match is Match =>
    match?.kind === 'threshold' && /^\d+$/.test(match.value) && Number(match.value) <= OLDEST;
  const marked = new Set<Match>();
  matches.forEach((match, i) => {
    if (!isAge(match) || marked.has(match)) return;
    const before = question.slice(Math.max(0, match.start - 30), match.start);
    const next = matches[i + 1];
    const after = question.slice(match.end, match.end + 20);
    if (isAge(next) && RANGE_SIGN.test(question.slice(match.end, next.start))) {
      const rest = question.slice(next.end, next.end + 20);
      const isRange =
        RANGE_BEFORE.test(before) || (/\b(?:between|from) $/i.test(before) && YEARS_OLD.test(rest));
      if (isRange && !OPEN.test(rest.replace(YEARS, ''))) marked.add(match).add(next);
    } else if (
      /\baged $/i.test(before) &&
      !OPEN.test(after.replace(YEARS, '')) &&
      !/^ (?:to|and) \d/.test(after)
    ) {
      marked.add(match);
    }
  });
  return marked.size === 0
    ? matches
    : matches.map((match) => (marked.has(match) ? { ...match, kind: 'age' } : match));
}
