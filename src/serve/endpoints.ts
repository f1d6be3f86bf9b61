import type { z } from 'zod';
import {
  answerShape,
  batchShape,
  chatRequest,
  chatShape,
  feedbackRequest,
  feedbackShape,
  healthShape,
  modelsShape,
  rowsRequest,
  rowsShape,
  schemaShape,
  schemasShape,
  settingsShape,
  sqlRequest,
  validateRequest,
  validateShape,
  vaultRequest,
  vaultShape,
  wordsRequest,
} from './contract.js';

/** One endpoint as the OpenAPI document describes it. The app serves exactly these, and the files of the page. */
export interface Endpoint {
  method: 'GET' | 'POST';
  /** As Hono writes it: `/v1/schemas/:name`. */
  path: string;
  summary: string;
  request?: z.ZodType | undefined;
  /** What a success returns: JSON, or text of a media type. */
  response: z.ZodType | string;
  /** Whether `"stream": true` makes it answer with server-sent events. */
  streams?: true | undefined;
  /** Whether anyone may call it although there is an API key. */
  open?: true | undefined;
}

export const ENDPOINTS = {
  sql: {
    method: 'POST',
    path: '/v1/sql',
    summary: 'Turn a question, or a batch of them, into one safe T-SQL SELECT each',
    request: sqlRequest,
    response: answerShape.or(batchShape),
    streams: true,
  },
  validate: {
    method: 'POST',
    path: '/v1/validate',
    summary: 'Check that a statement is one safe SELECT over a schema, and say what it does',
    request: validateRequest,
    response: validateShape,
  },
  vault: {
    method: 'POST',
    path: '/v1/vault',
    summary: 'Show a question as the model would see it, with placeholders for its values',
    request: vaultRequest,
    response: vaultShape,
  },
  feedback: {
    method: 'POST',
    path: '/v1/feedback',
    summary: 'Keep a judgement of a statement, or its correction, in a file of this machine',
    request: feedbackRequest,
    response: feedbackShape,
  },
  rows: {
    method: 'POST',
    path: '/v1/rows',
    summary:
      'Run the statement of an answer and return its first rows, if the server was started with --run-on',
    request: rowsRequest,
    response: rowsShape,
  },
  words: {
    method: 'POST',
    path: '/v1/words',
    summary: 'Keep words, roles and coded values of a schema, if the server was started with --save-words',
    request: wordsRequest,
    response: schemaShape,
  },
  chat: {
    method: 'POST',
    path: '/v1/chat/completions',
    summary: 'The same as /v1/sql for clients that know only OpenAI chat completions',
    request: chatRequest,
    response: chatShape,
    streams: true,
  },
  models: { method: 'GET', path: '/v1/models', summary: 'List models', response: modelsShape },
  schemas: {
    method: 'GET',
    path: '/v1/schemas',
    summary: 'List schemas with tables, columns, keys, words, roles and coded values',
    response: schemasShape,
  },
  schema: { method: 'GET', path: '/v1/schemas/:name', summary: 'Show one schema', response: schemaShape },
  settings: {
    method: 'GET',
    path: '/v1/settings',
    summary: 'Say what this server offers, and its limits',
    response: settingsShape,
  },
  health: {
    method: 'GET',
    path: '/health',
    summary: 'Say that the server is up; 503 while it stops',
    response: healthShape,
    open: true,
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    summary: 'Counters and times, as Prometheus reads them',
    response: 'text/plain',
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    response: 'application/json',
    open: true,
  },
  docs: {
    method: 'GET',
    path: '/docs',
    summary: 'This document as a page',
    response: 'text/html',
    open: true,
  },
} as const satisfies Record<string, Endpoint>;

export const ALL_ENDPOINTS: readonly Endpoint[] = Object.values(ENDPOINTS);

/** Whether an endpoint's path, such as `/v1/schemas/:name`, is that of a request. */
export function isAt(endpoint: Pick<Endpoint, 'path'>, pathname: string): boolean {
  const parts = endpoint.path.split('/');
  const given = pathname.split('/');
  return parts.length === given.length && parts.every((part, i) => part.startsWith(':') || part === given[i]);
}

/** The endpoint's path for logs and metrics: `/v1/schemas/:name`; `page` for everything else. */
export function routeOf(pathname: string): string {
  return ALL_ENDPOINTS.find((endpoint) => isAt(endpoint, pathname))?.path ?? 'page';
}
