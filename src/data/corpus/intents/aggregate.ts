import { aggregate as aggregateOf, type AggregateName } from '../program.js';
import { columnName, say, type Phrase } from '../phrase.js';
import { intent } from './intent.js';
import { extremeWords } from './list.js';
import { isDate, isGroupKey, isMeasure } from './uses.js';

const AGGREGATES: AggregateName[] = ['AVG', 'SUM', 'MIN', 'MAX'];

/** Adjectives from plain to rare; each means its aggregate and no other. */
const AGGREGATE_WORDS: Record<AggregateName, string[]> = {
  AVG: ['average', 'mean'],
  SUM: ['total', 'summed', 'cumulative'],
  MIN: ['minimum', 'lowest', 'smallest'],
  MAX: ['maximum', 'highest', 'largest'],
  COUNT: ['number of'],
};

/** SELECT AVG(measure): one figure over all rows. */
export const aggregate = intent<{ adjective: string; what: Phrase }>({
  name: 'aggregate',
  compose(draw, topic, draft) {
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (measure === undefined) return undefined;
    const name = draw.random.pick(AGGREGATES);
    draft.program.select.push(aggregateOf(name, draft.expression(measure)));
    return { adjective: draw.wording(AGGREGATE_WORDS[name]), what: columnName(draw.phraseOf(measure)) };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`What is the ${q.adjective} ${q.what} for ${q.many}${q.when}?`,
      (q) => say`Among ${q.many}${q.when}, what is the ${q.adjective} ${q.what}?`,
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
    const date = draw.attribute(topic, 'date', isDate);
    if (date === undefined) return undefined;
    const isFirst = draw.random.chance(0.5);
    draft.program.select.push(aggregateOf(isFirst ? 'MIN' : 'MAX', draft.expression(date)));
    return {
      adjective: draw.wording(extremeWords(date, isFirst ? 'ASC' : 'DESC')),
      what: columnName(draw.phraseOf(date)),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`What is the ${q.adjective} ${q.what} among ${q.many}${q.when}?`,
      (q) => say`Among ${q.many}${q.when}, which is the ${q.adjective} ${q.what}?`,
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

/** SELECT key, COUNT(*) … GROUP BY key: how many rows of each sort. */
export const groupCount = intent<{ key: Phrase }>({
  name: 'groupCount',
  compose(draw, topic, draft) {
    const key = draw.attribute(topic, 'groupKey', isGroupKey);
    if (key === undefined) return undefined;
    const expression = draft.expression(key);
    draft.program.select.push(expression, { kind: 'count' });
    draft.program.groupBy.push(expression);
    return { key: columnName(draw.phraseOf(key)) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.key}?`,
      (q) => say`How many ${q.many}${q.when} are there for each ${q.key}?`,
      (q) => say`What is the number of ${q.many}${q.when} by ${q.key}?`,
      (q) => say`For each ${q.key}, how many ${q.many}${q.when} are there?`,
      (q) => say`How are ${q.many}${q.when} distributed over ${q.key}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per ${q.key}.`,
      (q) => say`Count ${q.many}${q.when} by ${q.key}.`,
      (q) => say`Show the number of ${q.many}${q.when} for each ${q.key}.`,
      (q) => say`For each ${q.key}, count the ${q.many}${q.when}.`,
      (q) => say`Break down the number of ${q.many}${q.when} by ${q.key}.`,
      (q) => say`Group the ${q.many}${q.when} by ${q.key} and count them.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} per ${q.key}`,
      (q) => say`${q.many}${q.when} by ${q.key}, count`,
      (q) => say`${q.one} counts${q.when} by ${q.key}`,
    ],
  },
});

/** SELECT key, AVG(measure) … GROUP BY key. */
export const groupAggregate = intent<{ adjective: string; what: Phrase; key: Phrase }>({
  name: 'groupAggregate',
  compose(draw, topic, draft) {
    const key = draw.attribute(topic, 'groupKey', isGroupKey);
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (key === undefined || measure === undefined) return undefined;
    const name = draw.random.pick(AGGREGATES);
    const expression = draft.expression(key);
    draft.program.select.push(expression, aggregateOf(name, draft.expression(measure)));
    draft.program.groupBy.push(expression);
    return {
      adjective: draw.wording(AGGREGATE_WORDS[name]),
      what: columnName(draw.phraseOf(measure)),
      key: columnName(draw.phraseOf(key)),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}?`,
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when} for each ${q.key}?`,
      (q) => say`For each ${q.key}, what is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) => say`How does the ${q.adjective} ${q.what} of ${q.many}${q.when} differ by ${q.key}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}.`,
      (q) => say`Calculate the ${q.adjective} ${q.what} of ${q.many}${q.when} by ${q.key}.`,
      (q) => say`For each ${q.key}, compute the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key} and show the ${q.adjective} ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}`,
      (q) => say`${q.adjective} ${q.what} by ${q.key}, ${q.many}${q.when}`,
    ],
  },
});

/** SELECT TOP (n) key, COUNT(*) … GROUP BY key ORDER BY COUNT(*): the most or least frequent. */
export const topGroups = intent<{ n: string; key: Phrase; most: string }>({
  name: 'topGroups',
  compose(draw, topic, draft) {
    const key = draw.attribute(topic, 'groupKey', isGroupKey);
    if (key === undefined) return undefined;
    const { program } = draft;
    const expression = draft.expression(key);
    const isMost = draw.random.chance(0.75);
    program.top = draw.topCount();
    program.select.push(expression, { kind: 'count' });
    program.groupBy.push(expression);
    program.orderBy.push({ by: { kind: 'count' }, direction: isMost ? 'DESC' : 'ASC' });
    return {
      n: String(program.top),
      key: columnName(draw.phraseOf(key)),
      most: isMost ? 'most' : 'fewest',
    };
  },
  frames: {
    question: [
      (q) => say`Which ${q.n} ${q.key} values have the ${q.most} ${q.many}${q.when}?`,
      (q) => say`What are the ${q.n} ${q.key} values with the ${q.most} ${q.many}${q.when}?`,
      (q) => say`For which ${q.n} ${q.key} values are there the ${q.most} ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.n} ${q.key} values with the ${q.most} ${q.many}${q.when}.`,
      (q) => say`List the ${q.n} ${q.key} values that have the ${q.most} ${q.many}${q.when}.`,
      (q) => say`Rank ${q.key} by number of ${q.many}${q.when} and keep the ${q.n} with the ${q.most}.`,
    ],
    telegraphic: [
      (q) => say`${q.n} ${q.key} values with ${q.most} ${q.many}${q.when}`,
      (q) => say`${q.most} ${q.many}${q.when}: ${q.n} ${q.key} values`,
    ],
  },
});
