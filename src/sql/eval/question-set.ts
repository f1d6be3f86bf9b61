import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  buildHeldOutSets,
  type HeldOutName,
  type HeldOutQuestion,
} from '../../data/corpus/split/held-out.js';
import type { SplitOptions } from '../../data/corpus/split/split.js';
import type { SampleSource } from '../../data/corpus/sample.js';
import { DataError } from '../../data/errors.js';
import { loadBundle } from '../../data/schema/load.js';
import { SchemaIndex } from '../../data/schema/schema-index.js';
import { render } from '../renderer/render.js';

/** One question of a set, and what is known of its answer. */
export interface SetQuestion {
  id: string;
  question: string;
  index: SchemaIndex;
  /** The expected statement with its values; undefined if the schema cannot answer the question. */
  sql: string | undefined;
  /** By which results are told apart: construct, joins, source, schema. */
  groups: Readonly<Record<string, string>>;
}

export const SET_NAMES = ['values', 'phrasings', 'schemas'] as const;
export type SetName = (typeof SET_NAMES)[number];
const HELD_OUT: Record<SetName, HeldOutName> = {
  values: 'test-values',
  phrasings: 'test-phrasing',
  schemas: 'test-schema',
};

/** Questions of a corpus that training never sees: the same seed gives the same questions. */
export function heldOutSet(
  name: SetName,
  source: SampleSource,
  { seed, split, size }: { seed: number; split: SplitOptions; size: number },
): SetQuestion[] {
  const samples = buildHeldOutSets(source, seed, split, size)[HELD_OUT[name]];
  return samples.map((sample, i) => questionOf(sample, source, `${name}-${i + 1}`));
}

/** A held-out question as it is asked, with its expected statement. */
export function questionOf(sample: HeldOutQuestion, source: SampleSource, id: string): SetQuestion {
  const index = source.schemaNamed(sample.schemaName)!;
  const values = new Map(
    sample.values.map((value) => [value.name, { ...value, value: value.value ?? value.text }]),
  );
  return {
    id,
    question: sample.rawQuestion,
    index,
    sql: render(sample.record.sql, index, values).sql,
    groups: { construct: sample.family, schema: sample.schemaName.replace(/_\d+$/, '') },
  };
}

const line = z.object({
  id: z.string().optional(),
  question: z.string().min(1),
  sql: z.string().min(1).optional(),
  /** The schema: a bundle's file or name. `db` names a bundle in the folder `schemas` beside the file. */
  schema: z.string().optional(),
  db: z.string().optional(),
  source: z.string().optional(),
});

/**
 * Reads a set of questions: JSON lines with `question`, `sql` (absent if no statement can answer it), and the schema in
 * `schema` or `db`, unless one is given for all. `overlay` is as in `loadBundle`.
 * @throws DataError `bad-question-set` with the number of the line
 */
export async function readQuestionSet(
  file: string,
  schema?: string,
  overlay?: string,
): Promise<SetQuestion[]> {
  const indexes = new Map<string, SchemaIndex>();
  const open = (name: string): SchemaIndex => {
    let index = indexes.get(name);
    if (!index) {
      index = new SchemaIndex(loadBundle(name, overlay));
      indexes.set(name, index);
    }
    return index;
  };
  const questions: SetQuestion[] = [];
  for (const [i, text] of (await readFile(file, 'utf8')).split('\n').entries()) {
    if (text.trim() === '') continue;
    const fail = (message: string): never => {
      throw new DataError({ code: 'bad-question-set', message, file, field: `line ${i + 1}` });
    };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      fail('the line is not JSON');
    }
    const read = line.safeParse(value);
    if (!read.success) {
      const [issue] = read.error.issues;
      return fail(`${issue!.path.join('.') || 'the line'}: ${issue!.message}`);
    }
    const { id = `line ${i + 1}`, question, sql, source } = read.data;
    const named = schema ?? read.data.schema ?? bundleBeside(file, read.data.db);
    if (named === undefined) return fail('names no schema: give "schema" or "db", or pass --schema');
    const groups = { ...(source === undefined ? {} : { source }), schema: open(named).bundle.name };
    questions.push({ id, question, index: open(named), sql, groups });
  }
  if (questions.length === 0) {
    throw new DataError({ code: 'bad-question-set', message: 'has no questions', file });
  }
  return questions;
}

/** A bundle in the folder `schemas` beside the file, or else the name itself. */
function bundleBeside(file: string, db: string | undefined): string | undefined {
  if (db === undefined) return undefined;
  const beside = join(dirname(file), 'schemas', `${db}.json`);
  return existsSync(beside) ? beside : db;
}
