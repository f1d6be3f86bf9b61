import type { Command } from 'commander';
import { join } from 'node:path';
import { packageRoot } from '../base/paths.js';
import type { SampleSource } from '../data/corpus/sample.js';
import { UsageError } from './errors.js';
import { collect, OVERLAY_HELP, parseWholeNumber } from './options.js';

export interface SourceOptions {
  schema?: string[];
  overlay?: string;
  knobs: string;
  seed: number;
}

/** Adds the options that define the samples of a corpus. */
export function withSource(command: Command): Command {
  return command
    .option('--schema <file>', 'schema bundle; may be repeated (default: those of the package)', collect)
    .option('--overlay <file>', `${OVERLAY_HELP}; with one --schema`)
    .option(
      '--knobs <file>',
      'settings: which questions are drawn, and how often',
      join(packageRoot, 'configs', 'corpus.json'),
    )
    .option('--seed <number>', 'equal seeds give equal corpora', parseWholeNumber(0), 1);
}

export async function openSource({ schema, overlay, knobs }: SourceOptions): Promise<SampleSource> {
  if (overlay !== undefined && schema?.length !== 1)
    throw new UsageError('--overlay needs exactly one --schema');
  const { loadKnobs } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const { bundleFiles } = await import('../data/schema/shipped.js');
  const { HELD_OUT_INVENTED } = await import('../data/synthetic/schema.js');
  const files = schema ?? [...bundleFiles(), ...HELD_OUT_INVENTED];
  const indexes = files.map((file) => new SchemaIndex(loadBundle(file, overlay)));
  return new SampleSource(indexes, loadKnobs(knobs));
}
