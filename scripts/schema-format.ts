/**
 * Writes `schemas/bundle.schema.json`, the JSON Schema of a bundle, from the shape that the loader checks. Run it after
 * changing src/data/schema/shape.ts: `npx tsx scripts/schema-format.ts`.
 */
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../src/base/files.js';
import { bundleJsonSchema } from '../src/data/schema/shape.js';

const target = fileURLToPath(new URL('../schemas/bundle.schema.json', import.meta.url));
await writeFileAtomic(target, JSON.stringify(bundleJsonSchema(), null, 2) + '\n');
