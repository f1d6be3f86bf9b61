import { describe, expect, test } from 'vitest';
import { ASK_KINDS } from '../../../src/sql/vault/asks.js';
import { extract, restore } from '../../../src/sql/vault/index.js';
import type { VaultOptions } from '../../../src/sql/vault/index.js';

/**
 * A notation for questions with their values marked: `{text|kind}` or `{text|kind|normalised value}`. Without the marks, a
 * line is the question. A line without marks contains nothing that the vault takes out.
 */
const MARK = /\{([^{}|]*)\|([a-z0-9-]+)(?:\|([^{}]*))?\}/g;
const PREFIX: Record<string, string> = { quoted: 'TEXT', time: 'TEXT' };
for (const kind of ASK_KINDS) PREFIX[kind] = 'TEXT';
for (const kind of ['threshold', 'count', 'age', 'day-number', 'month-number']) PREFIX[kind] = 'NUM';
for (const kind of ['date', 'month', 'quarter', 'year', 'timestamp']) PREFIX[kind] = 'DATE';

export interface Marked {
  question: string;
  masked: string;
  values: { name: string; kind: string; value: string }[];
}

/** Reads a marked line as question, masked question and distinct values in reading order. */
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

/** What the vault extracts from a question, in the same form. */
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

/** One test per line: the vault finds exactly what is marked, and the question is restored byte for byte. */
export function describeMarked(blocks: Record<string, string>): void {
  for (const [title, block] of Object.entries(blocks)) {
    describe(title, () => {
      test.each(linesOf(block))('%s', (line) => {
        const expected = readMarked(line);
        expect(read(expected.question)).toEqual(expected);
        const { question: masked, placeholders } = extract(expected.question);
        expect(restore(masked, placeholders)).toBe(expected.question);
      });
    });
  }
}
