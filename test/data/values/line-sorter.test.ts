import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { LineSorter } from '../../../src/data/values/line-sorter.js';
import { temporaryFolder } from './build-index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

let sorters = 0;
function sorted(lines: readonly string[], memory: number): string[] {
  const sorter = new LineSorter(folder, `s${sorters++}`, memory);
  for (const line of lines) sorter.add(line);
  return [...sorter.sorted()];
}

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\n'));

test('lines come back sorted by UTF-16 units and once, from memory and from files', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 4000 }), (lines, memory) => {
      expect(sorted(lines, memory)).toEqual([...new Set(lines)].sort());
    }),
  );
});

test('more runs than are merged at once', () => {
  const lines = Array.from({ length: 500 }, (_, i) => `line ${(i * 7919) % 211}`);
  expect(sorted(lines, 1)).toEqual([...new Set(lines)].sort());
});

test('runs that are longer than the buffer', () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${(i * 7919) % 29_989} größer`);
  expect(sorted(lines, 2_000_000)).toEqual([...new Set(lines)].sort());
});

test('a line that is longer than the buffer', () => {
  const long = 'x'.repeat(300_000);
  expect(sorted(['b', long, 'a', long], 1)).toEqual(['a', 'b', long]);
});

test('the files are gone after the merge', () => {
  expect(readdirSync(folder)).toEqual([]);
});
