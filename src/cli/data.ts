import type { Command } from 'commander';
import type { HeldOutName } from '../data/corpus/split/held-out.js';
import type { PartOrder, TrainingRecord } from '../data/record.js';
import { dataBuildCommand } from './data-build.js';
import { openSource, withSource, type SourceOptions } from './data-source.js';
import { UsageError } from './errors.js';
import { parseWholeNumber } from './options.js';
import { printJson, printLine } from './output.js';
import { fileToWrite } from './paths.js';
import { countingProgress } from './progress.js';

export function dataCommand(data: Command): void {
  dataBuildCommand(data);
  data
    .command('check')
    .description('read a corpus back and check that the training set holds nothing from the held-out sets')
    .argument('<folder>', 'corpus')
    .option('--json', 'print the report as JSON')
    .action(check);
  withSource(data.command('show'))
    .description(
      'print samples from a corpus, or new ones (the invented schemas kept for tests are left out, unless --schema names one: held_out_1)',
    )
    .argument('[folder]', 'corpus (default: draw new samples)')
    .option(
      '--split <name>',
      'part of the corpus: train, validation, test-values, test-phrasing or test-schema',
      'train',
    )
    .option('--count <records>', 'number of samples', parseWholeNumber(), 3)
    .option('--json', 'print one JSON object per line')
    .action(show);
  withSource(data.command('stats'))
    .description('print statistics of a corpus, or of samples that a build would draw')
    .argument('[folder]', 'corpus (default: draw new samples)')
    .option('--samples <count>', 'number of samples to draw if no corpus is given', parseWholeNumber(), 2000)
    .option('--html <file>', 'write the statistics as an HTML page', fileToWrite('--html'))
    .action(stats);
  data
    .command('export')
    .description('write a corpus as JSON lines or Parquet')
    .argument('<folder>', 'corpus')
    .option('--jsonl <file>', 'JSON lines file to write', fileToWrite('--jsonl'))
    .option('--parquet <file>', 'Parquet file to write', fileToWrite('--parquet'))
    .option(
      '--split <name>',
      'part to export: train, validation, test-values, test-phrasing or test-schema',
      'train',
    )
    .action(exportCorpus);
}

async function check(folder: string, { json }: { json?: true }): Promise<void> {
  const { BuiltCorpus } = await import('../data/corpus/read/built-corpus.js');
  const { checkCorpus, leakError } = await import('../data/corpus/read/check.js');
  const corpus = await BuiltCorpus.open(folder);
  const progress = countingProgress(corpus.index.records);
  try {
    progress.stage('checking');
    const report = await checkCorpus(corpus, (done) => progress.done(done));
    progress.stop();
    const sets = Object.entries(report.heldOut).map(([name, questions]) => `${name} ${questions}`);
    if (json) await printJson(report);
    else
      await printLine(
        `${folder}: ${report.records} records against ${sets.join(', ')}: ${report.leaks} leaks`,
      );
    const error = leakError(folder, report);
    if (error !== undefined) throw error;
  } finally {
    progress.stop();
    corpus.close();
  }
}

interface Shown {
  record: TrainingRecord;
  order?: PartOrder | undefined;
  family: string;
  phrasing: string;
  schemaName: string;
  /** The question with its values; the training set does not keep them. */
  rawQuestion?: string | undefined;
}

async function show(
  folder: string | undefined,
  options: SourceOptions & { count: number; split: string; json?: true },
): Promise<void> {
  const { formatRecord } = await import('../data/record.js');
  const { count, json } = options;
  let number = 0;
  for await (const { record, order, family, phrasing, schemaName, rawQuestion } of shown(folder, options)) {
    if (number++ === count) return;
    if (json) {
      // JSON leaves an undefined rawQuestion out.
      const about = { schema_name: schemaName, family, phrasing, rawQuestion };
      await printLine(JSON.stringify({ ...about, ...record }));
      continue;
    }
    await printLine(`── ${number}  ${schemaName}  ${family}  ${phrasing}`);
    if (rawQuestion !== undefined) await printLine(`asked: ${rawQuestion}`);
    await printLine(`${formatRecord(record, order)}\n`);
  }
}

async function* shown(
  folder: string | undefined,
  options: SourceOptions & { split: string },
): AsyncGenerator<Shown> {
  if (folder === undefined) {
    const { bundleFiles } = await import('../data/schema/shipped.js');
    const source = await openSource({ ...options, schema: options.schema ?? bundleFiles() });
    const order = source.knobs.format?.order;
    for (let i = 0; ; i++) yield { ...source.sample(options.seed, i), order };
  }
  const { BuiltCorpus } = await import('../data/corpus/read/built-corpus.js');
  const split = await splitNamed(options.split);
  const corpus = await BuiltCorpus.open(folder);
  const { order } = corpus.format;
  try {
    if (split !== 'train') for (const question of await corpus.heldOut(split)) yield { ...question, order };
    else
      for await (const { record, origin } of corpus.records())
        yield { record, order, ...origin, schemaName: origin.schema };
  } finally {
    corpus.close();
  }
}

async function stats(
  folder: string | undefined,
  options: SourceOptions & { samples: number; html?: string },
): Promise<void> {
  const { buildStatistics } = await import('../data/corpus/read/statistics.js');
  const { corpusFacts, sourceFacts, statisticsPage } =
    await import('../data/corpus/read/export/statistics-html.js');
  let statistics;
  let facts;
  if (folder === undefined) {
    const source = await openSource(options);
    const samples = Array.from({ length: options.samples }, (_, i) => source.sample(options.seed, i));
    statistics = buildStatistics(samples);
    facts = sourceFacts(source, options.seed);
  } else {
    const { BuiltCorpus } = await import('../data/corpus/read/built-corpus.js');
    const { statisticsOfCorpus } = await import('../data/corpus/read/statistics.js');
    const corpus = await BuiltCorpus.open(folder);
    const progress = countingProgress(corpus.index.records);
    try {
      progress.stage('counting');
      statistics = await statisticsOfCorpus(corpus, (done) => progress.done(done));
      facts = corpusFacts(folder, corpus.index);
    } finally {
      progress.stop();
      corpus.close();
    }
  }
  if (options.html === undefined) return printJson(statistics);
  const { writeFileAtomic } = await import('../base/files.js');
  await writeFileAtomic(options.html, statisticsPage(statistics, facts));
  await printLine(
    `${options.html}: ${statistics.samples} records, ${statistics.distinctQuestions} distinct questions`,
  );
}

async function exportCorpus(
  folder: string,
  options: { jsonl?: string; parquet?: string; split: string },
): Promise<void> {
  const { BuiltCorpus } = await import('../data/corpus/read/built-corpus.js');
  const { exportJsonl } = await import('../data/corpus/read/export/jsonl.js');
  const { exportParquet } = await import('../data/corpus/read/export/parquet.js');
  const { exportRows } = await import('../data/corpus/read/export/rows.js');
  const { jsonl, parquet } = options;
  if (jsonl === undefined && parquet === undefined)
    throw new UsageError('give --jsonl FILE, --parquet FILE, or both');
  const split = await splitNamed(options.split);
  const corpus = await BuiltCorpus.open(folder);
  try {
    const targets = [
      { file: jsonl, write: exportJsonl },
      { file: parquet, write: exportParquet },
    ];
    for (const { file, write } of targets) {
      if (file === undefined) continue;
      const rows = await write(file, exportRows(corpus, split));
      await printLine(`${file}: ${rows} rows`);
    }
  } finally {
    corpus.close();
  }
}

async function splitNamed(name: string): Promise<'train' | HeldOutName> {
  const { HELD_OUT_NAMES } = await import('../data/corpus/split/held-out.js');
  const split = (['train', ...HELD_OUT_NAMES] as const).find((known) => known === name);
  if (split !== undefined) return split;
  throw new UsageError(`--split is ${name}; expected one of train, ${HELD_OUT_NAMES.join(', ')}`);
}
