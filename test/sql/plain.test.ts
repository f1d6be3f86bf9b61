import { expect, test } from 'vitest';
import type { PlaceholderInfo } from '../../src/data/placeholder.js';
import { isPlain } from '../../src/sql/plain.js';

const DAY: PlaceholderInfo = { name: '__DATE_1__', kind: 'date', type: 'date' };
const YEAR: PlaceholderInfo = { name: '__DATE_2__', kind: 'year', type: 'date' };

test.each([
  'How many visits did patient __ID_1__ have since __DATE_1__?',
  'The highest __TEXT_1__ of patient __ID_1__ in the last __NUM_1__ days',
  'Patients older than __NUM_1__ with __TEXT_1__',
  'Which __NUM_1__ drugs were given most often between __DATE_1__ and __DATE_2__?',
  'The latest __TEXT_1__ of patient __ID_1__',
])('says nothing but its values: %s', (question) => {
  expect(isPlain(question, [DAY])).toBe(true);
  expect(isPlain(question, [YEAR])).toBe(false);
});

test.each([
  'How many visits did patient __ID_1__ have this year?',
  'Patients with __TEXT_1__ or __TEXT_2__',
  'Patients who were not given __TEXT_1__',
  "Patients who weren't given __TEXT_1__",
  'Visits of patient __ID_1__ on Mondays',
  'Visits that ended before they began for patient __ID_1__',
  'Living patients older than __NUM_1__',
  'Results of __TEXT_1__ without a recorded value',
])('says more: %s', (question) => {
  expect(isPlain(question, [DAY])).toBe(false);
});
