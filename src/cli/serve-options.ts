import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { packageRoot } from '../base/paths.js';
import type { SqlService } from '../serve/service.js';
import type { OpenServiceOptions } from '../serve/open-service.js';
import type { DateOrder } from '../sql/vault/types.js';
import { UsageError } from './errors.js';
import { formatAdapter } from './format.js';
import {
  collect,
  dateOrderOption,
  OVERLAY_HELP,
  parseShare,
  parseWholeNumber,
  withDevice,
  type DeviceOptions,
} from './options.js';
import { note } from './output.js';
import { readOptionFile } from './paths.js';

/** Options of every command that keeps a model open. */
export interface ServiceFlags extends DeviceOptions {
  schema: string[];
  model?: string;
  overlay?: string;
  values?: string;
  candidates: number;
  joins: 'keys' | 'any';
  minConfidence?: number;
  dateOrder?: DateOrder;
}

/** Adds the options that choose schemas, values and model. */
export function withService(command: Command): Command {
  return withDevice(
    command
      .requiredOption(
        '--schema <file>',
        'schema bundle, or the name of one of the package, such as omop_cdm_5_4; may be repeated, the first is the default',
        collect,
      )
      .option('--model <folder>', 'trained model (default: the shipped one that fits the schema)')
      .option('--overlay <file>', `${OVERLAY_HELP}; of the first schema`)
      .option('--values <file>', 'values of the database of the first schema: an index, or a list of them'),
  )
    .option(
      '--candidates <count>',
      'how many statements the model writes; the best valid one is the answer',
      parseWholeNumber(1, 16),
      4,
    )
    .addOption(
      new Option('--joins <which>', 'join tables along known keys only, or on any comparable columns')
        .choices(['keys', 'any'])
        .default('keys'),
    )
    .option(
      '--min-confidence <share>',
      "refuse statements below this confidence, 0 to 1 (default: the model's, see engine calibrate)",
      parseShare,
    )
    .addOption(dateOrderOption());
}

/**
 * Reads the schemas and values that the flags name, and finds the model.
 * @throws SchemaError, DataError, UsageError
 */
export async function serviceOptions(
  flags: ServiceFlags,
): Promise<Omit<OpenServiceOptions, 'queue' | 'timeLimit'>> {
  const { loadBundle } = await import('../data/schema/load.js');
  const { openValues } = await import('../data/values/open-values.js');
  const { shippedModel } = await import('../sql/model-card.js');
  const schemas = flags.schema.map((name, i) => {
    const bundle = loadBundle(name, i === 0 ? flags.overlay : undefined);
    const { values } = flags;
    return { bundle, values: i === 0 && values !== undefined ? openValues(values, bundle) : undefined };
  });
  const names = schemas.map(({ bundle }) => bundle.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`two schemas are named ${twice}`);
  // One model answers for all schemas: with several, it has to be one for any schema.
  const model = flags.model ?? shippedModel(names.length === 1 ? names[0]! : '');
  if (model === undefined) throw new UsageError('no model ships with this package: name one with --model');
  return { ...flags, schemas, model, modelName: basename(resolve(model)), describe: formatAdapter };
}

/** Says on which device which model answers; without `--model` it was chosen by the schemas. */
export function noteModel({ options }: SqlService, { model }: Pick<OpenServiceOptions, 'model'>): void {
  note(`adapter: ${options.adapter}`);
  note(`model: ${options.model} (${model})`);
}

/** The version of the package. */
export function programVersion(): string {
  const file = join(packageRoot, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

const SHORTEST_KEY = 16;

/**
 * The API key, from a file or from OPENWARD_API_KEY; undefined if there is none.
 * @throws UsageError if the key is too short or has blanks
 */
export function readApiKey(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const given = file === undefined ? env['OPENWARD_API_KEY'] : readOptionFile(file, '--api-key-file');
  if (given === undefined) return undefined;
  const key = given.trim();
  const source = file ?? 'OPENWARD_API_KEY';
  if (new RegExp(`^\\S{${SHORTEST_KEY},}$`).test(key)) return key;
  throw new UsageError(`${source}: an API key has ${SHORTEST_KEY} characters or more, and no blanks`);
}
