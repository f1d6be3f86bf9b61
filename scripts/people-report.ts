/**
 * npm run people:report -- FILE [--json] [--values DIR] [--examples 3] [--samples 12000]
 *
 * Measures, on questions that people wrote, everything but the model: do the values leave the question, does the prompt
 * show what the statement needs, does the gate let the question through, does the validator accept the person's
 * statement, does the corpus show its constructs, and can the grammar write it? The share of questions that pass all of
 * it is the ceiling of a perfect model. FILE has one question a line; `schemas/` and `unanswerable.jsonl` lie beside it.
 * FILE may also come from PEOPLE_QUESTIONS.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../src/base/errors.js';
import { packageRoot } from '../src/base/paths.js';
import { loadKnobs, withoutSynthetic } from '../src/data/corpus/knobs.js';
import { SampleSource } from '../src/data/corpus/sample.js';
import { FIRST_FORMAT } from '../src/data/record-format.js';
import { formatRecord } from '../src/data/record.js';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { shippedNames } from '../src/data/schema/shipped.js';
import type { ValueLookup } from '../src/data/values/longest.js';
import { readValueList } from '../src/data/values/value-list.js';
import { trainTokenizer } from '../src/data/tokenizer/train.js';
import { CALIBRATION_FILE, loadCalibration } from '../src/sql/answerable/load.js';
import { parse } from '../src/tsql/parser.js';
import { readPeopleSet } from './people/cases.js';
import { constructsOf } from './people/constructs.js';
import { Measurer } from './people/measure.js';
import { printReport } from './people/print.js';
import { summarise, summariseGate } from './people/summary.js';

const SEED = 11;
/** Records that the tokenizer is trained on; its vocabulary is that of the shipped settings. */
const TOKENIZED = 1500;
const VOCABULARY = 4096;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    values: { type: 'string' },
    examples: { type: 'string', default: '3' },
    samples: { type: 'string', default: '12000' },
  },
});
const file = positionals[0] ?? process.env['PEOPLE_QUESTIONS'];
if (file === undefined) {
  console.error('give a file of questions: npm run people:report -- FILE');
  process.exit(2);
}

const { cases, unanswerable, schemas } = readOrExit(() => readPeopleSet(file));
const lists = new Map<string, ValueLookup>();
for (const [db, { bundle }] of schemas) {
  const list = join(options.values ?? '', `${db}.jsonl`);
  if (options.values === undefined || !existsSync(list)) continue;
  lists.set(
    db,
    readOrExit(() => readValueList(list, bundle)),
  );
}
const shipped = shippedNames().map((name) => new SchemaIndex(loadBundle(name)));
const source = new SampleSource(
  shipped,
  withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json'))),
);
const format = source.knobs.format ?? FIRST_FORMAT;
const seen = new Set<string>();
const records: string[] = [];
for (let i = 0; i < Number(options.samples); i++) {
  const { record } = source.sample(SEED, i);
  if (i < TOKENIZED) records.push(formatRecord(record, format.order));
  for (const construct of constructsOf(parse(record.sql))) seen.add(construct);
}
const tokenizer = trainTokenizer(records, { vocabSize: VOCABULARY });
const calibration = await loadCalibration(CALIBRATION_FILE);
const measurer = new Measurer({ tokenizer, format, calibration, seen, lists });

const measured = cases.map((item) => measurer.measure(item, schemas.get(item.db)!));
const refusals = unanswerable.map((item) => ({
  item,
  verdict: measurer.judgeUnanswerable(item, schemas.get(item.db)!),
}));
const sources = [...new Set(cases.map((item) => item.source))];
const all = summarise(measured);
const bySource = Object.fromEntries(
  sources.map((name) => [name, summarise(measured.filter(({ item }) => item.source === name))]),
);
const gate = summariseGate(measured, refusals);
if (options.json) console.log(JSON.stringify({ all, sources: bySource, gate }, null, 2));
else printReport({ all, bySource, gate, measured, refusals, examples: Number(options.examples) });

/** Reads a file; bad input ends the program with one line. */
function readOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.error((error as Error).message);
    process.exit(2);
  }
}
