import type { ValueLookup } from '../../data/values/longest.js';
import type { QuestionToken } from './lexer.js';
import type { CodeTree } from './mentions/code-tree.js';

/** Schema names that stay in the question. */
export interface NamesWithDigits {
  /** Each name as a list of words. */
  byFirstWord: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Number of words in the longest name. */
  longest: number;
}

/** What the vault knows of a schema. Prepare it once per schema with `knowledgeOf`. */
export interface SchemaKnowledge {
  /** Names with digits in them, which are not values. */
  names: NamesWithDigits;
  /** The bits (`WORD`) of a lower-case word, English and schema together. */
  bitsOf(word: string): number;
  /** The same of a token, which knows its word. */
  bitsOfToken(token: QuestionToken): number;
  /** The word that a lower-case word misspells, if nothing explains it otherwise. */
  misspelled(word: string): string | undefined;
  /** Words for coded values. */
  codes: CodeTree;
  /** Finds values of the database. */
  values?: ValueLookup | undefined;
  /** Words of each column's name, in the singular: `t.drug_type` has `drug` and `type`. */
  wordsOfColumn: ReadonlyMap<string, ReadonlySet<string>>;
  /** The columns of a patient's or visit's ID that is no number, where their key is one. */
  idColumns(kind: string): readonly string[];
}
