import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/paths.js';

/** The schema bundles that come with the package. */
export const SHIPPED_SCHEMAS = join(packageRoot, 'schemas');

/** The bundle files of a folder, sorted by name; the JSON Schema of bundles is left out. */
export function bundleFiles(folder: string = SHIPPED_SCHEMAS): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'bundle.schema.json')
    .sort()
    .map((name) => join(folder, name));
}
