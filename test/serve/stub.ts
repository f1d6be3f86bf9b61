import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { loadBundle } from '../../src/data/schema/load.js';
import type { FirstRows } from '../../src/data/server/connect.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { createApp, type AppOptions } from '../../src/serve/app.js';
import { StatementRows, type StatementRowsOptions } from '../../src/serve/rows.js';
import { DecodeQueue } from '../../src/serve/queue.js';
import { SqlService } from '../../src/serve/service.js';
import type { FirstRowsReader } from '../../src/sql/first-rows.js';
import type { Answer } from '../../src/sql/answer.js';
import type { AskOptions } from '../../src/sql/open-agent.js';
import { render } from '../../src/sql/renderer/render.js';
import { extract, knowledgeOf } from '../../src/sql/vault/index.js';

const schemaFile = (name: string): string =>
  fileURLToPath(new URL(`../../schemas/${name}.json`, import.meta.url));

const indexes = new Map<string, SchemaIndex>();

function indexOf(name: string): SchemaIndex {
  const index = indexes.get(name) ?? new SchemaIndex(loadBundle(schemaFile(name)));
  indexes.set(name, index);
  return index;
}

export interface StubOptions {
  /** Milliseconds that a question takes. */
  delay?: number;
  capacity?: number;
  timeLimit?: number;
  rows?: StatementRows | undefined;
  /** Called as each question begins. */
  onAsk?: (question: string) => void;
}

/** A service whose model always writes the same statement; the vault and the validator are real. */
export function stubService({
  delay = 0,
  capacity = 64,
  timeLimit = 10_000,
  onAsk,
  rows,
}: StubOptions = {}): SqlService {
  const schemas = ['omop_cdm_5_4', 'mimic_iv'].map((name) => {
    const schema = indexOf(name);
    const ask = async (question: string, options: AskOptions = {}): Promise<Answer> => {
      onAsk?.(question);
      const { watch } = options;
      watch?.signal?.throwIfAborted();
      watch?.onStage?.('vault');
      const given = stubAnswer(question, schema, options);
      watch?.onStage?.('decode');
      watch?.onDraft?.('SELECT');
      if (delay > 0) await new Promise((done) => setTimeout(done, delay));
      watch?.signal?.throwIfAborted();
      return given;
    };
    return { agent: { schema, ask }, knowledge: knowledgeOf(schema.bundle) };
  });
  return new SqlService({
    schemas,
    queue: new DecodeQueue({ capacity }),
    timeLimit,
    rows,
    model: 'stub',
    context: 512,
  });
}

const TABLES: Readonly<Record<string, string>> = { omop_cdm_5_4: 'person', mimic_iv: 'patients' };

/** Counts rows, by the patient's ID or per column if the question says so; one about the weather is refused. */
function stubAnswer(question: string, schema: SchemaIndex, { dateOrder }: AskOptions): Answer {
  const vault = extract(question, { knowledge: knowledgeOf(schema.bundle), dateOrder });
  const table = TABLES[schema.bundle.name]!;
  const id = vault.placeholders.find(({ name, type }) => name.startsWith('__ID_') && type === 'int');
  const key = table === 'person' ? 'person_id' : 'subject_id';
  const where = id ? ` WHERE t1.${key} = ${id.name}` : '';
  const counted = `SELECT COUNT(*) FROM ${table} AS t1${where};`;
  const [, column] =
    /per (year_of_birth|gender_source_value)/.exec(question.replace('year of birth', 'year_of_birth')) ?? [];
  const grouped = `SELECT t1.${column}, COUNT(*) FROM person AS t1 GROUP BY t1.${column};`;
  const rawSql = table === 'person' && column !== undefined ? grouped : counted;
  const timings = { vault: 1, link: 1, decode: 1, check: 1, total: 4 };
  const common = {
    ...{ question, masked: vault.question, placeholders: vault.placeholders, notes: vault.notes, timings },
    ...{ tables: [table], prompt: '', promptTokens: 0 },
  };
  if (/weather/.test(question)) {
    const refusal = { code: 'not-in-schema', message: 'the schema has nothing for "weather"' } as const;
    const none = { rawSql: undefined, statement: undefined, explanation: undefined, confidence: undefined };
    return { ...common, ...none, refusal, verdict: { ok: false, errors: [refusal] }, candidates: [] };
  }
  const values = new Map(
    vault.placeholders.filter((entry) => entry === id).map((entry) => [entry.name, entry]),
  );
  const { sql: statement } = render(rawSql, schema, values);
  const confidence = { mean: 0.9, least: 0.8, whole: 0.7 };
  return {
    ...{ ...common, rawSql, statement, explanation: 'Counts people.', confidence },
    ...{ verdict: { ok: true, errors: [] }, candidates: [{ sql: rawSql, confidence, errors: [] }] },
  };
}

/** A database whose every statement has these rows, or fails; `asked` gets the statements. */
export function stubRows(
  answer: FirstRows | (() => FirstRows | Promise<FirstRows>),
  { asked = [] as string[], ...options }: Partial<StatementRowsOptions> & { asked?: string[] } = {},
): StatementRows {
  const read: FirstRowsReader = async (statement) => {
    asked.push(statement);
    return typeof answer === 'function' ? answer() : answer;
  };
  return new StatementRows({ schema: 'omop_cdm_5_4', read, limit: 100, timeLimit: 10_000, ...options });
}

export interface StubApp {
  app: Hono;
  /** Lines of the log. */
  log: string[];
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  get: (path: string, headers?: Record<string, string>) => Promise<Response>;
}

/** An app over a stub service, asked without a socket. */
export function stubApp(options: StubOptions & Partial<AppOptions> = {}): StubApp {
  const log: string[] = [];
  const app = createApp({
    service: stubService(options),
    version: '1.2.3',
    maxBody: 65_536,
    log: (line) => log.push(line),
    ...options,
    guards: { isPublic: false, hosts: [], origins: [], rateLimit: 0, ...options.guards },
  });
  const ask = async (path: string, init: RequestInit): Promise<Response> =>
    app.request(`http://localhost${path}`, init);
  return {
    app,
    log,
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => ask(path, { headers }),
  };
}
