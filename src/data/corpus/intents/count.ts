import { aggregateOf } from '../statement/program.js';
import { columnPhrase, say, type Phrase } from '../question/phrase.js';
import { intent } from './intent.js';
import { isCountable } from '../topics/uses.js';

/** SELECT COUNT(*): how many rows. */
export const count = intent<object>({
  name: 'count',
  compose(_draw, _topic, draft) {
    draft.program.select.push({ kind: 'count' });
    return {};
  },
  frames: {
    question: [
      (q) => say`How many ${q.many}${q.when} are there?`,
      (q) => say`What is the number of ${q.many}${q.when}?`,
      (q) => say`How many ${q.many} are there${q.when}?`,
      (q) => say`What is the total number of ${q.many}${q.when}?`,
      (q) => say`What is the count of ${q.many}${q.when}?`,
      (q) => say`Can you tell me how many ${q.many} there are${q.when}?`,
      (q) => say`How many ${q.one} records exist${q.when}?`,
      (q) => say`How many ${q.many} do we have${q.when}?`,
    ],
    imperative: [
      (q) => say`Count the ${q.many}${q.when}.`,
      (q) => say`Give me the number of ${q.many}${q.when}.`,
      (q) => say`Return the number of ${q.many}${q.when}.`,
      (q) => say`Find out how many ${q.many} there are${q.when}.`,
      (q) => say`Show the total number of ${q.many}${q.when}.`,
      (q) => say`Count all ${q.many}${q.when}.`,
      (q) => say`Tell me how many ${q.many} we have${q.when}.`,
    ],
    telegraphic: [
      (q) => say`number of ${q.many}${q.when}`,
      (q) => say`count of ${q.many}${q.when}`,
      (q) => say`count ${q.many}${q.when}`,
      (q) => say`total ${q.many}${q.when}`,
      (q) => say`${q.one} count${q.when}`,
    ],
  },
});

/** SELECT COUNT(DISTINCT column): how many different values. */
export const countDistinct = intent<{ what: Phrase }>({
  name: 'countDistinct',
  compose(draw, topic, draft) {
    const attribute = draw.attribute(topic, 'countable', isCountable);
    if (attribute === undefined) return undefined;
    draft.program.select.push(aggregateOf('COUNT', draft.expression(attribute), true));
    return { what: columnPhrase(draw.phraseOf(attribute)) };
  },
  frames: {
    question: [
      (q) => say`How many distinct ${q.what} values do ${q.many}${q.when} have?`,
      (q) => say`How many different ${q.what} values are there among ${q.many}${q.when}?`,
      (q) => say`What is the number of distinct ${q.what} values of ${q.many}${q.when}?`,
      (q) => say`How many unique ${q.what} values occur in ${q.many}${q.when}?`,
      (q) => say`How many different values of ${q.what} do the ${q.many}${q.when} show?`,
    ],
    imperative: [
      (q) => say`Count the distinct ${q.what} values of ${q.many}${q.when}.`,
      (q) => say`Count the different ${q.what} values among ${q.many}${q.when}.`,
      (q) => say`Give me the number of unique ${q.what} values for ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, count the distinct values of ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`number of distinct ${q.what} values of ${q.many}${q.when}`,
      (q) => say`distinct ${q.what} count for ${q.many}${q.when}`,
      (q) => say`count of unique ${q.what} values, ${q.many}${q.when}`,
    ],
  },
});
