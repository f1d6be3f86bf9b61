import { expect, test } from 'vitest';
import { testGpu } from '../engine/test-gpu.js';
import { formatProof, holds, prove } from './proof.js';

// A small part of `npm run test:contract`: two questions, one at the highest temperature.
test('an untrained decoder under the grammar writes statements that every check passes', async () => {
  const gpu = await testGpu();
  const proof = await prove(gpu, { questions: 2, seed: 3, schemas: ['synthea'], temperatures: [0, 2] });
  expect(proof.faults).toEqual([]);
  expect(proof.rows).toMatchObject([{ answered: 2, statements: 2, distinct: 2 }]);
  expect(holds(proof)).toBe(true);
  expect(formatProof(proof)).toMatch(/synthea +2 +100.0 % +2 +2 +100.0 %/);
  const broken = { ...proof, rows: [{ ...proof.rows[0]!, answered: 1 }] };
  expect(holds(broken)).toBe(false);
});
