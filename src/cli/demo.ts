import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { packageRoot, userDataFolder } from '../base/paths.js';
import type { Gpu } from '../engine/gpu/device.js';
import { noteAdapter } from './device.js';
import { EXIT } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import { note, printLine } from './output.js';

/** What the shipped model is asked first. */
const FIRST_QUESTIONS = [
  'How many patients were born before March 5, 1950?',
  'List the drugs of patient 1234567',
  'How many visits were there per year?',
];
/** Questions asked at the end; none of them is in the corpus. */
const QUESTIONS = 5;
const SEED = 1;

interface Options extends DeviceOptions {
  out: string;
  samples: number;
  count?: number;
  vocabSize: number;
  steps?: number;
}

export function demoCommand(command: Command): void {
  withDevice(command)
    .option(
      '--out <folder>',
      'where corpus/ and model/ go; both are replaced',
      join(userDataFolder(), 'demo'),
    )
    .option('--samples <records>', 'number of training records', parseWholeNumber(), 4000)
    .addOption(
      new Option('--count <records>', 'older name of --samples').argParser(parseWholeNumber()).hideHelp(),
    )
    .option('--vocab-size <tokens>', 'vocabulary size of the tokenizer', parseWholeNumber(), 1024)
    .option('--steps <count>', 'training steps (default: as in configs/demo.json)', parseWholeNumber())
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { adapter, kernels, out, samples, vocabSize, count = samples } = options;
  const { buildCorpus } = await import('../data/corpus/build/build.js');
  const { DEMO_SPLIT, heldOutDemoQuestions } = await import('../data/corpus/split/demo.js');
  const { loadKnobs } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { parseSettings, readSettings, SETTINGS_FILE, trainOnCorpus } =
    await import('../data/train-on-corpus.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { answer } = await import('../sql/agent.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const { createGrammar } = await import('../sql/grammar/index.js');
  const { trainingProgress } = await import('./progress.js');

  const configs = join(packageRoot, 'configs');
  const settingsFile = join(configs, 'demo.json');
  const given = await readSettings(settingsFile);
  const settings = parseSettings(
    options.steps === undefined ? given : { ...given, steps: options.steps },
    settingsFile,
  );
  const gpu = await Gpu.open({ adapter, kernels });
  noteAdapter(gpu, options);

  await askShipped(gpu);

  // The corpus: questions and statements from templates over a published schema.
  const index = new SchemaIndex(loadBundle(join(packageRoot, 'schemas', 'omop_cdm_5_4.json')));
  const source = new SampleSource([index], loadKnobs(join(configs, 'corpus.demo.json')));
  const corpus = join(out, 'corpus');
  const folder = join(out, 'model');
  for (const old of [corpus, folder]) await rm(old, { recursive: true, force: true });
  await buildCorpus({
    folder: corpus,
    source,
    split: DEMO_SPLIT,
    seed: SEED,
    count,
    heldOut: 0,
    tokenizer: { vocabSize, records: count },
    workers: 0,
  });
  note(`corpus: ${count} questions over ${index.bundle.title}, in ${corpus}`);

  // The model: a decoder of about a million parameters, trained from random weights.
  const progress = trainingProgress();
  const losses: number[] = [];
  const result = await trainOnCorpus(gpu, {
    corpus,
    folder,
    settings,
    signal: interruptSignal('finishing the step, then saving'),
    onProblem: (line) => progress.note(line),
    onStart: ({ positions }) => progress.start({ ...settings, positions }, 0),
    onStep: (report) => {
      losses.push(report.loss);
      progress.step(report);
    },
    onProgress: (at) => progress.at(at),
  });
  progress.stop();
  if (!result.finished) {
    gpu.close();
    await printLine(`stopped after step ${result.step}: ${folder}`);
    const rest = `--corpus ${corpus} --model ${folder} --config ${join(folder, SETTINGS_FILE)}`;
    return note(`to go on: engine train ${rest}`);
  }
  const tail = losses.slice(-10);
  const last = tail.reduce((sum, loss) => sum + loss, 0) / tail.length;
  await printLine(
    `loss: ${losses[0]!.toFixed(4)} at the first step, ${last.toFixed(4)} over the last ${tail.length}`,
  );

  // The answers: vault → prompt → decoder under the grammar → validator → renderer.
  const model = await DecoderModel.load(gpu, folder);
  const [small] = source.restrictedSchemas;
  const grammar = createGrammar(small!, model.tokenizer, { format: model.format });
  let accepted = 0;
  for (const { rawQuestion, record } of heldOutDemoQuestions(source, SEED, QUESTIONS)) {
    const result = await answer(rawQuestion, {
      index: small!,
      model,
      grammar,
      candidates: 4,
      link: { maxTables: 1 },
    });
    const compared = result.rawSql === record.sql ? 'the expected statement' : `expected was: ${record.sql}`;
    await printLine(`\nquestion: ${rawQuestion}\nsql:      ${result.statement ?? '(none)'}`);
    if (result.verdict.ok) accepted++;
    const fault = result.verdict.errors[0];
    await printLine(
      `verdict:  ${fault ? `refused, ${fault.code}: ${fault.message}` : `accepted by the validator; ${compared}`}`,
    );
  }
  gpu.close();
  await printLine(
    `\n${accepted} of ${QUESTIONS} statements accepted; trained and answered on ${gpu.adapter.name}`,
  );
  if (accepted < QUESTIONS) process.exitCode = EXIT.noStatement;
}

/** Answers a few questions with the model that ships for the demo's schema, if there is one. */
async function askShipped(gpu: Gpu): Promise<void> {
  const { openAgent } = await import('../sql/open-agent.js');
  const { shippedModel } = await import('../sql/model-card.js');
  const { readingOf } = await import('./generate.js');
  const schema = 'omop_cdm_5_4';
  const model = shippedModel(schema);
  if (model === undefined) return;
  const agent = await openAgent({ schema, model, gpu });
  agent.warnings.forEach(note);
  for (const question of FIRST_QUESTIONS) {
    const { statement, refusal, verdict, ...read } = await agent.ask(question);
    await printLine(`question: ${question}`);
    if (statement !== undefined) await printLine(`sql:      ${statement}\n`);
    else {
      const reason = refusal?.message ?? verdict.errors[0]?.message ?? 'no statement';
      await printLine(`sql:      (none) ${reason}\n${readingOf(read).join('\n')}\n`);
    }
  }
  await agent.close();
  note('The shipped model wrote these. Now a small one is trained from nothing, to show how:');
}
