import type { SchemaBundle } from '../data/schema/bundle.js';
import { SchemaIndex } from '../data/schema/schema-index.js';
import type { ValueLookup } from '../data/values/longest.js';
import { openAgent, openModel, type AgentOptions } from '../sql/open-agent.js';
import { knowledgeOf } from '../sql/vault/index.js';
import { DecodeQueue } from './queue.js';
import type { StatementRows } from './rows.js';
import { SqlService, type ServedSchema } from './service.js';

export interface OpenServiceOptions extends Pick<
  AgentOptions,
  'adapter' | 'kernels' | 'joins' | 'candidates' | 'minConfidence' | 'dateOrder'
> {
  /** The schemas to ask, with their databases' values; the first is the default. Their names differ. */
  schemas: readonly { bundle: SchemaBundle; values?: ValueLookup | undefined }[];
  /** The model's folder. */
  model: string;
  /** What clients call the model. */
  modelName: string;
  /** The most questions that wait or run. */
  queue: number;
  /** The most milliseconds for a request. */
  timeLimit: number;
  /** Runs statements, if people may. */
  rows?: StatementRows | undefined;
  /** A device in words. */
  describe: (adapter: { name: string; kind: string; driver: string }) => string;
}

export interface OpenedService {
  service: SqlService;
  /** Answers for this bundle in place of the one of its name, with the same model and values. */
  reload(bundle: SchemaBundle): Promise<void>;
  /** What a person should know about the model. */
  warnings: readonly string[];
  /** Waits for questions in progress, then frees the model and the device. */
  close(): Promise<void>;
}

/** Loads a model once, for all schemas, and compiles what it needs to answer. Errors as `openAgent`. */
export async function openService(options: OpenServiceOptions): Promise<OpenedService> {
  const { candidates = 4, queue: capacity, timeLimit, modelName } = options;
  const opened = await openModel(options.model, options);
  try {
    const serve = async (bundle: SchemaBundle, values: ValueLookup | undefined): Promise<ServedSchema> => ({
      agent: await openAgent({ ...options, model: opened, schema: new SchemaIndex(bundle), values }),
      knowledge: knowledgeOf(bundle, values),
    });
    const schemas = await Promise.all(options.schemas.map(({ bundle, values }) => serve(bundle, values)));
    const { model, gpu, warnings } = opened;
    // Too short to end, so that the search runs too.
    await model.complete(model.tokenizer.encode('How many?'), { count: candidates, maxNewTokens: 2 });
    const adapter = gpu && options.describe(gpu.adapter);
    // Times vary: what would wait for half of its time could miss the limit.
    const queue = new DecodeQueue({ capacity, longestWait: timeLimit / 2 });
    const service = new SqlService({
      ...{ schemas, queue, timeLimit, adapter, rows: options.rows },
      model: modelName,
      context: model.context,
    });
    const close = async (): Promise<void> => {
      await queue.idle();
      await opened.close();
    };
    const reload = async (bundle: SchemaBundle): Promise<void> => {
      const values = options.schemas.find((one) => one.bundle.name === bundle.name)?.values;
      service.replace(await serve(bundle, values));
    };
    return { service, reload, warnings, close };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
