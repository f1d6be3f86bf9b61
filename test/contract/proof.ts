import { loadKnobs, withoutSynthetic } from '../../src/data/corpus/knobs.js';
import { generateSamples } from '../../src/data/corpus/sample.js';
import { formatRecord } from '../../src/data/record.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { trainTokenizer } from '../../src/data/tokenizer/train.js';
import type { Gpu } from '../../src/engine/gpu/device.js';
import { answer } from '../../src/sql/agent.js';
import { EmbeddedServer } from '../../src/sql/embedded/index.js';
import { createGrammar } from '../../src/sql/grammar/index.js';
import { CHECKS, inspect, type Check, type Fault } from './inspect.js';
import { UntrainedModel } from './untrained-model.js';

/**
 * Proves the contract without a trained model. A decoder with random weights, constrained only by the grammar, answers
 * questions through the real pipeline (vault, linker, prompt, decode session, validator, renderer), and every statement
 * is checked. What holds here holds for any model.
 */
export interface ProofOptions {
  /** In total, divided among the schemas. */
  questions: number;
  /** Seeds weights, questions, rows and sampling. */
  seed: number;
  /** Names of published bundles. */
  schemas: readonly string[];
  /** Sampling temperatures, used in turn; 0 is greedy. */
  temperatures: readonly number[];
  onProgress?: (done: number) => void;
}

export interface SchemaRow {
  schema: string;
  questions: number;
  /** Questions for which the pipeline returned a statement with values. */
  answered: number;
  statements: number;
  /** Statements with distinct texts. */
  distinct: number;
  passed: Record<Check, number>;
}

export interface Proof {
  rows: SchemaRow[];
  faults: (Fault & { schema: string; question: string })[];
  tokens: number;
}

/** Tokens reserved for a statement, plus some for each value; the grammar ends the statement within them. */
const ROOM = 56;
const ROOM_OF_VALUE = 18;
const VOCABULARY = 1200;

export async function prove(gpu: Gpu, options: ProofOptions): Promise<Proof> {
  const { questions, seed, schemas, temperatures, onProgress } = options;
  const knobs = { ...withoutSynthetic(loadKnobs('configs/corpus.json')), format: undefined };
  const indexes = schemas.map((name) => new SchemaIndex(loadBundle(`schemas/${name}.json`)));
  const known = generateSamples({ schemas: indexes, knobs, seed: seed + 1, count: 1500 });
  const tokenizer = trainTokenizer(
    [...known].map(({ record }) => formatRecord(record)),
    { vocabSize: VOCABULARY },
  );
  const model = await UntrainedModel.create(gpu, tokenizer, { seed, temperatures });
  const server = await EmbeddedServer.start();
  const proof: Proof = { rows: [], faults: [], tokens: 0 };
  let done = 0;
  try {
    for (const [i, index] of indexes.entries()) {
      const schema = schemas[i]!;
      const count = Math.floor(questions / schemas.length) + (i < questions % schemas.length ? 1 : 0);
      const row = newRow(schema, count);
      proof.rows.push(row);
      const database = await server.load(index.bundle, { seed });
      const grammar = createGrammar(index, tokenizer);
      const texts = new Set<string>();
      for (const { rawQuestion, values: said } of generateSamples({ schemas: [index], knobs, seed, count })) {
        const maxNewTokens = ROOM + ROOM_OF_VALUE * said.length;
        const given = await answer(rawQuestion, { index, model, grammar, maxNewTokens, sense: false });
        if (given.statement !== undefined) row.answered++;
        const values = new Map(given.placeholders.map((entry) => [entry.name, entry]));
        for (const { sql } of given.candidates) {
          const { passed, faults } = await inspect(sql, index, values, database);
          row.statements++;
          texts.add(sql);
          for (const check of CHECKS) if (passed[check]) row.passed[check]++;
          proof.faults.push(...faults.map((fault) => ({ ...fault, schema, question: rawQuestion })));
        }
        onProgress?.(++done);
      }
      row.distinct = texts.size;
    }
  } finally {
    await server.close();
    proof.tokens = model.tokens;
    model.dispose();
  }
  return proof;
}

function newRow(schema: string, questions: number): SchemaRow {
  const passed = Object.fromEntries(CHECKS.map((check) => [check, 0])) as Record<Check, number>;
  return { schema, questions, answered: 0, statements: 0, distinct: 0, passed };
}

/** Whether every question was answered and every statement passed every check. */
export function holds({ rows, faults }: Proof): boolean {
  return (
    faults.length === 0 &&
    rows.every(
      ({ questions, answered, statements, passed }) =>
        answered === questions && CHECKS.every((check) => passed[check] === statements),
    )
  );
}

/** The rows as a table for a person to read. */
export function formatProof({ rows }: Proof): string {
  const sum = (pick: (row: SchemaRow) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const total: SchemaRow = {
    schema: 'all',
    questions: sum((row) => row.questions),
    answered: sum((row) => row.answered),
    statements: sum((row) => row.statements),
    distinct: sum((row) => row.distinct),
    passed: Object.fromEntries(CHECKS.map((check) => [check, sum((row) => row.passed[check])])) as Record<
      Check,
      number
    >,
  };
  const head = ['schema', 'questions', 'answered', 'statements', 'distinct', ...CHECKS];
  const cells = [...rows, total].map((row) => [
    row.schema,
    String(row.questions),
    share(row.answered, row.questions),
    String(row.statements),
    String(row.distinct),
    ...CHECKS.map((check) => share(row.passed[check], row.statements)),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...cells.map((line) => line[i]!.length)));
  return [head, ...cells]
    .map((line) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
    )
    .join('\n');
}

/** Truncated, not rounded: 100 % means all. */
function share(count: number, of: number): string {
  return of === 0 ? '–' : `${(Math.floor((1000 * count) / of) / 10).toFixed(1)} %`;
}
