import { join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from '../base/paths.js';
import type { CorpusKnobs } from '../data/corpus/knobs.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { UsageError } from './errors.js';
import { formatShare } from './format.js';
import { OVERLAY_HELP, parseWholeNumber, withDevice, type DeviceOptions } from './options.js';
import type { Evaluated } from '../sql/eval/evaluate.js';
import { note, printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';
import { countingProgress } from './progress.js';

/** Held-out questions that `npm run eval:report` asks; the calibration takes others. */
const REPORTED = 120;

interface Options extends DeviceOptions {
  schemas: string;
  overlay?: string;
  foreign: string;
  model?: string;
  candidates: number;
  batch: number;
  questions?: number;
  seed: number;
  out?: string;
  json?: true;
}

/** The source of both calibrations' questions. */
interface Drawn {
  schemas: SchemaIndex[];
  knobs: CorpusKnobs;
  seed: number;
}

const HELP = `
Without --model: finds the score above which engine generate refuses a question because the schema lacks too much of
what it asks for. With --model, a folder with a card: asks the model held-out questions, and finds the confidence below
which its statements are refused, so that at most 5% of the answers given to the set values are wrong.`;

export function calibrateCommand(command: Command): void {
  command
    .option(
      '--schemas <folder>',
      'bundles; questions about them can be answered',
      join(packageRoot, 'schemas'),
    )
    .option('--overlay <file>', `${OVERLAY_HELP}; with one bundle in --schemas`)
    .option(
      '--foreign <file>',
      'bundle from another field; questions about it cannot be answered',
      join(packageRoot, 'configs', 'foreign-schema.json'),
    )
    .option('--model <folder>', 'calibrate the confidence of this model');
  withDevice(command)
    .option(
      '--candidates <count>',
      'with --model: statements per question, as in engine generate',
      parseWholeNumber(1, 16),
      4,
    )
    .option(
      '--batch <count>',
      'with --model: questions that are answered side by side',
      parseWholeNumber(1, 16),
      8,
    )
    .option(
      '--questions <count>',
      'questions of each kind (default: 600, with --model 100 of each set)',
      parseWholeNumber(),
    )
    .option('--seed <number>', 'seed of the questions', parseWholeNumber(0), 900)
    .option(
      '--out <file>',
      "where the calibration goes (default: answerable.json in your data folder, or confidence.json in the model's)",
      fileToWrite('--out'),
    )
    .option('--json', 'print the calibration as JSON')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { bundleFiles } = await import('../data/schema/shipped.js');
  const read = (file: string, overlay?: string): SchemaIndex => new SchemaIndex(loadBundle(file, overlay));
  const files = bundleFiles(options.schemas);
  const { overlay } = options;
  if (overlay !== undefined && files.length !== 1)
    throw new UsageError(`--overlay needs exactly one bundle, and ${options.schemas} has ${files.length}`);
  const drawn: Drawn = {
    schemas: files.map((file) => read(file, overlay)),
    knobs: withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json'))),
    seed: options.seed,
  };
  if (options.model === undefined) return calibrateQuestions(drawn, read(options.foreign), options);
  return calibrateModel(options.model, options);
}

async function calibrateQuestions(drawn: Drawn, foreign: SchemaIndex, options: Options): Promise<void> {
  const { calibrate } = await import('../sql/answerable/calibrate.js');
  const { userCalibrationFile } = await import('../sql/answerable/load.js');
  const calibration = calibrate({ ...drawn, foreign, questions: options.questions ?? 600 });
  await write(options.out ?? userCalibrationFile(), calibration);
  if (options.json) return printJson(calibration);
  const { falseRefusals, caughtOtherSchema, caughtMissingTables } = calibration.figures;
  await printLine(
    `threshold ${calibration.threshold.toFixed(3)}: refuses ${formatShare(falseRefusals)} of answerable questions, ` +
      `${formatShare(caughtOtherSchema)} of questions about another field, and ${formatShare(caughtMissingTables)} of ` +
      'questions whose tables are removed from the schema',
  );
}

async function calibrateModel(folder: string, { candidates, batch, ...options }: Options): Promise<void> {
  const { Gpu } = await import('../engine/gpu/device.js');
  const { calibrateConfidence, CONFIDENCE_FILE } = await import('../sql/answerable/confidence.js');
  const { DecoderModel } = await import('../sql/decoder-model.js');
  const { setsOfCard } = await import('../sql/eval/card-sets.js');
  const { Judge } = await import('../sql/eval/judge.js');
  const { runSet } = await import('../sql/eval/run-set.js');
  const { readCard } = await import('../sql/model-card.js');
  const sets = setsOfCard(readCard(folder), { size: options.questions ?? 100, skip: REPORTED });
  await DecoderModel.readFolder(folder);
  const gpu = await Gpu.open({ adapter: options.adapter, kernels: options.kernels });
  const model = await DecoderModel.load(gpu, folder, { sideBySide: batch });
  model.warnings.forEach(note);
  const judge = await Judge.start();
  const progress = countingProgress([...sets.values()].reduce((sum, { length }) => sum + length, 0));
  const results = new Map<string, Evaluated[]>();
  let before = 0;
  try {
    for (const [name, questions] of sets) {
      progress.stage(name);
      const onProgress = (done: number): void => progress.done(before + done);
      results.set(name, await runSet(model, questions, judge, { candidates, atOnce: batch, onProgress }));
      before += questions.length;
    }
  } finally {
    progress.stop();
    await judge.close();
    await model.dispose();
    gpu.close();
  }
  const calibration = calibrateConfidence(results, { step: model.step, candidates });
  await write(options.out ?? join(folder, CONFIDENCE_FILE), calibration);
  if (options.json) return printJson(calibration);
  for (const [name, { refused, wrongBefore, wrong }] of Object.entries(calibration.figures)) {
    await printLine(
      `${name}: below ${formatShare(calibration.threshold)} refused, ${formatShare(refused)} of the questions; ` +
        `wrong of the answers given ${formatShare(wrong)}, without a threshold ${formatShare(wrongBefore)}`,
    );
  }
}

async function write(file: string, calibration: unknown): Promise<void> {
  const { writeJsonAtomic } = await import('../base/files.js');
  await writeJsonAtomic(file, calibration);
  note(`written to ${file}`);
}
