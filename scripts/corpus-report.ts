/**
 * npm run corpus:report -- [--seed 1] [--samples 100000] [--execute 20000] [--questions 40000] [--build 50000]
 *   [--from 0] [--only families,meaning,validator,leaks,linker,sizes,execution] [--corpus FOLDER] [--verbose]
 *
 * Measures the corpus and compares each result with a bar: construct families and their phrasings, faults of meaning
 * (src/sql/corpus-semantics.ts), statements that the validator accepts, leaks between a corpus on disk (--corpus, or one built here) and its held-out sets, the linker's
 * recall on held-out questions, prompt sizes in training and from the linker, and statements run in an embedded
 * database. Also writes an HTML page of distributions. Exits with 1 if a bar is missed. --only runs some of the parts, and
 * --from leaves out the first samples, so that a long run can be cut into pieces: --execute 5000 --from 5000.
 */
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BuiltCorpus } from '../src/data/corpus/read/built-corpus.js';
import { buildCorpus, CORPUS_SPLIT, defaultWorkers } from '../src/data/corpus/build/build.js';
import { checkCorpus } from '../src/data/corpus/read/check.js';
import { statisticsOfCorpus } from '../src/data/corpus/read/statistics.js';
import { corpusFacts, statisticsPage } from '../src/data/corpus/read/export/statistics-html.js';
import { writeFileAtomic } from '../src/base/files.js';
import { loadKnobs } from '../src/data/corpus/knobs.js';
import { SampleSource, type Sample } from '../src/data/corpus/sample.js';
import { formatRecord } from '../src/data/record.js';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { trainTokenizer } from '../src/data/tokenizer/train.js';
import { packageRoot } from '../src/base/paths.js';
import {
  executeAll,
  linkerRecall,
  promptSizes,
  sampleStretches,
  shareWithin,
  validateAll,
  varietyOf,
  type Rate,
} from '../src/sql/corpus-report.js';
import { countSemanticFaults, SEMANTIC_FAULTS } from '../src/sql/corpus-semantics.js';

const FAMILIES_WANTED = 40;
const PHRASINGS_WANTED = 10;
const RECALL_WANTED = 0.99;
const CONTEXT = 1024;
/** Share of inference prompts that are no larger than those of training. */
const SIZES_WANTED = 0.8;
const SIZES_COMPARED = 2000;

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    samples: { type: 'string', default: '100000' },
    execute: { type: 'string', default: '20000' },
    questions: { type: 'string', default: '40000' },
    build: { type: 'string', default: '50000' },
    from: { type: 'string', default: '0' },
    only: { type: 'string', default: 'families,meaning,validator,leaks,linker,sizes,execution' },
    corpus: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = Number(options.seed);
const from = Number(options.from);
const parts = new Set(options.only.split(','));
const missed: string[] = [];

function bar(name: string, isMet: boolean, text: string): void {
  console.log(`${isMet ? 'ok    ' : 'MISSED'} ${name}: ${text}`);
  if (!isMet) missed.push(name);
}

function rateBar(name: string, rate: Rate, wanted: number, note = ''): void {
  const share = rate.tried === 0 ? 0 : rate.passed / rate.tried;
  const percent = `${(100 * share).toFixed(2)} %`;
  bar(name, rate.tried > 0 && share >= wanted, `${rate.passed} of ${rate.tried} (${percent})${note}`);
  for (const failure of rate.failures.slice(0, options.verbose ? 20 : 3)) console.log(`         ${failure}`);
}

const folder = join(packageRoot, 'schemas');
const schemas = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && !file.startsWith('bundle.'))
  .map((file) => new SchemaIndex(loadBundle(join(folder, file))));
const source = new SampleSource(schemas, loadKnobs(join(packageRoot, 'configs', 'corpus.json')));
const first = function* (count: number): Generator<Sample> {
  for (let i = from; i < from + count; i++) yield source.sample(seed, i);
};

/** How many statements are checked and run. */
const execute = Number(options.execute);

if (parts.has('families')) reportFamilies();
if (parts.has('meaning')) reportMeaning();
if (parts.has('validator')) rateBar('validator', validateAll(source, first(execute)), 1);
if (parts.has('leaks')) await reportLeaks();
if (parts.has('linker') || parts.has('sizes')) reportPrompts();
if (parts.has('execution')) {
  const executed = await executeAll(source, sampleStretches(source, seed, execute, from), (done) =>
    process.stderr.write(`       ${done} of ${execute} statements run\r`),
  );
  rateBar('execution', executed, 1, `, ${executed.withRows} returned rows`);
}

function reportFamilies(): void {
  const variety = varietyOf(first(Number(options.samples)));
  const rich = [...variety.phrasings.values()].filter((count) => count >= PHRASINGS_WANTED).length;
  bar(
    'construct families',
    rich >= FAMILIES_WANTED,
    `${rich} of ${variety.phrasings.size} have ${PHRASINGS_WANTED} or more phrasings (at least ${FAMILIES_WANTED} wanted)`,
  );
  console.log(
    `       ${variety.samples} samples: ${variety.questionSkeletons} question skeletons, ${variety.sqlSkeletons} statement skeletons; ` +
      `joins ${variety.joins.map((count, depth) => `${depth}: ${count}`).join(', ')}`,
  );
}

function reportMeaning(): void {
  const semantics = countSemanticFaults(first(execute), (name) => source.schemaNamed(name)!);
  for (const fault of SEMANTIC_FAULTS) {
    bar(
      `meaning: ${fault}`,
      semantics.counts[fault] === 0,
      `${semantics.counts[fault]} of ${semantics.samples}`,
    );
    for (const example of semantics.examples[fault]) console.log(`         ${example}`);
  }
}

/** Builds a corpus, or opens the one on disk, and looks for held-out questions in it. */
async function reportLeaks(): Promise<void> {
  const built = options.corpus ?? (await buildHere(join(packageRoot, 'corpora', `report-${seed}`)));
  const corpus = await BuiltCorpus.open(built);
  const check = await checkCorpus(corpus);
  const sets = Object.entries(check.heldOut).map(([name, questions]) => `${name} ${questions}`);
  bar('leaks', check.leaks === 0, `${check.leaks} in ${check.records} records against ${sets.join(', ')}`);
  const statistics = await statisticsOfCorpus(corpus);
  const page = join(built, 'statistics.html');
  await writeFileAtomic(page, statisticsPage(statistics, corpusFacts(built, corpus.index)));
  console.log(`       ${statistics.distinctQuestions} distinct questions; distributions: ${page}`);
  corpus.close();
}

/** The linker's recall, and the sizes of prompts. */
function reportPrompts(): void {
  const tokenizer = trainTokenizer(
    (function* () {
      for (const { record } of first(5000)) yield formatRecord(record, source.knobs.format?.order);
    })(),
    { vocabSize: 8192 },
  );
  if (parts.has('linker')) {
    const recall = linkerRecall(source, first(Number(options.questions)), tokenizer, CONTEXT);
    rateBar(`linker recall on held-out questions at ${CONTEXT} tokens`, recall, RECALL_WANTED);
  }
  for (const context of parts.has('sizes') ? [CONTEXT / 2, CONTEXT] : []) {
    const { trained, linked } = promptSizes(source, first(SIZES_COMPARED), tokenizer, context);
    const within = Math.min(
      ...(['tables', 'tokens'] as const).map((what) => shareWithin(linked[what], trained[what])),
    );
    const text = `${(100 * within).toFixed(1)} % of the linker's prompts are no larger than 99 % of training's`;
    bar(`prompt sizes at ${context} tokens`, within >= SIZES_WANTED, text);
    for (const what of ['tables', 'tokens'] as const) {
      const [shown, atInference] = [trained, linked].map((sizes) => spread(sizes[what]));
      console.log(
        `       schema ${what}: training ${shown}; linker ${atInference} (minimum, quartiles, maximum)`,
      );
    }
  }
}

/** Minimum, quartiles and maximum. */
function spread(sorted: readonly number[]): string {
  return [0, 0.25, 0.5, 0.75, 1].map((at) => sorted[Math.round(at * (sorted.length - 1))]).join(' ');
}

/** Builds a fresh corpus that holds out one of the schemas. */
async function buildHere(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const count = Number(options.build);
  const split = { ...CORPUS_SPLIT, heldOutSchemas: ['pcornet_4_1'] };
  const tokenizer = { vocabSize: 8192, records: Math.min(count, 20_000) };
  await buildCorpus({
    folder,
    source,
    split,
    seed,
    count,
    heldOut: 500,
    tokenizer,
    workers: defaultWorkers(),
  });
  return folder;
}

if (missed.length > 0) console.error(`missed: ${missed.join(', ')}`);
process.exit(missed.length === 0 ? 0 : 1);
