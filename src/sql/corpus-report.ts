import { CORPUS_SPLIT } from '../data/corpus/build/build.js';
import { columnsOf } from '../data/corpus/statement/program.js';
import { Random } from '../base/random.js';
import type { Sample, SampleSource } from '../data/corpus/sample.js';
import { splitOf } from '../data/corpus/split/split.js';
import { formatPrompt } from '../data/record.js';
import { linkSchema } from '../data/schema/link/link.js';
import { renderSchema } from '../data/schema/render.js';
import { covers, type SchemaSelection } from '../data/schema/selection.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { EmbeddedServer, type EmbeddedDatabase } from './embedded/index.js';
import { RenderError } from './errors.js';
import { render } from './renderer/render.js';
import { validate } from './validator/validate.js';

/** How many of the tried samples passed, with a few of the failures. */
export interface Rate {
  tried: number;
  passed: number;
  failures: string[];
}

const MAX_FAILURES = 20;

class Counter implements Rate {
  tried = 0;
  passed = 0;
  readonly failures: string[] = [];

  add(passed: boolean, failure: () => string): void {
    this.tried++;
    if (passed) this.passed++;
    else if (this.failures.length < MAX_FAILURES) this.failures.push(failure());
  }
}

/** Samples of one stretch share their invented schemas, which take longer to load than the samples to run. */
const STRETCH = 256;
const STRETCHES = 4000;

/**
 * Samples of a seed in stretches of neighbours, which are picked at random.
 * @param from how many of them to leave out: parts of one long run are told apart by it
 */
export function* sampleStretches(
  source: SampleSource,
  seed: number,
  count: number,
  from = 0,
): Generator<Sample> {
  const random = new Random(seed, 0x7e907);
  const starts = random.sample(
    Array.from({ length: STRETCHES }, (_, i) => 2 * STRETCH * i),
    Math.min(STRETCHES, Math.ceil((from + count) / STRETCH)),
  );
  for (let i = from; i < from + count; i++)
    yield source.sample(seed, starts[Math.floor(i / STRETCH)]! + (i % STRETCH));
}

export interface Variety {
  samples: number;
  /** Distinct question skeletons per construct family. */
  phrasings: Map<string, number>;
  questionSkeletons: number;
  sqlSkeletons: number;
  /** Statements that join 0, 1, 2, … tables to the first. */
  joins: number[];
}

export function varietyOf(samples: Iterable<Sample>): Variety {
  const phrasings = new Map<string, Set<string>>();
  const questions = new Set<string>();
  const statements = new Set<string>();
  const joins: number[] = [];
  let count = 0;
  for (const { family, questionSkeleton, sqlSkeleton, program } of samples) {
    count++;
    phrasings.set(family, (phrasings.get(family) ?? new Set()).add(questionSkeleton));
    questions.add(questionSkeleton);
    statements.add(sqlSkeleton);
    const depth = program.from.length - 1;
    joins[depth] = (joins[depth] ?? 0) + 1;
  }
  return {
    samples: count,
    phrasings: new Map([...phrasings].map(([family, set]) => [family, set.size])),
    questionSkeletons: questions.size,
    sqlSkeletons: statements.size,
    joins: Array.from(joins, (n) => n ?? 0),
  };
}

/** How many statements, with placeholders, the validator accepts. */
export function validateAll(source: SampleSource, samples: Iterable<Sample>): Rate {
  const rate = new Counter();
  for (const { record, values, schemaName } of samples) {
    const byName = new Map(values.map((value) => [value.name, value]));
    const { ok, errors } = validate(record.sql, source.schemaNamed(schemaName)!, byName);
    rate.add(ok, () => `${errors[0]?.message}: ${record.sql}`);
  }
  return rate;
}

/** Tokens that inference reserves for the statement, as in room.ts. */
const STATEMENT_TOKENS = 96;

/** Runs the linker as inference does. */
function linkFor(
  { record: { question, idMap }, schemaName, values }: Sample,
  source: SampleSource,
  countTokens: (text: string) => number,
  context: number,
): SchemaSelection {
  const { format } = source.knobs;
  const frame = formatPrompt({ schema: '', question, idMap }, format?.order);
  const tokenBudget = context - countTokens(frame) - STATEMENT_TOKENS;
  const rendering = { format, question, placeholders: values };
  const options = { ...format?.link, placeholders: values, rendering, tokenBudget, countTokens };
  return linkSchema(question, source.schemaNamed(schemaName)!, options);
}

/** How often the linker shows every column that the statement of a held-out question needs. */
export function linkerRecall(
  source: SampleSource,
  samples: Iterable<Sample>,
  tokenizer: Tokenizer,
  context: number,
): Rate {
  const rate = new Counter();
  const countTokens = (text: string): number => tokenizer.encode(text).length;
  for (const sample of samples) {
    if (splitOf(sample, CORPUS_SPLIT) === 'train') continue;
    const selection = linkFor(sample, source, countTokens, context);
    rate.add(covers(selection, columnsOf(sample.program)), () => {
      const missing = [...columnsOf(sample.program)].flatMap(([table, columns]) =>
        [...columns]
          .filter((column) => !covers(selection, [[table, [column]]]))
          .map((column) => `${table}.${column}`),
      );
      return `${sample.schemaName}: ${missing.join(', ')} not shown for: ${sample.record.question}`;
    });
  }
  return rate;
}

/** How much of the schema the prompts show; each list is sorted. */
export interface PromptSizes {
  tables: number[];
  tokens: number[];
}

/** Prompt sizes from `PromptSchemas`, as in training, and from the linker, as at inference, for the same questions. */
export function promptSizes(
  source: SampleSource,
  samples: Iterable<Sample>,
  tokenizer: Tokenizer,
  context: number,
): { trained: PromptSizes; linked: PromptSizes } {
  const countTokens = (text: string): number => tokenizer.encode(text).length;
  const trained: string[] = [];
  const linked: string[] = [];
  for (const sample of samples) {
    trained.push(sample.record.schema);
    const { format } = source.knobs;
    const rendering = { format, question: sample.record.question, placeholders: sample.values };
    linked.push(renderSchema(linkFor(sample, source, countTokens, context), rendering));
  }
  const sizes = (schemas: string[]): PromptSizes => ({
    tables: schemas.map((schema) => schema.split('\n').length).sort((a, b) => a - b),
    tokens: schemas.map(countTokens).sort((a, b) => a - b),
  });
  return { trained: sizes(trained), linked: sizes(linked) };
}

/** The share of `sizes` up to the 99th percentile of `known`. Both are sorted. */
export function shareWithin(sizes: readonly number[], known: readonly number[]): number {
  const largest = known[Math.floor(0.99 * (known.length - 1))]!;
  return sizes.filter((size) => size <= largest).length / sizes.length;
}

/** Schemas that are loaded at once: a database keeps its memory until the server ends. */
const MOST_LOADED = 48;

/**
 * Runs the statements, with their values, in an embedded database with generated rows.
 * @throws MissingPackageError without the embedded database
 */
export async function executeAll(
  source: SampleSource,
  samples: Iterable<Sample>,
  onProgress: (done: number) => void = () => {},
): Promise<Rate & { withRows: number }> {
  const rate = new Counter();
  let server = await EmbeddedServer.start();
  const databases = new Map<string, EmbeddedDatabase>();
  let withRows = 0;
  try {
    for (const { record, values, schemaName } of samples) {
      const index = source.schemaNamed(schemaName)!;
      let database = databases.get(schemaName);
      if (database === undefined) {
        if (databases.size === MOST_LOADED) {
          await server.close();
          databases.clear();
          server = await EmbeddedServer.start();
        }
        database = await server.load(index.bundle, { seed: 1, rows: 20 });
        databases.set(schemaName, database);
      }
      const byName = new Map(
        values.map((value) => [value.name, { ...value, value: value.value ?? value.text }]),
      );
      let sql: string;
      try {
        sql = render(record.sql, index, byName).sql;
      } catch (error) {
        if (!(error instanceof RenderError)) throw error;
        rate.add(false, () => `${error.code} ${error.message}: ${record.sql}`);
        continue;
      }
      const outcome = await database.run(sql);
      if (outcome.ok && outcome.rows.length > 0) withRows++;
      rate.add(outcome.ok, () =>
        outcome.ok ? '' : `${schemaName}: ${outcome.code} ${outcome.message}: ${sql}`,
      );
      if (rate.tried % 1000 === 0) onProgress(rate.tried);
    }
  } finally {
    await server.close();
  }
  return { ...rate, failures: rate.failures, withRows };
}
