import { aggregateOf, type AggregateName } from '../statement/program.js';
import { columnPhrase, say, type Phrase } from '../question/phrase.js';
import { drawCondition } from '../conditions/conditions.js';
import type { ConditionName } from '../conditions/wordings.js';
import { intent } from './intent.js';
import { amongFirst } from './phrases.js';
import { extremeWords } from './order.js';
import type { Attribute } from '../topics/entities.js';
import { isAdditive, isExtremeDate, isMeasure } from '../topics/uses.js';

/** The aggregates that mean something for the measure: temperatures have no sum. */
export function aggregatesOf(measure: Attribute): AggregateName[] {
  return isAdditive(measure) ? ['AVG', 'SUM', 'MIN', 'MAX'] : ['AVG', 'MIN', 'MAX'];
}

/** Adjectives from plain to rare; each means exactly one aggregate. */
export const AGGREGATE_WORDS: Record<AggregateName, string[]> = {
  AVG: ['average', 'mean'],
  SUM: ['total'],
  MIN: ['minimum', 'lowest'],
  MAX: ['maximum', 'highest'],
  COUNT: ['number of'],
};

/** SELECT AVG(measure): one figure over all rows. */
export const aggregate = intent<{ adjective: string; what: Phrase }>({
  name: 'aggregate',
  compose(draw, topic, draft) {
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (measure === undefined) return undefined;
    const name = draw.random.pick(aggregatesOf(measure));
    draft.program.select.push(aggregateOf(name, draft.expression(measure)));
    return { adjective: draw.wording(AGGREGATE_WORDS[name]), what: columnPhrase(draw.phraseOf(measure)) };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`What is the ${q.adjective} ${q.what} for ${q.many}${q.when}?`,
      (q) => say`${amongFirst(q)}, what is the ${q.adjective} ${q.what}?`,
      (q) => say`Can you tell me the ${q.adjective} ${q.what} of all ${q.many}${q.when}?`,
      (q) => say`Across ${q.many}${q.when}, what is the ${q.adjective} ${q.what}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Calculate the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Compute the ${q.adjective} ${q.what} for ${q.many}${q.when}.`,
      (q) => say`Give me the ${q.adjective} ${q.what} over all ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, find the ${q.adjective} ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.what} of ${q.many}${q.when}`,
      (q) => say`${q.adjective} ${q.what}, ${q.many}${q.when}`,
      (q) => say`${q.many}${q.when}: ${q.adjective} ${q.what}`,
    ],
  },
});

/** SELECT MIN(date) or MAX(date): the first or the last time. */
export const extremeDate = intent<{ adjective: string; what: Phrase }>({
  name: 'extremeDate',
  compose(draw, topic, draft) {
    const date = draw.ownAttribute(topic, 'extremeDate', isExtremeDate);
    draw.asksForTime = true;
    if (date === undefined) return undefined;
    const isFirst = draw.random.chance(0.5);
    draft.program.select.push(aggregateOf(isFirst ? 'MIN' : 'MAX', draft.expression(date)));
    return {
      adjective: draw.wording(extremeWords(date, isFirst ? 'ASC' : 'DESC')),
      what: columnPhrase(draw.phraseOf(date)),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`What is the ${q.adjective} ${q.what} among ${q.many}${q.when}?`,
      (q) => say`${amongFirst(q)}, what is the ${q.adjective} ${q.what}?`,
      (q) => say`Can you tell me the ${q.adjective} ${q.what} of any of the ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Find the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Return the ${q.adjective} ${q.what} over all ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, give the ${q.adjective} ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.what} of ${q.many}${q.when}`,
      (q) => say`${q.many}${q.when}: ${q.adjective} ${q.what}`,
    ],
  },
});

/** SELECT MIN(measure), MAX(measure), AVG(measure): the range of one figure. */
export const summary = intent<{ what: Phrase }>({
  name: 'summary',
  compose(draw, topic, draft) {
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (measure === undefined) return undefined;
    const of = draft.expression(measure);
    draft.program.select.push(...(['MIN', 'MAX', 'AVG'] as const).map((name) => aggregateOf(name, of)));
    return { what: columnPhrase(draw.phraseOf(measure)) };
  },
  frames: {
    question: [
      (q) => say`What are the minimum, maximum and average ${q.what} of ${q.many}${q.when}?`,
      (q) => say`What are the lowest, highest and mean ${q.what} for ${q.many}${q.when}?`,
      (q) => say`${amongFirst(q)}, what are the minimum, maximum and mean ${q.what}?`,
    ],
    imperative: [
      (q) => say`Show the minimum, maximum and average ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Summarise the ${q.what} of ${q.many}${q.when}: minimum, maximum and average.`,
      (q) => say`Give me the lowest, highest and average ${q.what} of all ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, compute the min, max and mean of ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`min, max and average ${q.what} of ${q.many}${q.when}`,
      (q) => say`${q.many}${q.when}: lowest, highest and average ${q.what}`,
    ],
  },
});

/** What people count of rows, besides all of them. */
const COUNTED: readonly ConditionName[] = [
  'numberAbove', 'numberBelow', 'numberAtLeast', 'textIs', 'flagTrue', 'flagFalse',
  'ageAbove', 'ageBelow', 'isNull', 'isNotNull', 'textIs',
]; // prettier-ignore

/** SELECT COUNT(*), SUM(CASE WHEN … THEN 1 ELSE 0 END): how many rows, and how many of them meet one more condition. */
export const countIf = intent<{ also: Phrase }>({
  name: 'countIf',
  compose(draw, topic, draft) {
    const condition = drawCondition(draw, topic, draft, draw.random.pick(COUNTED));
    const predicate = condition?.predicates[0];
    if (condition?.has === undefined || predicate === undefined || condition.predicates.length > 1)
      return undefined;
    draft.program.select.push({ kind: 'count' }, { kind: 'countIf', predicate });
    return { also: condition.has };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there, and how many of them ${q.also}?`,
      (q) => say`How many ${q.many}${q.when} are there in all, and how many of those ${q.also}?`,
      (q) => say`What is the number of ${q.many}${q.when}, and how many of them ${q.also}?`,
      (q) => say`How many ${q.many}${q.when} do we have, and how many of those ${q.also}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when}, and also those that ${q.also}.`,
      (q) => say`Show the number of ${q.many}${q.when} and how many of them ${q.also}.`,
      (q) => say`Give me the number of ${q.many}${q.when} and the number of those that ${q.also}.`,
      (q) => say`For ${q.many}${q.when}, return the count and how many of them ${q.also}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when}, and how many of them ${q.also}`,
      (q) => say`${q.many}${q.when}: how many in all, and how many that ${q.also}`,
    ],
  },
});
