import { matchAgeDecade } from './ages.js';
import { monthNumber, quarterOrdinal } from './calendar.js';
import { matchDigitCode, matchLetterCode, matchPhone } from './codes.js';
import { matchDigitDate, matchMonthDate } from './dates.js';
import { matchTime } from './clock-times.js';
import { matchDecade } from './decades.js';
import { matchHalf } from './halves.js';
import { matchLabelled } from './ids.js';
import { matchAddress, matchKey, matchKnownTerm } from './keys.js';
import type { QuestionTokenKind } from './lexer.js';
import { nounOf, phraseAt } from './nouns.js';
import { DECADE_NAMES, NUMBER_NAMES, ORDINAL_NAMES } from './number-names.js';
import { matchNumberWord } from './number-words.js';
import { byNumberPlace, DIGITS, HYPHENS, JOINING } from './number-places.js';
import type { NumberShape } from './number-places.js';
import { matchNumberForm } from './number-forms.js';
import { matchDayRange } from './numeric-ranges.js';
import { matchQuarter, matchYear } from './periods.js';
import { matchRelativeDay } from './relative-days.js';
import { matchSchemaName } from './schema-names.js';
import { matchQuoted } from './quoted.js';
import { matchSpan } from './spans.js';
import { matchBetween, matchNumber } from './thresholds.js';
import { matchWordedDate } from './worded-dates.js';
import type { Recognise } from './types.js';
import { LISTED_WORDS } from './vocabulary.js';

/**
 * Where a recogniser can start: kinds of token, with words split further. `plain` is a word without joined digits that a
 * value can begin with; `filler` is any other such word. Most tokens are fillers. An `opener` is a plain word of the
 * vocabulary with little joined to it: the word alone says which recognisers may start there.
 */
export type Place = QuestionTokenKind | 'plain' | 'filler' | 'opener';

interface Recogniser {
  /** Lower comes first. The first recogniser that finds something decides. */
  priority: number;
  name: string;
  /** Where it can start. An opener is like a plain word, but has to be one of `words`. */
  at: readonly Exclude<Place, 'opener'>[];
  /** The words that it looks for at an opener; left out if it looks at no single word or finds nothing there. */
  words?: ((word: string) => boolean) | undefined;
  /** The plain numbers that it can start at; left out if at any. */
  numbers?: readonly NumberShape[] | undefined;
  recognise: Recognise;
}

/** What the name of a month can begin with. */
const MONTH_INITIALS = 'jfmasond';

/**
 * Everything the vault recognises, strongest evidence first: values that are quoted or named by words come before those
 * with only a shape, and a shape that proves itself (UUID, date) before one that many things share (key, number).
 */
export const RECOGNISERS: readonly Recogniser[] = [
  { priority: 10, name: 'quoted text', at: ['quote'], recognise: matchQuoted },
  {
    priority: 15,
    name: 'schema names',
    at: ['filler', 'plain', 'word', 'number', 'mixed'],
    recognise: matchSchemaName,
    words: () => true,
  },
  {
    priority: 20,
    name: 'addresses',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ next: { signs: JOINING, words: '' } }],
    recognise: matchAddress,
  },
  {
    priority: 30,
    name: 'IDs named by a noun',
    at: ['plain', 'word', 'mixed'],
    recognise: matchLabelled,
    words: (word) => phraseAt(word) !== undefined || nounOf(word) !== undefined,
  },
  {
    priority: 40,
    name: 'amounts between',
    at: ['plain', 'word'],
    recognise: matchBetween,
    words: (word) => word === 'between',
  },
  {
    priority: 43,
    name: 'halves and weeks',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ lengths: [4], next: { signs: `${HYPHENS}/.,'`, words: 'h' } }],
    recognise: matchHalf,
    words: (word) => /^(?:first|second|last|iso)$/.test(word),
  },
  {
    priority: 44,
    name: 'spans of time',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ lengths: [1, 2, 3, 4], next: { signs: '-.', words: 'acdf1' } }],
    recognise: matchSpan,
    words: (word) => NUMBER_NAMES.has(word) || /^(?:couple|half|fortnight|decade|century)$/.test(word),
  },
  {
    priority: 44.5,
    name: 'dates in words',
    at: ['plain', 'word'],
    recognise: matchWordedDate,
    words: (word) => NUMBER_NAMES.has(word) || ORDINAL_NAMES.has(word) || isMonth(word),
  },
  {
    priority: 45,
    name: 'numbers in words',
    at: ['plain', 'word'],
    recognise: matchNumberWord,
    words: (word) => NUMBER_NAMES.has(word) || word === 'minus',
  },
  {
    priority: 47,
    name: 'ages by decade',
    at: ['plain', 'word'],
    recognise: matchAgeDecade,
    words: (word) => word === 'in' || word === 'aged',
  },
  { priority: 5, name: 'decades cut short', at: ['quote'], recognise: matchDecade },
  {
    priority: 46,
    name: 'decades of years',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ next: { signs: "'’", words: '' } }],
    recognise: matchDecade,
    words: (word) => NUMBER_NAMES.has(word) || DECADE_NAMES.has(word),
  },
  {
    priority: 48,
    name: 'days of a relative year or month',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ lengths: [1, 2], next: { signs: '/', words: `${MONTH_INITIALS}o` } }],
    recognise: matchRelativeDay,
    words: isMonth,
  },
  {
    priority: 49,
    name: 'numbers of other countries',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ next: { signs: ".,'’", words: DIGITS } }],
    recognise: matchNumberForm,
  },
  {
    priority: 50,
    name: 'quarters',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ lengths: [4], next: { signs: '-/', words: 'q' } }],
    recognise: matchQuarter,
    words: (word) => quarterOrdinal(word) !== undefined || word === 'quarter',
  },
  {
    priority: 60,
    name: 'dates by month name',
    at: ['plain', 'word', 'mixed'],
    recognise: matchMonthDate,
    words: isMonth,
  },
  {
    priority: 48.5,
    name: 'days that share a year',
    at: ['number'],
    numbers: [{ lengths: [1, 2], next: { signs: '/.', words: '' } }],
    recognise: matchDayRange,
  },
  {
    priority: 70,
    name: 'dates by digits',
    at: ['number', 'mixed'],
    numbers: [
      { lengths: [8] },
      { next: { signs: `${HYPHENS}/.`, words: '' } },
      { lengths: [1, 2], next: { signs: '—,', words: `${MONTH_INITIALS}aotu` } },
    ],
    recognise: matchDigitDate,
  },
  {
    priority: 80,
    name: 'phone numbers',
    at: ['number'],
    numbers: [{ lengths: [1, 2, 3, 4], next: { signs: `${HYPHENS}.`, words: DIGITS } }],
    recognise: matchPhone,
  },
  {
    priority: 90,
    name: 'codes of digits',
    at: ['number'],
    numbers: [{ lengths: [3, 4, 5], next: { signs: HYPHENS, words: '' } }],
    recognise: matchDigitCode,
  },
  { priority: 100, name: 'codes with letters', at: ['mixed'], recognise: matchLetterCode },
  {
    priority: 110,
    name: 'clock times',
    at: ['number', 'mixed'],
    numbers: [
      { lengths: [1, 2], next: { signs: ':.-–', words: 'aiotpu' } },
      { lengths: [4], next: { signs: '-–', words: 'hatu' } },
    ],
    recognise: matchTime,
  },
  {
    priority: 120,
    name: 'known terms',
    at: ['word', 'number', 'mixed'],
    numbers: [{ lengths: [1, 2, 3] }, { next: { signs: JOINING, words: '' } }],
    recognise: matchKnownTerm,
  },
  {
    priority: 130,
    name: 'years',
    at: ['word', 'number', 'mixed'],
    numbers: [{ lengths: [2, 4] }],
    recognise: matchYear,
  },
  {
    priority: 140,
    name: 'keys',
    at: ['plain', 'word', 'number', 'mixed'],
    numbers: [{ next: { signs: JOINING, words: '' } }],
    recognise: matchKey,
  },
  { priority: 150, name: 'numbers', at: ['number', 'mixed'], recognise: matchNumber },
];

function isMonth(word: string): boolean {
  return monthNumber(word) !== undefined;
}

/** The recognisers that can start at each place, in order. Those of openers are in `RECOGNISERS_OF`. */
export const RECOGNISERS_AT: Record<Exclude<Place, 'opener'>, readonly Recognise[]> = {
  filler: recognisersAt('filler'),
  plain: recognisersAt('plain'),
  word: recognisersAt('word'),
  number: recognisersAt('number'),
  mixed: recognisersAt('mixed'),
  quote: recognisersAt('quote'),
};

/** The recognisers that can start at an opener, by the number of its word. */
export const RECOGNISERS_OF: readonly (readonly Recognise[])[] = LISTED_WORDS.map((word) =>
  recognisersAt('plain', ({ words }) => words?.(word) === true),
);

/** The recognisers that can start at a plain number, by its `numberPlace`. */
export const RECOGNISERS_OF_NUMBER: readonly (readonly Recognise[])[] = byNumberPlace(
  inOrder('number'),
  ({ numbers }) => numbers ?? [{}],
).map((all) => all.map(({ recognise }) => recognise));

function recognisersAt(
  place: Place,
  isWanted: (recogniser: Recogniser) => boolean = () => true,
): Recognise[] {
  return inOrder(place)
    .filter(isWanted)
    .map(({ recognise }) => recognise);
}

function inOrder(place: Place): Recogniser[] {
  return RECOGNISERS.filter((one) => (one.at as readonly Place[]).includes(place)).sort(
    (a, b) => a.priority - b.priority,
  );
}
