import type { SchemaBundle } from '../data/schema/bundle.js';
import { loadBundle } from '../data/schema/load.js';
import { SchemaIndex } from '../data/schema/schema-index.js';
import type { Gpu, GpuOptions } from '../engine/gpu/device.js';
import { answer, type AnswerOptions } from './agent.js';
import type { Answer } from './answer.js';
import { chanceOf, type ConfidenceCalibration } from './answerable/confidence.js';
import { loadCalibration, loadConfidence } from './answerable/load.js';
import type { DecoderModelOptions } from './decoder-model.js';
import { AgentError } from './errors.js';
import { createGrammar, type Grammar, type JoinRule } from './grammar/index.js';
import type { LanguageModel } from './language-model.js';
import { knowledgeOf, type DateOrder } from './vault/index.js';
import type { ValueLookup } from '../data/values/longest.js';
import type { AnswerWatch } from './watch.js';

const DEFAULT_CANDIDATES = 4;
/** Statements of a second round. */
const RETRIED = 4;

/** What may differ from question to question. */
export interface AskOptions {
  /**
   * How many statements the model writes; the most confident one that passes is taken (default 4). A single one that does
   * not fit the words of the question is followed by a second round of four.
   */
  candidates?: number | undefined;
  /** The most tables that the prompt shows (default 8, fewer if they do not fit). */
  maxTables?: number | undefined;
  /** Tokens reserved for the statement (default 96, at most half of the model's context). */
  maxNewTokens?: number | undefined;
  /**
   * Refuses statements that the model is less sure of, 0 to 1 (default: the threshold in the model folder's
   * `confidence.json`, which `engine calibrate --model` writes; 0 without that file).
   */
  minConfidence?: number | undefined;
  /** How dates such as 03/04/2024 are read (default `mdy`: March 4). */
  dateOrder?: DateOrder | undefined;
  /** Refuses statements that mean nothing, or that do not fit the words of the question (default true). */
  sense?: boolean | undefined;
  /** Follows the answer while it is made, and can end it. */
  watch?: AnswerWatch | undefined;
}

export interface AgentOptions extends AskOptions, DecoderModelOptions {
  /** The schema to ask: a bundle file, the name of one of the package's bundles, a bundle, or an index. */
  schema: string | SchemaBundle | SchemaIndex;
  /** The folder of a trained model, a model from `openModel`, which stays open, or any language model. */
  model: string | OpenedModel | LanguageModel;
  /** The device to run on; it stays open when the agent closes. By default the agent opens and closes its own. */
  gpu?: Gpu | undefined;
  /** Which adapter to open if no `gpu` is given (default `auto`: a GPU, otherwise a software adapter). */
  adapter?: GpuOptions['adapter'] | undefined;
  /** The kernel path if no `gpu` is given (default `auto`: the fastest that the adapter supports). */
  kernels?: GpuOptions['kernels'] | undefined;
  /** Values of the database, from `openValueIndex` or `readValueList`: names are then found in any wording. */
  values?: ValueLookup | undefined;
  /** What may join two tables: `keys` (default), the known keys; `any`, any columns that can be compared. */
  joins?: JoinRule | undefined;
  /** Lets the model write only valid statements (default true). Turn it off to see what the model alone knows. */
  constrain?: boolean | undefined;
  /** Refuses questions that the schema does not seem to answer, and unsure statements (default true). */
  refuse?: boolean | undefined;
  /** How many questions are answered at the same time (default 1); the model must allow it. */
  atOnce?: number | undefined;
}

/** A model and a schema, ready for questions. Open one with `openAgent`. */
export interface Agent {
  readonly schema: SchemaIndex;
  /** The device of the model; undefined if the model was passed as an object. */
  readonly gpu: Gpu | undefined;
  /** What a person should know about the model, such as damaged checkpoints that were skipped. */
  readonly warnings: readonly string[];
  /**
   * Turns one question into one statement. Questions asked at the same time are answered one after another, unless
   * `atOnce` says otherwise.
   *
   * If there is no statement, `refusal` or `verdict.errors` says why.
   *
   * @param options override those given to `openAgent`
   * @throws VaultError if the question is empty, too long, or contains placeholders
   * @throws AgentError `prompt-too-long`; `agent-closed` after `close`
   * @throws the reason of `watch.signal`, if that was aborted
   */
  ask(question: string, options?: AskOptions): Promise<Answer>;
  /** Waits for questions in progress, then frees the model and, unless it was passed in, closes the device. */
  close(): Promise<void>;
}

/**
 * Opens a model on a schema.
 *
 * ```ts
 * const agent = await openAgent({ schema: 'omop_cdm_5_4', model: 'runs/demo/model' });
 * const { statement } = await agent.ask('How many patients were born before March 5, 1950?');
 * await agent.close();
 * ```
 *
 * @throws SchemaError if the bundle cannot be read
 * @throws CheckpointError, DataError if the model folder or a calibration cannot be read
 * @throws DeviceError if no adapter fits
 */
export async function openAgent(options: AgentOptions): Promise<Agent> {
  const { refuse = true, constrain = true, joins = 'keys', atOnce = 1 } = options;
  const schema = indexOf(options.schema);
  const answerable = refuse ? await loadCalibration() : undefined;
  const opened = await modelOf(options, refuse);
  const { model, warnings, gpu } = opened;
  let grammar: Grammar | undefined;
  try {
    if (constrain) grammar = createGrammar(schema, model.tokenizer, { joins, format: model.format });
  } catch (error) {
    await opened.close();
    throw error;
  }

  const knowledge = knowledgeOf(schema.bundle, options.values);
  const minConfidence = options.minConfidence ?? opened.minConfidence;
  const defaults: AskOptions = { ...options, minConfidence };
  // Each question waits for the one before it in its queue.
  const queues = new Array<Promise<unknown>>(atOnce).fill(Promise.resolve());
  let questions = 0;
  let closed = false;
  return {
    schema,
    gpu,
    warnings,
    async ask(question, asked = {}) {
      if (closed) throw new AgentError('agent-closed', 'the agent is closed: open another one');
      const settings = answerOptions(asked, defaults);
      const queue = questions++ % atOnce;
      const next = queues[queue]!.then(async () => {
        const given = await answer(question, {
          index: schema,
          model,
          grammar,
          answerable,
          knowledge,
          ...settings,
        });
        return withChance(given, opened.curve);
      });
      queues[queue] = next.catch(() => undefined);
      return next;
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all(queues);
      await opened.close();
    },
  };
}

/** Says how often answers of this confidence are right. */
function withChance(given: Answer, curve: OpenedModel['curve']): Answer {
  const { confidence } = given;
  if (!confidence || !curve) return given;
  return { ...given, confidence: { ...confidence, chance: chanceOf(curve, confidence.whole) } };
}

function indexOf(schema: AgentOptions['schema']): SchemaIndex {
  if (schema instanceof SchemaIndex) return schema;
  return new SchemaIndex(typeof schema === 'string' ? loadBundle(schema) : schema);
}

/** `asked` where it says something, otherwise `defaults`. */
function answerOptions(asked: AskOptions, defaults: AskOptions): Omit<AnswerOptions, 'index' | 'model'> {
  const maxTables = asked.maxTables ?? defaults.maxTables;
  return {
    candidates: asked.candidates ?? defaults.candidates ?? DEFAULT_CANDIDATES,
    retry: RETRIED,
    link: maxTables === undefined ? undefined : { maxTables },
    maxNewTokens: asked.maxNewTokens ?? defaults.maxNewTokens,
    minConfidence: asked.minConfidence ?? defaults.minConfidence,
    dateOrder: asked.dateOrder ?? defaults.dateOrder,
    sense: asked.sense ?? defaults.sense,
    watch: asked.watch ?? defaults.watch,
  };
}

/** A model with its device and calibration. Several agents may use it, but not at the same time. */
export interface OpenedModel {
  model: LanguageModel;
  gpu: Gpu | undefined;
  /** What a person should know about it. */
  warnings: string[];
  /** From the model's calibration. */
  minConfidence?: number | undefined;
  curve?: ConfidenceCalibration['curve'] | undefined;
  /** Frees the model and, unless it was passed in, closes the device. */
  close: () => Promise<void>;
}

async function modelOf(options: AgentOptions, refuse: boolean): Promise<OpenedModel> {
  const { model } = options;
  const close = (): Promise<void> => Promise.resolve();
  if (typeof model === 'string') return openModel(model, options, refuse);
  if ('complete' in model) return { model, gpu: undefined, warnings: [], close };
  return { ...model, close };
}

/**
 * Opens a model folder for the agents of several schemas.
 *
 * @param refuse whether to load the model's minimum confidence
 * @throws CheckpointError, DataError if the model folder or its calibration cannot be read
 * @throws DeviceError if no adapter fits
 */
export async function openModel(
  given: string,
  options: Pick<AgentOptions, 'gpu' | 'adapter' | 'kernels'> & DecoderModelOptions = {},
  refuse = true,
): Promise<OpenedModel> {
  // Loaded only here, so that a program that only validates statements loads no GPU driver.
  const { DecoderModel } = await import('./decoder-model.js');
  const { Gpu } = await import('../engine/gpu/device.js');
  // Fail on a bad folder before a device is opened.
  await DecoderModel.readFolder(given);
  const calibration = refuse ? await loadConfidence(given) : undefined;
  const { adapter = 'auto', kernels = 'auto' } = options;
  const gpu = options.gpu ?? (await Gpu.open({ adapter, kernels }));
  const closeGpu = (): void => {
    if (options.gpu === undefined) gpu.close();
  };
  try {
    const model = await DecoderModel.load(gpu, given, options);
    const warnings = [...model.warnings];
    if (calibration && calibration.step !== model.step) {
      warnings.push(
        `the minimum confidence was measured at step ${calibration.step}, but the model is at step ${model.step}: ` +
          'run engine calibrate --model',
      );
    }
    const close = async (): Promise<void> => {
      await model.dispose();
      closeGpu();
    };
    return { model, gpu, warnings, minConfidence: calibration?.threshold, curve: calibration?.curve, close };
  } catch (error) {
    closeGpu();
    throw error;
  }
}
