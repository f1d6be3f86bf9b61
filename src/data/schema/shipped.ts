import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageRoot } from '../../base/paths.js';

/** The schema bundles that come with the package. */
const SHIPPED_SCHEMAS = join(packageRoot, 'schemas');

/** The bundle files of a folder, sorted by name; the JSON Schema of bundles is left out. */
export function bundleFiles(folder: string = SHIPPED_SCHEMAS): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'bundle.schema.json')
    .sort()
    .map((name) => join(folder, name));
}

/** The names of the package's bundles, such as `omop_cdm_5_4`. */
export function shippedNames(): string[] {
  return bundleFiles().map((file) => basename(file, '.json'));
}

/** The file that `schema` names: a bundle of the package by its bare name, unless a file of that name exists. */
export function resolveBundle(schema: string): string {
  const isFile = existsSync(schema) && statSync(schema).isFile();
  return !isFile && shippedNames().includes(schema) ? join(SHIPPED_SCHEMAS, `${schema}.json`) : schema;
}

/** The schema of the package that no training sees by default: it shows how a model does on a real, unseen one. */
export const UNSEEN_SCHEMA = 'pcornet_4_1';
