import { describe, expect, it } from 'vitest';
import { extract, restore } from '../../../src/sql/vault/index.js';
import type { VaultOptions } from '../../../src/sql/vault/index.js';

/**
 * Questions with their values marked: `{text|kind}` or `{text|kind|normalised value}`. Without the marks a line is the
 * question; a line without marks holds nothing that the vault takes out.
 */
const MARK = /\{([^{}|]*)\|([a-z0-9]+)(?:\|([^{}]*))?\}/g;
const PREFIX: Record<string, string> = { quoted: 'TEXT', time: 'TEXT', threshold: 'NUM' };
for (const kind of ['date', 'month', 'quarter', 'year', 'timestamp']) PREFIX[kind] = 'DATE';

export interface Marked {
  question: string;
  masked: string;
  values: { name: string; kind: string; value: string }[];
}

/** A marked line as question, masked question and the distinct values in reading order. */
export function readMarked(line: string): Marked {
  const values: Marked['values'] = [];
  const masked = line.replace(MARK, (_, text: string, kind: string, value = text) => {
    const prefix = PREFIX[kind] ?? 'ID';
    const same = values.find((v) => v.value === value && v.kind === kind);
    if (same !== undefined) return same.name;
    const n = values.filter((v) => v.name.startsWith(`__${prefix}_`)).length + 1;
    values.push({ name: `__${prefix}_${n}__`, kind, value });
    return `__${prefix}_${n}__`;
  });
  return { question: line.replace(MARK, '$1'), masked, values };
}

/** What the vault makes of a question, in the same form. */
export function read(question: string, options?: VaultOptions): Marked {
  const result = extract(question, options);
  return {
    question,
    masked: result.question,
    values: result.placeholders.map(({ name, kind, value }) => ({ name, kind, value })),
  };
}

/** The lines of a block of marked questions. */
export function linesOf(block: string): string[] {
  return block
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** One test a line: the vault finds what is marked and nothing else, and the question comes back to the byte. */
export function describeMarked(blocks: Record<string, string>): void {
  for (const [title, block] of Object.entries(blocks)) {
    describe(title, () => {
      it.each(linesOf(block))('%s', (line) => {
        const expected = readMarked(line);
        expect(read(expected.question)).toEqual(expected);
        const { question: masked, placeholders } = extract(expected.question);
        expect(restore(masked, placeholders)).toBe(expected.question);
      });
    });
  }
}
