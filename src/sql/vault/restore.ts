import { PLACEHOLDER_PATTERN } from '../../data/placeholder.js';
import { VaultError } from './errors.js';
import type { VaultEntry, VaultResult } from './types.js';

/** What `restore` needs of an entry. Without `spans`, every occurrence is written as `text`. */
export type Restorable = Pick<VaultEntry, 'name' | 'text'> & Partial<Pick<VaultEntry, 'spans'>>;

/**
 * Puts the values back into a masked question. The n-th occurrence of a placeholder gets the spelling of its n-th span.
 *
 * @throws VaultError `unknown-placeholder` if a placeholder is not in the list
 */
export function restore(masked: string, placeholders: readonly Restorable[]): string {
  const byName = new Map(placeholders.map((entry) => [entry.name, entry]));
  const seen = new Map<string, number>();
  let restored = '';
  let done = 0;
  for (const { 0: name, index: at } of masked.matchAll(PLACEHOLDER_PATTERN)) {
    const entry = byName.get(name);
    if (entry === undefined)
      throw new VaultError('unknown-placeholder', `${name} has no value in the vault`, at);
    const n = seen.get(name) ?? 0;
    seen.set(name, n + 1);
    restored += masked.slice(done, at);
    const span = entry.spans?.[n];
    const before = span?.before ?? '';
    if (before !== '' && restored.endsWith(before)) restored = restored.slice(0, -before.length);
    restored += span?.text ?? entry.text;
    done = at + name.length;
    const after = span?.after ?? '';
    if (after !== '' && masked.startsWith(after, done)) done += after.length;
  }
  return restored + masked.slice(done);
}

/**
 * The question with its mentions in the clear and every other value hidden, for a check on this machine of what the schema
 * explains. Never show it to a model.
 */
export function withMentions({
  question,
  placeholders,
}: Pick<VaultResult, 'question' | 'placeholders'>): string {
  const isMention = ({ kind }: VaultEntry): boolean => kind === 'mention';
  if (!placeholders.some(isMention)) return question;
  return restore(
    question,
    placeholders.map((entry) => (isMention(entry) ? entry : { name: entry.name, text: entry.name })),
  );
}
