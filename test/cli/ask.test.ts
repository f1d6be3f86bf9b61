import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { answerFile } from '../../src/cli/ask-batch.js';
import { AskSession } from '../../src/cli/ask-session.js';
import { inOwnWords } from '../../src/serve/own-words.js';
import { paintFor, tableLines } from '../../src/cli/paint.js';
import { readApiKey } from '../../src/cli/serve-options.js';
import { stubService } from '../serve/stub.js';
import { engine } from './run-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'ask-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ESCAPE = '\u001b';
const NO_ENV = {};

interface Talk {
  session: AskSession;
  say: (line: string) => Promise<{ out: string; notes: string; goesOn: boolean }>;
}

function talk(isTerminal = false): Talk {
  let out: string[] = [];
  let notes: string[] = [];
  const session = new AskSession(stubService(), {
    print: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    paint: paintFor({ isTTY: isTerminal }, NO_ENV),
  });
  return {
    session,
    async say(line) {
      [out, notes] = [[], []];
      const goesOn = await session.line(line);
      return { out: out.join('\n'), notes: notes.join('\n'), goesOn };
    },
  };
}

describe('a session', () => {
  test('answers questions one after another, statements alone on stdout', async () => {
    const { say } = talk();
    const first = await say('How many visits did patient 48213 have?');
    expect(first.out).toBe('SELECT COUNT(*) FROM person AS t1 WHERE t1.person_id = 48213;');
    expect(first.notes).toMatch(/^confidence: 70\.0%$/m);
    expect((await say('  ')).out).toBe('');
    expect((await say('How many patients are there?')).out).toBe('SELECT COUNT(*) FROM person AS t1;');
  });

  test('says why there is no statement, counts it, and goes on', async () => {
    const { say, session } = talk();
    expect((await say('How is the weather?')).notes).toMatch(/^refused, .*weather/);
    expect((await say('patient __ID_1__')).notes).toMatch(/placeholder/);
    expect(session.refused).toBe(2);
    expect((await say('How many patients are there?')).goesOn).toBe(true);
  });

  test('\\why shows what was read as what, and the candidates; \\explain says what the statement does', async () => {
    const { say } = talk();
    expect((await say('\\why')).out).toMatch(/no question/);
    await say('How many visits did patient 48213 have since March 5, 2024?');
    const { out } = await say('\\why');
    expect(out).toMatch(/^question: How many visits did patient __ID_1__ have since __DATE_1__\?$/m);
    expect(out).toMatch(/^__DATE_1__ +March 5, 2024 +2024-03-05 +date +date/m);
    expect(out).toMatch(/^ 70\.0% {2}SELECT/m);
    expect((await say('\\explain')).out).toBe('Counts people.');
  });

  test('\\schema lists tables and columns, and \\use asks another schema', async () => {
    const { say } = talk();
    expect((await say('\\schema')).out).toMatch(/^person +patient +\d+ /m);
    expect((await say('\\schema PERSON')).out).toMatch(/^person_id +\w+ +key +primary/m);
    expect((await say('\\schema persn')).out).toMatch(/did you mean person\?/);
    expect((await say('\\use mimic_iv')).notes).toMatch(/mimic_iv/);
    expect((await say('How many patients are there?')).out).toMatch(/FROM patients/);
    expect((await say('\\use nothing')).notes).toMatch(/known: omop_cdm_5_4, mimic_iv/);
  });

  test('\\help lists every command, a mistyped one is suggested, and \\quit ends', async () => {
    const { say } = talk();
    const { out } = await say('\\help');
    for (const name of ['schema', 'use', 'explain', 'why', 'help', 'quit'])
      expect(out).toContain(`\\${name}`);
    expect((await say('\\explian')).notes).toMatch(/did you mean \\explain\?/);
    expect((await say('\\quit')).goesOn).toBe(false);
  });

  test('Tab offers commands, tables and schemas', () => {
    const { session } = talk();
    expect(session.completions('\\e')).toEqual([['\\explain'], '\\e']);
    expect(session.completions('\\')[0]).toHaveLength(6);
    expect(session.completions('\\schema PERS')).toEqual([['person'], 'PERS']);
    expect(session.completions('\\use mi')).toEqual([['mimic_iv'], 'mi']);
    expect(session.completions('How many pers')).toEqual([[], 'How many pers']);
  });

  test('no line of \\help is cut', async () => {
    expect((await talk().say('\\help')).out).not.toContain('…');
  });

  test('Ctrl+C ends a question, and the next one is answered', async () => {
    const notes: string[] = [];
    const printed: string[] = [];
    const session = new AskSession(stubService({ delay: 40 }), {
      print: (line) => void printed.push(line),
      note: (line) => void notes.push(line),
      paint: paintFor({ isTTY: false }, NO_ENV),
    });
    const stop = new AbortController();
    const asked = session.line('How many patients are there?', stop.signal);
    setTimeout(() => stop.abort(), 5);
    expect(await asked).toBe(true);
    expect(notes).toEqual(['cancelled']);
    await session.line('How many patients are there?');
    expect(printed).toEqual(['SELECT COUNT(*) FROM person AS t1;']);
  });
});

test('colours are for terminals, and NO_COLOR turns them off', () => {
  const sql = "SELECT COUNT(*) FROM person AS t1 WHERE t1.name = 'A''B';";
  const painted = paintFor({ isTTY: true }, NO_ENV).sql(sql);
  expect(painted).toContain(`${ESCAPE}[34mSELECT${ESCAPE}[39m`);
  expect(painted).toContain(`${ESCAPE}[32m'A''B'${ESCAPE}[39m`);
  expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(sql);
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    expect(paintFor({ isTTY: true }, env).sql(sql)).toBe(sql);
  }
  expect(paintFor({ isTTY: false }, NO_ENV).bold('a')).toBe('a');
  expect(paintFor({ isTTY: true }, { NO_COLOR: '' }).bold('a')).not.toBe('a');
});

test('a table cannot steer the terminal, and its columns line up', () => {
  const lines = tableLines(
    ['a', 'b'],
    [
      ['x\u001b[2J', '1'],
      ['long', '2'],
    ],
    paintFor({}, NO_ENV),
  );
  expect(lines).toEqual(['a      b', 'x\ufffd[2J  1', 'long   2']);
});

describe('a file of questions', () => {
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(folder, name);
    writeFileSync(path, lines.join('\n'));
    return path;
  };

  test('is answered line by line, other fields kept, with progress', async () => {
    const input = write('in.jsonl', [
      '{"id": 7, "question": "How many patients are there?"}',
      '{"question": "How is the weather?", "schema": "mimic_iv"}',
      'nonsense',
      '{"question": " "}',
      '{"question": 5}',
    ]);
    const output = join(folder, 'out.jsonl');
    const progress: string[] = [];
    const result = await answerFile(stubService(), {
      ...{ input, output, signal: new AbortController().signal },
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(result).toEqual({ questions: 5, refused: 2, unreadable: 2 });
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    const answers = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers[0]).toEqual({
      ...{ id: 7, question: 'How many patients are there?', refusal: null, confidence: 0.7 },
      ...{ sql: 'SELECT COUNT(*) FROM person AS t1;', explanation: 'Counts people.' },
    });
    expect(answers[1]).toMatchObject({ sql: null, schema: 'mimic_iv', refusal: { code: 'not-in-schema' } });
    expect(answers[2]).toMatchObject({ error: { code: 'bad-line' } });
    expect(answers[3]).toMatchObject({ sql: null, error: { code: 'empty-question' } });
    expect(answers[4]).toMatchObject({ error: { code: 'bad-line' } });
    expect(progress).toEqual(['0/5', '1/5', '2/5', '3/5', '4/5', '5/5']);
    expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  test('that is interrupted leaves the old answers as they were', async () => {
    const input = write('many.jsonl', Array(20).fill('{"question": "How many patients are there?"}'));
    const output = write('old.jsonl', ['old']);
    const stop = new AbortController();
    const onProgress = (done: number): void => (done === 3 ? stop.abort() : undefined);
    const answered = answerFile(stubService(), { input, output, signal: stop.signal, onProgress });
    await expect(answered).rejects.toMatchObject({ code: 'interrupted' });
    expect(readFileSync(output, 'utf8')).toBe('old');
  });
});

test('empty lines of a file are no questions, and bytes that are not UTF-8 are not asked', async () => {
  const input = join(folder, 'latin.jsonl');
  const question = Buffer.from('{"question": "How many patients are there?"}');
  const latin = Buffer.concat([Buffer.from('{"question": "caf'), Buffer.from([0xe9]), Buffer.from('"}')]);
  const lines = [Buffer.from('\ufeff'), question, Buffer.from('\n\n  \n'), latin, Buffer.from('\n[\n\n')];
  writeFileSync(input, Buffer.concat(lines));
  const output = join(folder, 'latin.out');
  const signal = new AbortController().signal;
  const result = await answerFile(stubService(), { input, output, signal, onProgress: () => {} });
  expect(result).toEqual({ questions: 3, refused: 0, unreadable: 2 });
  const answers = readFileSync(output, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(answers[0]).toMatchObject({ sql: 'SELECT COUNT(*) FROM person AS t1;' });
  expect(answers[1]).toEqual({ line: 4, error: { code: 'bad-line', message: 'the line is not UTF-8' } });
  expect(answers[2]).toMatchObject({ line: 5, error: { code: 'bad-line' } });
});

test('a file of questions that asks a schema which is not open learns which ones are', async () => {
  const input = join(folder, 'other.jsonl');
  writeFileSync(input, '{"question": "How many?", "schema": "zzz"}\n');
  const output = join(folder, 'other.out');
  await answerFile(stubService(), {
    input,
    output,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  expect(JSON.parse(readFileSync(output, 'utf8'))).toMatchObject({
    error: { code: 'unknown-schema', message: 'no schema zzz; --schema gave: omop_cdm_5_4, mimic_iv' },
  });
});

test('a person reads their own words in a message, where they were kept', () => {
  const kept = [{ name: '__TEXT_1__', text: 'metformin' }, { name: '__ID_1__' }];
  expect(inOwnWords('the question does not say what __TEXT_1__ of __ID_1__ is', kept)).toBe(
    'the question does not say what "metformin" of __ID_1__ is',
  );
});

const same = join(folder, 'same.jsonl');
writeFileSync(same, '{}\n');
const key = ['serve', '--schema', 'mimic_iv', '--api-key-file'];
const batch = ['ask', '--schema', 'mimic_iv', '--in'];

test.each<[string, string[], RegExp]>([
  [
    '--out that is --in',
    [...batch, same, '--out', join(folder, '.', 'same.jsonl')],
    /--out .*is the input too/,
  ],
  ['--out that is a folder', [...batch, same, '--out', folder], /is a folder: name a file in it/],
  [
    '--in that is not there',
    [...batch, '/none.jsonl', '--out', '/x'],
    /--in \/none\.jsonl: there is no such file/,
  ],
  ['--in that is a folder', [...batch, folder, '--out', '/x'], /--in .*: is a folder, not a file/],
  ['a folder as the key file', [...key, folder], /--api-key-file .*: is a folder, not a file/],
  [
    'rows for other machines without a key',
    ['serve', '--schema', 'mimic_iv', '--host', '0.0.0.0', '--run-on', 'mssql://u@db/clinic'],
    /--run-on shows rows of patients: with --host, it needs --api-key-file/,
  ],
  [
    'a password in the address',
    ['serve', '--schema', 'mimic_iv', '--run-on', 'mssql://u:secret@db/clinic'],
    /^(?!.*secret).*the address contains a password/,
  ],
  [
    'two files of words',
    ['serve', '--schema', 'mimic_iv', '--overlay', same, '--save-words', join(folder, 'own.json')],
    /leave --overlay out/,
  ],
  [
    '--in without --out',
    ['ask', '--schema', 'omop_cdm_5_4', '--in', 'x.jsonl'],
    /--in and --out belong together/,
  ],
  [
    'a schema twice',
    ['serve', '--schema', 'mimic_iv', '--schema', 'mimic_iv'],
    /two schemas are named mimic_iv/,
  ],
  [
    'an origin that is none',
    ['serve', '--schema', 'mimic_iv', '--allow-origin', 'clinic.example/page'],
    /an origin is like https:\/\/clinic\.example/,
  ],
  ['a missing key file', ['serve', '--schema', 'mimic_iv', '--api-key-file', '/none/key'], /\/none\/key/],
  ['a missing schema', ['mcp', '--schema', '/none.json'], /none\.json: no such file/],
  [
    'a folder without a model',
    ['mcp', '--schema', 'mimic_iv', '--model', '/none'],
    /none: there is no such folder/,
  ],
])('%s is one line on stderr and exit code 2', (_, args, message) => {
  const { code, stdout, stderr } = engine(args);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect([code, stdout]).toEqual([2, '']);
});

test('an API key is read from a file or the environment, and may not be short', () => {
  const file = join(folder, 'key');
  writeFileSync(file, 'a-key-of-some-length\n');
  expect(readApiKey(file, {})).toBe('a-key-of-some-length');
  expect(readApiKey(undefined, { OPENWARD_API_KEY: 'another-key-of-some-length' })).toBe(
    'another-key-of-some-length',
  );
  expect(readApiKey(undefined, {})).toBeUndefined();
  expect(() => readApiKey(undefined, { OPENWARD_API_KEY: 'short' })).toThrow(/16 characters/);
});
