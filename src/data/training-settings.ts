import { readFile } from 'node:fs/promises';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { z } from 'zod';
import { closest } from '../base/suggest.js';
import { whyUnreadable } from '../base/system-faults.js';
import { lineAndColumnAt } from '../base/text-position.js';
import { RECOMPUTE } from '../engine/nn/block.js';
import { completeConfig, preset, PRESETS, type DecoderConfig, type PresetName } from '../engine/nn/config.js';
import { ADAMW_DEFAULTS } from '../engine/train/adamw.js';
import { SCHEDULES } from '../engine/train/schedule.js';
import { DataError } from './errors.js';

const positive = z.number().int().positive();
const whole = z.number().int().min(0);
const fraction = z.number().min(0).max(1);

const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
const noPreset = (input: unknown): string =>
  `there is no preset ${String(input)}; known: ${PRESET_NAMES.join(', ')}`;

/** A decoder's shape. The vocabulary is the tokenizer's. */
const modelShape = z.strictObject({
  nLayer: positive,
  nHead: positive,
  width: positive,
  /** Default: 8/3 of the width, rounded up to a multiple of 32. */
  mlpWidth: positive.optional(),
  /** The longest sequence, in tokens (default 256). */
  context: positive.optional(),
  rotaryDim: positive.optional(),
  rotaryBase: z.number().positive().optional(),
  layernormEps: z.number().positive().optional(),
  tiedHead: z.boolean().optional(),
});

/** The settings of a training run, from `configs/*.json[c]` and the command line, with their defaults. */
const trainingSettingsShape = z.strictObject({
  /** Shape of the decoder; see `PRESETS`. */
  preset: z.enum(PRESET_NAMES, { error: ({ input }) => noPreset(input) }).default('tiny'),
  /** The shape itself, instead of a preset. */
  model: modelShape.optional(),
  seed: z.number().int().default(1),
  steps: positive.default(1000),
  /** Rows per micro-batch, and micro-batches per step. */
  batchSize: positive.default(8),
  microBatches: positive.default(1),
  /** Positions per row (default: the preset's context, or more if the records need more). See `dropLong`. */
  context: positive.optional(),
  /** Whether to train although more than 1% of the records are longer than the context. */
  dropLong: z.boolean().default(false),
  /**
   * How much the prompt's tokens count in the loss, where a statement's count 1: `promptWeight` for question and ID map,
   * `schemaWeight` for the names of tables and columns.
   */
  promptWeight: fraction.default(0.5),
  schemaWeight: fraction.default(0.5),
  /** The share of the records that are pairs of one's own (`--pairs`). */
  pairsShare: z.number().gt(0).lt(1).default(0.2),
  learningRate: z.number().positive().default(1e-3),
  minLearningRate: z.number().min(0).default(1e-4),
  warmupSteps: whole.default(50),
  /** The curve after the warm-up; see `learningRateAt`. */
  schedule: z.enum(SCHEDULES).default('cosine'),
  /** With `wsd`, the share of the run in which the rate falls. */
  decayShare: fraction.default(0.2),
  /** Training time that decides the end and the schedule, instead of `steps` and `warmupSteps`. */
  seconds: z.number().positive().optional(),
  /** The share of that time until the peak. */
  warmupShare: fraction.optional(),
  beta1: fraction.default(ADAMW_DEFAULTS.beta1),
  beta2: fraction.default(ADAMW_DEFAULTS.beta2),
  eps: z.number().positive().default(ADAMW_DEFAULTS.eps),
  /** Of matrices only. */
  weightDecay: z.number().min(0).default(ADAMW_DEFAULTS.weightDecay),
  clipNorm: z.number().positive().default(ADAMW_DEFAULTS.clipNorm),
  checkpointEvery: positive.default(500),
  /** Also save a checkpoint when this many seconds have passed since the last one. */
  checkpointSeconds: z.number().positive().optional(),
  /** Steps between two validations; 0 for none. */
  validateEvery: whole.default(500),
  /** The most records of the held-out set for the validation loss, and questions that the model answers. */
  validateRecords: whole.default(128),
  validateQuestions: whole.default(8),
  /** How often the run may go back to a checkpoint because its loss is not finite. */
  maxRollbacks: whole.default(3),
  /** What the backward pass computes again, to save memory; see `Recompute`. */
  recompute: z.enum(RECOMPUTE).default('none'),
});
export const SETTING_NAMES: readonly string[] = Object.keys(trainingSettingsShape.shape);
export type TrainingSettings = z.infer<typeof trainingSettingsShape>;

/** The settings that decide how long a run is, by count or by time; and those that say which shape a model has. */
const LENGTH = { steps: ['steps', 'warmupSteps'], seconds: ['seconds', 'warmupShare'] } as const;
const SHAPES = { preset: ['preset'], model: ['model'] } as const;

/**
 * Settings of a file with those of the command line over them. A count of steps given there replaces the file's
 * seconds, and seconds its count; a preset replaces the file's shape, and a shape its preset.
 *
 * @param overrides a name may have dots: `model.width` is a field of `model`
 */
export function overrideSettings(
  given: Record<string, unknown>,
  overrides: Record<string, unknown>,
): Record<string, unknown> {
  const merged = structuredClone(given);
  const top = Object.keys(overrides).filter((name) => overrides[name] !== undefined);
  const groups = top.map((name) => name.split('.')[0]!);
  for (const [mine, others] of [
    [LENGTH.steps, LENGTH.seconds],
    [LENGTH.seconds, LENGTH.steps],
    [SHAPES.preset, SHAPES.model],
    [SHAPES.model, SHAPES.preset],
  ] as const) {
    if (mine.some((name) => groups.includes(name))) others.forEach((name) => delete merged[name]);
  }
  for (const name of top) {
    const path = name.split('.');
    let at = merged;
    for (const part of path.slice(0, -1)) {
      const next = at[part];
      at = (typeof next === 'object' && next !== null ? next : (at[part] = {})) as Record<string, unknown>;
    }
    at[path.at(-1)!] = overrides[name];
  }
  return merged;
}

/** Checks settings and fills in defaults. @throws DataError `bad-config` with the file and the field at fault */
export function parseSettings(value: unknown, file?: string): TrainingSettings {
  const fail = (field: string, message: string): DataError =>
    new DataError({ code: 'bad-config', message, field, file });
  const parsed = trainingSettingsShape.safeParse(value);
  if (!parsed.success) {
    const { issues } = parsed.error;
    // A misspelt name may be why another is missing.
    const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
    const field = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') throw fail(field, issue.message);
    const [key] = issue.keys;
    const meant = nearestSetting(key!, issue.path[0] === 'model');
    const hint = meant === undefined ? '' : `; did you mean '${meant}'?`;
    throw fail([field, key].filter(Boolean).join('.'), `there is no such setting${hint}`);
  }
  const given = value as Record<string, unknown>;
  if (given['preset'] !== undefined && given['model'] !== undefined)
    throw fail('model', 'a preset is a shape already: leave out preset or model');
  const both = Object.values(LENGTH).map((names) => names.find((name) => given[name] !== undefined));
  if (parsed.data.warmupShare !== undefined && parsed.data.seconds === undefined)
    throw fail('warmupShare', 'a share of the time needs a time: give seconds too (--for)');
  if (both[0] === undefined || both[1] === undefined) return parsed.data;
  throw fail(
    both[1],
    `a run is as long as a number of steps or as a time: leave out ${both[0]} or ${both[1]}`,
  );
}

/** A setting that a misspelt name most likely means: of a shape, if it stands in one or if no other comes near. */
function nearestSetting(key: string, isInShape: boolean): string | undefined {
  const inShape = closest(key, Object.keys(modelShape.shape));
  if (isInShape) return inShape;
  return closest(key, SETTING_NAMES) ?? (inShape && `model.${inShape}`);
}

/** Settings as a file that `parseSettings` reads: without the preset where they have a shape. */
export function storedSettings({ preset: name, ...settings }: TrainingSettings): Record<string, unknown> {
  return settings.model === undefined ? { preset: name, ...settings } : settings;
}

/**
 * Reads a settings file, JSON with comments, without checking what is in it, so that command-line options can override it.
 * @throws DataError `broken-config` with the line
 */
export async function readSettings(file: string): Promise<Record<string, unknown>> {
  const fail = (message: string, cause?: unknown): DataError =>
    new DataError(
      { code: 'broken-config', file, message, hint: 'it must be JSON, with // comments if you like' },
      { cause },
    );
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fail(whyUnreadable(cause), cause);
  });
  const errors: ParseError[] = [];
  const value = parse(text, errors, { allowTrailingComma: true }) as unknown;
  const [first] = errors;
  if (first) {
    const { line, column } = lineAndColumnAt(text, first.offset);
    const what = printParseErrorCode(first.error)
      .replace(/([A-Z])/g, ' $1')
      .toLowerCase();
    throw fail(`line ${line}, column ${column}:${what}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw fail('is not an object of settings');
}

/** The text of `--set name=value`, as an override: a number, true, false, or else a word. @throws DataError `bad-config` */
export function parseOverride(text: string): [name: string, value: unknown] {
  const [, name, value] = /^([A-Za-z][\w.]*)=(.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new DataError({ code: 'bad-config', message: `'${text}' is not NAME=VALUE`, field: '--set' });
  }
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

/** The longest sequence of a shape that names none. */
const MODEL_CONTEXT = 256;

/** The decoder that the settings name, before its vocabulary is known. @throws ShapeError for an unknown preset */
export function namedShape({
  preset: name,
  model,
}: Pick<TrainingSettings, 'preset' | 'model'>): DecoderConfig {
  if (model === undefined) return preset(name);
  return completeConfig({
    ...model,
    vocabSize: VOCAB_MULTIPLE,
    context: model.context ?? MODEL_CONTEXT,
  });
}

/** The vocabulary is padded to a multiple of this, so that kernels can read four numbers at a time. */
const VOCAB_MULTIPLE = 16;

export const paddedVocabulary = (vocabSize: number): number =>
  Math.ceil(vocabSize / VOCAB_MULTIPLE) * VOCAB_MULTIPLE;
