import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { packageRoot } from '../../src/base/paths.js';
import type { SchemaBundle } from '../../src/data/schema/bundle.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { createApp } from '../../src/serve/app.js';
import { FeedbackFile } from '../../src/serve/feedback.js';
import { listen, type Listening } from '../../src/serve/listen.js';
import { readPageFiles } from '../../src/serve/page-files.js';
import type { StatementRows } from '../../src/serve/rows.js';
import { SavedWords } from '../../src/serve/saved-words.js';
import { DecodeQueue } from '../../src/serve/queue.js';
import { SqlService, type ServedSchema } from '../../src/serve/service.js';
import type { Answer } from '../../src/sql/answer.js';
import { knowledgeOf } from '../../src/sql/vault/index.js';
import { envOf } from '../data/schema/browser.js';
import { stubService } from './stub.js';

/** What would run if the page took it for HTML. */
export const NASTY = `<img src=x onerror="document.title='broken in'"><script>document.title='broken in'</script>`;

const NASTY_BUNDLE: SchemaBundle = {
  name: 'nasty',
  title: `Nasty ${NASTY}`,
  version: '1',
  source: NASTY,
  licence: 'none',
  tables: [
    {
      name: NASTY,
      description: NASTY,
      synonyms: [NASTY],
      primaryKey: ['patient_id'],
      foreignKeys: [],
      columns: [
        { name: 'patient_id', type: 'int', nullable: false, synonyms: [NASTY] },
        { name: NASTY, type: 'int', nullable: true, codes: [{ value: NASTY, words: [NASTY] }] },
      ],
    },
  ],
};

/** A schema whose names, words and answers all try to break into the page. */
function nastySchema(): ServedSchema {
  const schema = new SchemaIndex(NASTY_BUNDLE);
  const fault = { code: NASTY, message: NASTY, at: { offset: 0, line: 1, column: 1 } };
  const ask = async (question: string): Promise<Answer> => ({
    ...{ question, masked: NASTY, placeholders: [], tables: [NASTY], prompt: '', promptTokens: 0 },
    notes: [{ code: 'unread-number', message: NASTY, start: 0, end: 1 }],
    ...{ rawSql: NASTY, statement: `SELECT '${NASTY}'`, explanation: NASTY, confidence: undefined },
    verdict: { ok: true, errors: [] },
    candidates: [{ sql: NASTY, errors: [fault] }],
    timings: { vault: 1, link: 1, decode: 1, check: 1, total: 4 },
  });
  return { agent: { schema, ask }, knowledge: knowledgeOf(NASTY_BUNDLE) };
}

/** A bundle of so many tables: every one points to `hub_0`, and some to one of the first ten. */
function largeSchema(tableCount: number): ServedSchema {
  const pointing = (from: string, table: string): SchemaBundle['tables'][number]['foreignKeys'] =>
    from === table ? [] : [{ columns: [`${table}_id`], references: { table, columns: [`${table}_id`] } }];
  const name = (i: number): string => (i < 10 ? `hub_${i}` : `event_${i}`);
  const bundle: SchemaBundle = {
    ...{ name: 'large', title: 'A large hospital', version: '1', source: 'none', licence: 'none' },
    tables: Array.from({ length: tableCount }, (_, i) => ({
      name: name(i),
      description: `Table ${i}`,
      primaryKey: [`${name(i)}_id`],
      foreignKeys: [
        ...pointing(name(i), 'hub_0'),
        ...(i >= 10 && i % 3 === 0 ? pointing(name(i), name(1 + (i % 9))) : []),
      ],
      columns: [...new Set([name(i), 'hub_0', name(1 + (i % 9))])].map((one) => ({
        ...{ name: `${one}_id`, type: 'int', nullable: one !== name(i) },
      })),
    })),
  };
  const schema = new SchemaIndex(bundle);
  const { agent } = nastySchema();
  const ask = async (question: string): Promise<Answer> => ({
    ...(await agent.ask(question)),
    statement: 'SELECT COUNT(*) FROM event_100 AS t1;',
  });
  return { agent: { schema, ask }, knowledge: knowledgeOf(bundle) };
}

export interface PageOptions {
  apiKey?: string;
  port?: number;
  rows?: StatementRows;
  /** The file of words that the page may change. */
  words?: string;
  /** Tables of a schema `large`; without it there is none. */
  large?: number;
}

export interface PageServer extends Listening {
  /** Where feedback is kept. */
  feedback: FeedbackFile;
}

/** The page on a free port. A question that contains `slowly` takes 3 s. */
export async function startPage(options: PageOptions = {}): Promise<PageServer> {
  const { apiKey, port = 0, rows } = options;
  const { options: given } = stubService({ rows });
  const slow = given.schemas.map(({ agent, knowledge }) => ({
    knowledge,
    agent: {
      schema: agent.schema,
      ask: async (...[question, how]: Parameters<typeof agent.ask>): Promise<Answer> => {
        if (question.includes('slowly')) await new Promise((done) => setTimeout(done, 3000));
        const answer = await agent.ask(question, how);
        const fault = { code: 'unknown-column', message: 'person has no column "age"' };
        const other = { sql: 'SELECT t1.age FROM person AS t1;', errors: [fault] };
        return answer.statement === undefined
          ? answer
          : {
              ...answer,
              candidates: [
                ...answer.candidates,
                { ...other, confidence: { mean: 0.4, least: 0.1, whole: 0.2 } },
              ],
            };
      },
    },
  }));
  const service = new SqlService({
    ...given,
    schemas: [...slow, nastySchema(), ...(options.large === undefined ? [] : [largeSchema(options.large)])],
    queue: new DecodeQueue({ capacity: 8 }),
  });
  const feedback = new FeedbackFile(join(mkdtempSync(join(tmpdir(), 'page-')), 'feedback.jsonl'));
  const reload = async (bundle: SchemaBundle): Promise<void> => {
    const { agent, knowledge } = service.options.schemas[0]!;
    service.replace({ agent: { ...agent, schema: new SchemaIndex(bundle) }, knowledge });
  };
  const words =
    options.words === undefined
      ? undefined
      : new SavedWords(options.words, loadBundle('omop_cdm_5_4'), reload);
  const app = createApp({
    ...{ service, version: '1.2.3', maxBody: 65_536, feedback, words, page: readPageFiles() },
    guards: { isPublic: false, hosts: [], origins: [], rateLimit: 0, apiKey },
  });
  return { ...(await listen(app, { host: '127.0.0.1', port })), feedback };
}

export function startBrowser(path: string): Promise<Browser> {
  const args = ['--no-zygote', '--disable-gpu', '--disable-dev-shm-usage'];
  const env = envOf(path) as Record<string, string>;
  return chromium.launch({ executablePath: path, chromiumSandbox: false, args, env, timeout: 120_000 });
}

export interface OpenedPage {
  page: Page;
  /** Errors of scripts, and what the page's policy refused. */
  errors: string[];
  /** Addresses that the page asked for. */
  asked: string[];
}

/** What a page will report: its errors, and the addresses that it asks for. */
export function listenTo(page: Page): { errors: string[]; asked: string[] } {
  const errors: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('request', (request) => asked.push(request.url()));
  return { errors, asked };
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const { errors, asked } = listenTo(page);
  await page.goto(url);
  await page.waitForSelector('#schema option', { state: 'attached' });
  return { page, errors, asked };
}

export async function askOn(page: Page, question: string): Promise<void> {
  await page.fill('#question', question);
  await page.press('#question', 'Enter');
  await page.waitForSelector('#answer > *');
}

/** Keeps a picture of the whole page: in the folder PICTURES, else in `.cache/pictures`. @returns its bytes */
export async function keepPicture(page: Page, name: string): Promise<number> {
  const folder = process.env['PICTURES'] ?? join(packageRoot, '.cache', 'pictures');
  mkdirSync(folder, { recursive: true });
  return (await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })).length;
}
