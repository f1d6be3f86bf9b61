import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../src/base/errors.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';

/** Something that a statement compares a column with. */
export interface Literal {
  kind: 'text' | 'number' | 'date';
  value: string;
}

/** A question that a person wrote, with a statement that answers it. */
export interface PeopleCase {
  id: string;
  source: string;
  db: string;
  question: string;
  sql: string;
  /** Tables and `table.column` that the statement uses, lower case. */
  needs: string[];
  literals: Literal[];
}

/** A question that its schema cannot answer. */
export type Unanswerable = Pick<PeopleCase, 'id' | 'source' | 'db' | 'question'>;

export interface PeopleSet {
  cases: PeopleCase[];
  unanswerable: Unanswerable[];
  schemas: Map<string, SchemaIndex>;
}

/**
 * Reads a file of questions, and beside it the folder `schemas` and, if it is there, `unanswerable.jsonl`.
 *
 * @throws AppError `bad-questions` if a line is not a question
 */
export function readPeopleSet(file: string): PeopleSet {
  const folder = dirname(file);
  const cases = readLines<PeopleCase>(file, ['question', 'db', 'sql', 'needs', 'literals']);
  const beside = join(folder, 'unanswerable.jsonl');
  const unanswerable = existsSync(beside) ? readLines<Unanswerable>(beside, ['question', 'db']) : [];
  const names = new Set([...cases, ...unanswerable].map(({ db }) => db));
  const schemas = new Map(
    [...names].map((name) => [name, new SchemaIndex(loadBundle(join(folder, 'schemas', `${name}.json`)))]),
  );
  return { cases, unanswerable, schemas };
}

function readLines<T>(file: string, fields: readonly string[]): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, i) => {
      if (text.trim() === '') return [];
      const line = parse(text);
      const missing = fields.find((field) => line === undefined || !(field in line));
      if (missing === undefined) return [line as T];
      throw new AppError('bad-questions', `${file}:${i + 1}: the line has no "${missing}"`);
    });
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
