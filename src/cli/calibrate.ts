import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { KernelPath } from '../engine/tensor/dtype.js';
import type { CorpusKnobs } from '../data/corpus/knobs.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { packageRoot } from '../base/paths.js';
import { adapterOption, kernelsOption, wholeNumber } from './options.js';
import { note, printLine } from './output.js';

interface Options {
  schemas: string;
  foreign: string;
  model?: string;
  adapter: string;
  kernels: KernelPath | 'auto';
  candidates: number;
  questions?: number;
  seed: number;
  out?: string;
}

/** What both calibrations draw their questions from. */
interface Drawn {
  schemas: SchemaIndex[];
  knobs: CorpusKnobs;
  seed: number;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

export function register(program: Command): void {
  const configs = join(packageRoot, 'configs');
  program
    .command('calibrate')
    .description('find above which score a question is refused, or below which confidence a model is')
    .option('--schemas <folder>', 'bundles whose questions can be answered', join(packageRoot, 'schemas'))
    .option('--foreign <file>', 'bundle of another field', join(configs, 'foreign-schema.json'))
    .option(
      '--model <folder>',
      'ask this model, and find the confidence below which its statements are refused',
    )
    .addOption(adapterOption())
    .addOption(kernelsOption())
    .option(
      '--candidates <count>',
      'with --model: statements to write, as in generate',
      wholeNumber(1, 16),
      4,
    )
    .option('--questions <count>', 'questions of each kind (default: 600, with --model 100)', wholeNumber())
    .option('--seed <number>', 'of the questions', wholeNumber(0), 900)
    .option('--out <file>', "where it goes (default: configs/answerable.json, the model's confidence.json)")
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const files = readdirSync(options.schemas).filter(
    (name) => name.endsWith('.json') && name !== 'bundle.schema.json',
  );
  const read = (file: string): SchemaIndex => new SchemaIndex(loadBundle(file));
  const drawn: Drawn = {
    schemas: files.sort().map((name) => read(join(options.schemas, name))),
    knobs: withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json'))),
    seed: options.seed,
  };
  if (options.model === undefined) return calibrateQuestions(drawn, read(options.foreign), options);
  return calibrateModel(drawn, options.model, options);
}

async function calibrateQuestions(drawn: Drawn, foreign: SchemaIndex, options: Options): Promise<void> {
  const { calibrate } = await import('../sql/answerable/calibrate.js');
  const { CALIBRATION_FILE } = await import('../sql/answerable/load.js');
  const calibration = calibrate({ ...drawn, foreign, questions: options.questions ?? 600 });
  await write(options.out ?? CALIBRATION_FILE, calibration);
  const { falseRefusals, caughtOtherSchema, caughtMissingTables } = calibration.figures;
  await printLine(
    `threshold ${calibration.threshold.toFixed(3)}: refuses ${percent(falseRefusals)} of answerable questions, ` +
      `${percent(caughtOtherSchema)} of those about another field, ${percent(caughtMissingTables)} of those whose ` +
      'tables are taken away',
  );
}

async function calibrateModel(drawn: Drawn, folder: string, options: Options): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { answer } = await import('../sql/agent.js');
  const { calibrateConfidence, CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const { createGrammar } = await import('../sql/grammar/index.js');
  await DecoderModel.readFolder(folder);
  const gpu = await Gpu.open({ adapter: options.adapter, kernels: options.kernels });
  const model = await DecoderModel.load(gpu, folder);
  model.warnings.forEach(note);
  const { candidates } = options;
  const ask = async (question: string, index: SchemaIndex): Promise<number | undefined> => {
    const grammar = createGrammar(index, model.tokenizer);
    const { confidence } = await answer(question, { index, model, grammar, candidates });
    return confidence?.mean;
  };
  const { step } = model;
  const calibration = await calibrateConfidence(ask, { ...drawn, step, questions: options.questions ?? 100 });
  await model.dispose();
  gpu.close();
  await write(options.out ?? join(folder, CONFIDENCE_FILE), calibration);
  const { falseRefusals, caughtMissingTables } = calibration.figures;
  await printLine(
    `confidence ${percent(calibration.threshold)} at step ${step}: refuses ${percent(falseRefusals)} of answerable ` +
      `questions, ${percent(caughtMissingTables)} of those whose tables are taken away`,
  );
}

async function write(file: string, calibration: unknown): Promise<void> {
  const { writeFileAtomic } = await import('../base/files.js');
  await writeFileAtomic(file, `${JSON.stringify(calibration, undefined, 2)}\n`);
  note(`written to ${file}`);
}
