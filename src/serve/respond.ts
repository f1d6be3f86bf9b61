import type { Context } from 'hono';
import type { z } from 'zod';
import { AppError } from '../base/errors.js';
import { AgentError } from '../sql/errors.js';
import { VaultError } from '../sql/vault/index.js';
import type { ErrorBody } from './contract.js';
import { ServeError, type ErrorStatus } from './errors.js';

/** What an error tells the client. */
export interface Told {
  status: ErrorStatus;
  body: ErrorBody;
  retryAfter?: number | undefined;
  /** Whether the server is at fault, so that the log should say where. */
  isBug: boolean;
}

/** An error for the client. What nobody threw on purpose is told without its message, which may hold values. */
export function tell(error: unknown): Told {
  if (error instanceof ServeError) {
    const { status, code, message, retryAfter } = error;
    const type =
      status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
    return { status, body: { error: { code, message, type } }, retryAfter, isBug: false };
  }
  if (error instanceof VaultError || error instanceof AgentError) {
    const { code, message } = error as AppError;
    return { status: 422, body: { error: { code, message, type: 'invalid_request_error' } }, isBug: false };
  }
  if (error instanceof Error && error.name === 'AbortError') {
    const message = 'the client went away';
    return {
      status: 503,
      body: { error: { code: 'cancelled', message, type: 'server_error' } },
      isBug: false,
    };
  }
  const message = 'something went wrong in the server; its log says where';
  return { status: 500, body: { error: { code: 'internal', message, type: 'server_error' } }, isBug: true };
}

export function errorResponse(c: Context, { status, body, retryAfter }: Told): Response {
  if (retryAfter !== undefined) c.header('Retry-After', String(retryAfter));
  return c.json(body, status);
}

/**
 * Reads a request's JSON body.
 * @throws ServeError `bad-content-type`, `body-too-large`, `broken-json`, `bad-request`
 */
export async function readBody<T>(c: Context, schema: z.ZodType<T>, maxBytes: number): Promise<T> {
  const type = c.req.header('content-type') ?? '';
  // Forms of other sites can send every other type without asking first.
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new ServeError('bad-content-type', 'send JSON: Content-Type: application/json', 415);
  }
  const text = await readText(c.req.raw, maxBytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ServeError('broken-json', 'the body is not JSON', 400);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ServeError('bad-request', faultsOf(parsed.error), 400);
}

const MOST_FAULTS = 3;
const LONGEST_MESSAGE = 500;

function faultsOf({ issues }: z.ZodError): string {
  const shown = issues.slice(0, MOST_FAULTS).map(({ path, message }) => {
    const where = path.map(String).join('.');
    return where === '' ? message : `${where}: ${message}`;
  });
  return shown.join('; ').slice(0, LONGEST_MESSAGE);
}

async function readText({ body, headers }: Request, maxBytes: number): Promise<string> {
  const tooLarge = (): ServeError =>
    new ServeError('body-too-large', `the body has more than ${maxBytes} bytes`, 413);
  if (Number(headers.get('content-length')) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new ServeError('broken-json', 'the body is not UTF-8', 400);
  }
}
