import type { Intent } from './intents/intent.js';
import { aggregate, extremeDate, groupAggregate, groupCount, topGroups } from './intents/aggregate.js';
import { count, countDistinct } from './intents/count.js';
import { distinct, listOne, listThree, listTwo, ordered, rows, topRows } from './intents/list.js';
import type { ConditionName } from './wordings.js';

/** A construct family: what is asked, and which conditions the question always carries. */
export interface Family {
  name: string;
  intent: Intent<object>;
  conditions: ConditionName[];
}

const plain = [
  count, countDistinct, listOne, listTwo, listThree, rows, distinct, ordered, topRows,
  aggregate, extremeDate, groupCount, groupAggregate, topGroups,
]; // prettier-ignore

// Every condition is asked of counts and of lists; the other intents carry the conditions that people give them.
const filtered: [Intent<object>[], ConditionName[]][] = [
  [
    [count, listOne],
    [
      'idIs', 'idIsNot', 'idIn',
      'dateOn', 'dateAfter', 'dateBefore', 'dateFrom', 'dateUntil', 'dateBetween', 'dateIn',
      'withinLast', 'longerAgo', 'thisYear',
      'numberIs', 'numberIsNot', 'numberAbove', 'numberBelow', 'numberAtLeast', 'numberAtMost', 'numberBetween',
      'textIs', 'textIsNot', 'textIn', 'textStarts', 'textContains', 'textEnds',
      'isNull', 'isNotNull', 'flagTrue', 'flagFalse',
    ],
  ],
  [[listTwo, listThree, rows], ['idIs', 'idIn', 'dateAfter', 'dateBetween', 'dateIn', 'numberAbove', 'textIs']],
  [[countDistinct, distinct], ['idIs', 'dateAfter', 'dateIn', 'textIs', 'numberAbove']],
  [[ordered, topRows], ['idIs', 'dateAfter', 'dateIn', 'numberAbove', 'textIs']],
  [[aggregate, extremeDate], ['idIs', 'dateBetween', 'dateIn', 'dateAfter', 'textIs']],
  [[groupCount, groupAggregate, topGroups], ['dateAfter', 'dateIn', 'dateBetween', 'numberAbove', 'textIs', 'isNotNull']],
]; // prettier-ignore

/** All families by name: `count`, `count.idIs`, `listOne.dateAfter`, … */
export const FAMILIES: ReadonlyMap<string, Family> = new Map(
  [
    ...plain.map((intent): Family => ({ name: intent.name, intent, conditions: [] })),
    ...filtered.flatMap(([intents, conditions]) =>
      intents.flatMap((intent) =>
        conditions.map((name): Family => ({ name: `${intent.name}.${name}`, intent, conditions: [name] })),
      ),
    ),
  ].map((family) => [family.name, family]),
);
