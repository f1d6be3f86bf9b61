import type { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { RenderError, ValidationError } from '../../src/sql/errors.js';
import type { EmbeddedDatabase } from '../../src/sql/embedded/index.js';
import { render } from '../../src/sql/renderer/render.js';
import type { Code } from '../../src/sql/validator/codes.js';
import { parse } from '../../src/tsql/parser.js';
import { validate } from '../../src/sql/validator/validate.js';
import type { PlaceholderValue } from '../../src/sql/values.js';

/** The checks of a statement, from its text up to running it on a database. */
export const CHECKS = ['structure', 'schema', 'placeholders', 'validator', 'rendered', 'database'] as const;
export type Check = (typeof CHECKS)[number];

export interface Fault {
  check: Check;
  code: string;
  message: string;
  /** With placeholders, as the model wrote it; with values if it was rendered. */
  sql: string;
}

export interface Inspection {
  passed: Record<Check, boolean>;
  faults: Fault[];
}

/** Codes for names that the schema or the statement does not define. */
const SCHEMA_CODES: ReadonlySet<string> = new Set<Code>([
  'unknown-table',
  'unknown-column',
  'ambiguous-column',
  'unbound-alias',
  'duplicate-alias',
  'alias-equals-table',
  'duplicate-table',
  'system-object',
  'schema-not-allowed',
  'cross-database-name',
  'linked-server',
  'name-parts',
]);

/** Runs every check on one statement that a model wrote, each independently of the others. */
export async function inspect(
  sql: string,
  index: SchemaIndex,
  values: ReadonlyMap<string, PlaceholderValue>,
  database: EmbeddedDatabase,
): Promise<Inspection> {
  const faults: Fault[] = [];
  const fail = (check: Check, code: string, message: string, text = sql): void => {
    faults.push({ check, code, message, sql: text });
  };

  try {
    parse(sql);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    fail('structure', error.code, error.message);
  }
  const { errors } = validate(sql, index, values);
  for (const { code, message } of errors) {
    fail('validator', code, message);
    if (SCHEMA_CODES.has(code)) fail('schema', code, message);
    if (code.startsWith('placeholder')) fail('placeholders', code, message);
  }
  // Counted in the text, independently of the validator.
  const written = new Set(sql.match(/_*(?:ID|DATE|TEXT|NUM)_\d+_*/g));
  if (written.size !== values.size || [...written].some((name) => !values.has(name))) {
    fail('placeholders', 'not-those-of-the-map', `${[...written].join()} for ${[...values.keys()].join()}`);
  }

  let rendered: string | undefined;
  try {
    rendered = render(sql, index, values).sql;
    const fault = inexact(rendered, sql, values);
    if (fault !== undefined) fail('rendered', 'not-exact', fault, rendered);
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    fail('rendered', error.code, error.message);
  }
  if (rendered === undefined) {
    fail('database', 'not-rendered', 'there is no statement to run');
  } else {
    const outcome = await database.run(rendered);
    if (!outcome.ok) fail('database', outcome.code, outcome.message, rendered);
  }
  const failed = new Set(faults.map(({ check }) => check));
  const passed = Object.fromEntries(CHECKS.map((check) => [check, !failed.has(check)]));
  return { passed: passed as Record<Check, boolean>, faults };
}

/**
 * Names an ID or text that is not in the rendered statement character for character; of a coded meaning, the literal of one
 * of its columns. LIKE patterns are skipped.
 */
function inexact(
  rendered: string,
  sql: string,
  values: ReadonlyMap<string, PlaceholderValue>,
): string | undefined {
  const isWritten = (value: string): boolean => {
    const quoted = `'${value.replaceAll("'", "''")}'`;
    const isDigits = /^\d+$/.test(value) && new RegExp(`(?<![\\w'])${value}(?![\\w'])`).test(rendered);
    return rendered.includes(quoted) || isDigits;
  };
  for (const { name, text, value = text, literals } of values.values()) {
    if (!/^__(ID|TEXT)_/.test(name) || /\bLIKE\b/.test(sql)) continue;
    const spellings = literals === undefined ? [value] : Object.values(literals);
    if (!spellings.some(isWritten)) return `${name} is not in the statement character for character`;
  }
  return undefined;
}
