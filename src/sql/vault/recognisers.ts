import { matchAgeDecade } from './ages.js';
import { matchDigitCode, matchLetterCode, matchPhone } from './codes.js';
import { matchDigitDate, matchMonthDate, matchTime } from './dates.js';
import { matchDecade } from './decades.js';
import { matchHalf } from './halves.js';
import { matchLabelled } from './ids.js';
import { matchAddress, matchKey, matchKnownTerm } from './keys.js';
import type { QuestionTokenKind } from './lexer.js';
import { matchNumberWord } from './number-words.js';
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

/**
 * Where a recogniser can start: kinds of token, with words split further. `plain` is a word without joined digits that a
 * value can begin with; `filler` is any other such word. Most tokens are fillers.
 */
export type Place = QuestionTokenKind | 'plain' | 'filler';

interface Recogniser {
  /** Lower comes first. The first recogniser that finds something decides. */
  priority: number;
  name: string;
  /** Where it can start. */
  at: readonly Place[];
  recognise: Recognise;
}

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
  },
  { priority: 20, name: 'addresses', at: ['plain', 'word', 'number', 'mixed'], recognise: matchAddress },
  { priority: 30, name: 'IDs named by a noun', at: ['plain', 'word', 'mixed'], recognise: matchLabelled },
  { priority: 40, name: 'amounts between', at: ['plain', 'word'], recognise: matchBetween },
  { priority: 43, name: 'halves and weeks', at: ['plain', 'word', 'number', 'mixed'], recognise: matchHalf },
  { priority: 44, name: 'spans of time', at: ['plain', 'word', 'number', 'mixed'], recognise: matchSpan },
  { priority: 44.5, name: 'dates in words', at: ['plain', 'word'], recognise: matchWordedDate },
  { priority: 45, name: 'numbers in words', at: ['plain', 'word'], recognise: matchNumberWord },
  { priority: 47, name: 'ages by decade', at: ['plain', 'word'], recognise: matchAgeDecade },
  { priority: 5, name: 'decades cut short', at: ['quote'], recognise: matchDecade },
  {
    priority: 46,
    name: 'decades of years',
    at: ['plain', 'word', 'number', 'mixed'],
    recognise: matchDecade,
  },
  {
    priority: 48,
    name: 'days of a relative year or month',
    at: ['plain', 'word', 'number', 'mixed'],
    recognise: matchRelativeDay,
  },
  {
    priority: 49,
    name: 'numbers of other countries',
    at: ['plain', 'word', 'number', 'mixed'],
    recognise: matchNumberForm,
  },
  { priority: 50, name: 'quarters', at: ['plain', 'word', 'number', 'mixed'], recognise: matchQuarter },
  { priority: 60, name: 'dates by month name', at: ['plain', 'word', 'mixed'], recognise: matchMonthDate },
  { priority: 65, name: 'days that share a year', at: ['number'], recognise: matchDayRange },
  { priority: 70, name: 'dates by digits', at: ['number', 'mixed'], recognise: matchDigitDate },
  { priority: 80, name: 'phone numbers', at: ['number'], recognise: matchPhone },
  { priority: 90, name: 'codes of digits', at: ['number'], recognise: matchDigitCode },
  { priority: 100, name: 'codes with letters', at: ['mixed'], recognise: matchLetterCode },
  { priority: 110, name: 'clock times', at: ['number', 'mixed'], recognise: matchTime },
  { priority: 120, name: 'known terms', at: ['word', 'number', 'mixed'], recognise: matchKnownTerm },
  { priority: 130, name: 'years', at: ['word', 'number', 'mixed'], recognise: matchYear },
  { priority: 140, name: 'keys', at: ['plain', 'word', 'number', 'mixed'], recognise: matchKey },
  { priority: 150, name: 'numbers', at: ['number', 'mixed'], recognise: matchNumber },
];

/** The recognisers that can start at each place, in order. */
export const RECOGNISERS_AT: Record<Place, readonly Recognise[]> = {
  filler: recognisersAt('filler'),
  plain: recognisersAt('plain'),
  word: recognisersAt('word'),
  number: recognisersAt('number'),
  mixed: recognisersAt('mixed'),
  quote: recognisersAt('quote'),
};

function recognisersAt(place: Place): Recognise[] {
  return RECOGNISERS.filter(({ at }) => at.includes(place))
    .sort((a, b) => a.priority - b.priority)
    .map(({ recognise }) => recognise);
}
