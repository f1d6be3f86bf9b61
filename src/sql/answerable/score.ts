import { PLACEHOLDER_PATTERN } from '../../data/placeholder.js';
import { STOP_WORDS } from '../../data/schema/link/lexicon.js';
import { scorerOf } from '../../data/schema/link/link.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';

/** How often words appear in answerable questions although no name in the schema explains them. */
export interface WordCounts {
  /** Number of questions counted. */
  questions: number;
  /** Number of questions with the word unexplained: `average`, `between`, `recent`. Words of only one are left out. */
  words: Readonly<Record<string, number>>;
}

export interface Unexplained {
  word: string;
  /** 0 to 1: 1 for a word in no answerable question, close to 0 for a word in almost every one. */
  weight: number;
}

/** How much of a question a schema leaves unexplained. */
export interface Strangeness {
  /** Sum of the weights. */
  score: number;
  /** The words that no table, column or synonym explains, heaviest first. */
  words: Unexplained[];
}

/**
 * Finds what a question needs and the schema lacks: content words that no table, column or synonym explains. A word
 * weighs more the more rarely answerable questions contain it unexplained.
 *
 * @param question with placeholders for its values
 */
export function strangeness(question: string, index: SchemaIndex, counts: WordCounts): Strangeness {
  const words = unexplainedWords(question, index).map(([word, missing]) => {
    return { word, weight: missing * rarity(word, counts) };
  });
  words.sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1));
  return { score: words.reduce((sum, { weight }) => sum + weight, 0), words };
}

/** The distinct content words with the share of each, above 0, that the schema does not explain. */
export function unexplainedWords(question: string, index: SchemaIndex): [word: string, missing: number][] {
  const scorer = scorerOf(index);
  const words = new Set(splitWords(question.replace(PLACEHOLDER_PATTERN, ' ')));
  return [...words]
    .filter((word) => !STOP_WORDS.has(word) && /\p{L}{2}/u.test(word))
    .map((word): [string, number] => [word, 1 - scorer.explains(word)])
    .filter(([, missing]) => missing > 0);
}

function rarity(word: string, { questions, words }: WordCounts): number {
  const held = Object.hasOwn(words, word) ? words[word]! : 0;
  return Math.log((questions + 1) / (held + 1)) / Math.log(questions + 1);
}
