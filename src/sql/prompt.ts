import { formatIdMap } from '../data/placeholder.js';
import { formatPrompt } from '../data/record.js';
import type { RecordFormat } from '../data/record-format.js';
import { namesOf } from '../data/schema/names.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { VaultError } from './vault/errors.js';
import { MIN_REPEAT, wholeWordAt } from './vault/repeats.js';
import type { VaultEntry } from './vault/types.js';

/** What the prompt needs of a placeholder. The spellings are only used to check that none is left in the question. */
export type PromptPlaceholder = Pick<VaultEntry, 'name' | 'kind' | 'type' | 'text' | 'part'> &
  Partial<Pick<VaultEntry, 'spans'>>;

/**
 * Builds the prompt, in the layout of the training records.
 *
 * @param question masked question, from `extract`
 * @param schema schema text, from `renderSchema`
 * @param written the model's format and the schema, whose names the ID map may spell
 * @throws VaultError `value-leak` if the spelling of a value is still in the question; `unknown-placeholder` if a
 *   placeholder is not in it
 */
export function buildPrompt(
  question: string,
  placeholders: readonly PromptPlaceholder[],
  schema: string,
  written: { index?: SchemaIndex | undefined; format?: RecordFormat | undefined } = {},
): string {
  for (const placeholder of placeholders) {
    if (!question.includes(placeholder.name)) {
      throw new VaultError(
        'unknown-placeholder',
        `${placeholder.name} is in the map but not in the question`,
      );
    }
    assertHidden(question, placeholder);
  }
  // A line break would end the question's line in the record.
  const line = question.replace(/[\r\n\u2028\u2029]+/g, ' ');
  const { index, format } = written;
  const idMap = formatIdMap(placeholders, index && format && namesOf(index, format.names), format);
  return formatPrompt({ schema, question: line, idMap }, format?.order);
}

/** Thresholds and short numbers are not checked: a question may contain both `top 1000` and `over 1000`. */
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
