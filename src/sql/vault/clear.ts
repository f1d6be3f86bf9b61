import { PLACEHOLDER_PATTERN } from '../../data/placeholder.js';
import { tokenizeQuestion } from './lexer.js';
import type { SchemaKnowledge } from './schema-knowledge.js';
import { englishBits, WORD } from './mentions/word-class.js';

const GRAMMAR = WORD.function | WORD.construct | WORD.time;

/**
 * What remains of a masked question for the model to read, beside placeholders and the words of its grammar: each content
 * word once, in order. With a schema, without the words that the schema uses.
 */
export function inTheClear(masked: string, knowledge?: SchemaKnowledge): string[] {
  const text = masked.replace(PLACEHOLDER_PATTERN, ' ');
  const explained = GRAMMAR | WORD.schema;
  const words = tokenizeQuestion(text)
    .filter(({ kind }) => kind !== 'quote')
    .filter(({ word }) => ((knowledge?.bitsOf(word) ?? englishBits(word)) & explained) === 0)
    .map(({ word }) => word);
  return [...new Set(words)];
}
