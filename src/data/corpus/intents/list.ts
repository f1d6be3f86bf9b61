import type { Attribute } from '../topics/entities.js';
import type { SampleDraw } from '../draw.js';
import { columnPhrase, say, sayList, valuePhrase, type Phrase } from '../question/phrase.js';
import { idValue } from '../question/values.js';
import { compare } from '../statement/program.js';
import type { Topic } from '../topics/topics.js';
import { intent, type Intent } from './intent.js';
import { ofRow, onePhrase, pluralPhrase, spokenValues } from './phrases.js';
import { isCountable, isDetail, isOwnListable, isRowKey, isTelling } from '../topics/uses.js';

/** SELECT column, …: that many attributes of each row. */
function columnsIntent(name: string, columns: number): Intent<object> {
  return intent<{ what: Phrase; each: Phrase; is: string }>({
    name,
    compose(draw, topic, draft) {
      const attributes = pickAttributes(draw, topic, columns);
      if (attributes === undefined) return undefined;
      draft.program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
      if (columns === 1) {
        const { what, is } = spokenValues(draw, attributes[0]!);
        return { what, each: onePhrase(what), is };
      }
      const what = sayList(attributes.map((attribute) => ofRow(draw, attribute)));
      return { what, each: what, is: 'are' };
    },
    frames: {
      question: [
        (q) => say`What ${q.is} the ${q.what} of ${q.many}${q.when}?`,
        (q) => say`What ${q.is} the ${q.what} of the ${q.many}${q.when}?`,
        (q) => say`Can you show me the ${q.what} of all ${q.many}${q.when}?`,
        (q) => say`Could you list the ${q.each} for each ${q.one}${q.when}?`,
      ],
      imperative: [
        (q) => say`List the ${q.what} of ${q.many}${q.when}.`,
        (q) => say`Show the ${q.what} of ${q.many}${q.when}.`,
        (q) => say`Give me the ${q.what} of all ${q.many}${q.when}.`,
        (q) => say`For ${q.many}${q.when}, return the ${q.what}.`,
        (q) => say`Show me the ${q.each} for every ${q.one}${q.when}.`,
        (q) => say`Get the ${q.what} of ${q.many}${q.when}.`,
        (q) => say`Display the ${q.each} of each ${q.one}${q.when}.`,
        (q) => say`Pull the ${q.what} for all ${q.many}${q.when}.`,
      ],
      telegraphic: [
        (q) => say`${q.what} of ${q.many}${q.when}`,
        (q) => say`${q.what} for ${q.many}${q.when}`,
      ],
    },
  });
}

export const listOne = columnsIntent('listOne', 1);
export const listTwo = columnsIntent('listTwo', 2);
export const listThree = columnsIntent('listThree', 3);

/** SELECT columns … WHERE key: what the schema says of one row. */
export const oneRow = intent<{ what: Phrase; is: string; id: Phrase }>({
  name: 'oneRow',
  isWhole: true,
  compose(draw, topic, draft) {
    const key = draw.ownAttribute(topic, 'ownKey', isRowKey);
    const count = draw.random.pick([1, 1, 2]);
    const attributes: Attribute[] = [];
    for (let i = 0; i < count; i++) {
      const attribute = draw.ownAttribute(topic, 'detail', isDetail);
      if (attribute === undefined) return undefined;
      attributes.push(attribute);
    }
    if (key === undefined) return undefined;
    const value = draw.fresh(() => idValue(draw.random, key, draw.noun(topic.entity).one));
    draft.program.select.push(...attributes.map((attribute) => draft.expression(attribute)));
    draft.program.where.push(compare(draft.expression(key), '=', { kind: 'value', value }));
    return {
      what: sayList(attributes.map((attribute) => columnPhrase(draw.phraseOf(attribute)))),
      is: count === 1 ? 'is' : 'are',
      id: valuePhrase(value),
    };
  },
  frames: {
    question: [
      (q) => say`What ${q.is} the ${q.what} of ${q.one} ${q.id}?`,
      (q) => say`Can you tell me the ${q.what} of ${q.one} ${q.id}?`,
      (q) => say`What ${q.what} ${q.is} recorded for ${q.one} ${q.id}?`,
    ],
    imperative: [
      (q) => say`Show the ${q.what} of ${q.one} ${q.id}.`,
      (q) => say`Give me the ${q.what} of ${q.one} ${q.id}.`,
      (q) => say`Look up the ${q.what} of the ${q.one} with id ${q.id}.`,
      (q) => say`For ${q.one} ${q.id}, show the ${q.what}.`,
    ],
    telegraphic: [(q) => say`${q.what} of ${q.one} ${q.id}`, (q) => say`${q.one} ${q.id}: ${q.what}`],
  },
});

/** SELECT *: whole rows. */
export const rows = intent<object>({
  name: 'rows',
  compose(_draw, _topic, draft) {
    draft.program.select.push({ kind: 'star', source: 0 });
    return {};
  },
  frames: {
    question: [
      (q) => say`Can you show me all ${q.many}${q.when}?`,
      (q) => say`Could you list all ${q.many}${q.when}?`,
      (q) => say`Can I see all ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Show all ${q.many}${q.when}.`,
      (q) => say`List the ${q.many}${q.when}.`,
      (q) => say`Find the ${q.many}${q.when}.`,
      (q) => say`Give me every ${q.one}${q.when}.`,
      (q) => say`Return all ${q.many}${q.when}.`,
      (q) => say`Get all ${q.many}${q.when}.`,
      (q) => say`Pull up the ${q.many}${q.when}.`,
    ],
    telegraphic: [(q) => say`${q.many}${q.when}`, (q) => say`all ${q.many}${q.when}`],
  },
});

/** SELECT DISTINCT column: the different values. */
export const distinct = intent<{ what: Phrase }>({
  name: 'distinct',
  compose(draw, topic, draft) {
    const attribute = draw.key(topic, 'countable', isCountable);
    const what = attribute && pluralPhrase(draw, attribute);
    if (attribute === undefined || what === undefined) return undefined;
    draft.program.distinct = true;
    draft.program.select.push(draft.expression(attribute));
    return { what };
  },
  frames: {
    question: [
      (q) => say`What are the distinct ${q.what} of ${q.many}${q.when}?`,
      (q) => say`Which different ${q.what} are there among ${q.many}${q.when}?`,
      (q) => say`What unique ${q.what} do ${q.many}${q.when} have?`,
      (q) => say`Which ${q.what} occur among ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`List the distinct ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Show the different ${q.what} of ${q.many}${q.when}.`,
      (q) => say`Show the unique ${q.what} for ${q.many}${q.when}.`,
      (q) => say`Give me the distinct ${q.what} of ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`distinct ${q.what} of ${q.many}${q.when}`,
      (q) => say`unique ${q.what} of ${q.many}${q.when}`,
      (q) => say`different ${q.what} among ${q.many}${q.when}`,
    ],
  },
});

/** SELECT own, joined … LEFT JOIN: rows without a match stay. */
export const optional = intent<{ what: Phrase; extra: Phrase }>({
  name: 'optional',
  compose(draw, topic, draft) {
    const own = draw.ownAttribute(topic, 'telling', isTelling);
    const joined = draw.joinedAttribute(topic);
    if (own === undefined || joined === undefined) return undefined;
    draft.program.select.push(draft.expression(own), draft.expression(joined));
    return { what: columnPhrase(draw.phraseOf(own)), extra: ofRow(draw, joined) };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.what} and, if there is one, the ${q.extra} of ${q.many}${q.when}?`,
      (q) => say`Can you show the ${q.what} of ${q.many}${q.when} together with the ${q.extra}, if any?`,
      (q) => say`For all ${q.many}${q.when}, what is the ${q.what} and, if any, the ${q.extra}?`,
    ],
    imperative: [
      (q) => say`List the ${q.what} and, if there is one, the ${q.extra} of ${q.many}${q.when}.`,
      (q) => say`Show the ${q.what} of ${q.many}${q.when} with the ${q.extra}, if any.`,
      (q) => say`Return the ${q.what} of all ${q.many}${q.when} and the ${q.extra} where there is one.`,
      (q) => say`For ${q.many}${q.when}, give the ${q.what} and, where present, the ${q.extra}.`,
    ],
    telegraphic: [(q) => say`${q.what} and, if any, ${q.extra} of ${q.many}${q.when}`],
  },
});

export function pickAttributes(draw: SampleDraw, topic: Topic, count: number): Attribute[] | undefined {
  const attributes: Attribute[] = [];
  for (let i = 0; i < count; i++) {
    // What is shown first tells which row it is.
    const attribute =
      i === 0
        ? draw.ownAttribute(topic, 'telling', isTelling)
        : draw.attribute(topic, 'own listable', isOwnListable);
    if (attribute === undefined) return undefined;
    attributes.push(attribute);
  }
  return attributes;
}
