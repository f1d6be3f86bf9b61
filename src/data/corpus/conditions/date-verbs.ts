import { say, type Phrase } from '../question/phrase.js';
import type { ConditionName } from './wordings.js';

/** What people did on the date of a column, as a participle: `doctors hired after 2015`. */
const VERBS: readonly [RegExp, string][] = [
  [/^(hire|hiring) (date|day)$|^date of hiring$/, 'hired'],
  [/^(birth (date|day)|date of birth|dob)$/, 'born'],
];

/** What follows the participle; a condition that is not listed has none. */
const WHEN: Partial<Record<ConditionName, string>> = {
  dateOn: 'on {0}',
  dateAfter: 'after {0}',
  dateBefore: 'before {0}',
  dateFrom: 'since {0}',
  dateUntil: 'on or before {0}',
  dateBetween: 'between {0} and {1}',
  dateIn: 'in {0}',
  withinLast: 'in the last {0}',
  longerAgo: 'more than {0} ago',
};

/** `born in {0}`, for a date that has a verb of its own; undefined for any other. */
export function verbalDate(
  name: ConditionName,
  phrase: string,
  values: readonly Phrase[],
): Phrase | undefined {
  const verb = VERBS.find(([pattern]) => pattern.test(phrase))?.[1];
  const when = WHEN[name];
  if (verb === undefined || when === undefined) return undefined;
  const pieces = when
    .split(/(\{[01]\})/)
    .map((part): Phrase => (part.startsWith('{') ? values[Number(part[1])]! : part === '' ? [] : [part]));
  return say`${verb} ${pieces.flat()}`;
}
