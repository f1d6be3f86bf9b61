import { didYouMean } from '../base/suggest.js';
import type { SchemaIndex } from '../data/schema/schema-index.js';
import { explain } from '../sql/explain/explain.js';
import type { Answer } from '../sql/answer.js';
import type { Agent } from '../sql/open-agent.js';
import { readPlaceholders } from '../sql/placeholder-map.js';
import { validate } from '../sql/validator/validate.js';
import { extract, inTheClear, type DateOrder, type SchemaKnowledge } from '../sql/vault/index.js';
import type { AnswerWatch } from '../sql/watch.js';
import { answerBody, placeholderBody } from './answer-body.js';
import type {
  AnswerBody,
  feedbackRequest,
  SchemaBody,
  SqlRequest,
  validateRequest,
  validateShape,
  vaultRequest,
  vaultShape,
} from './contract.js';
import type { z } from 'zod';
import { ServeError } from './errors.js';
import type { DecodeQueue } from './queue.js';
import type { StatementRows } from './rows.js';
import { schemaBody } from './schema-body.js';

/** A schema with the agent that answers questions about it. */
export interface ServedSchema {
  agent: Pick<Agent, 'ask' | 'schema'>;
  /** What the vault knows of the schema and its values. */
  knowledge: SchemaKnowledge;
}

export interface ServiceOptions {
  /** At least one; the first is asked unless a request names another. All agents share one model. */
  schemas: readonly ServedSchema[];
  queue: DecodeQueue;
  /** The most milliseconds that a request may take, waiting included. */
  timeLimit: number;
  /** What the model is called. */
  model: string;
  /** The most tokens of prompt and statement. */
  context: number;
  /** The device in words, if the model runs on one. */
  adapter?: string | undefined;
  /** Runs statements, if people may. */
  rows?: StatementRows | undefined;
}

/** What a request of questions asks for. */
export type AskSettings = Omit<SqlRequest, 'question' | 'questions' | 'stream'>;

/** Told while questions are answered. */
export interface Follow extends Omit<AnswerWatch, 'signal'> {
  /** Aborted when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
}

/** Answers questions, checks statements and shows schemas, whatever protocol asks. */
export class SqlService {
  readonly queue: DecodeQueue;
  readonly #schemas: Map<string, ServedSchema>;
  readonly #bodies = new Map<string, SchemaBody>();

  constructor(readonly options: ServiceOptions) {
    this.queue = options.queue;
    this.#schemas = new Map(options.schemas.map((served) => [served.agent.schema.bundle.name, served]));
  }

  /** Puts a schema in the place of the one of its name; questions that wait are answered from the old one. */
  replace(served: ServedSchema): void {
    const { name } = served.agent.schema.bundle;
    this.#schemas.set(name, served);
    this.#bodies.delete(name);
  }

  get schemaNames(): string[] {
    return [...this.#schemas.keys()];
  }

  /**
   * Answers questions one after another.
   *
   * @param follow called with the question's number for each stage and draft
   * @returns a promise for each question; it is rejected with AppError if that question cannot be asked, or with
   *   ServeError `time-limit`
   * @throws ServeError `unknown-schema`; `queue-full` if there is no room for all of them
   */
  askAll(
    questions: readonly string[],
    asking: AskSettings = {},
    follow: (i: number) => Follow = () => ({}),
  ): Promise<AnswerBody>[] {
    const { agent } = this.#served(asking.schema);
    const schema = agent.schema.bundle.name;
    const { values = false, candidates, minConfidence, dateOrder } = asking;
    const limit = new TimeLimit(this.options.timeLimit, follow(0).signal);
    const queued = performance.now();
    const works = questions.map((question, i) => async (): Promise<AnswerBody> => {
      const waited = performance.now() - queued;
      const watch = { ...follow(i), signal: limit.signal };
      const answer = await agent.ask(question, { candidates, minConfidence, dateOrder, watch });
      const id = this.#runnable(answer, agent.schema);
      return answerBody(answer, { schema, values, waited, id });
    });
    let answers: Promise<AnswerBody>[];
    try {
      answers = this.queue.runAll(works, limit.signal);
    } catch (error) {
      limit.end();
      throw error;
    }
    void Promise.allSettled(answers).then(() => limit.end());
    return answers;
  }

  /** Answers one question; errors as `askAll`. */
  ask(question: string, asking?: AskSettings, follow: Follow = {}): Promise<AnswerBody> {
    return this.askAll([question], asking, () => follow)[0]!;
  }

  /**
   * Checks a statement, without the model.
   * @throws ServeError `unknown-schema`, `bad-placeholders`
   */
  validate({
    sql,
    schema,
    question,
    placeholders,
    sense = true,
  }: z.infer<typeof validateRequest>): z.infer<typeof validateShape> {
    const index = this.index(schema);
    const infos = readPlaceholders(placeholders);
    if (typeof infos === 'string') throw new ServeError('bad-placeholders', infos, 422);
    const { ok, errors, statement } = validate(sql, index, infos, { sense, question });
    const canExplain = ok && statement !== undefined && infos.size === 0;
    return { ok, errors, explanation: canExplain ? explain(statement, index, new Map()) : null };
  }

  /**
   * Shows a question as the model would see it.
   * @throws ServeError `unknown-schema`
   * @throws VaultError if the question is empty, too long, or contains placeholders
   */
  vault({
    question,
    schema,
    values = false,
    dateOrder,
  }: z.infer<typeof vaultRequest>): z.infer<typeof vaultShape> {
    const { knowledge } = this.#served(schema);
    const result = extract(question, { knowledge, dateOrder: dateOrder satisfies DateOrder | undefined });
    return {
      question: result.question,
      placeholders: result.placeholders.map((entry) => placeholderBody(entry, values)),
      notes: result.notes,
      clear: inTheClear(result.question, knowledge),
    };
  }

  /**
   * The training pair that feedback makes; undefined if no right statement is known.
   * @throws ServeError `unknown-schema`; `bad-statement` if the statement is not one safe SELECT over the schema
   */
  pairOf({
    question,
    statement,
    verdict,
    corrected,
    schema,
  }: z.infer<typeof feedbackRequest>): { question: string; sql: string; schema: string } | undefined {
    const index = this.index(schema);
    const right = corrected ?? (verdict === 'up' ? statement : undefined);
    if (right === undefined) return undefined;
    // People leave the last semicolon out.
    const sql = /;\s*$/.test(right) ? right.trim() : `${right.trim()};`;
    const [fault] = validate(sql, index).errors;
    if (fault) {
      const { line, column } = fault.at;
      throw new ServeError('bad-statement', `line ${line}, column ${column}: ${fault.message}`, 422);
    }
    return { question, sql, schema: index.bundle.name };
  }

  /** @throws ServeError `unknown-schema` */
  index(schema?: string): SchemaIndex {
    return this.#served(schema).agent.schema;
  }

  /** @throws ServeError `unknown-schema` */
  schema(name?: string): SchemaBody {
    const { bundle } = this.index(name);
    let body = this.#bodies.get(bundle.name);
    if (!body)
      this.#bodies.set(bundle.name, (body = schemaBody(bundle, bundle.name === this.schemaNames[0])));
    return body;
  }

  #runnable({ statement }: Answer, index: SchemaIndex): string | undefined {
    const { rows } = this.options;
    if (statement === undefined || rows?.options.schema !== index.bundle.name) return undefined;
    return rows.remember(statement, index);
  }

  #served(name = this.schemaNames[0]!): ServedSchema {
    const served = this.#schemas.get(name);
    if (served) return served;
    const hint = didYouMean(name, this.schemaNames);
    throw new ServeError('unknown-schema', `no such schema is served${hint}; see GET /v1/schemas`, 404);
  }
}

/** Aborts after a time, or when another signal does. */
class TimeLimit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #passOn = (): void => this.#controller.abort(this.outer?.reason);

  constructor(
    ms: number,
    private readonly outer: AbortSignal | undefined,
  ) {
    this.#timer = setTimeout(() => {
      const seconds = ms / 1000;
      const message = `not done within ${seconds} s; ask again when the server is less busy`;
      this.#controller.abort(new ServeError('time-limit', message, 504));
    }, ms);
    if (outer?.aborted) this.#passOn();
    else outer?.addEventListener('abort', this.#passOn, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.outer?.removeEventListener('abort', this.#passOn);
  }
}
