import { aggregateOf } from '../statement/program.js';
import { say, type Phrase } from '../question/phrase.js';
import { intent } from './intent.js';
import { compoundOf, pluralPhrase } from './phrases.js';
import { isVaried } from '../topics/uses.js';

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
      (q) => compoundOf(q, 'count'),
    ],
  },
});

/** SELECT COUNT(DISTINCT column): how many different values. */
export const countDistinct = intent<{ what: Phrase }>({
  name: 'countDistinct',
  compose(draw, topic, draft) {
    const attribute = draw.key(topic, 'varied', isVaried);
    const what = attribute && pluralPhrase(draw, attribute);
    if (attribute === undefined || what === undefined) return undefined;
    draft.program.select.push(aggregateOf('COUNT', draft.expression(attribute), true));
    return { what };
  },
  frames: {
    question: [
      (q) => say`How many distinct ${q.what} are there among ${q.many}${q.when}?`,
      (q) => say`How many different ${q.what} are there among ${q.many}${q.when}?`,
      (q) => say`What is the number of distinct ${q.what} among ${q.many}${q.when}?`,
      (q) => say`How many unique ${q.what} are there among the ${q.many}${q.when}?`,
    ],
    imperative: [
      (q) => say`Count the distinct ${q.what} among ${q.many}${q.when}.`,
      (q) => say`Count the different ${q.what} among ${q.many}${q.when}.`,
      (q) => say`Give me the number of unique ${q.what} among ${q.many}${q.when}.`,
      (q) => say`For ${q.many}${q.when}, count the distinct ${q.what}.`,
    ],
    telegraphic: [
      (q) => say`number of distinct ${q.what} among ${q.many}${q.when}`,
      (q) => say`count of distinct ${q.what} among ${q.many}${q.when}`,
      (q) => say`count of unique ${q.what} among ${q.many}${q.when}`,
    ],
  },
});
