import { PLACEHOLDER_PATTERN } from '../../data/placeholder.js';
import { STOP_WORDS } from '../../data/schema/link/lexicon.js';
import { scorerOf } from '../../data/schema/link/link.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { splitWords } from '../../data/schema/words.js';

/** How often words that no name of the schema explains stood in questions that could be answered. */
export interface WordCounts {
  /** Questions that were counted. */
  questions: number;
  /** Questions that hold the word unexplained: `average`, `between`, `recent`; those in one alone are left out. */
  words: Readonly<Record<string, number>>;
}

export interface Unexplained {
  word: string;
  /** 0 to 1: 1 for a word that no answerable question held, little for the words that every question is made of. */
  weight: number;
}

/** How much of a question a schema leaves unexplained. */
export interface Strangeness {
  /** Sum of the weights. */
  score: number;
  /** The words that no table, column or synonym explains, the heaviest first. */
  words: Unexplained[];
}

/**
 * Looks for what a question needs and a schema does not have: content words that no table, column or synonym explains,
 * a word weighing the more, the seldomer it stands unexplained in questions that can be answered.
 *
 * @param question with placeholders in the places of its values
 */
export function strangeness(question: string, index: SchemaIndex, counts: WordCounts): Strangeness {
  const words = unexplainedWords(question, index).map(([word, missing]) => {
    return { word, weight: missing * rarity(word, counts) };
  });
  words.sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1));
  return { score: words.reduce((sum, { weight }) => sum + weight, 0), words };
}

/** Different content words with the part of each, above 0, that the schema does not explain. */
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
