/**
 * How people word a comparison, from the plainest wording to the rarest. `{0}` and `{1}` are the values. `is` follows
 * the attribute as a clause (`whose start date is after {0}`); `bare` follows it without a verb (`with start date
 * after {0}`).
 */
export interface Wording {
  is: string;
  bare: string;
}

const w = (is: string, bare: string): Wording => ({ is, bare });

export const WORDINGS = {
  idIs: [w('is {0}', '{0}'), w('equals {0}', 'equal to {0}'), w('= {0}', '= {0}')],
  idIsNot: [w('is not {0}', 'other than {0}'), w('is other than {0}', 'not equal to {0}')],
  idIn: [w('is {0} or {1}', '{0} or {1}'), w('is either {0} or {1}', 'either {0} or {1}')],
  dateOn: [w('is {0}', '{0}'), w('is on {0}', 'on {0}'), w('falls on {0}', 'on {0}')],
  dateAfter: [
    w('is after {0}', 'after {0}'),
    w('is later than {0}', 'later than {0}'),
    w('falls after {0}', 'after {0}'),
  ],
  dateBefore: [
    w('is before {0}', 'before {0}'),
    w('is earlier than {0}', 'earlier than {0}'),
    w('falls before {0}', 'prior to {0}'),
  ],
  dateFrom: [
    w('is on or after {0}', 'on or after {0}'),
    w('is no earlier than {0}', 'since {0}'),
    w('is {0} or later', '{0} or later'),
    w('is not before {0}', 'not before {0}'),
  ],
  dateUntil: [
    w('is on or before {0}', 'on or before {0}'),
    w('is no later than {0}', 'no later than {0}'),
    w('is {0} or earlier', '{0} or earlier'),
    w('is not after {0}', 'up to and including {0}'),
  ],
  dateBetween: [
    w('is between {0} and {1}', 'between {0} and {1}'),
    w('is from {0} to {1}', 'from {0} to {1}'),
    w('falls between {0} and {1}', 'from {0} through {1}'),
  ],
  dateIn: [w('is in {0}', 'in {0}'), w('falls in {0}', 'in {0}')],
  numberIs: [
    w('is {0}', 'of {0}'),
    w('equals {0}', 'equal to {0}'),
    w('is exactly {0}', 'exactly {0}'),
    w('= {0}', '= {0}'),
  ],
  numberIsNot: [w('is not {0}', 'other than {0}'), w('is not equal to {0}', 'not equal to {0}')],
  numberAbove: [
    w('is above {0}', 'above {0}'),
    w('is greater than {0}', 'greater than {0}'),
    w('is more than {0}', 'more than {0}'),
    w('exceeds {0}', 'over {0}'),
    w('is higher than {0}', 'higher than {0}'),
    w('> {0}', '> {0}'),
  ],
  numberBelow: [
    w('is below {0}', 'below {0}'),
    w('is less than {0}', 'less than {0}'),
    w('is under {0}', 'under {0}'),
    w('is lower than {0}', 'lower than {0}'),
    w('< {0}', '< {0}'),
  ],
  numberAtLeast: [
    w('is at least {0}', 'of at least {0}'),
    w('is {0} or more', 'of {0} or more'),
    w('is no less than {0}', 'no less than {0}'),
    w('>= {0}', '>= {0}'),
  ],
  numberAtMost: [
    w('is at most {0}', 'of at most {0}'),
    w('is {0} or less', 'of {0} or less'),
    w('is no more than {0}', 'no more than {0}'),
    w('<= {0}', '<= {0}'),
  ],
  numberBetween: [
    w('is between {0} and {1}', 'between {0} and {1}'),
    w('is from {0} to {1}', 'from {0} to {1}'),
  ],
  textIs: [w('is {0}', '{0}'), w('equals {0}', 'equal to {0}'), w('= {0}', '= {0}')],
  textIsNot: [w('is not {0}', 'other than {0}'), w('is not equal to {0}', 'not equal to {0}')],
  textIn: [w('is {0} or {1}', '{0} or {1}'), w('is either {0} or {1}', 'either {0} or {1}')],
  textStarts: [w('starts with {0}', 'starting with {0}'), w('begins with {0}', 'beginning with {0}')],
  textContains: [
    w('contains {0}', 'containing {0}'),
    w('includes {0}', 'including {0}'),
    w('mentions {0}', 'mentioning {0}'),
  ],
  textEnds: [w('ends with {0}', 'ending with {0}'), w('ends in {0}', 'ending in {0}')],
  isNull: [
    w('is missing', 'missing'),
    w('is null', 'null'),
    w('is not recorded', 'not recorded'),
    w('is unknown', 'unknown'),
  ],
  isNotNull: [w('is recorded', 'recorded'), w('is not missing', 'known'), w('is known', 'known')],
  flagTrue: [w('is set', 'set'), w('is true', 'true'), w('is yes', 'set')],
  flagFalse: [w('is not set', 'not set'), w('is false', 'false'), w('is no', 'not set')],
  withinLast: [
    w('is in the last {0}', 'in the last {0}'),
    w('is within the past {0}', 'within the past {0}'),
    w('falls in the last {0}', 'within the last {0}'),
    w('is in the past {0}', 'in the past {0}'),
  ],
  longerAgo: [w('is more than {0} ago', 'more than {0} ago'), w('is over {0} ago', 'over {0} ago')],
  thisYear: [
    w('is in the current year', 'in the current year'),
    w('is this year', 'this year'),
    w('falls in this calendar year', 'in this calendar year'),
  ],
  idNotIn: [
    w('is neither {0} nor {1}', 'neither {0} nor {1}'),
    w('is other than {0} or {1}', 'other than {0} or {1}'),
  ],
  textContainsNot: [
    w('does not contain {0}', 'not containing {0}'),
    w('does not include {0}', 'not including {0}'),
    w('does not mention {0}', 'not mentioning {0}'),
  ],
  afterColumn: [w('is after the {0}', 'after the {0}'), w('is later than the {0}', 'later than the {0}')],
  beforeColumn: [
    w('is before the {0}', 'before the {0}'),
    w('is earlier than the {0}', 'earlier than the {0}'),
  ],
  aboveColumn: [
    w('is above the {0}', 'above the {0}'),
    w('is greater than the {0}', 'greater than the {0}'),
    w('exceeds the {0}', 'exceeding the {0}'),
  ],
  belowColumn: [w('is below the {0}', 'below the {0}'), w('is less than the {0}', 'less than the {0}')],
  daysApart: [
    w('is more than {0} after the {1}', 'more than {0} after the {1}'),
    w('is over {0} after the {1}', 'over {0} after the {1}'),
  ],
  ageAbove: [
    w('is above {0}', 'above {0}'),
    w('is over {0}', 'over {0}'),
    w('is greater than {0}', 'greater than {0}'),
    w('exceeds {0}', 'higher than {0}'),
  ],
  ageBelow: [
    w('is below {0}', 'below {0}'),
    w('is under {0}', 'under {0}'),
    w('is less than {0}', 'less than {0}'),
    w('is lower than {0}', 'lower than {0}'),
  ],
} satisfies Record<string, Wording[]>;

export type ConditionName = keyof typeof WORDINGS;
export const CONDITION_NAMES = Object.keys(WORDINGS) as ConditionName[];
