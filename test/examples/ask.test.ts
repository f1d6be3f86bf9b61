import { afterAll, expect, test, vi } from 'vitest';
import { validate } from '../../src/sql/index.js';
import { indexOf } from '../sql/untrained.js';

const index = indexOf('omop_cdm_5_4');
const [node, program, ...rest] = process.argv;
afterAll(() => {
  process.argv = [node!, program!, ...rest];
});

test('ask.ts prints the statement of the shipped model, which validates, and what it does', async () => {
  process.argv = [node!, program!];
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/ask.js');
  const lines = log.mock.calls.map(([line]) => String(line));
  log.mockRestore();
  expect(lines).toHaveLength(2);
  expect(validate(lines[0]!, index)).toMatchObject({ ok: true, errors: [] });
  expect(lines[0]).toContain('48213');
  expect(lines[1]).toMatch(/\S/);
});
