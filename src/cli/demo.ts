import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import { packageRoot } from '../base/paths.js';
import { EXIT } from './errors.js';
import { adapterOption, kernelsOption, wholeNumber } from './options.js';
import { note, printLine } from './output.js';

/** Questions that are answered at the end, none of them in the corpus. */
const QUESTIONS = 5;
const SEED = 1;

interface Options {
  adapter: string;
  kernels: KernelPath | 'auto';
  out: string;
  count: number;
  vocabSize: number;
  steps?: number;
}

export function register(program: Command): void {
  program
    .command('demo')
    .description('the whole way: build a small corpus, train on it, answer questions that were not in it')
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option('--out <folder>', 'where corpus and model go, anew each time', join(packageRoot, 'runs', 'demo'))
    .option('--count <records>', 'records of the corpus', wholeNumber(), 4000)
    .option('--vocab-size <tokens>', 'size of the tokenizer', wholeNumber(), 1024)
    .option('--steps <count>', 'training steps, instead of those in configs/demo.json', wholeNumber())
    .action(run);
}

async function run({ adapter, kernels, out, count, vocabSize, steps }: Options): Promise<void> {
  const { buildCorpus } = await import('../data/corpus/build/build.js');
  const { DEMO_SPLIT, heldOutDemoQuestions } = await import('../data/corpus/split/demo.js');
  const { loadKnobs } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { parseSettings, readSettings, trainOnCorpus } = await import('../data/train-on-corpus.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  const { answer } = await import('../sql/agent.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const { createGrammar } = await import('../sql/grammar/index.js');
  const { trainingProgress } = await import('./progress.js');
  const { warnOfSoftware } = await import('./train.js');

  const configs = join(packageRoot, 'configs');
  const settingsFile = join(configs, 'demo.json');
  const settings = parseSettings(
    { ...(await readSettings(settingsFile)), ...(steps && { steps }) },
    settingsFile,
  );
  const gpu = await Gpu.open({ adapter, kernels });
  warnOfSoftware(gpu, adapter);

  // Corpus: questions and statements from templates over a published schema.
  const index = new SchemaIndex(loadBundle(join(packageRoot, 'schemas', 'omop_cdm_5_4.json')));
  const source = new SampleSource([index], loadKnobs(join(configs, 'corpus.demo.json')));
  const corpus = join(out, 'corpus');
  const folder = join(out, 'model');
  await rm(out, { recursive: true, force: true });
  const tokenizer = { vocabSize, records: count };
  await buildCorpus({
    folder: corpus,
    source,
    split: DEMO_SPLIT,
    seed: SEED,
    count,
    heldOut: 0,
    tokenizer,
    workers: 0,
  });
  note(`corpus: ${count} questions over ${index.bundle.title}, in ${corpus}`);

  // Training: a decoder of about a million parameters, from random weights.
  const progress = trainingProgress();
  const losses: number[] = [];
  await trainOnCorpus(gpu, {
    corpus,
    folder,
    settings,
    onStart: () => progress.start(settings.steps, 0),
    onStep: (report) => {
      losses.push(report.loss);
      progress.step(report);
    },
  });
  progress.stop();
  const tail = losses.slice(-10);
  const last = tail.reduce((sum, loss) => sum + loss, 0) / tail.length;
  await printLine(
    `loss: ${losses[0]!.toFixed(4)} at the first step, ${last.toFixed(4)} over the last ${tail.length}`,
  );

  // Answers: vault → prompt → decoder under the grammar → validator → renderer.
  const model = await DecoderModel.load(gpu, folder);
  const [small] = source.restrictedSchemas;
  const grammar = createGrammar(small!, model.tokenizer);
  let accepted = 0;
  for (const { rawQuestion, record } of heldOutDemoQuestions(source, SEED, QUESTIONS)) {
    const result = await answer(rawQuestion, {
      index: small!,
      model,
      grammar,
      candidates: 4,
      link: { maxTables: 1 },
    });
    const meant = result.rawSql === record.sql ? 'as meant' : `meant was: ${record.sql}`;
    await printLine(`\nquestion: ${rawQuestion}\nsql:      ${result.statement ?? '(none)'}`);
    if (result.verdict.ok) accepted++;
    const fault = result.verdict.errors[0];
    await printLine(
      `verdict:  ${fault ? `refused, ${fault.code}: ${fault.message}` : `accepted by the validator; ${meant}`}`,
    );
  }
  gpu.close();
  await printLine(
    `\n${accepted} of ${QUESTIONS} statements accepted; trained and answered on ${gpu.adapter.name}`,
  );
  if (accepted < QUESTIONS) process.exitCode = EXIT.noStatement;
}
