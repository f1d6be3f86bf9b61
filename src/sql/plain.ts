import type { PlaceholderInfo } from '../data/placeholder.js';

/** What stands before a value and belongs to it: `since __DATE_1__`, `older than __NUM_1__`, `the last __NUM_1__ days`. */
const LED =
  /(?:\b(?:since|before|after|until|till|between|during|within|than|by|on|in|from|to|through|over|under|above|below|last|past|previous|next|at|and|the|a|an|prior|end|start|of|age|aged|code|id|number)\s+)*__[A-Z]+_\d+__/g;

/** Words that ask for more than the question's values: another time, one of two things, what is missing, other columns. */
const MORE = new RegExp(
  [
    String.raw`or|nor|not|no|non|never|without|none|neither|except|excluding|missing|null|empty|blank|unset|unknown|known|recorded|documented`,
    String.raw`(?:last|past|previous|this|current|next|same|each) (?:calendar |whole )?(?:year|month|week|quarter|day)|today|yesterday|tomorrow|now|currently|current|still|yet|ongoing`,
    String.raw`than|before|after|until|since|between|during|within|same|equals?|differ\w*|exceed\w*|match\w*`,
    String.raw`alive|dead|died|death|deceased|living|lives?|surviv\w*|expired|passed away|active|open|closed|finished|discharged|ended|flag\w*|yes`,
    String.raw`january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays?|morning|evening|night`,
  ]
    .map((words) => String.raw`\b(?:${words})\b`)
    .join('|') + String.raw`|n['’]t\b`,
  'i',
);

/**
 * Whether a masked question with a day, a month or a quarter has nothing to say in its conditions but its values. Until
 * these are used, a statement for it needs no condition of its own making: `born before March 5, 1950` begins with no
 * year of birth. (For all questions without such words this was tried and left: on schemas that a model does not know,
 * its refusals became wrong answers.)
 */
export function isPlain(question: string, placeholders: readonly PlaceholderInfo[]): boolean {
  const isDated = placeholders.some(({ name, kind }) => name.startsWith('__DATE_') && kind !== 'year');
  return isDated && !MORE.test(question.replace(LED, ' '));
}
