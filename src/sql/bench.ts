import { cpus } from 'node:os';
import { join } from 'node:path';
import { loadKnobs, withoutSynthetic } from '../data/corpus/knobs.js';
import { generateSamples, type Sample } from '../data/corpus/sample.js';
import type { PlaceholderInfo } from '../data/placeholder.js';
import { formatRecord } from '../data/record.js';
import { linkSchema } from '../data/schema/link/link.js';
import { loadBundle } from '../data/schema/load.js';
import { SchemaIndex } from '../data/schema/schema-index.js';
import type { Tokenizer } from '../data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../data/tokenizer/train.js';
import { importOptional } from '../base/optional-package.js';
import { currentCommit } from '../base/commit.js';
import { AppError } from '../base/errors.js';
import { packageRoot } from '../base/paths.js';
import { createGrammar } from './grammar/index.js';
import { render } from './renderer/render.js';
import { validate } from './validator/validate.js';
import type { PlaceholderValue } from './values.js';
import { extract, knowledgeOf, type SchemaKnowledge } from './vault/index.js';

export interface SqlBenchResult {
  name: string;
  value: number;
  unit: 'statements/s' | 'questions/s' | 'tokens/s';
  /** Margin of error as a share of the value. */
  spread: number;
}

export interface SqlBenchReport {
  cpu: string;
  commit: string;
  date: string;
  node: string;
  results: SqlBenchResult[];
}

const SCHEMAS = ['omop_cdm_5_4', 'mimic_iv', 'synthea', 'i2b2', 'pcornet_4_1'];
const SAMPLES = 2000;
const SEED = 1;

/** A corpus sample with the inputs of the pipeline's parts. */
interface Item {
  sample: Sample;
  index: SchemaIndex;
  knowledge: SchemaKnowledge;
  infos: ReadonlyMap<string, PlaceholderInfo>;
  /** The vault's values, if its placeholders are those of the statement. */
  values: ReadonlyMap<string, PlaceholderValue> | undefined;
}

/**
 * Times the parts around the model on questions and statements of the corpus, on one core. Every call gets the next item,
 * so that no cache of a single statement helps.
 *
 * @throws MissingPackageError without the package benny
 */
export async function benchSql(onProgress: (line: string) => void = () => {}): Promise<SqlBenchReport> {
  const { default: benny } = await importOptional('benny', 'timing', () => import('benny'));
  const items = prepare();
  const results: SqlBenchResult[] = [];
  const time = async (
    name: string,
    unit: SqlBenchResult['unit'],
    each: number,
    run: () => void,
  ): Promise<void> => {
    const summary = await quietly(() => benny.suite(name, benny.add(name, run)));
    const { ops, margin } = summary.results[0]!;
    results.push({ name, value: ops * each, unit, spread: margin / 100 });
    onProgress(`${name}: ${Math.round(ops * each)} ${unit}`);
  };

  const next = inTurn(items);
  await time('validator', 'statements/s', 1, () => {
    const { sample, index, infos } = next();
    keep(validate(sample.record.sql, index, infos));
  });
  const nextRefused = inTurn(items);
  await time('validator, refusing', 'statements/s', 1, () => {
    const { sample, index, infos } = nextRefused();
    keep(validate(sample.record.sql.replace(' FROM ', ' INTO x FROM '), index, infos));
  });
  const renderable = items.filter(isRenderable);
  const nextRendered = inTurn(renderable);
  await time('renderer, with its two validations', 'statements/s', 1, () => {
    const { sample, index, values } = nextRendered();
    keep(render(sample.record.sql, index, values!));
  });
  // Questions arrive as one string each, not as the parts that the corpus joined.
  const nextQuestion = inTurn(
    items.map(({ sample, knowledge }) => ({
      question: Buffer.from(sample.rawQuestion).toString(),
      knowledge,
    })),
  );
  await time('vault', 'questions/s', 1, () => {
    const { question, knowledge } = nextQuestion();
    keep(extract(question, { knowledge }));
  });
  const tokenizer = trainTokenizer(
    items.map(({ sample }) => formatRecord(sample.record)),
    { vocabSize: 4096 },
  );
  const { tokens, walk } = grammarWalk(items.slice(0, 100), tokenizer);
  await time('grammar masks', 'tokens/s', tokens, walk);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    commit: currentCommit(),
    date: new Date().toISOString(),
    node: process.version,
    results,
  };
}

function prepare(): Item[] {
  const indexes = SCHEMAS.map(
    (name) => new SchemaIndex(loadBundle(join(packageRoot, 'schemas', `${name}.json`))),
  );
  const knowledge = new Map(indexes.map(({ bundle }) => [bundle.name, knowledgeOf(bundle)]));
  const byName = new Map(indexes.map((index) => [index.bundle.name, index]));
  const file = join(packageRoot, 'configs', 'corpus.json');
  const knobs = { ...withoutSynthetic(loadKnobs(file)), format: undefined };
  return [...generateSamples({ schemas: indexes, knobs, seed: SEED, count: SAMPLES })].map((sample) => {
    const known = knowledge.get(sample.schemaName)!;
    const { question, placeholders } = extract(sample.rawQuestion, { knowledge: known });
    const isSame = question === sample.record.question;
    return {
      sample,
      index: byName.get(sample.schemaName)!,
      knowledge: known,
      infos: new Map(sample.values.map((info) => [info.name, info])),
      values: isSame ? new Map(placeholders.map((entry) => [entry.name, entry])) : undefined,
    };
  });
}

/** Whether the vault reads the question as the statement does: a word that it takes for a coded meaning may be a name there. */
function isRenderable({ sample, index, values }: Item): boolean {
  if (values === undefined) return false;
  try {
    render(sample.record.sql, index, values);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

/** Walks every statement through its grammar's masks, with the tables that the linker selects. */
function grammarWalk(items: readonly Item[], tokenizer: Tokenizer): { tokens: number; walk: () => void } {
  const grammars = new Map(items.map(({ index }) => [index, createGrammar(index, tokenizer)]));
  const walks = items.map(({ sample, index }) => ({
    ids: tokenizer.encode(` ${sample.record.sql}`),
    grammar: grammars.get(index)!,
    placeholders: sample.values,
    selection: linkSchema(sample.record.question, index, {}),
  }));
  const walkOne = ({ ids, grammar, placeholders, selection }: (typeof walks)[number]): number => {
    const mask = grammar.start(placeholders, { selection });
    let steps = 0;
    for (const id of ids) {
      const bits = mask.allowed();
      // A statement that needs a table the linker missed cannot be written and ends here.
      if (((bits[id >>> 5]! >>> (id & 31)) & 1) === 0) break;
      mask.advance(id);
      steps++;
    }
    return steps;
  };
  const tokens = walks.reduce((sum, one) => sum + walkOne(one), 0);
  return { tokens, walk: () => walks.forEach((one) => keep(walkOne(one))) };
}

function inTurn<T>(items: readonly T[]): () => T {
  let i = 0;
  return () => items[i++ % items.length]!;
}

/** Silences benny, which announces each suite on stdout: only the report belongs there. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => {};
  try {
    return await work();
  } finally {
    console.log = log;
  }
}

/** Keeps results alive, so that the JIT compiler does not remove the work as unused. */
let kept: unknown;
function keep(value: unknown): void {
  kept = value;
}
export const lastKept = (): unknown => kept;
