import type { PlaceholderInfo } from '../data/placeholder.js';

/**
 * A placeholder with its value, which the vault keeps and the renderer puts back. The value never reaches the model, a
 * log or a training page; the model sees only the `PlaceholderInfo` part.
 */
export interface PlaceholderValue extends PlaceholderInfo {
  /** The exact spelling in the question: `March 5, 2024`, `007345`. */
  text: string;
  /**
   * The normalised value, if it differs from the spelling: a day `2024-03-05`, a moment `2024-03-05T10:00:00`, a month
   * `2024-03`, a quarter `2024-Q1`, a year `2024`; a number's digits without separators; the text inside quotes.
   */
  value?: string | undefined;
  /** What an explanation says, where the spelling stands for several values: 80 for `in their 80s`, which is 80 to 89. */
  shown?: string | undefined;
  /** For a coded meaning, the literal of each column: `{'person.gender_concept_id': '8507', 'patient.sex': 'M'}`. */
  literals?: Readonly<Record<string, string>> | undefined;
}
