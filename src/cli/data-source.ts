import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../base/paths.js';
import type { SampleSource } from '../data/corpus/sample.js';
import { collect, wholeNumber } from './options.js';

export interface SourceOptions {
  schema?: string[];
  knobs: string;
  seed: number;
}

/** Options that say of what samples are drawn. */
export function withSource(command: Command): Command {
  return command
    .option(
      '--schema <file>',
      'schema bundle; may be given several times (default: all of schemas/)',
      collect,
    )
    .option('--knobs <file>', 'what to ask and how often', join(packageRoot, 'configs', 'corpus.json'))
    .option('--seed <number>', 'the same seed gives the same corpus', wholeNumber(0), 1);
}

export async function openSource({ schema, knobs }: SourceOptions): Promise<SampleSource> {
  const { loadKnobs } = await import('../data/corpus/knobs.js');
  const { SampleSource } = await import('../data/corpus/sample.js');
  const { loadBundle } = await import('../data/schema/load.js');
  const { SchemaIndex } = await import('../data/schema/schema-index.js');
  const indexes = (schema ?? ownSchemas()).map((file) => new SchemaIndex(loadBundle(file)));
  return new SampleSource(indexes, loadKnobs(knobs));
}

/** The bundles that come with the program. */
function ownSchemas(): string[] {
  const folder = join(packageRoot, 'schemas');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && name !== 'bundle.schema.json')
    .sort()
    .map((name) => join(folder, name));
}
