import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { packageRoot } from '../engine/paths.js';
import { wholeNumber } from './options.js';
import { note, printLine } from './output.js';

interface Options {
  schemas: string;
  foreign: string;
  questions: number;
  seed: number;
  out?: string;
}

export function register(program: Command): void {
  const configs = join(packageRoot, 'configs');
  program
    .command('calibrate')
    .description('find above which score a question is refused because the schema lacks what it asks for')
    .option('--schemas <folder>', 'bundles whose questions can be answered', join(packageRoot, 'schemas'))
    .option('--foreign <file>', 'bundle of another field', join(configs, 'foreign-schema.json'))
    .option('--questions <count>', 'questions of each kind', wholeNumber(), 600)
    .option('--seed <number>', 'of the questions', wholeNumber(0), 900)
    .option('--out <file>', 'where the calibration goes (default: configs/answerable.json)')
    .action(run);
}

async function run({ schemas, foreign, questions, seed, out }: Options): Promise<void> {
  const { loadKnobs, withoutSynthetic } = await import('../data/corpus/knobs.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { writeFileAtomic } = await import('../engine/files.js');
  const { calibrate } = await import('../sql/answerable/calibrate.js');
  const { CALIBRATION_FILE } = await import('../sql/answerable/load.js');
  const read = (file: string): InstanceType<typeof SchemaIndex> => new SchemaIndex(loadBundle(file));
  const files = readdirSync(schemas).filter(
    (name) => name.endsWith('.json') && name !== 'bundle.schema.json',
  );
  const calibration = calibrate({
    schemas: files.sort().map((name) => read(join(schemas, name))),
    foreign: read(foreign),
    knobs: withoutSynthetic(loadKnobs(join(packageRoot, 'configs', 'corpus.json'))),
    seed,
    questions,
  });
  const file = out ?? CALIBRATION_FILE;
  await writeFileAtomic(file, `${JSON.stringify(calibration, undefined, 2)}\n`);
  const { falseRefusals, caughtOtherSchema, caughtMissingTables } = calibration.figures;
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
  note(`written to ${file}`);
  await printLine(
    `threshold ${calibration.threshold.toFixed(3)}: refuses ${percent(falseRefusals)} of answerable questions, ` +
      `${percent(caughtOtherSchema)} of those about another field, ${percent(caughtMissingTables)} of those whose ` +
      'tables are taken away',
  );
}
