/**
 * npm run eval:report -- [--model models/NAME]… [--people FILE.jsonl]… [--questions 120] [--minutes 14] [--batch 8] [--adapter A] [--out FOLDER] [--card]
 *
 * Asks every shipped model (or those given) the questions of its sets: values, phrasings, and for a model of any schema
 * schemas; and files of people's questions. Each set of a model gets an equal part of the minutes. Writes one page and one JSON file a model, and prints the figures;
 * with --card also into the model's card.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileAtomic, writeJsonAtomic } from '../src/base/files.js';
import { currentCommit } from '../src/base/commit.js';
import { packageRoot } from '../src/base/paths.js';
import { Gpu } from '../src/engine/gpu/device.js';
import { DecoderModel } from '../src/sql/decoder-model.js';
import { Judge } from '../src/sql/eval/judge.js';
import { CARD_FILE, readCard, type ModelCard } from '../src/sql/model-card.js';
import { setsOfCard } from '../src/sql/eval/card-sets.js';
import { readQuestionSet, type SetQuestion } from '../src/sql/eval/question-set.js';
import { reportPage, sayLatency, type Latency, type SetReport } from '../src/sql/eval/report-page.js';
import { runSet } from '../src/sql/eval/run-set.js';
import { summariseSet, type Share } from '../src/sql/eval/summary.js';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    people: { type: 'string', multiple: true, default: [] },
    questions: { type: 'string', default: '120' },
    minutes: { type: 'string', default: '14' },
    candidates: { type: 'string', default: '1' },
    batch: { type: 'string', default: '8' },
    card: { type: 'boolean', default: false },
    adapter: { type: 'string', default: 'auto' },
    out: { type: 'string', default: join(packageRoot, 'bench', 'results') },
  },
});
/** Questions that are timed alone. */
const TIMED = 8;
const batch = Number(options.batch);
/** A prime that divides no number of questions. */
const STRIDE = 7919;
const size = Number(options.questions);
const milliseconds = 60_000 * Number(options.minutes);
const shipped = join(packageRoot, 'models');
const folders = options.model ?? readdirSync(shipped).map((name) => join(shipped, name));

async function setsOf(card: ModelCard): Promise<Map<string, SetQuestion[]>> {
  const sets = setsOfCard(card, { size });
  for (const file of options.people) {
    const all = await readQuestionSet(file);
    // Spread over the file, whose sources stand one after the other.
    const every = Math.max(1, Math.floor(all.length / size));
    const spread = all.filter((_, i) => i % every === 0).slice(0, size);
    // Any beginning of the list is spread too: time may run out.
    sets.set(
      basename(file, '.jsonl'),
      Array.from(spread, (_, i) => spread[(i * STRIDE) % spread.length]!),
    );
  }
  return sets;
}

/** Asks a few questions one after another, after as many that are not timed. */
async function latencyOf(folder: string, questions: readonly SetQuestion[]): Promise<Latency> {
  const model = await DecoderModel.load(gpu, folder);
  const timed = questions.slice(0, TIMED);
  const [elapsed, processor]: [number[], number[]] = [[], []];
  for (const round of ['warm', 'timed']) {
    for (const question of timed) {
      const before = process.cpuUsage();
      const [result] = await runSet(model, [question], judge, { candidates: Number(options.candidates) });
      if (round === 'warm') continue;
      const { user, system } = process.cpuUsage(before);
      elapsed.push(result!.milliseconds);
      processor.push((user + system) / 1000);
    }
  }
  await model.dispose();
  const median = (list: number[]): number => list.sort((a, b) => a - b)[list.length >> 1]!;
  return { questions: timed.length, elapsed: median(elapsed), processor: median(processor) };
}

/** A share and the ends of its interval, for the card. */
const withEnds = ({ share, low, high }: Share): [number, number, number] =>
  [share, low, high].map((value) => Number(value.toFixed(4))) as [number, number, number];

const percent = ({ share, of, count }: Share): string =>
  of === 0 ? 'none' : `${(100 * share).toFixed(1)}% (${count} of ${of})`;

const gpu = await Gpu.open({ adapter: options.adapter as 'auto' });
const judge = await Judge.start();
for (const folder of folders) {
  const card = readCard(folder);
  const model = await DecoderModel.load(gpu, folder, { sideBySide: batch });
  const reports: SetReport[] = [];
  const sets = await setsOf(card);
  const began = performance.now();
  for (const [i, [set, questions]] of [...sets].entries()) {
    if (questions.length === 0) continue;
    // What a set leaves of its time goes to those after it.
    const until = began + (milliseconds * (i + 1)) / sets.size;
    const results = await runSet(model, questions, judge, {
      candidates: Number(options.candidates),
      atOnce: batch,
      until,
    });
    const summary = summariseSet(results);
    reports.push({ set, model: card.name, step: model.step, summary, results });
    console.log(
      `${card.name}, ${set}: right ${percent(summary.right)}, same text ${percent(summary.exact)}, ` +
        `wrong ${percent(summary.wrong)}, refused ${percent(summary.refused)}, invalid ${percent(summary.invalid)}` +
        (summary.refusedRightly.of > 0 ? `, unanswerable refused ${percent(summary.refusedRightly)}` : ''),
    );
  }
  await model.dispose();
  const latency = await latencyOf(folder, [...sets.values()][0] ?? []);
  console.log(sayLatency(latency));
  const header = {
    kind: 'eval',
    adapter: gpu.adapter,
    node: process.version,
    date: new Date().toISOString(),
    batch,
    latency,
  };
  await writeJsonAtomic(join(options.out, `eval-${card.name}.json`), { ...header, card, reports });
  await writeFileAtomic(join(options.out, `eval-${card.name}.html`), reportPage(reports, latency));
  if (!options.card) continue;
  const accuracy = {
    commit: currentCommit(),
    date: header.date.slice(0, 10),
    adapter: gpu.adapter.name,
    sets: Object.fromEntries(
      reports.map(({ set, summary: { questions, right, wrong, refused } }) => [
        set,
        { questions, right: withEnds(right), wrong: withEnds(wrong), refused: withEnds(refused) },
      ]),
    ),
  };
  await writeJsonAtomic(join(folder, CARD_FILE), { ...card, accuracy });
}
await judge.close();
gpu.close();
