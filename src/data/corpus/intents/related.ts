import { pluralise } from '../topics/words.js';
import { aggregateOf, column } from '../statement/program.js';
import { say, tablePhrase, type Phrase } from '../question/phrase.js';
import { intent } from './intent.js';
import { ofRow } from './phrases.js';
import { isNaming, isOwner } from '../topics/uses.js';

type WithChild = { others: Phrase };

/** SELECT COUNT(*) … LEFT JOIN child … WHERE child.key IS NULL: rows that no child points to. */
export const countWithout = intent<WithChild>({
  name: 'countWithout',
  isOfRows: true,
  compose(draw, topic, draft) {
    const child = draw.child(topic);
    if (child === undefined) return undefined;
    draft.program.select.push({ kind: 'count' });
    draft.program.where.push({ kind: 'null', of: draft.joinChild(child), negated: false });
    return { others: draw.nouns(child.entity).many };
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} have no ${q.others}?`,
      (q) => say`How many ${q.many}${q.when} do not have any ${q.others}?`,
      (q) => say`What is the number of ${q.many}${q.when} that have no ${q.others}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when} that have no ${q.others}.`,
      (q) => say`Give me the number of ${q.many}${q.when} without any ${q.others}.`,
      (q) => say`Tell me how many ${q.many}${q.when} never had any ${q.others}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when} without ${q.others}`,
      (q) => say`count of ${q.many}${q.when} that have no ${q.others}`,
    ],
  },
});

type ListWithout = { others: Phrase; what: Phrase };

/** The same rows, listed by one attribute. */
export const listWithout = intent<ListWithout>({
  name: 'listWithout',
  isOfRows: true,
  compose(draw, topic, draft) {
    const child = draw.child(topic);
    const shown = draw.ownAttribute(topic, 'naming', isNaming);
    if (child === undefined || shown === undefined) return undefined;
    draft.program.select.push(draft.expression(shown));
    draft.program.where.push({ kind: 'null', of: draft.joinChild(child), negated: false });
    return { others: draw.nouns(child.entity).many, what: ofRow(draw, shown) };
  },
  frames: {
    question: [
      (q) => say`What is the ${q.what} of ${q.many}${q.when} that have no ${q.others}?`,
      (q) => say`Can you list the ${q.what} of the ${q.many}${q.when} that have no ${q.others}?`,
    ],
    imperative: [
      (q) => say`List the ${q.what} of ${q.many}${q.when} that have no ${q.others}.`,
      (q) => say`Show the ${q.what} of all ${q.many}${q.when} without any ${q.others}.`,
      (q) => say`Find the ${q.many}${q.when} that never had any ${q.others} and show the ${q.what}.`,
      (q) => say`Give me the ${q.what} for each of the ${q.many}${q.when} that have no ${q.others}.`,
    ],
    telegraphic: [
      (q) => say`${q.what} of ${q.many}${q.when} without ${q.others}`,
      (q) => say`${q.many}${q.when} that have no ${q.others}: ${q.what}`,
    ],
  },
});

/** SELECT parent.key, COUNT(child.key) … LEFT JOIN … GROUP BY parent.key: zero for parents without children. */
export const childCount = intent<WithChild>({
  name: 'childCount',
  isOfRows: true,
  compose(draw, topic, draft) {
    const child = draw.child(topic);
    if (child === undefined) return undefined;
    const key = column(0, child.key.references.columns[0]!);
    draft.program.select.push(key, aggregateOf('COUNT', draft.joinChild(child)));
    draft.program.groupBy.push(key);
    return { others: draw.nouns(child.entity).many };
  },
  frames: {
    question: [
      (q) => say`How many ${q.others} does each of the ${q.many}${q.when} have, including those with none?`,
      (q) => say`What is the number of ${q.others} for every ${q.one}${q.when}, zero included?`,
      (q) => say`For each ${q.one}${q.when}, how many ${q.others} are there, counting zero as well?`,
      (q) => say`Per ${q.one}${q.when}, how many ${q.others} are there, even if none?`,
    ],
    imperative: [
      (q) => say`For every ${q.one}${q.when}, count the ${q.others}, including those with none.`,
      (q) => say`Show the number of ${q.others} of each ${q.one}${q.when}, zero included.`,
      (q) => say`List all ${q.many}${q.when} with their number of ${q.others}, even if none.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.others} per ${q.one}${q.when}, zero included`,
      (q) => say`${q.others} per ${q.one}${q.when}, including those with none`,
    ],
  },
});

type Parents = { parents: Phrase };

/** SELECT COUNT(DISTINCT child.key): how many distinct parents the matching rows have. */
export const countParents = intent<Parents>({
  name: 'countParents',
  compose(draw, topic, draft) {
    const reference = draw.ownKey(topic, 'owner', isOwner);
    if (reference === undefined) return undefined;
    draft.program.select.push(aggregateOf('COUNT', draft.expression(reference), true));
    return { parents: tablePhrase(pluralise(draw.referenceNoun(reference)!)) };
  },
  frames: {
    question: [
      (q) => say`How many different ${q.parents} have ${q.many}${q.when}?`,
      (q) => say`How many distinct ${q.parents} are there that have ${q.many}${q.when}?`,
      (q) => say`What is the number of unique ${q.parents} that have ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Count the different ${q.parents} that have ${q.many}${q.when}.`,
      (q) => say`Count the distinct ${q.parents} that have ${q.many}${q.when}.`,
      (q) => say`Give me the number of unique ${q.parents} having ${q.many}${q.when}.`,
      (q) => say`Tell me how many different ${q.parents} have ${q.many}${q.when}.`,
    ],
    telegraphic: [(q) => say`number of distinct ${q.parents} that have ${q.many}${q.when}`],
  },
});

/** SELECT DISTINCT child.key: which parents the matching rows have. */
export const listParents = intent<Parents>({
  name: 'listParents',
  compose(draw, topic, draft) {
    const reference = draw.ownKey(topic, 'owner', isOwner);
    if (reference === undefined) return undefined;
    draft.program.distinct = true;
    draft.program.select.push(draft.expression(reference));
    return { parents: tablePhrase(pluralise(draw.referenceNoun(reference)!)) };
  },
  frames: {
    question: [
      (q) => say`Which ${q.parents} have ${q.many}${q.when}?`,
      (q) => say`Which different ${q.parents} have ${q.many}${q.when}?`,
      (q) => say`Can you tell me which ${q.parents} have ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`List the ${q.parents} that have ${q.many}${q.when}.`,
      (q) => say`Show all ${q.parents} that have ${q.many}${q.when}.`,
      (q) => say`Find the ${q.parents} that have ${q.many}${q.when}.`,
    ],
    telegraphic: [
      (q) => say`${q.parents} that have ${q.many}${q.when}`,
      (q) => say`ids of ${q.parents} that have ${q.many}${q.when}`,
    ],
  },
});
