import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { writeJsonAtomic, writeFileAtomic } from '../base/files.js';
import type { AnswerFolder } from '../sql/eval/answer-folder.js';
import type { OpenedSet } from '../sql/eval/blocks.js';
import { SET_NAMES, type SetName, type SetQuestion } from '../sql/eval/question-set.js';
import type { AgentsOptions } from '../sql/eval/run-set.js';
import type { Share, Summary } from '../sql/eval/summary.js';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { UsageError } from './errors.js';
import { formatAdapter, formatShare } from './format.js';
import { parsePart, parseWholeNumber, withDevice, type DeviceOptions, type ShardPart } from './options.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';
import { countingProgress } from './progress.js';

interface Options extends DeviceOptions, SourceOptions {
  model: string;
  set: string;
  holdOut: 'pairs' | 'statements';
  questions: number;
  candidates: number;
  batch: number;
  constrain: 'on' | 'off';
  refuse: boolean;
  values?: string;
  shard?: ShardPart;
  parts?: string;
  out?: string;
  html?: string;
  json?: true;
}

const HELP = `
A set is values (known phrasings and schemas, unseen values and pairs), phrasings, schemas, or a file of JSON lines:
{"question": "…", "sql": "SELECT …", "schema": "omop_cdm_5_4"}; without "sql" the right outcome is a refusal.
An answer is right if it is the expected statement, or gives its result on generated rows of three seeds.`;

export function evalCommand(command: Command): void {
  command
    .requiredOption('--model <folder>', 'trained model')
    .requiredOption('--set <name>', 'values, phrasings, schemas, or a file');
  withSource(command)
    .option('--hold-out <what>', 'how the corpus was split: pairs or statements', 'pairs')
    .option('--questions <count>', 'the most questions that are asked', parseWholeNumber(), 200)
    .option('--candidates <count>', 'statements per question', parseWholeNumber(1, 16), 1)
    .option('--batch <count>', 'questions that are answered side by side', parseWholeNumber(1, 16), 8)
    .option('--constrain <on|off>', 'whether the grammar restricts the model', 'on')
    .option('--no-refuse', 'ask the model even if the schema seems to lack what a question needs')
    .option('--values <folder>', 'folder with BUNDLE.values or BUNDLE.jsonl: the values of databases');
  withDevice(command)
    .option(
      '--shard <i/n>',
      'ask part I of N (0/8 to 7/8) of the questions and keep the answers in --parts; the same command without --shard joins them',
      parsePart,
    )
    .option('--parts <folder>', 'answers of parts: those that are there are taken, and not asked for again')
    .option('--out <file>', 'write summary and every answer as JSON', fileToWrite('--out'))
    .option(
      '--html <file>',
      'write a page with figures, calibration and the worst cases',
      fileToWrite('--html'),
    )
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { constrain, candidates, batch, model: folder, parts, shard } = options;
  if (constrain !== 'on' && constrain !== 'off') throw new UsageError('--constrain is on or off');
  if (shard !== undefined && parts === undefined) throw new UsageError('--shard needs --parts FOLDER');
  if (shard !== undefined && (options.out ?? options.html ?? options.json) !== undefined)
    throw new UsageError('--shard only writes to --parts; --out, --html and --json are for the join');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  await DecoderModel.readFolder(folder);
  const questions = await readSet(options);
  const values = await valuesFrom(options.values);
  const { answerBlocks, blocksOf } = await import('../sql/eval/blocks.js');
  const { summariseSet } = await import('../sql/eval/summary.js');
  const kept = parts === undefined ? undefined : await answersIn(parts, options, questions);
  const all = blocksOf(questions, batch);
  const blocks = shard === undefined ? all : all.filter((_, i) => i % shard.of === shard.index);
  const progress = countingProgress(blocks.reduce((sum, block) => sum + block.questions.length, 0));
  let step = kept?.step ?? 0;
  const open = async (): Promise<OpenedSet> => {
    const set = await openSet(options, values);
    if (kept && kept.step !== set.step) {
      await set.close();
      throw new UsageError(
        `${folder} got a checkpoint of step ${set.step} just now: run the same command again`,
      );
    }
    ({ step } = set);
    progress.stage(`asking (step ${step})`);
    return set;
  };
  const { answered, found } = await answerBlocks({
    blocks,
    open,
    folder: kept?.answers,
    onProgress: (done) => progress.done(done),
  }).finally(() => progress.stop());
  const made = `${blocks.length} blocks of questions, ${found} of them were there`;
  if (shard !== undefined) return await printLine(`${parts}: part ${shard.index} of ${shard.of}: ${made}`);
  if (parts !== undefined) note(`${parts}: ${made}`);
  const results = answered.flatMap((block) => block.results);
  const seconds = answered.reduce((sum, block) => sum + block.seconds, 0);
  const devices = [...new Set(answered.map(({ device }) => device))].sort();
  const summary = summariseSet(results);
  const settings = { candidates, batch, constrain };
  const report = { set: options.set, model: folder, step, ...settings, devices, seconds, summary, results };
  if (options.out !== undefined) await writeJsonAtomic(options.out, report);
  if (options.html !== undefined) {
    const { reportPage } = await import('../sql/eval/report-page.js');
    await writeFileAtomic(options.html, reportPage([report]));
  }
  if (options.json) await printJson(summary);
  else await printSummary(options.set, summary);
  if (batch === 1 || options.json) return;
  await printLine(`${results.length} questions in ${seconds.toFixed(1)} s, ${batch} side by side`);
}

/** The folder of answered blocks, and the step of the weights that its answers come from. */
async function answersIn(
  parts: string,
  { model, candidates, batch, constrain, refuse, values }: Options,
  questions: readonly SetQuestion[],
): Promise<{ answers: AnswerFolder; step: number | undefined }> {
  const { answerPlan } = await import('../sql/eval/answer-plan.js');
  const { AnswerFolder: Answers } = await import('../sql/eval/answer-folder.js');
  const asked = { model, candidates, batch, constrain: constrain === 'on', refuse, values };
  const { plan, step } = await answerPlan(asked, questions);
  return { answers: new Answers(parts, plan), step };
}

/** Opens device, model and judge. */
async function openSet(
  { adapter, kernels, model: folder, batch, candidates, refuse, constrain }: Options,
  values: AgentsOptions['values'],
): Promise<OpenedSet & { step: number }> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { Judge } = await import('../sql/eval/judge.js');
  const { askInGroups, SetAgents } = await import('../sql/eval/run-set.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const gpu = await Gpu.open({ adapter, kernels });
  const model = await DecoderModel.load(gpu, folder, { sideBySide: batch });
  model.warnings.forEach(note);
  const judge = await Judge.start();
  const asked = { candidates, refuse, values, constrain: constrain === 'on', atOnce: batch };
  const agents = new SetAgents(model, asked);
  return {
    step: model.step,
    device: `${formatAdapter(gpu.adapter)}, kernels ${gpu.path}`,
    run: (questions, onProgress) => askInGroups(agents, questions, judge, { atOnce: batch, onProgress }),
    async close() {
      await judge.close();
      await model.dispose();
      gpu.close();
    },
  };
}

/** Opens the values of each schema's database, if the folder has them. */
async function valuesFrom(folder: string | undefined): Promise<AgentsOptions['values']> {
  if (folder === undefined) return undefined;
  const { valuesIn } = await import('../data/values/open-values.js');
  return (bundle) => valuesIn(folder, bundle);
}

async function readSet(options: Options): Promise<SetQuestion[]> {
  const { heldOutSet, readQuestionSet } = await import('../sql/eval/question-set.js');
  const { set, questions: size, seed } = options;
  if (!SET_NAMES.includes(set as SetName)) {
    if (options.schema && options.schema.length > 1)
      throw new UsageError('a file of questions takes one --schema');
    if (options.overlay !== undefined && options.schema === undefined)
      throw new UsageError('--overlay needs exactly one --schema');
    if (!existsSync(set))
      throw new UsageError(`--set ${set}: no such file, and the sets are ${SET_NAMES.join(', ')}`);
    return (await readQuestionSet(set, options.schema?.[0], options.overlay)).slice(0, size);
  }
  const { CORPUS_SPLIT } = await import('../data/corpus/build/build.js');
  const { DEMO_SPLIT } = await import('../data/corpus/split/demo.js');
  const { UNSEEN_SCHEMA } = await import('../data/schema/shipped.js');
  const heldOutSchemas = options.schema === undefined ? [UNSEEN_SCHEMA] : [];
  const split = { ...(options.holdOut === 'statements' ? DEMO_SPLIT : CORPUS_SPLIT), heldOutSchemas };
  const drawn = heldOutSet(set as SetName, await openSource(options), { seed, split, size });
  if (drawn.length === 0)
    throw new UsageError(`this corpus holds out no ${set}: see --hold-out and --schema`);
  return drawn;
}

async function printSummary(set: string, summary: Summary): Promise<void> {
  const share = ({ count, of, share: value, low, high }: Share): string =>
    of === 0
      ? 'none'
      : `${formatShare(value)} (${formatShare(low)} to ${formatShare(high)}), ${count} of ${of}`;
  await printLine(`${set}: ${summary.questions} questions`);
  await printLine(`right          ${share(summary.right)}`);
  await printLine(`  same text    ${share(summary.exact)}`);
  await printLine(`wrong          ${share(summary.wrong)}`);
  await printLine(`refused        ${share(summary.refused)}`);
  await printLine(`invalid        ${share(summary.invalid)}`);
  if (summary.refusedRightly.of > 0)
    await printLine(`unanswerable, refused  ${share(summary.refusedRightly)}`);
  if (summary.unjudged > 0)
    await printLine(`unjudged       ${summary.unjudged}: the expected statement does not run here`);
  await printLine(`right of the statements given  ${share(summary.rightOfGiven)}`);
  for (const { outcome, reason, count } of summary.reasons.slice(0, 8))
    await printLine(`  ${outcome}, ${reason}: ${count}`);
  await printLine(
    `time to a statement: median ${Math.round(summary.latency.p50)} ms, 95% under ${Math.round(summary.latency.p95)} ms`,
  );
}
