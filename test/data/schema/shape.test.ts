import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundleJsonSchema } from '../../../src/data/schema/shape.js';

test('schemas/bundle.schema.json is the shape that the loader checks (to update it: npx tsx scripts/schema-format.ts)', () => {
  const published = readFileSync(new URL('../../../schemas/bundle.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(bundleJsonSchema())));
});
