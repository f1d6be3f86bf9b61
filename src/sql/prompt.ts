import { formatIdMap } from '../data/placeholder.js';
import { formatPrompt } from '../data/record.js';
import { VaultError } from './vault/errors.js';
import { MIN_REPEAT, wholeWordAt } from './vault/repeats.js';
import type { VaultEntry } from './vault/types.js';

/** What the prompt needs of a placeholder; the spellings serve only to check that none is left in the question. */
export type PromptPlaceholder = Pick<VaultEntry, 'name' | 'kind' | 'type' | 'text'> &
  Partial<Pick<VaultEntry, 'spans'>>;

/**
 * The text that the model reads before it writes, in the layout of the training record.
 *
 * @param question masked question, as `extract` gives it
 * @param schema schema text, as `renderSchema` writes it
 * @throws VaultError `value-leak` when the spelling of a value is still in the question, `unknown-placeholder` when
 *   a placeholder is not in it
 */
export function buildPrompt(
  question: string,
  placeholders: readonly PromptPlaceholder[],
  schema: string,
): string {
  for (const placeholder of placeholders) {
    if (!question.includes(placeholder.name)) {
      throw new VaultError(
        'unknown-placeholder',
        `${placeholder.name} is in the map and not in the question`,
      );
    }
    assertHidden(question, placeholder);
  }
  // A line break would end the record's question line.
  const line = question.replace(/[\r\n\u2028\u2029]+/g, ' ');
  return formatPrompt({ schema, question: line, idMap: formatIdMap(placeholders) });
}

/** Thresholds and short numbers are not looked for: `top 1000` may stand beside `over 1000`. */
function assertHidden(question: string, { name, text, spans }: PromptPlaceholder): void {
  if (name.startsWith('__NUM_')) return;
  for (const spelled of new Set([text, ...(spans ?? []).map((span) => span.text)])) {
    const at = spelled.length < MIN_REPEAT ? -1 : wholeWordAt(question, spelled, 0);
    if (at >= 0) {
      throw new VaultError(
        'value-leak',
        `the value of ${name} is still in the masked question (at character ${at})`,
        at,
      );
    }
  }
}
