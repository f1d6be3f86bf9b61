import { AMOUNT_EXAMPLES } from './examples-amounts.js';
import { DATE_EXAMPLES } from './examples-dates.js';
import { ID_EXAMPLES } from './examples-ids.js';
import { STAYING_EXAMPLES } from './examples-what-stays.js';

/** Questions with their values marked, in the notation of marked.ts. */
export const EXAMPLES: Record<string, string> = {
  ...ID_EXAMPLES,
  ...DATE_EXAMPLES,
  ...AMOUNT_EXAMPLES,
  ...STAYING_EXAMPLES,
};
