import { existsSync, readFileSync } from 'node:fs';
import { closest } from '../../base/suggest.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { SchemaError } from '../errors.js';
import type { SchemaBundle } from './bundle.js';
import { checkBundle, type Fault } from './check.js';
import { findJsonFault } from './json-position.js';
import { resolveBundle, shippedNames } from './shipped.js';
import { inventedByName } from '../synthetic/schema.js';
import { mergeOwnOverlay, parseOwnOverlay } from './words/own-overlay.js';

/**
 * Reads and checks a schema bundle.
 * @param schema a bundle file, the name of one of the package's bundles, such as `omop_cdm_5_4`, or that of an invented
 *   schema, such as `held_out_1` or `synthetic_12`
 * @param overlay a file of a person's own words and roles, which replace those of the bundle
 * @throws SchemaError `schema-not-found`, `schema-unreadable`, `broken-json` (with line and column) or `bad-schema`
 *   (with the JSON path of the first fault and the number of others), `bad-overlay`
 */
export function loadBundle(schema: string, overlay?: string): SchemaBundle {
  const path = resolveBundle(schema);
  const json = parseBundle(path);
  const faults = checkBundle(json);
  const [first, ...others] = faults;
  if (first) {
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
    throw new SchemaError({
      code: 'bad-schema',
      file: path,
      field: first.path,
      message: first.message + more,
      hint: `list every fault with: engine schema check ${path}`,
    });
  }
  const bundle = json as SchemaBundle & { $schema?: string };
  delete bundle.$schema;
  if (overlay === undefined) return bundle;
  return mergeOwnOverlay(bundle, parseOwnOverlay(readText(overlay), overlay), overlay);
}

/**
 * All faults of a bundle, for `engine schema check FILE`; `schema` is as in `loadBundle`. An empty list means that it can be loaded.
 * @throws SchemaError if there is no JSON document to check: no file, or broken JSON
 */
export function checkBundleFile(schema: string): Fault[] {
  const path = resolveBundle(schema);
  return checkBundle(parseBundle(path));
}

/** The JSON document of a bundle file, or an invented schema, unless a file bears its name. */
function parseBundle(path: string): unknown {
  const invented = existsSync(path) ? undefined : inventedByName(path);
  return invented?.bundle ?? parseJson(readBundle(path), path);
}

function readBundle(path: string): string {
  const names = shippedNames();
  const near = closest(path, names);
  const all = `or name a bundle of this package: ${names.join(', ')}`;
  return readText(path, near === undefined ? all : `did you mean '${near}'?`);
}

/** The text of a schema or DDL file. `hint` is advice for when it is missing. @throws SchemaError `schema-not-found`, `schema-unreadable` */
export function readText(path: string, hint?: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code;
    if (cause === 'ENOENT' || cause === 'ENOTDIR') {
      throw new SchemaError(
        { code: 'schema-not-found', file: path, message: 'no such file', hint },
        { cause: error },
      );
    }
    throw new SchemaError(
      { code: 'schema-unreadable', file: path, message: whyUnreadable(error) },
      { cause: error },
    );
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column } = findJsonFault(text);
    throw new SchemaError(
      { code: 'broken-json', file: `${path}:${line}:${column}`, message: 'is not valid JSON from here on' },
      { cause: error },
    );
  }
}
