import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import { ValidationError } from '../../tsql/errors.js';
import type { Statement } from '../../tsql/ast.js';
import { bind, type Judgement } from './binder.js';
import { parse } from '../../tsql/parser.js';
import type { PlaceholderUse } from './placeholders.js';
import { EnoughProblems, problemOf, Problems, type Problem } from './problems.js';

export interface ValidationResult {
  /** Whether `errors` is empty. */
  ok: boolean;
  errors: Problem[];
  /** The tree, if the text could be parsed; to be trusted only if `ok`. */
  statement?: Statement | undefined;
  /** Where each placeholder is and what type it met; empty unless `ok`. */
  uses: PlaceholderUse[];
}

const NO_PLACEHOLDERS: ReadonlyMap<string, PlaceholderInfo> = new Map();

/**
 * Decides whether a text is one safe SELECT over a schema, and says why if it is not. Any string may be passed: the time
 * is bounded, and nothing is thrown.
 * @param placeholders of the question, by name: the statement has to use each of them and no others. By default it must
 *   use none, as a rendered statement does.
 * @param judgement what to refuse beside what is unsafe or wrong
 */
export function validate(
  sql: string,
  index: SchemaIndex,
  placeholders: ReadonlyMap<string, PlaceholderInfo> = NO_PLACEHOLDERS,
  judgement: Judgement = {},
): ValidationResult {
  const problems = new Problems(sql);
  let statement: Statement;
  try {
    statement = parse(sql);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    return { ok: false, errors: [problemOf(error)], uses: [] };
  }
  let uses: PlaceholderUse[] = [];
  try {
    uses = bind(statement, index, placeholders, problems, judgement);
  } catch (error) {
    if (!(error instanceof EnoughProblems)) throw error;
  }
  const ok = problems.list.length === 0;
  return { ok, errors: problems.list, statement, uses: ok ? uses : [] };
}
