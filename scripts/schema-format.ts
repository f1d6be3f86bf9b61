/**
 * Writes `schemas/bundle.schema.json`, the JSON Schema of a bundle, from the shape that the loader checks.
 * Run after a change to src/data/schema/shape.ts: `npx tsx scripts/schema-format.ts`.
 */
import { writeFileSync } from 'node:fs';
import { bundleJsonSchema } from '../src/data/schema/shape.js';

const target = new URL('../schemas/bundle.schema.json', import.meta.url);
writeFileSync(target, JSON.stringify(bundleJsonSchema(), null, 2) + '\n');
