/**
 * npm run eval:report -- [--model models/NAME]… [--people FILE.jsonl]… [--questions 120] [--adapter A] [--out FOLDER]
 *
 * Asks every shipped model (or those given) the questions of its sets: values, phrasings, and for a model of any schema
 * schemas; and files of people's questions. Writes one page and one JSON file a model, and prints the figures.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic, writeJsonAtomic } from '../src/base/files.js';
import { packageRoot } from '../src/base/paths.js';
import { CORPUS_SPLIT } from '../src/data/corpus/build/build.js';
import { loadKnobs } from '../src/data/corpus/knobs.js';
import { SampleSource } from '../src/data/corpus/sample.js';
import { DEMO_SPLIT } from '../src/data/corpus/split/demo.js';
import { loadBundle } from '../src/data/schema/load.js';
import { SchemaIndex } from '../src/data/schema/schema-index.js';
import { bundleFiles, UNSEEN_SCHEMA } from '../src/data/schema/shipped.js';
import { Gpu } from '../src/engine/gpu/device.js';
import { DecoderModel } from '../src/sql/decoder-model.js';
import { Judge } from '../src/sql/eval/judge.js';
import { readCard, type ModelCard } from '../src/sql/eval/model-card.js';
import { heldOutSet, readQuestionSet, SET_NAMES, type SetQuestion } from '../src/sql/eval/question-set.js';
import { reportPage, type SetReport } from '../src/sql/eval/report-page.js';
import { runSet } from '../src/sql/eval/run-set.js';
import { summariseSet, type Share } from '../src/sql/eval/summary.js';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    people: { type: 'string', multiple: true, default: [] },
    questions: { type: 'string', default: '120' },
    candidates: { type: 'string', default: '1' },
    adapter: { type: 'string', default: 'auto' },
    out: { type: 'string', default: join(packageRoot, 'bench', 'results') },
  },
});
const size = Number(options.questions);
const shipped = join(packageRoot, 'models');
const folders = options.model ?? readdirSync(shipped).map((name) => join(shipped, name));

async function setsOf(card: ModelCard): Promise<Map<string, SetQuestion[]>> {
  const { schemas, corpus } = card;
  const indexes = (schemas ?? bundleFiles()).map((file) => new SchemaIndex(loadBundle(file)));
  const source = new SampleSource(indexes, loadKnobs(join(packageRoot, corpus.knobs)));
  const heldOutSchemas = schemas === undefined ? [UNSEEN_SCHEMA] : [];
  const split = { ...(corpus.holdOut === 'statements' ? DEMO_SPLIT : CORPUS_SPLIT), heldOutSchemas };
  const sets = new Map<string, SetQuestion[]>();
  for (const name of SET_NAMES) {
    if (name === 'schemas' && schemas !== undefined) continue;
    sets.set(name, heldOutSet(name, source, { seed: corpus.seed, split, size }));
  }
  for (const file of options.people) {
    const all = await readQuestionSet(file);
    // Spread over the file, whose sources stand one after the other.
    const every = Math.max(1, Math.floor(all.length / size));
    sets.set(basename(file, '.jsonl'), all.filter((_, i) => i % every === 0).slice(0, size));
  }
  return sets;
}

const percent = ({ share, of, count }: Share): string =>
  of === 0 ? 'none' : `${(100 * share).toFixed(1)}% (${count} of ${of})`;

const gpu = await Gpu.open({ adapter: options.adapter as 'auto' });
const judge = await Judge.start();
for (const folder of folders) {
  const card = readCard(folder);
  const model = await DecoderModel.load(gpu, folder);
  const reports: SetReport[] = [];
  for (const [set, questions] of await setsOf(card)) {
    if (questions.length === 0) continue;
    const results = await runSet(model, questions, judge, { candidates: Number(options.candidates) });
    const summary = summariseSet(results);
    reports.push({ set, model: card.name, step: model.step, summary, results });
    console.log(
      `${card.name}, ${set}: right ${percent(summary.right)}, same text ${percent(summary.exact)}, ` +
        `wrong ${percent(summary.wrong)}, refused ${percent(summary.refused)}, invalid ${percent(summary.invalid)}` +
        (summary.refusedRightly.of > 0 ? `, unanswerable refused ${percent(summary.refusedRightly)}` : '') +
        `; median ${Math.round(summary.latency.p50)} ms`,
    );
  }
  const header = {
    kind: 'eval',
    adapter: gpu.adapter,
    node: process.version,
    date: new Date().toISOString(),
  };
  await writeJsonAtomic(join(options.out, `eval-${card.name}.json`), { ...header, card, reports });
  await writeFileAtomic(join(options.out, `eval-${card.name}.html`), reportPage(reports));
  await model.dispose();
}
await judge.close();
gpu.close();
