import type { Attribute } from '../topics/entities.js';
import type { Draft } from '../statement/draft.js';
import type { SampleDraw } from '../draw.js';
import { columnPhrase, say, sayList, type Phrase } from '../question/phrase.js';
import { aggregateOf, type QueryExpression } from '../statement/program.js';
import type { Topic } from '../topics/topics.js';
import { AGGREGATE_WORDS, aggregatesOf } from './aggregate.js';
import { spanUnits } from './time.js';
import { intent } from './intent.js';
import { compoundOf, groupOf, periodOf, pluralPhrase } from './phrases.js';
import {
  determines,
  isBound,
  isCategory,
  isKindOfRow,
  isPeriodDate,
  isEndDate,
  isGroupKey,
  isMeasure,
  isStartDate,
  isVaried,
} from '../topics/uses.js';

// Questions that group rows by several keys, or ask for several figures per group.

/** Draws `count` keys, selects them and groups by them; undefined if the topic has too few. */
function groupBy(draw: SampleDraw, topic: Topic, draft: Draft, count: number): Phrase[] | undefined {
  const keys: Attribute[] = [];
  for (let i = 0; i < count; i++) {
    const key =
      count > 1 ? draw.key(topic, 'kindOfRow', isKindOfRow) : draw.key(topic, 'groupKey', isGroupKey);
    if (key === undefined || keys.some((other) => isBound(key, other))) return undefined;
    keys.push(key);
  }
  for (const key of keys) {
    const expression = draft.expression(key);
    draft.program.select.push(expression);
    draft.program.groupBy.push(expression);
  }
  return keys.map((key) => groupOf(draw, key));
}

/** SELECT key, key, key, COUNT(*) … GROUP BY three keys. */
export const groupThree = intent<{ keys: Phrase }>({
  name: 'groupThree',
  compose(draw, topic, draft) {
    const keys = groupBy(draw, topic, draft, 3);
    if (keys === undefined) return undefined;
    draft.program.select.push({ kind: 'count' });
    return { keys: sayList(keys) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.keys}?`,
      (q) => say`How many ${q.many}${q.when} are there for each combination of ${q.keys}?`,
      (q) => say`What is the number of ${q.many}${q.when} by ${q.keys}?`,
      (q) => say`For every combination of ${q.keys}, how many ${q.many}${q.when} are there?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per ${q.keys}.`,
      (q) => say`Show the number of ${q.many}${q.when} for each combination of ${q.keys}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.keys} and count them.`,
      (q) => say`Break down the number of ${q.many}${q.when} by ${q.keys}.`,
      (q) => say`For each combination of ${q.keys}, count the ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} by ${q.keys}`,
      (q) => say`${compoundOf(q, 'counts')} per ${q.keys}`,
      (q) => say`for each combination of ${q.keys}, number of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT key, COUNT(DISTINCT column) … GROUP BY key. */
export const groupDistinct = intent<{ key: Phrase; what: Phrase }>({
  name: 'groupDistinct',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'category', isCategory);
    const counted = draw.key(topic, 'varied', isVaried);
    const what = counted && pluralPhrase(draw, counted);
    if (key === undefined || counted === undefined || what === undefined) return undefined;
    if (determines(key, counted, draw.topics.index) || isBound(key, counted)) return undefined;
    const expression = draft.expression(key);
    draft.program.select.push(expression, aggregateOf('COUNT', draft.expression(counted), true));
    draft.program.groupBy.push(expression);
    return { key: groupOf(draw, key), what };
  },
  frames: {
    question: [
      (q) => say`How many different ${q.what} are there among ${q.many}${q.when} per ${q.key}?`,
      (q) => say`How many distinct ${q.what} are there among ${q.many}${q.when} for each ${q.key}?`,
      (q) => say`For each ${q.key}, how many different ${q.what} are there among ${q.many}${q.when}?`,
      (q) => say`What is the number of unique ${q.what} among ${q.many}${q.when} by ${q.key}?`,
    ],
    imperative: [
      (q) => say`Count the distinct ${q.what} among ${q.many}${q.when} per ${q.key}.`,
      (q) => say`For each ${q.key}, count the different ${q.what} among ${q.many}${q.when}.`,
      (q) => say`Show the number of unique ${q.what} among ${q.many}${q.when} for each ${q.key}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key} and count the distinct ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`count of distinct ${q.what} among ${q.many}${q.when} per ${q.key}`,
      (q) => say`number of unique ${q.what} among ${q.many}${q.when} by ${q.key}`,
    ],
  },
});

/** SELECT key, COUNT(*), AVG(measure) … GROUP BY key: two figures for each group. */
export const groupSummary = intent<{ key: Phrase; adjective: string; what: Phrase }>({
  name: 'groupSummary',
  compose(draw, topic, draft) {
    const keys = groupBy(draw, topic, draft, 1);
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (keys === undefined || measure === undefined) return undefined;
    const name = draw.random.pick(aggregatesOf(measure));
    draft.program.select.push({ kind: 'count' }, aggregateOf(name, draft.expression(measure)));
    return {
      key: keys[0]!,
      adjective: draw.wording(AGGREGATE_WORDS[name]),
      what: columnPhrase(draw.phraseOf(measure)),
    };
  },
  frames: {
    question: [
      (q) =>
        say`How many ${q.many}${q.when} are there per ${q.key}, and what is their ${q.adjective} ${q.what}?`,
      (q) =>
        say`For each ${q.key}, how many ${q.many}${q.when} are there and what is the ${q.adjective} ${q.what}?`,
      (q) => say`What are the number and the ${q.adjective} ${q.what} of ${q.many}${q.when} by ${q.key}?`,
      (q) =>
        say`What is the count of ${q.many}${q.when} for each ${q.key}, together with the ${q.adjective} ${q.what}?`,
      (q) =>
        say`For each ${q.key}, what are the number and the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the number of ${q.many}${q.when} and the ${q.adjective} ${q.what} per ${q.key}.`,
      (q) => say`For each ${q.key}, count the ${q.many}${q.when} and give the ${q.adjective} ${q.what}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key}; show the count and the ${q.adjective} ${q.what}.`,
      (q) => say`List the count and the ${q.adjective} ${q.what} of ${q.many}${q.when} by ${q.key}.`,
      (q) => say`For each ${q.key}, show the number and the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number and ${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}`,
      (q) => say`${q.many}${q.when} by ${q.key}: count and ${q.adjective} ${q.what}`,
      (q) => say`for each ${q.key}, number and ${q.adjective} ${q.what} of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT YEAR(date), MONTH(date), COUNT(*) … GROUP BY both: the months of every year. */
export const perMonth = intent<{ what: Phrase }>({
  name: 'perMonth',
  compose(draw, topic, draft) {
    const date = draw.dateOf(topic, 'periodDate', isPeriodDate);
    if (date === undefined) return undefined;
    const of = draft.expression(date);
    const parts: QueryExpression[] = [
      { kind: 'datePart', part: 'year', of },
      { kind: 'datePart', part: 'month', of },
    ];
    draft.program.select.push(...parts, { kind: 'count' });
    draft.program.groupBy.push(...parts);
    return { what: periodOf(draw, date) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per year and month of ${q.what}?`,
      (q) => say`What is the number of ${q.many}${q.when} by year and month of ${q.what}?`,
      (q) => say`For each year and month of ${q.what}, how many ${q.many}${q.when} are there?`,
      (q) => say`How did the number of ${q.many}${q.when} change by year and month of ${q.what}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per year and month of ${q.what}.`,
      (q) => say`Show the number of ${q.many}${q.when} for each year and month of ${q.what}.`,
      (q) => say`Group ${q.many}${q.when} by year and month of ${q.what} and count them.`,
      (q) => say`Break down the number of ${q.many}${q.when} by year and month of ${q.what}.`,
      (q) => say`For each year and month of ${q.what}, count the ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} by year and month of ${q.what}`,
      (q) => say`${compoundOf(q, 'counts')} per year and month of ${q.what}`,
      (q) => say`for each year and month of ${q.what}, number of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT YEAR(date), AVG(measure) … GROUP BY YEAR(date). */
export const perYearAggregate = intent<{ adjective: string; what: Phrase; date: Phrase }>({
  name: 'perYearAggregate',
  compose(draw, topic, draft) {
    const date = draw.dateOf(topic, 'periodDate', isPeriodDate);
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (date === undefined || measure === undefined) return undefined;
    const name = draw.random.pick(aggregatesOf(measure));
    const year: QueryExpression = { kind: 'datePart', part: 'year', of: draft.expression(date) };
    draft.program.select.push(year, aggregateOf(name, draft.expression(measure)));
    draft.program.groupBy.push(year);
    return {
      adjective: draw.wording(AGGREGATE_WORDS[name]),
      what: columnPhrase(draw.phraseOf(measure)),
      date: periodOf(draw, date),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when} per year of ${q.date}?`,
      (q) => say`For each year of ${q.date}, what is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`How did the ${q.adjective} ${q.what} of ${q.many}${q.when} change by year of ${q.date}?`,
      (q) => say`By year of ${q.date}, what is the ${q.adjective} ${q.what} among ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} ${q.what} of ${q.many}${q.when} per year of ${q.date}.`,
      (q) => say`Calculate the ${q.adjective} ${q.what} of ${q.many}${q.when} by year of ${q.date}.`,
      (q) => say`For each year of ${q.date}, give the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Group ${q.many}${q.when} by year of ${q.date} and show the ${q.adjective} ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.what} of ${q.many}${q.when} by year of ${q.date}`,
      (q) => say`for each year of ${q.date}, ${q.adjective} ${q.what} of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT DISTINCT column, column: which combinations occur. */
export const distinctPairs = intent<{ keys: Phrase }>({
  name: 'distinctPairs',
  compose(draw, topic, draft) {
    const first = draw.ownKey(topic, 'category', isCategory);
    const second = draw.ownKey(topic, 'category', isCategory);
    if (first === undefined || second === undefined || isBound(first, second)) return undefined;
    draft.program.distinct = true;
    draft.program.select.push(draft.expression(first), draft.expression(second));
    return { keys: sayList([first, second].map((key) => groupOf(draw, key))) };
  },
  frames: {
    question: [
      (q) => say`Which combinations of ${q.keys} occur among ${q.many}${q.when}?`,
      (q) => say`What are the distinct combinations of ${q.keys} of ${q.many}${q.when}?`,
      (q) => say`Which different pairs of ${q.keys} do ${q.many}${q.when} have?`,
      (q) => say`What unique pairs of ${q.keys} are there among ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`List the distinct combinations of ${q.keys} of ${q.many}${q.when}.`,
      (q) => say`Show the different pairs of ${q.keys} among ${q.many}${q.when}.`,
      (q) => say`Give me each combination of ${q.keys} once for ${q.many}${q.when}.`,
      (q) => say`List unique combinations of ${q.keys} for ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`distinct combinations of ${q.keys}, ${q.many}${q.when}`,
      (q) => say`unique pairs of ${q.keys} of ${q.many}${q.when}`,
    ],
  },
});

type GroupDuration = { adjective: string; from: Phrase; to: Phrase; unit: string; key: Phrase };

/** SELECT key, AVG(DATEDIFF(day, start, end)) … GROUP BY key. */
export const groupDuration = intent<GroupDuration>({
  name: 'groupDuration',
  compose(draw, topic, draft) {
    const keys = groupBy(draw, topic, draft, 1);
    const start = draw.ownAttribute(topic, 'start', isStartDate);
    const end = draw.ownAttribute(topic, 'end', isEndDate);
    if (keys === undefined || start === undefined || end === undefined) return undefined;
    const unit = draw.random.pick(spanUnits(start, end, draw.topics.index));
    const name = draw.random.pick(['AVG', 'MIN', 'MAX'] as const);
    const span: QueryExpression = {
      kind: 'dateDiff',
      unit,
      from: draft.expression(start),
      to: draft.expression(end),
    };
    draft.program.select.push(aggregateOf(name, span));
    return {
      adjective: { AVG: 'average', MIN: 'minimum', MAX: 'maximum' }[name],
      from: columnPhrase(draw.phraseOf(start)),
      to: columnPhrase(draw.phraseOf(end)),
      unit: `${unit}s`,
      key: keys[0]!,
    };
  },
  frames: {
    question: [
      (q) =>
        say`What is the ${q.adjective} number of ${q.unit} from ${q.from} to ${q.to} of ${q.many}${q.when} per ${q.key}?`,
      (q) =>
        say`For each ${q.key}, what is the ${q.adjective} time in ${q.unit} between ${q.from} and ${q.to} of ${q.many}${q.when}?`,
      (q) =>
        say`By ${q.key}, what is the ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to} among ${q.many}${q.when}?`,
      (q) =>
        say`How does the ${q.adjective} time in ${q.unit} between ${q.from} and ${q.to} of ${q.many}${q.when} differ by ${q.key}?`,
    ],
    imperative: [
      (q) =>
        say`Show the ${q.adjective} number of ${q.unit} from ${q.from} to ${q.to} of ${q.many}${q.when} per ${q.key}.`,
      (q) =>
        say`For each ${q.key}, calculate the ${q.adjective} time in ${q.unit} between ${q.from} and ${q.to} of ${q.many}${q.when}.`,
      (q) =>
        say`Group ${q.many}${q.when} by ${q.key} and show the ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to}.`,
      (q) =>
        say`Give me the ${q.adjective} number of ${q.unit} between ${q.from} and ${q.to} of ${q.many}${q.when} for each ${q.key}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.unit} from ${q.from} to ${q.to} per ${q.key}, ${q.many}${q.when}`,
      (q) =>
        say`${q.many}${q.when}: ${q.adjective} duration in ${q.unit} from ${q.from} to ${q.to} by ${q.key}`,
    ],
  },
});
