import type { SampleDraw } from '../draw.js';
import type { Topic } from '../topics/topics.js';
import { rolesOf } from '../../schema/roles/infer.js';
import type { Attribute } from '../topics/entities.js';
import { columnPhrase, say, sayList, valuePhrase, type Phrase } from '../question/phrase.js';
import { intent, type Nouns } from './intent.js';
import { ofRow, pluralPhrase, spokenValues } from './phrases.js';
import { pickAttributes } from './list.js';
import { isDateAttribute, isExtremeDate, isMeasure, isSortable } from '../topics/uses.js';

type Ordered = { what: Phrase; is: string; by: Phrase; direction: string };

/** SELECT columns … ORDER BY column. */
export const ordered = intent<Ordered>({
  name: 'ordered',
  compose(draw, topic, draft) {
    const attributes = pickAttributes(draw, topic, draw.random.between(1, 2));
    const key = draw.ownAttribute(topic, 'sortable', isSortable);
    if (attributes === undefined || key === undefined) return undefined;
    const { program } = draft;
    program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    const direction = draw.random.pick(['ASC', 'DESC'] as const);
    program.orderBy.push({ by: draft.expression(key), direction });
    return {
      what: sayList(attributes.map((attribute) => ofRow(draw, attribute))),
      is: attributes.length === 1 ? 'is' : 'are',
      by: columnPhrase(draw.phraseOf(key)),
      direction: draw.wording(directionWords(key, direction)),
    };
  },
  frames: {
    question: [
      (q) => say`What ${q.is} the ${q.what} of ${q.many}${q.when}, ordered by ${q.by} ${q.direction}?`,
      (q) => say`Can you show the ${q.what} of ${q.many}${q.when}, in order of ${q.by} ${q.direction}?`,
    ],
    imperative: [
      (q) => say`List the ${q.what} of ${q.many}${q.when}, ordered by ${q.by} ${q.direction}.`,
      (q) => say`Show the ${q.what} of ${q.many}${q.when}, sorted by ${q.by} ${q.direction}.`,
      (q) => say`For ${q.many}${q.when}, return the ${q.what} and order by ${q.by} ${q.direction}.`,
    ],
    telegraphic: [
      (q) => say`${q.what} of ${q.many}${q.when}, by ${q.by} ${q.direction}`,
      (q) => say`${q.what} of ${q.many}${q.when}, sorted by ${q.by} ${q.direction}`,
    ],
  },
});

type Top = { n: Phrase; what: Phrase; is: string; by: Phrase; adjective: string };

/** SELECT TOP (n) columns … ORDER BY measure or date: the extreme rows. */
export const topRows = intent<Top>({
  name: 'topRows',
  compose(draw, topic, draft) {
    const attributes = pickAttributes(draw, topic, 1);
    const key = draw.ownAttribute(topic, 'rankable', isRankable);
    if (attributes === undefined || key === undefined) return undefined;
    // `The start times of the nine with the latest start dates` is not asked.
    if (isDateAttribute(key) && attributes.some(isDateAttribute)) return undefined;
    draw.asksForTime = isDateAttribute(key);
    const { program } = draft;
    const top = draw.topCount();
    program.top = top;
    program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    const direction = draw.random.pick(['DESC', 'ASC'] as const);
    program.orderBy.push({ by: draft.expression(key), direction });
    const by = pluralPhrase(draw, key);
    if (by === undefined) return undefined;
    const { what, is } = spokenValues(draw, attributes[0]!);
    return {
      n: valuePhrase(top),
      what,
      is,
      by,
      adjective: draw.wording(extremeWords(key, direction)),
    };
  },
  frames: {
    question: [
      (q) =>
        q.when.length === 0
          ? say`What ${q.is} the ${q.what} of the ${q.n} ${q.many} with the ${q.adjective} ${q.by}?`
          : say`Among ${q.many}${q.when}, what ${q.is} the ${q.what} of the ${q.n} with the ${q.adjective} ${q.by}?`,
      (q) =>
        say`Of all ${q.many}${q.when}, what ${q.is} the ${q.what} of the ${q.n} with the ${q.adjective} ${q.by}?`,
    ],
    imperative: [
      (q) =>
        q.when.length === 0
          ? say`List the ${q.what} of the ${q.n} ${q.many} with the ${q.adjective} ${q.by}.`
          : say`Among ${q.many}${q.when}, find the ${q.n} with the ${q.adjective} ${q.by} and list the ${q.what}.`,
      (q) =>
        say`Find the ${q.n} ${q.many} with the ${q.adjective} ${q.by}${among(q)} and show the ${q.what}.`,
      (q) =>
        say`From all ${q.many}${q.when}, take the ${q.n} with the ${q.adjective} ${q.by} and return the ${q.what}.`,
    ],
    telegraphic: [
      (q) =>
        q.when.length === 0
          ? say`${q.what} of the ${q.n} ${q.many} with the ${q.adjective} ${q.by}`
          : say`among ${q.many}${q.when}, ${q.what} of the ${q.n} with the ${q.adjective} ${q.by}`,
    ],
  },
});

type TopOne = { what: Phrase; by: Phrase; adjective: string; its: string };

/** SELECT TOP (1) column … ORDER BY: the one extreme row. */
export const topOne = intent<TopOne>({
  name: 'topOne',
  compose(draw, topic, draft) {
    const attributes = pickAttributes(draw, topic, 1);
    const key = draw.ownAttribute(topic, 'rankable', isRankable);
    if (attributes === undefined || key === undefined) return undefined;
    draw.asksForTime = isDateAttribute(key);
    const { program } = draft;
    program.top = 1;
    program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    const direction = draw.random.pick(['DESC', 'ASC'] as const);
    program.orderBy.push({ by: draft.expression(key), direction });
    return {
      what: columnPhrase(draw.phraseOf(attributes[0]!)),
      by: columnPhrase(draw.phraseOf(key)),
      adjective: draw.wording(extremeWords(key, direction)),
      its: isPeople(draw, topic) ? 'their' : 'its',
    };
  },
  frames: {
    question: [
      (q) =>
        q.when.length === 0
          ? say`What is the ${q.what} of the ${q.one} with the ${q.adjective} ${q.by}?`
          : say`Among ${q.many}${q.when}, what is the ${q.what} of the one with the ${q.adjective} ${q.by}?`,
      (q) =>
        say`Of all ${q.many}${q.when}, what is the ${q.what} of the one with the ${q.adjective} ${q.by}?`,
    ],
    imperative: [
      (q) =>
        q.when.length === 0
          ? say`Show the ${q.what} of the ${q.one} with the ${q.adjective} ${q.by}.`
          : say`Among ${q.many}${q.when}, find the one with the ${q.adjective} ${q.by} and show ${q.its} ${q.what}.`,
      (q) =>
        q.when.length === 0
          ? say`Give me the ${q.what} of the ${q.one} that has the ${q.adjective} ${q.by}.`
          : say`Of the ${q.many}${q.when}, take the one with the ${q.adjective} ${q.by} and give me ${q.its} ${q.what}.`,
      (q) => say`Find the ${q.one} with the ${q.adjective} ${q.by}${among(q)} and return ${q.its} ${q.what}.`,
    ],
    telegraphic: [
      (q) =>
        q.when.length === 0
          ? say`${q.what} of the ${q.one} with the ${q.adjective} ${q.by}`
          : say`among ${q.many}${q.when}, ${q.what} of the one with the ${q.adjective} ${q.by}`,
    ],
  },
});

function isPeople({ topics }: SampleDraw, { entity }: Topic): boolean {
  return /^(patient|person)$/.test(rolesOf(topics.index.bundle).ofTable(entity.table).role);
}

/** ` among visits whose …`; nothing without conditions. */
function among({ many, when }: Nouns): Phrase {
  return when.length === 0 ? [] : say` among ${many}${when}`;
}

function directionWords(key: Attribute, direction: 'ASC' | 'DESC'): string[] {
  const ascending = direction === 'ASC';
  const alphabetical = ascending ? ['from A to Z', '(A to Z)'] : ['from Z to A', '(Z to A)'];
  if (key.kind === 'text') return [ascending ? 'ascending' : 'descending', ...alphabetical];
  const special = isDateAttribute(key)
    ? ascending
      ? ['from oldest to newest', '(oldest first)']
      : ['from newest to oldest', '(newest first)']
    : ascending
      ? ['from lowest to highest', '(lowest first)']
      : ['from highest to lowest', '(highest first)'];
  return [ascending ? 'ascending' : 'descending', ...special];
}

export function extremeWords(key: Attribute, direction: 'ASC' | 'DESC'): string[] {
  if (isDateAttribute(key)) {
    return direction === 'ASC' ? ['earliest'] : ['latest', 'most recent'];
  }
  return direction === 'ASC' ? ['lowest'] : ['highest'];
}

function isRankable(attribute: Attribute): boolean {
  return isMeasure(attribute) || isExtremeDate(attribute);
}
