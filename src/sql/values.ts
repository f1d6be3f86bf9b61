import type { PlaceholderInfo } from '../data/placeholder.js';

/**
 * One placeholder with its value: what the vault keeps and the renderer puts back. It never reaches the model,
 * a log or a training page; what the model sees is the `PlaceholderInfo` part alone.
 */
export interface PlaceholderValue extends PlaceholderInfo {
  /** The spelling in the question, to the byte: `March 5, 2024`, `007345`. */
  text: string;
  /**
   * The normalised value, where it differs from the spelling:
   * a day `2024-03-05`; a moment `2024-03-05T10:00:00`; a month `2024-03`; a quarter `2024-Q1`; a year `2024`;
   * digits without separators for a number; the inner text for quoted text.
   */
  value?: string;
}
