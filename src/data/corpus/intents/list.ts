import type { Attribute } from '../entities.js';
import type { Draw } from '../draw.js';
import { columnName, say, sayList, type Phrase } from '../phrase.js';
import type { Topic } from '../topics.js';
import { intent, type Intent } from './intent.js';
import { isDate, isGroupKey, isListable, isMeasure, isSortable } from './uses.js';

/** SELECT column, …: `columns` attributes of the rows. */
function columnsIntent(name: string, columns: number): Intent<object> {
  return intent<{ what: Phrase }>({
    name,
    compose(draw, topic, draft) {
      const attributes = pickAttributes(draw, topic, columns);
      if (attributes === undefined) return undefined;
      draft.program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
      return { what: sayList(attributes.map((attribute) => columnName(draw.phraseOf(attribute)))) };
    },
    frames: {
      question: [
        (q) => say`What is the ${q.what} of ${q.many}${q.when}?`,
        (q) => say`Which ${q.what} do ${q.many}${q.when} have?`,
        (q) => say`What are the ${q.what} of the ${q.many}${q.when}?`,
        (q) => say`Can you show me the ${q.what} of all ${q.many}${q.when}?`,
        (q) => say`Could you list the ${q.what} for each ${q.one}${q.when}?`,
      ],
      imperative: [
        (q) => say`List the ${q.what} of ${q.many}${q.when}.`,
        (q) => say`Show the ${q.what} of ${q.many}${q.when}.`,
        (q) => say`Give me the ${q.what} of all ${q.many}${q.when}.`,
        (q) => say`For ${q.many}${q.when}, return the ${q.what}.`,
        (q) => say`Show me the ${q.what} for every ${q.one}${q.when}.`,
        (q) => say`Get the ${q.what} from ${q.many}${q.when}.`,
        (q) => say`Display the ${q.what} of each ${q.one}${q.when}.`,
        (q) => say`Pull the ${q.what} for all ${q.many}${q.when}.`,
      ],
      telegraphic: [
        (q) => say`${q.what} of ${q.many}${q.when}`,
        (q) => say`${q.what} for ${q.many}${q.when}`,
        (q) => say`${q.many}${q.when}: ${q.what}`,
      ],
    },
  });
}

export const listOne = columnsIntent('listOne', 1);
export const listTwo = columnsIntent('listTwo', 2);
export const listThree = columnsIntent('listThree', 3);

/** SELECT *: whole rows. */
export const rows = intent<object>({
  name: 'rows',
  compose(_draw, _topic, draft) {
    draft.program.select.push({ kind: 'star', source: 0 });
    return {};
  },
  frames: {
    question: [
      (q) => say`Which ${q.many} are there${q.when}?`,
      (q) => say`What ${q.many} do we have${q.when}?`,
      (q) => say`Can you show me all ${q.many}${q.when}?`,
      (q) => say`Which ${q.one} records exist${q.when}?`,
    ],
    imperative: [
      (q) => say`Show all ${q.many}${q.when}.`,
      (q) => say`List the ${q.many}${q.when}.`,
      (q) => say`Find the ${q.many}${q.when}.`,
      (q) => say`Give me every ${q.one}${q.when}.`,
      (q) => say`Return all ${q.one} records${q.when}.`,
      (q) => say`Get all ${q.many}${q.when}.`,
      (q) => say`Pull up the ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`${q.many}${q.when}`,
      (q) => say`all ${q.many}${q.when}`,
      (q) => say`${q.one} records${q.when}`,
    ],
  },
});

/** SELECT DISTINCT column: the different values. */
export const distinct = intent<{ what: Phrase }>({
  name: 'distinct',
  compose(draw, topic, draft) {
    const attribute = draw.attribute(topic, 'groupKey', isGroupKey);
    if (attribute === undefined) return undefined;
    draft.program.distinct = true;
    draft.program.select.push(draft.expression(attribute));
    return { what: columnName(draw.phraseOf(attribute)) };
  },
  frames: {
    question: [
      (q) => say`What are the distinct ${q.what} values of ${q.many}${q.when}?`,
      (q) => say`Which different ${q.what} values occur among ${q.many}${q.when}?`,
      (q) => say`What unique ${q.what} values do ${q.many}${q.when} have?`,
      (q) => say`Which distinct values of ${q.what} appear in ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`List the distinct ${q.what} values of ${q.many}${q.when}.`,
      (q) => say`Show the different ${q.what} values of ${q.many}${q.when}.`,
      (q) => say`Show the unique ${q.what} values for ${q.many}${q.when}.`,
      (q) => say`Give me each ${q.what} once for ${q.many}${q.when}.`,
      (q) => say`List ${q.what} without duplicates for ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`distinct ${q.what} values of ${q.many}${q.when}`,
      (q) => say`unique ${q.what} values, ${q.many}${q.when}`,
      (q) => say`different ${q.what} values among ${q.many}${q.when}`,
    ],
  },
});

type Ordered = { what: Phrase; by: Phrase; direction: string };

/** SELECT columns … ORDER BY column. */
export const ordered = intent<Ordered>({
  name: 'ordered',
  compose(draw, topic, draft) {
    const attributes = pickAttributes(draw, topic, draw.random.between(1, 2));
    const key = draw.attribute(topic, 'sortable', isSortable);
    if (attributes === undefined || key === undefined) return undefined;
    const { program } = draft;
    program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    const direction = draw.random.pick(['ASC', 'DESC'] as const);
    program.orderBy.push({ by: draft.expression(key), direction });
    return {
      what: sayList(attributes.map((attribute) => columnName(draw.phraseOf(attribute)))),
      by: columnName(draw.phraseOf(key)),
      direction: draw.wording(directionWords(key, direction)),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.what} of ${q.many}${q.when}, ordered by ${q.by} ${q.direction}?`,
      (q) => say`Which ${q.what} do ${q.many}${q.when} have, sorted by ${q.by} ${q.direction}?`,
      (q) => say`Can you show the ${q.what} of ${q.many}${q.when}, in order of ${q.by} ${q.direction}?`,
    ],
    imperative: [
      (q) => say`List the ${q.what} of ${q.many}${q.when}, ordered by ${q.by} ${q.direction}.`,
      (q) => say`Show the ${q.what} of ${q.many}${q.when}, sorted by ${q.by} ${q.direction}.`,
      (q) => say`Sorted by ${q.by} ${q.direction}, list the ${q.what} of ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, return the ${q.what} and order by ${q.by} ${q.direction}.`,
      (q) => say`Order ${q.many}${q.when} by ${q.by} ${q.direction} and show the ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.what} of ${q.many}${q.when}, by ${q.by} ${q.direction}`,
      (q) => say`${q.what} of ${q.many}${q.when}, sort ${q.by} ${q.direction}`,
      (q) => say`${q.many}${q.when}: ${q.what}, ordered by ${q.by} ${q.direction}`,
    ],
  },
});

type Top = { n: string; what: Phrase; by: Phrase; adjective: string };

/** SELECT TOP (n) columns … ORDER BY measure or date: the extreme rows. */
export const topRows = intent<Top>({
  name: 'topRows',
  compose(draw, topic, draft) {
    const attributes = pickAttributes(draw, topic, 1);
    const key = draw.attribute(topic, 'rankable', (attribute) => isMeasure(attribute) || isDate(attribute));
    if (attributes === undefined || key === undefined) return undefined;
    const { program } = draft;
    program.top = draw.topCount();
    program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    const direction = draw.random.pick(['DESC', 'ASC'] as const);
    program.orderBy.push({ by: draft.expression(key), direction });
    return {
      n: String(program.top),
      what: sayList(attributes.map((attribute) => columnName(draw.phraseOf(attribute)))),
      by: columnName(draw.phraseOf(key)),
      adjective: draw.wording(extremeWords(key, direction)),
    };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.what} of the ${q.n} ${q.many}${q.when} with the ${q.adjective} ${q.by}?`,
      (q) =>
        say`Among ${q.many}${q.when}, what is the ${q.what} of the ${q.n} with the ${q.adjective} ${q.by}?`,
      (q) => say`Which ${q.what} do the ${q.n} ${q.many}${q.when} with the ${q.adjective} ${q.by} have?`,
    ],
    imperative: [
      (q) => say`List the ${q.what} of the ${q.n} ${q.many}${q.when} with the ${q.adjective} ${q.by}.`,
      (q) => say`Show the ${q.what} of the ${q.n} ${q.many}${q.when} having the ${q.adjective} ${q.by}.`,
      (q) => say`Give me the ${q.n} ${q.many}${q.when} with the ${q.adjective} ${q.by}; show the ${q.what}.`,
      (q) =>
        say`From ${q.many}${q.when}, take the ${q.n} with the ${q.adjective} ${q.by} and return the ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`${q.what} of ${q.n} ${q.many}${q.when} with ${q.adjective} ${q.by}`,
      (q) => say`${q.n} ${q.many}${q.when} by ${q.adjective} ${q.by}: ${q.what}`,
    ],
  },
});

function pickAttributes(draw: Draw, topic: Topic, count: number): Attribute[] | undefined {
  const attributes: Attribute[] = [];
  for (let i = 0; i < count; i++) {
    const attribute = draw.attribute(topic, 'listable', isListable);
    if (attribute === undefined) return undefined;
    attributes.push(attribute);
  }
  return attributes;
}

export function directionWords(key: Attribute, direction: 'ASC' | 'DESC'): string[] {
  const ascending = direction === 'ASC';
  const special = isDate(key)
    ? ascending
      ? ['from oldest to newest', '(oldest first)']
      : ['from newest to oldest', '(newest first)']
    : ascending
      ? ['from lowest to highest', '(lowest first)']
      : ['from highest to lowest', '(highest first)'];
  return [ascending ? 'ascending' : 'descending', ...special, ascending ? 'upwards' : 'downwards'];
}

export function extremeWords(key: Attribute, direction: 'ASC' | 'DESC'): string[] {
  if (isDate(key)) {
    return direction === 'ASC' ? ['earliest', 'oldest', 'first'] : ['latest', 'most recent', 'newest'];
  }
  return direction === 'ASC' ? ['lowest', 'smallest', 'least'] : ['highest', 'largest', 'greatest'];
}
