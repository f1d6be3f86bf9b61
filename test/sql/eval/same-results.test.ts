import { expect, test } from 'vitest';
import { sameResults, type Result } from '../../../src/sql/eval/same-results.js';
import { summariseSet } from '../../../src/sql/eval/summary.js';
import type { Evaluated } from '../../../src/sql/eval/evaluate.js';
import { parse } from '../../../src/tsql/parser.js';

const result = (...rows: Result['rows']): Result => ({ ok: true, columns: [], rows });
const plain = parse('SELECT p.a, p.b FROM p;');
const ordered = parse('SELECT p.a, p.b FROM p ORDER BY p.a;');

test('without ORDER BY, rows may come in any order but as often as expected', () => {
  expect(sameResults(result([1, 'x'], [2, 'y']), result([2, 'Y'], [1, 'x']), plain)).toBe(true);
  expect(sameResults(result([1, 'x'], [1, 'x'], [2, 'y']), result([1, 'x'], [2, 'y'], [2, 'y']), plain)).toBe(
    false,
  );
  expect(sameResults(result([1, 'x']), result(['x', 1]), plain)).toBe(false);
});

test('with ORDER BY, rows with equal keys may change places and others may not', () => {
  expect(
    sameResults(result([1, 'x'], [1, 'y'], [2, 'z']), result([1, 'y'], [1, 'x'], [2, 'z']), ordered),
  ).toBe(true);
  expect(sameResults(result([1, 'x'], [2, 'z']), result([2, 'z'], [1, 'x']), ordered)).toBe(false);
});

test('numbers are equal to nine digits, and a date to its midnight', () => {
  expect(
    sameResults(result([1 / 3, '2024-01-01']), result([0.3333333333, '2024-01-01T00:00:00']), plain),
  ).toBe(true);
  expect(sameResults(result([0.3333]), result([1 / 3]), plain)).toBe(false);
});

test('a refusal is right only where the set has no statement', () => {
  const one = (outcome: Evaluated['outcome'], isAnswerable: boolean): Evaluated => ({
    id: '', question: '', groups: {}, isAnswerable, outcome, exact: false, milliseconds: 1, reason: 'unsure',
    found: outcome === 'wrong' ? 'SELECT' : undefined,
  }); // prettier-ignore
  const summary = summariseSet([
    one('right', true),
    one('refused', true),
    one('right', false),
    one('wrong', false),
  ]);
  expect(summary.right).toMatchObject({ count: 1, of: 2 });
  expect(summary.refusedRightly).toMatchObject({ count: 1, of: 2 });
  expect(summary.right.low).toBeCloseTo(0.0945, 3);
  expect(summary.right.high).toBeCloseTo(0.9055, 3);
});
