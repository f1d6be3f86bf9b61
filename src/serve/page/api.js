/** The server's endpoints. */

/** @typedef {import('../contract.js').AnswerBody} AnswerBody */
/** @typedef {import('../contract.js').SchemaBody} SchemaBody */
/** @typedef {import('../contract.js').SchemaTable} SchemaTable */
/** @typedef {import('../contract.js').SettingsBody} SettingsBody */
/** @typedef {import('../contract.js').RowsBody} RowsBody */

const KEY = 'openward.key';

/** The server answered that it cannot do it. */
export class ServerError extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** No server answered. */
export class OfflineError extends Error {}

/** @param {string} key */
export function useKey(key) {
  sessionStorage.setItem(KEY, key);
}

/**
 * @param {string} path
 * @param {object} [body] makes it a POST
 * @param {AbortSignal} [signal]
 */
async function request(path, body, signal) {
  /** @type {Record<string, string>} */
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  const key = sessionStorage.getItem(KEY);
  if (key !== null) headers['X-API-Key'] = key;
  /** @type {RequestInit} */
  const init = { method: body ? 'POST' : 'GET', headers, cache: 'no-store' };
  if (body) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  const response = await fetch(path, init).catch(offline);
  if (response.ok) return response;
  const told = await response.json().catch(() => undefined);
  const { code = 'failed', message = `the server answered with status ${response.status}` } =
    told?.error ?? {};
  throw new ServerError(response.status, code, message);
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function offline(error) {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  throw new OfflineError('the server does not answer');
}

/** @returns {Promise<SettingsBody>} */
export async function getSettings() {
  return (await request('/v1/settings')).json();
}

/** @returns {Promise<SchemaBody[]>} */
export async function getSchemas() {
  return (await (await request('/v1/schemas')).json()).schemas;
}

/**
 * @param {{question: string, statement: string, verdict: 'up' | 'down', schema: string, corrected?: string | undefined}} feedback
 * @returns {Promise<{kept: 'pair' | 'rejection'}>}
 */
export async function sendFeedback(feedback) {
  return (await request('/v1/feedback', feedback)).json();
}

/**
 * Runs the statement of an answer.
 * @param {string} id
 * @returns {Promise<RowsBody>}
 */
export async function runStatement(id) {
  return (await request('/v1/rows', { id })).json();
}

/**
 * @param {string} schema
 * @param {object} overlay what changes
 * @returns {Promise<SchemaBody>} the schema with the changes
 */
export async function saveWords(schema, overlay) {
  return (await request('/v1/words', { schema, overlay })).json();
}

/**
 * @param {string} question
 * @param {string} schema
 * @param {{signal: AbortSignal, onStage: (stage: string) => void, onDraft: (sql: string) => void}} follow
 * @returns {Promise<AnswerBody>}
 */
export async function ask(question, schema, { signal, onStage, onDraft }) {
  const response = await request('/v1/sql', { question, schema, values: true, stream: true }, signal);
  if (!response.body) throw new OfflineError('the server sent nothing');
  for await (const { event, data } of events(response.body)) {
    if (event === 'stage') onStage(data.stage);
    else if (event === 'token') onDraft(data.draft);
    else if (event === 'error') throw new ServerError(200, data.error.code, data.error.message);
    else if (event === 'answer') {
      return data;
    }
  }
  throw new OfflineError('the server ended before it had answered');
}

/**
 * Server-sent events, one after another: https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{event: string, data: any}>}
 */
async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(offline);
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const lines = part.split('\n');
        const field = (/** @type {string} */ name) =>
          lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
        const data = field('data').join('\n');
        if (data !== '') yield { event: field('event')[0] ?? 'message', data: JSON.parse(data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
