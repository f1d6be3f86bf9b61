import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SchemaBundle } from '../../src/data/schema/bundle.js';
import { loadBundle } from '../../src/data/schema/load.js';
import { SchemaIndex } from '../../src/data/schema/schema-index.js';
import { errorShape, schemaShape } from '../../src/serve/contract.js';
import { SavedWords } from '../../src/serve/saved-words.js';
import { knowledgeOf } from '../../src/sql/vault/index.js';
import { stubApp, stubService, type StubApp } from './stub.js';

const folder = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function start(path = join(folder, `${files++}.overlay.json`)): StubApp & { path: string } {
  const service = stubService();
  const reload = async (bundle: SchemaBundle): Promise<void> => {
    const { agent } = service.options.schemas[0]!;
    const schema = new SchemaIndex(bundle);
    service.replace({ agent: { ...agent, schema }, knowledge: knowledgeOf(bundle) });
  };
  const words = new SavedWords(path, loadBundle('omop_cdm_5_4'), reload);
  return { ...stubApp({ service, words }), path };
}

const overlay = (synonyms: string[]): object => ({ tables: { person: { synonyms } } });

describe('POST /v1/words', () => {
  test('keeps words in a file that --overlay reads, and uses them from then on', async () => {
    const { post, get, path } = start();
    const codes = [{ value: 'M', words: ['male', 'man'] }];
    const given = {
      tables: {
        person: { synonyms: ['resident'], columns: { gender_source_value: { codes, role: 'code' } } },
      },
    };
    const saved = schemaShape.parse(await (await post('/v1/words', { overlay: given })).json());
    const served = schemaShape.parse(await (await get('/v1/schemas/omop_cdm_5_4')).json());
    const read = loadBundle('omop_cdm_5_4', path).tables.find(({ name }) => name === 'person')!;
    for (const { tables } of [saved, served]) {
      const person = tables.find(({ name }) => name === 'person')!;
      expect(person.synonyms).toContain('resident');
      expect(person.columns.find(({ name }) => name === 'gender_source_value')!.codes).toEqual(codes);
    }
    expect(read.synonyms).toEqual(['resident']);
    expect(read.columns.find(({ name }) => name === 'gender_source_value')!.codes).toEqual(codes);
  });

  test('adds to what the file has, also to what a person wrote there meanwhile', async () => {
    const { post, path } = start();
    writeFileSync(
      path,
      JSON.stringify({ columns: {}, tables: { PERSON: { role: 'patient', synonyms: ['old'] } } }),
    );
    await post('/v1/words', { overlay: overlay(['resident']) });
    await post('/v1/words', { overlay: { tables: { death: { synonyms: ['passing'] } } } });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      columns: {},
      tables: {
        PERSON: { role: 'patient', synonyms: ['resident'], columns: {} },
        death: { synonyms: ['passing'], columns: {} },
      },
    });
  });

  test('keeps all of many changes that come at once', async () => {
    const { post, path } = start();
    const tables = loadBundle('omop_cdm_5_4')
      .tables.slice(0, 12)
      .map(({ name }) => name);
    const given = tables.map((name) => ({ overlay: { tables: { [name]: { synonyms: [`my ${name}`] } } } }));
    const responses = await Promise.all(given.map((body) => post('/v1/words', body)));
    expect(responses.map(({ status }) => status)).toEqual(tables.map(() => 200));
    expect(Object.keys((JSON.parse(readFileSync(path, 'utf8')) as { tables: object }).tables)).toEqual(
      tables,
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'a table that is not there',
      { tables: { patients: {} } },
      /tables\.patients: the bundle has no such table/,
    ],
    ['a column that is not there', { tables: { person: { columns: { age: {} } } } }, /no such column/],
    ['a role that is none', { tables: { person: { role: 'king' } } }, /tables\.person\.role/],
    ['a word of two lines', overlay(['a\nb']), /one line of text/],
    ['a word that steers a terminal', overlay(['a\u001b[31mb']), /control characters/],
    ['a field that is none', { words: {} }, /words/],
  ])('refuses %s, and leaves the file alone', async (_, given, message) => {
    const { post, path } = start();
    const response = await post('/v1/words', { overlay: given });
    const { error } = errorShape.parse(await response.json());
    expect([response.status, error.code]).toEqual([422, 'bad-overlay']);
    expect(error.message).toMatch(message);
    expect(existsSync(path)).toBe(false);
  });

  test('refuses a long text in no time', async () => {
    const { post } = start();
    const { user } = process.cpuUsage();
    const { status } = await post('/v1/words', { overlay: overlay([`${'a'.repeat(60_000)}\n`]) });
    expect(status).toBe(422);
    // A pattern that backtracks took 10 s.
    expect(process.cpuUsage().user - user).toBeLessThan(2e6);
  });

  test('is not there unless the server was started with a file, and for its schema alone', async () => {
    for (const [app, schema] of [
      [stubApp(), undefined],
      [start(), 'mimic_iv'],
    ] as const) {
      const response = await app.post('/v1/words', { overlay: overlay(['resident']), schema });
      const { error } = errorShape.parse(await response.json());
      expect([response.status, error.code]).toEqual([404, 'words-off']);
    }
  });

  test.skipIf(process.getuid?.() === 0)('says that the file cannot be written', async () => {
    const place = mkdtempSync(join(folder, 'locked-'));
    chmodSync(place, 0o500);
    const response = await start(join(place, 'x.json')).post('/v1/words', { overlay: overlay(['resident']) });
    expect(errorShape.parse(await response.json()).error.code).toBe('words-not-kept');
  });

  test('says that a folder is in the way of the file', async () => {
    const response = await start(mkdtempSync(join(folder, 'folder-'))).post('/v1/words', {
      overlay: overlay(['a']),
    });
    expect(errorShape.parse(await response.json()).error.code).toMatch(/words-not-kept|bad-overlay/);
  });
});
