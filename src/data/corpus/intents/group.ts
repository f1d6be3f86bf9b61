import { aggregateOf, type QueryExpression } from '../statement/program.js';
import { columnPhrase, say, valuePhrase, type Phrase } from '../question/phrase.js';
import { AGGREGATE_WORDS, aggregatesOf } from './aggregate.js';
import { intent } from './intent.js';
import { extremeWords } from './order.js';
import { amongFirst, compoundOf, groupOf, pluralPhrase } from './phrases.js';
import {
  isAdditive,
  isBound,
  isCategory,
  isComparedGroup,
  isExtremeDate,
  isGroupKey,
  isKindOfRow,
  isManyValued,
  isMeasure,
} from '../topics/uses.js';

/** SELECT key, COUNT(*) … GROUP BY key: how many rows per group. */
export const groupCount = intent<{ key: Phrase }>({
  name: 'groupCount',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'groupKey', isGroupKey);
    if (key === undefined) return undefined;
    const expression = draft.expression(key);
    draft.program.select.push(expression, { kind: 'count' });
    draft.program.groupBy.push(expression);
    return { key: groupOf(draw, key) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.key}?`,
      (q) => say`How many ${q.many}${q.when} are there for each ${q.key}?`,
      (q) => say`What is the number of ${q.many}${q.when} by ${q.key}?`,
      (q) => say`For each ${q.key}, how many ${q.many}${q.when} are there?`,
      (q) => say`How are ${q.many}${q.when} distributed by ${q.key}?`,
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
      (q) => say`${compoundOf(q, 'counts')} by ${q.key}`,
      (q) => say`for each ${q.key}, number of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT key, AVG(measure) … GROUP BY key. */
export const groupAggregate = intent<{ adjective: string; what: Phrase; key: Phrase }>({
  name: 'groupAggregate',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'comparedGroup', isComparedGroup);
    const measure = draw.attribute(topic, 'measure', isMeasure);
    if (key === undefined || measure === undefined) return undefined;
    const name = draw.random.pick(aggregatesOf(measure));
    const expression = draft.expression(key);
    draft.program.select.push(expression, aggregateOf(name, draft.expression(measure)));
    draft.program.groupBy.push(expression);
    return {
      adjective: draw.wording(AGGREGATE_WORDS[name]),
      what: columnPhrase(draw.phraseOf(measure)),
      key: groupOf(draw, key),
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
      (q) => say`for each ${q.key}, ${q.adjective} ${q.what} of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT TOP (n) key, COUNT(*) … GROUP BY key ORDER BY COUNT(*): the most or least frequent. */
export const topGroups = intent<{ n: Phrase; keys: Phrase; most: string }>({
  name: 'topGroups',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'manyValued', isManyValued);
    const keys = key && pluralPhrase(draw, key);
    if (key === undefined || keys === undefined) return undefined;
    const { program } = draft;
    const expression = draft.expression(key);
    const isMost = draw.random.chance(0.95);
    const top = draw.topCount();
    program.top = top;
    program.select.push(expression, { kind: 'count' });
    program.groupBy.push(expression);
    program.orderBy.push({ by: { kind: 'count' }, direction: isMost ? 'DESC' : 'ASC' });
    return {
      n: valuePhrase(top),
      keys,
      most: isMost ? 'most' : 'fewest',
    };
  },
  frames: {
    question: [
      (q) => say`Which ${q.n} ${q.keys} have the ${q.most} ${q.many}${q.when}?`,
      (q) => say`What are the ${q.n} ${q.keys} with the ${q.most} ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.n} ${q.keys} with the ${q.most} ${q.many}${q.when}.`,
      (q) => say`List the ${q.n} ${q.keys} that have the ${q.most} ${q.many}${q.when}.`,
      (q) => say`Find the ${q.n} ${q.keys} having the ${q.most} ${q.many}${q.when}.`,
      (q) => say`Rank ${q.keys} by number of ${q.many}${q.when} and keep the ${q.n} with the ${q.most}.`,
    ],
    telegraphic: [(q) => say`${q.n} ${q.keys} with the ${q.most} ${q.many}${q.when}`],
  },
});

/** SELECT key, COUNT(*) … GROUP BY key ORDER BY COUNT(*): the whole ranking. */
export const rankedGroups = intent<{ key: Phrase; first: string }>({
  name: 'rankedGroups',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'category', isCategory);
    if (key === undefined) return undefined;
    const expression = draft.expression(key);
    const isMost = draw.random.chance(0.7);
    const { program } = draft;
    program.select.push(expression, { kind: 'count' });
    program.groupBy.push(expression);
    program.orderBy.push({ by: { kind: 'count' }, direction: isMost ? 'DESC' : 'ASC' });
    const words = isMost
      ? ['most frequent', 'most common', 'largest']
      : ['least frequent', 'rarest', 'smallest'];
    return { key: groupOf(draw, key), first: `${draw.wording(words)} first` };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.key}, ${q.first}?`,
      (q) => say`What is the number of ${q.many}${q.when} for each ${q.key}, ${q.first}?`,
      (q) => say`For each ${q.key}, how many ${q.many}${q.when} are there, ${q.first}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per ${q.key}, ${q.first}.`,
      (q) => say`Show the number of ${q.many}${q.when} by ${q.key}, ${q.first}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key} and count them, ${q.first}.`,
      (q) => say`For each ${q.key}, show the number of ${q.many}${q.when}, ${q.first}.`,
    ],
    telegraphic: [
      (q) => say`${q.many}${q.when} per ${q.key}, ${q.first}`,
      (q) => say`number of ${q.many}${q.when} by ${q.key}, ${q.first}`,
    ],
  },
});

/** SELECT key, key, COUNT(*) … GROUP BY key, key. */
export const groupTwo = intent<{ key: Phrase; second: Phrase }>({
  name: 'groupTwo',
  compose(draw, topic, draft) {
    const keys = [draw.key(topic, 'kindOfRow', isKindOfRow), draw.key(topic, 'kindOfRow', isKindOfRow)];
    const [first, second] = keys;
    if (first === undefined || second === undefined || isBound(first, second)) return undefined;
    const expressions: QueryExpression[] = [draft.expression(first), draft.expression(second)];
    draft.program.select.push(...expressions, { kind: 'count' });
    draft.program.groupBy.push(...expressions);
    return { key: groupOf(draw, first), second: groupOf(draw, second) };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there per ${q.key} and ${q.second}?`,
      (q) => say`How many ${q.many}${q.when} are there for each combination of ${q.key} and ${q.second}?`,
      (q) => say`What is the number of ${q.many}${q.when} by ${q.key} and ${q.second}?`,
      (q) => say`For each ${q.key} and ${q.second}, how many ${q.many}${q.when} are there?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} per ${q.key} and ${q.second}.`,
      (q) => say`Show the number of ${q.many}${q.when} for each ${q.key} and ${q.second}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key} and ${q.second} and count them.`,
      (q) => say`Break down the number of ${q.many}${q.when} by ${q.key}, then ${q.second}.`,
      (q) => say`For each ${q.key} and ${q.second}, count the ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} by ${q.key} and ${q.second}`,
      (q) => say`${compoundOf(q, 'counts')} per ${q.key} and ${q.second}`,
      (q) => say`for each ${q.key} and ${q.second}, number of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT key, MIN(date) … GROUP BY key: the first or last time of each group. */
export const groupExtremeDate = intent<{ adjective: string; what: Phrase; key: Phrase }>({
  name: 'groupExtremeDate',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'groupKey', isGroupKey);
    const date = draw.ownAttribute(topic, 'extremeDate', isExtremeDate);
    draw.asksForTime = true;
    if (key === undefined || date === undefined) return undefined;
    const isFirst = draw.random.chance(0.5);
    const expression = draft.expression(key);
    draft.program.select.push(expression, aggregateOf(isFirst ? 'MIN' : 'MAX', draft.expression(date)));
    draft.program.groupBy.push(expression);
    return {
      adjective: draw.wording(extremeWords(date, isFirst ? 'ASC' : 'DESC')),
      what: columnPhrase(draw.phraseOf(date)),
      key: groupOf(draw, key),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}?`,
      (q) => say`What is the ${q.adjective} ${q.what} of ${q.many}${q.when} for each ${q.key}?`,
      (q) => say`For each ${q.key}, what is the ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}.`,
      (q) => say`For each ${q.key}, find the ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Group ${q.many}${q.when} by ${q.key} and show the ${q.adjective} ${q.what}.`,
      (q) => say`Give me the ${q.adjective} ${q.what} of ${q.many}${q.when} by ${q.key}.`,
    ],
    telegraphic: [
      (q) => say`${q.adjective} ${q.what} of ${q.many}${q.when} per ${q.key}`,
      (q) => say`for each ${q.key}, ${q.adjective} ${q.what} of ${q.many}${q.when}`,
    ],
  },
});

/** SELECT TOP (n) key, AVG(measure) … GROUP BY key ORDER BY AVG(measure). */
export const topAggregates = intent<{
  n: Phrase;
  keys: Phrase;
  extreme: string;
  adjective: string;
  what: Phrase;
}>({
  name: 'topAggregates',
  compose(draw, topic, draft) {
    const key = draw.key(topic, 'manyValued', isManyValued);
    const measure = draw.attribute(topic, 'measure', isMeasure);
    const keys = key && pluralPhrase(draw, key);
    if (key === undefined || keys === undefined || measure === undefined) return undefined;
    const name = isAdditive(measure) ? draw.random.pick(['AVG', 'SUM'] as const) : 'AVG';
    const direction = draw.random.pick(['DESC', 'ASC'] as const);
    const { program } = draft;
    const expression = draft.expression(key);
    const figure = aggregateOf(name, draft.expression(measure));
    const top = draw.topCount();
    program.top = top;
    program.select.push(expression, figure);
    program.groupBy.push(expression);
    program.orderBy.push({ by: figure, direction });
    return {
      n: valuePhrase(top),
      keys,
      extreme: draw.wording(extremeWords(measure, direction)),
      adjective: draw.wording(AGGREGATE_WORDS[name]),
      what: columnPhrase(draw.phraseOf(measure)),
    };
  },
  frames: {
    question: [
      (q) =>
        say`Which ${q.n} ${q.keys} have the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) =>
        say`What are the ${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}?`,
      (q) =>
        say`For ${q.many}${q.when}, which ${q.n} ${q.keys} have the ${q.extreme} ${q.adjective} ${q.what}?`,
      (q) =>
        say`For which ${q.n} ${q.keys} is the ${q.adjective} ${q.what} of ${q.many}${q.when} the ${q.extreme}?`,
    ],
    imperative: [
      (q) =>
        say`Show the ${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) =>
        say`List the ${q.n} ${q.keys} having the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}.`,
      (q) =>
        say`For ${q.many}${q.when}, find the ${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what}.`,
      (q) =>
        say`${amongFirst(q)}, give me the ${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}`,
      (q) => say`the ${q.n} ${q.keys} with the ${q.extreme} ${q.adjective} ${q.what} of ${q.many}${q.when}`,
    ],
  },
});
