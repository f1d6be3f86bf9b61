import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadBundle } from '../../src/data/schema/load.js';
import { ALL_ENDPOINTS } from '../../src/serve/endpoints.js';
import { SavedWords } from '../../src/serve/saved-words.js';
import { Random } from '../engine/numerics.js';
import { stubApp, stubRows } from './stub.js';

const REQUESTS = 10_000;
/** One in so many requests goes through as a whole question; the others should not get that far. */
const random = new Random(2024);
const pick = <T>(items: readonly T[]): T => items[random.integer(0, items.length - 1)]!;
const chance = (share: number): boolean => random.integer(0, 999) < share * 1000;

const TEXTS = [
  '',
  ' ',
  'How many patients are there?',
  'visits of patient 48213 since 2024-02-30',
  '__ID_1__',
  '\u0000\ud800\uffff',
  '＿＿ID＿1＿＿',
  "'; DROP TABLE person; --",
  'SELECT TOP (1) * FROM person;',
  'SELECT COUNT(*) FROM person AS t1 WHERE t1.person_id = __ID_1__;',
  '('.repeat(3000),
  "SELECT '" + 'x'.repeat(500),
  '<script>alert(1)</script>',
  'é'.repeat(200),
  '1e309',
  'mimic_iv',
  'omop_cdm_5_4',
  '__proto__',
  'constructor',
] as const;

const FIELDS = [
  'question',
  'questions',
  'schema',
  'values',
  'stream',
  'candidates',
  'minConfidence',
  'dateOrder',
  'sql',
  'placeholders',
  'sense',
  'statement',
  'verdict',
  'corrected',
  'messages',
  'model',
  '__proto__',
  'constructor',
  'toString',
] as const;

function anyValue(depth: number): unknown {
  const kinds = depth > 3 ? 6 : 9;
  switch (random.integer(0, kinds - 1)) {
    case 0:
      return pick([null, true, false]);
    case 1:
      return pick([0, -1, 1.5, 1e308, 2 ** 53, 16, 17]);
    case 2:
    case 3:
    case 4:
      return pick(TEXTS);
    case 5:
      return pick(['mdy', 'dmy', 'up', 'down', 'user', 'int', 'stub:mimic_iv']);
    case 6:
      return Array.from({ length: random.integer(0, 4) }, () => anyValue(depth + 1));
    case 7:
      return { role: 'user', content: anyValue(depth + 1) };
    default:
      return anyObject(depth + 1);
  }
}

function anyObject(depth: number): object {
  const entries = Array.from(
    { length: random.integer(0, 5) },
    () => [pick(FIELDS), anyValue(depth)] as const,
  );
  // `JSON.parse` makes fields that an object literal cannot have.
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  ) as object;
}

/** A body that is almost what an endpoint takes: the right fields, one of them often wrong. */
function nearlyRight(path: string): object {
  const right: Record<string, object> = {
    '/v1/sql': chance(0.5) ? { question: pick(TEXTS) } : { questions: [pick(TEXTS), pick(TEXTS)] },
    '/v1/validate': { sql: pick(TEXTS), question: pick(TEXTS) },
    '/v1/vault': { question: pick(TEXTS) },
    '/v1/feedback': { question: pick(TEXTS), statement: pick(TEXTS), verdict: pick(['up', 'down']) },
    '/v1/rows': { id: pick(TEXTS) },
    '/v1/words': { overlay: anyObject(1) },
    '/v1/chat/completions': { messages: [{ role: 'user', content: pick(TEXTS) }] },
  };
  const body = { ...right[path] };
  return chance(0.5) ? { ...body, [pick(FIELDS)]: anyValue(1) } : body;
}

/** Text whose bytes were changed, cut or doubled. */
function damaged(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(Buffer.from(text));
  for (let i = random.integer(1, 4); i > 0 && bytes.length > 0; i--) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return chance(0.5) ? bytes.slice(0, random.integer(0, bytes.length)) : bytes;
}

function anyBody(path: string): string | Uint8Array<ArrayBuffer> {
  const text = JSON.stringify(chance(0.6) ? nearlyRight(path) : anyObject(0));
  if (chance(0.3)) return damaged(text);
  return chance(0.02) ? '['.repeat(random.integer(1, 60_000)) : text;
}

const TYPES = ['application/json', 'application/json; charset=utf-8', 'text/plain', 'application/jsonx', ''];
const PATHS = [
  ...ALL_ENDPOINTS.map(({ path }) => path),
  '/v1/schemas/__proto__',
  '/v1/schemas/%E0%A4%A',
  '/nothing',
];

test(`${REQUESTS} malformed requests: no crash, and no status of 500`, async () => {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  const rows = stubRows({ columns: [], rows: [], more: false });
  const file = join(mkdtempSync(join(tmpdir(), 'fuzz-')), 'overlay.json');
  const words = new SavedWords(file, loadBundle('omop_cdm_5_4'), () => Promise.resolve());
  const { app, log } = stubApp({ rows, words });
  const posts = ALL_ENDPOINTS.filter(({ method }) => method === 'POST').map(({ path }) => path);
  const statuses = new Map<number, number>();
  for (let i = 0; i < REQUESTS; i++) {
    const isPost = chance(0.9);
    const path = isPost ? pick(posts) : pick(PATHS);
    const method = isPost ? 'POST' : pick(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'POST']);
    const headers: Record<string, string> = chance(0.95)
      ? { 'Content-Type': 'application/json' }
      : { 'Content-Type': pick(TYPES), Origin: pick(['null', 'x', 'http://localhost']) };
    const body = method === 'GET' || method === 'HEAD' ? undefined : anyBody(path);
    const response = await app.request(`http://localhost${path}`, { method, headers, ...(body && { body }) });
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    expect(
      response.status,
      `request ${i}: ${method} ${path}\n${String(body).slice(0, 300)}\n${log.at(-2)}`,
    ).not.toBe(500);
    if (response.status >= 400 && method !== 'HEAD') {
      expect(text, `request ${i}`).toMatch(/^\{"(error|status)":/);
    }
  }
  await new Promise((done) => setTimeout(done, 10));
  process.off('unhandledRejection', onRejection);
  expect(rejections).toEqual([]);
  // Fewer kinds would mean that the requests no longer reach what they should.
  expect([...statuses.keys()].sort()).toEqual([200, 400, 403, 404, 405, 415, 422]);
  expect(statuses.get(200)!).toBeGreaterThan(REQUESTS / 20);
  expect(log.filter((line) => line.startsWith('bug'))).toEqual([]);
});
