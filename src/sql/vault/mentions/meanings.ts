import { splitWords } from '../../../data/schema/words.js';

/** What the values of a column usually mean, for schemas that do not say: the words, and the usual spellings. */
export interface Meaning {
  /** Tested on the words of a column's name. */
  column: RegExp;
  /** What people say, the plainest first. */
  words: readonly string[];
  /** Spellings of the value, in lower case. */
  values: readonly string[];
}

const GENDER = /(?:^| )(?:gender|sex|gndr)(?:$| )/;
const MARITAL = /(?:^| )marital(?:$| )|(?:marital|civil) ?stat(?:us|e)/;
const LANGUAGE = /(?:^| )language(?:$| )/;

export const MEANINGS: readonly Meaning[] = [
  { column: GENDER, words: ['male', 'man', 'boy'], values: ['m', 'male', 'man', '1'] },
  { column: GENDER, words: ['female', 'woman', 'girl'], values: ['f', 'female', 'woman', '2'] },
  { column: MARITAL, words: ['married'], values: ['m', 'married'] },
  { column: MARITAL, words: ['single', 'unmarried', 'never married'], values: ['s', 'single', 'unmarried'] },
  { column: MARITAL, words: ['divorced'], values: ['d', 'divorced'] },
  { column: MARITAL, words: ['widowed', 'widow', 'widower'], values: ['w', 'widowed'] },
  { column: MARITAL, words: ['separated'], values: ['l', 'separated'] },
  { column: LANGUAGE, words: ['english'], values: ['en', 'eng', 'engl', 'english'] },
  { column: LANGUAGE, words: ['spanish'], values: ['es', 'spa', 'span', 'spanish'] },
  { column: LANGUAGE, words: ['portuguese'], values: ['pt', 'por', 'port', 'portuguese'] },
  { column: LANGUAGE, words: ['russian'], values: ['ru', 'rus', 'russ', 'russian'] },
  { column: LANGUAGE, words: ['french'], values: ['fr', 'fre', 'fren', 'french'] },
  { column: LANGUAGE, words: ['german'], values: ['de', 'ger', 'germ', 'german'] },
  { column: LANGUAGE, words: ['italian'], values: ['it', 'ita', 'ital', 'italian'] },
  { column: LANGUAGE, words: ['chinese'], values: ['zh', 'chi', 'chin', 'chinese'] },
];

/** Whether the vault takes words for values of such a column as coded meanings, even if the schema lists no codes. */
export function hasUsualMeanings(columnName: string): boolean {
  const words = splitWords(columnName).join(' ');
  return MEANINGS.some(({ column }) => column.test(words));
}

/** Words for death and life: codes only where the schema has no date of death, otherwise words of the question. */
export const DEATH = /^(?:dead|died|deceased|expired|alive|living)$/;
