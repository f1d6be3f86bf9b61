import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono, type Context } from 'hono';
import type { z } from 'zod';
import { answerChat } from './chat-routes.js';
import {
  feedbackRequest,
  MAX_BATCH,
  rowsRequest,
  validateRequest,
  vaultRequest,
  wordsRequest,
  type feedbackShape,
  type healthShape,
  type modelsShape,
  type schemasShape,
  type SettingsBody,
} from './contract.js';
import { DOCS_CSS, docsPage } from './docs-page.js';
import { ALL_ENDPOINTS, ENDPOINTS, isAt, routeOf } from './endpoints.js';
import { ServeError } from './errors.js';
import type { FeedbackFile } from './feedback.js';
import { checkKey, checkSource, RateLimit, type GuardOptions } from './guards.js';
import { Metrics } from './metrics.js';
import { openApi } from './openapi.js';
import type { PageFiles } from './page-files.js';
import { errorResponse, readBody, tell } from './respond.js';
import type { StatementRowsOptions } from './rows.js';
import type { SavedWords } from './saved-words.js';
import type { SqlService } from './service.js';
import { answerSql, streamEnd } from './sql-routes.js';

export interface AppOptions {
  service: SqlService;
  /** Of the program. */
  version: string;
  guards: GuardOptions;
  /** The most bytes of a request's body. */
  maxBody: number;
  feedback?: FeedbackFile | undefined;
  /** Keeps words of a schema, if people may change them. */
  words?: Pick<SavedWords, 'schema' | 'save'> | undefined;
  /** The page's files, by URL path. */
  page?: PageFiles | undefined;
  /** Gets a line for each request, and where the program failed; never a text of a request. */
  log?: ((line: string) => void) | undefined;
  /** Gets each question, with its values. */
  logQuestion?: ((question: string) => void) | undefined;
  /** Whether the server is about to end: each answer then closes its connection. */
  isStopping?: (() => boolean) | undefined;
}

/** Everything that pages of the server may load comes from the server itself, and no page of another site may frame them. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The server's endpoints, and the page, as a Hono app. `GET /` needs `page`. */
export function createApp(options: AppOptions): Hono {
  const { service, version, guards, log = () => {}, isStopping = () => false } = options;
  const metrics = new Metrics(service.queue, { version, model: service.options.model });
  const rateLimit = new RateLimit(guards.rateLimit);
  const app = new Hono();

  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    setHeaders(c, isStopping());
    const route = routeOf(c.req.path);
    const tellEnd = (status: number, note = ''): void => {
      const ms = performance.now() - started;
      metrics.request(route, methodOf(c), status, ms);
      log(`${methodOf(c)} ${route} ${status} ${ms.toFixed(0)} ms${note}`);
    };
    const ended = streamEnd(c);
    if (ended) void ended.then(({ status, code }) => tellEnd(status, code && ` stream: ${code}`));
    else tellEnd(c.res.status);
  });
  app.use(async (c, next) => {
    const url = new URL(c.req.url);
    checkSource(url, c.req.header('origin'), guards);
    const endpoint = ALL_ENDPOINTS.find((one) => isAt(one, url.pathname));
    if (endpoint && !endpoint.open) {
      checkKey(c.req.raw.headers, guards.apiKey);
      rateLimit.take(clientOf(c));
    }
    await next();
  });
  app.onError((error, c) => {
    const told = tell(error);
    // The stack names files and functions; the message may hold a value.
    if (told.isBug) log(`bug: ${error.name}${stackOf(error)}`);
    return errorResponse(c, told);
  });

  addQuestionRoutes(app, options, metrics);
  addInfoRoutes(app, options, metrics);
  app.notFound((c) => answerOther(c, options.page));
  return app;
}

function addQuestionRoutes(app: Hono, options: AppOptions, metrics: Metrics): void {
  const { service, maxBody, feedback, words, logQuestion } = options;
  const route = { service, metrics, maxBody, logQuestion };
  app.post(ENDPOINTS.sql.path, (c) => answerSql(c, route));
  app.post(ENDPOINTS.chat.path, (c) => answerChat(c, route));
  app.post(ENDPOINTS.validate.path, async (c) =>
    c.json(service.validate(await readBody(c, validateRequest, maxBody))),
  );
  app.post(ENDPOINTS.vault.path, async (c) =>
    c.json(service.vault(await readBody(c, vaultRequest, maxBody))),
  );
  app.post(ENDPOINTS.feedback.path, async (c) => {
    const given = await readBody(c, feedbackRequest, maxBody);
    if (!feedback)
      throw new ServeError('feedback-off', 'start the server with --feedback FILE to keep it', 404);
    const pair = service.pairOf(given);
    if (pair) await feedback.keepPair(pair);
    else {
      const { question, statement: rejected } = given;
      await feedback.keepRejection({ question, rejected, schema: service.schema(given.schema).name });
    }
    const kept: z.infer<typeof feedbackShape> = { kept: pair ? 'pair' : 'rejection' };
    return c.json(kept);
  });
  app.post(ENDPOINTS.rows.path, async (c) => {
    const { id } = await readBody(c, rowsRequest, maxBody);
    const { rows } = service.options;
    if (!rows)
      throw new ServeError('rows-off', 'start the server with --run-on SERVER to run statements', 404);
    return c.json(await rows.run(id, c.req.raw.signal));
  });
  app.post(ENDPOINTS.words.path, async (c) => {
    const { schema, overlay } = await readBody(c, wordsRequest, maxBody);
    const { name } = service.schema(schema);
    if (name !== words?.schema) {
      const whose = words ? `, which are of ${words.schema}` : '';
      throw new ServeError('words-off', `start the server with --save-words FILE to keep words${whose}`, 404);
    }
    await words.save(overlay);
    return c.json(service.schema(name));
  });
}

function addInfoRoutes(app: Hono, options: AppOptions, metrics: Metrics): void {
  const { service, version, guards, maxBody, feedback, words, isStopping = () => false } = options;
  const { rows } = service.options;
  const document = openApi(version);
  const docs = docsPage(document);
  app.get(ENDPOINTS.models.path, (c) => c.json(modelsOf(service)));
  app.get(ENDPOINTS.schemas.path, (c) => {
    const body: z.infer<typeof schemasShape> = {
      schemas: service.schemaNames.map((name) => service.schema(name)),
    };
    return c.json(body);
  });
  app.get(ENDPOINTS.schema.path, (c) => c.json(service.schema(c.req.param('name'))));
  app.get(ENDPOINTS.settings.path, (c) => {
    const body: SettingsBody = {
      version,
      model: service.options.model,
      adapter: service.options.adapter ?? null,
      schemas: service.schemaNames,
      feedback: feedback !== undefined,
      rows: rows ? pickLimits(rows.options) : null,
      words: words?.schema ?? null,
      needsKey: guards.apiKey !== undefined,
      limits: {
        batch: MAX_BATCH,
        body: maxBody,
        queue: service.queue.capacity,
        timeLimit: service.options.timeLimit,
      },
    };
    return c.json(body);
  });
  app.get(ENDPOINTS.health.path, (c) => {
    const { waiting, running } = service.queue;
    const body: z.infer<typeof healthShape> = { status: isStopping() ? 'stopping' : 'ok', waiting, running };
    return c.json(body, isStopping() ? 503 : 200);
  });
  app.get(ENDPOINTS.metrics.path, (c) =>
    c.body(metrics.text(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  app.get(ENDPOINTS.openapi.path, (c) => c.json(document));
  app.get(ENDPOINTS.docs.path, (c) => c.html(docs));
  app.get('/docs.css', (c) => c.body(DOCS_CSS, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
}

function pickLimits({ schema, limit, timeLimit }: StatementRowsOptions): SettingsBody['rows'] {
  return { schema, limit, timeLimit };
}

function modelsOf(service: SqlService): z.infer<typeof modelsShape> {
  const { model, context } = service.options;
  const [first] = service.schemaNames;
  const entry = (id: string, schema: string): z.infer<typeof modelsShape>['data'][number] => ({
    ...{ id, object: 'model', created: 0, owned_by: 'openward', schema, context },
  });
  const named = service.schemaNames.map((schema) => entry(`${model}:${schema}`, schema));
  return { object: 'list', data: [entry(model, first!), ...named] };
}

/** A file of the page, or an error. */
function answerOther(c: Context, page: PageFiles | undefined): Response {
  const { path, method } = c.req;
  const allowed = ALL_ENDPOINTS.filter((endpoint) => isAt(endpoint, path)).map((endpoint) => endpoint.method);
  const file = page?.get(path);
  if (allowed.length === 0 && file === undefined) {
    return errorResponse(c, tell(new ServeError('not-found', 'nothing is here; see GET /docs', 404)));
  }
  if (file === undefined || (method !== 'GET' && method !== 'HEAD')) {
    const allow = file === undefined ? allowed.join(', ') : 'GET';
    c.header('Allow', allow);
    return errorResponse(c, tell(new ServeError('wrong-method', `this takes ${allow}`, 405)));
  }
  c.header('ETag', file.etag);
  c.header('Cache-Control', 'no-cache');
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304);
  return c.body(file.bytes, 200, { 'Content-Type': file.type });
}

function setHeaders(c: Context, isStopping: boolean): void {
  const { headers } = c.res;
  headers.set('Content-Security-Policy', PAGE_POLICY);
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  if (isStopping) headers.set('Connection', 'close');
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** For logs and metrics, which must not grow with what clients invent. */
function methodOf({ req }: Context): string {
  return METHODS.has(req.method) ? req.method : 'OTHER';
}

function clientOf(c: Context): string {
  // Without a socket, as in tests, there is one client.
  if (c.env === undefined || !('incoming' in (c.env as object))) return '';
  return getConnInfo(c).remote.address ?? '';
}

/** The stack without its first lines, which are the message. */
function stackOf({ stack = '' }: Error): string {
  const lines = stack.split('\n').filter((line) => /^\s+at /.test(line));
  return lines.length === 0 ? '' : `\n${lines.join('\n')}`;
}
