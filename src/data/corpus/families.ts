import type { Intent } from './intents/intent.js';
import { aggregate, countIf, extremeDate, summary } from './intents/aggregate.js';
import {
  distinctPairs,
  groupDistinct,
  groupDuration,
  groupSummary,
  groupThree,
  perMonth,
  perYearAggregate,
} from './intents/breakdown.js';
import { count, countDistinct } from './intents/count.js';
import {
  groupAggregate,
  groupCount,
  groupExtremeDate,
  groupTwo,
  rankedGroups,
  topAggregates,
  topGroups,
} from './intents/group.js';
import { distinct, listOne, listThree, listTwo, oneRow, optional, rows } from './intents/list.js';
import { ordered, topOne, topRows } from './intents/order.js';
import { childCount, countParents, countWithout, listParents, listWithout } from './intents/related.js';
import { age, duration, perPeriod } from './intents/time.js';
import { CONDITION_NAMES, type ConditionName } from './conditions/wordings.js';

/** A construct family: an intent, and the conditions that its questions always have. */
export interface Family {
  name: string;
  intent: Intent<object>;
  conditions: ConditionName[];
  /** How the conditions are joined. With `OR`, no further condition is added. */
  junction: 'AND' | 'OR';
}

const INTENTS: readonly Intent<object>[] = [
  count, countDistinct, listOne, listTwo, listThree, rows, distinct, optional, ordered, topRows, topOne,
  aggregate, summary, extremeDate, countIf, groupCount, groupTwo, groupAggregate, groupExtremeDate, rankedGroups,
  topGroups, topAggregates, perPeriod, duration, age, countParents, listParents, countWithout, listWithout, childCount,
  groupThree, groupDistinct, groupSummary, perMonth, perYearAggregate, distinctPairs, groupDuration, oneRow,
]; // prettier-ignore

// Counts and lists meet every condition; the other intents meet those that people commonly use with them.
const COMMON: ConditionName[] = ['idIs', 'dateAfter', 'dateBetween', 'dateIn', 'numberAbove', 'textIs'];
// A count per year says nothing of one month, and what asks for a time names no other.
const OF_PERIODS = COMMON.filter((name) => name !== 'dateIn');
const TIMELESS = COMMON.filter((name) => !name.startsWith('date'));
const FILTERED: [Intent<object>[], readonly ConditionName[]][] = [
  [[count, listOne], CONDITION_NAMES],
  [[listTwo, listThree, rows, countDistinct, distinct, optional, ordered, topRows, topOne], COMMON],
  [[aggregate, summary, countIf, duration], COMMON],
  [[groupCount, groupTwo, groupAggregate, rankedGroups, topGroups, topAggregates], COMMON],
  [[perPeriod, perMonth, perYearAggregate], OF_PERIODS],
  [[extremeDate, groupExtremeDate], TIMELESS],
  [[countParents, listParents], COMMON],
  [[groupThree, groupDistinct, groupSummary, distinctPairs, groupDuration], COMMON],
  [
    [countWithout, listWithout, childCount],
    ['dateAfter', 'textIs', 'idIs'],
  ],
  [[age], ['textIs', 'idIs']],
];

const EITHER: [ConditionName, ConditionName][] = [
  ['dateBefore', 'textIs'],
  ['textIs', 'textIs'],
  ['numberAbove', 'isNull'],
  ['dateAfter', 'isNull'],
  ['textIs', 'numberBelow'],
];

function family(intent: Intent<object>, conditions: ConditionName[], junction: 'AND' | 'OR'): Family {
  const name = [intent.name, conditions.join(`_${junction.toLowerCase()}_`)]
    .filter((part) => part !== '')
    .join('.');
  return { name, intent, conditions, junction };
}

/** All families by name: `count`, `count.idIs`, `listOne.dateAfter_or_isNull`, … */
export const FAMILIES: ReadonlyMap<string, Family> = new Map(
  [
    ...INTENTS.map((intent) => family(intent, [], 'AND')),
    ...FILTERED.flatMap(([intents, names]) =>
      intents.flatMap((intent) => names.map((name) => family(intent, [name], 'AND'))),
    ),
    ...[count, listOne].flatMap((intent) => EITHER.map((pair) => family(intent, pair, 'OR'))),
  ].map((entry) => [entry.name, entry]),
);
