import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatPrompt, formatRecord } from '../../../src/data/record.js';
import { preTokenize, specialTokenSplitter } from '../../../src/data/tokenizer/pre-tokenize.js';
import { pieceEnd, SpecialFinder } from '../../../src/data/tokenizer/scan.js';
import { SPECIAL_TOKENS } from '../../../src/data/tokenizer/special-tokens.js';
import { Tokenizer } from '../../../src/data/tokenizer/tokenizer.js';
import { trainTokenizer } from '../../../src/data/tokenizer/train.js';
import { arbitraryText, sampleRecords } from './sample-texts.js';

const tokenizer = trainTokenizer(sampleRecords(300), { vocabSize: 700 });

describe('pre-tokenization', () => {
  test.each([
    ['SELECT p.birthDate_1', ['SELECT', ' p', '.', 'birth', 'Date', '_', '1']],
    ['visit_start_date = 2024', ['visit', '_start', '_date', ' =', ' ', '2', '0', '2', '4']],
    ['PATIENT_ID ICDCode ptName', ['PATIENT', '_ID', ' ICD', 'Code', ' pt', 'Name']],
    ['__ID_17__', ['__', 'ID', '_', '1', '7', '__']],
    ["a  b\n\n c's\n", ['a', ' ', ' b', '\n\n', ' c', "'", 's', '\n']],
    ['COUNT(*) naïve 東京', ['COUNT', '(*)', ' naïve', ' 東京']],
  ])('%j', (text, pieces) => expect(preTokenize(text)).toEqual(pieces));

  test('pieces tile the text', () => {
    fc.assert(fc.property(arbitraryText, (text) => preTokenize(text).join('') === text));
  });

  test('the scanner cuts where the pattern cuts', () => {
    const scan = (text: string): string[] => {
      const bytes = Buffer.from(text);
      const pieces: string[] = [];
      for (let at = 0, end; at < bytes.length; at = end) {
        end = pieceEnd(bytes, at, bytes.length);
        pieces.push(bytes.toString('utf8', at, end));
      }
      return pieces;
    };
    const anySigns = fc.string({
      unit: fc.constantFrom(' ', '\n', '_', 'A', 'B', 'a', 'é', '7', '.', '\x7f', '\v', '😀'),
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.oneof(arbitraryText, anySigns), (text) => {
        expect(scan(text)).toEqual(preTokenize(text));
      }),
      { numRuns: 3000 },
    );
  });

  test('the finder finds the special tokens that the splitter cuts out', () => {
    const tokens = [...SPECIAL_TOKENS, '<|', '__ID', '__ID_1_'];
    const finder = new SpecialFinder(tokens);
    const split = specialTokenSplitter(tokens);
    fc.assert(
      fc.property(arbitraryText, (text) => {
        const bytes = Buffer.from(text);
        const found: string[] = [];
        for (let at = 0; at < bytes.length; at++) {
          const id = finder.idAt(bytes, at, bytes.length);
          if (id < 0) continue;
          found.push(tokens[id]!);
          at += finder.lengthOf(id) - 1;
        }
        expect(found).toEqual(split(text).filter((_, i) => i % 2 === 1));
      }),
      { numRuns: 500 },
    );
  });
});

describe('Tokenizer', () => {
  test('decode restores every text', () => {
    fc.assert(
      fc.property(arbitraryText, (text) => tokenizer.decode(tokenizer.encode(text)) === text),
      { numRuns: 500 },
    );
  });

  test('the joined bytes of the tokens are the text in UTF-8', () => {
    fc.assert(
      fc.property(arbitraryText, (text) => {
        const bytes = Buffer.concat(Array.from(tokenizer.encode(text), (id) => tokenizer.bytesOf(id)));
        expect(bytes.equals(Buffer.from(text, 'utf8'))).toBe(true);
      }),
    );
  });

  test('every special token is one token, even inside other text', () => {
    expect(SPECIAL_TOKENS).toHaveLength(2 + 4 + 64);
    SPECIAL_TOKENS.forEach((token, id) => {
      expect([...tokenizer.encode(token)]).toEqual([id]);
      expect([...tokenizer.encode(`x${token}_y`)]).toContain(id);
      expect(tokenizer.tokenId(token)).toBe(id);
    });
    expect([tokenizer.padId, tokenizer.endId]).toEqual([0, 1]);
  });

  test("a prompt's tokens are the first tokens of its record", () => {
    const record = { schema: 't(a int)', question: 'How many?', idMap: '', sql: 'SELECT COUNT(*) FROM t;' };
    const prompt = tokenizer.encode(formatPrompt(record));
    expect(tokenizer.encode(formatRecord(record)).slice(0, prompt.length)).toEqual(prompt);
  });

  test('words of the corpus take few tokens, other words are spelled in bytes', () => {
    expect(tokenizer.encode(' patients')).toHaveLength(1);
    expect(tokenizer.encode('ж')).toHaveLength(2);
    expect(tokenizer.tokenId(' patients')).toBe(tokenizer.encode(' patients')[0]);
    expect(tokenizer.tokenId('zzzyx')).toBeUndefined();
  });

  test('no token has two digits', () => {
    for (let id = SPECIAL_TOKENS.length; id < tokenizer.vocabSize; id++) {
      expect(Buffer.from(tokenizer.bytesOf(id)).toString('latin1')).not.toMatch(/[0-9]./);
    }
  });

  test('a word of 100,000 letters is encoded correctly', () => {
    const text = 'abaab'.repeat(20_000);
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test('an unpaired surrogate becomes U+FFFD', () => {
    expect(tokenizer.decode(tokenizer.encode('a\ud800b'))).toBe('a\ufffdb');
  });

  test('an unknown id is an error that names it', () => {
    expect(() => tokenizer.decode([700])).toThrow(/700/);
  });
});

describe('tokenizer.json', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('save and load give the same tokenizer', async () => {
    const path = join(folder, 'tokenizer.json');
    await tokenizer.save(path);
    const loaded = await Tokenizer.load(path);
    expect(loaded.hash).toBe(tokenizer.hash);
    expect(loaded.vocabSize).toBe(tokenizer.vocabSize);
    for (const text of sampleRecords(20)) expect(loaded.encode(text)).toEqual(tokenizer.encode(text));
    expect(await readFile(path, 'utf8')).toBe(tokenizer.toJson());
  });

  test('a missing file is named', async () => {
    const path = join(folder, 'none.json');
    await expect(Tokenizer.load(path)).rejects.toMatchObject({ code: 'tokenizer-not-found', file: path });
  });

  type Json = Record<string, unknown> & {
    added_tokens: { id: number; content: string }[];
    model: { vocab: Record<string, number>; merges: string[] };
  };
  test.each<[string, string, (json: Json) => void]>([
    ['a foreign pre-tokenizer', 'pre_tokenizer', (json) => (json['pre_tokenizer'] = { type: 'Whitespace' })],
    ['a merge of unknown tokens', 'model.merges[0]', (json) => (json.model.merges[0] = 'qqqq zzzz')],
    ['a merge missing', 'model.vocab', (json) => json.model.merges.pop()],
    [
      'two swapped ids',
      'model.vocab',
      (json) => Object.assign(json.model.vocab, { '<|pad|>': 1, '<|end|>': 0 }),
    ],
    ['special tokens out of order', 'added_tokens[1].id', (json) => (json.added_tokens[1]!.id = 7)],
    ['no merges', 'model.merges', (json) => Reflect.deleteProperty(json.model, 'merges')],
  ])('%s: the error names file and field', async (_, field, damage) => {
    const json = JSON.parse(tokenizer.toJson()) as Json;
    damage(json);
    const path = join(folder, 'damaged.json');
    await writeFile(path, JSON.stringify(json));
    const error = await Tokenizer.load(path).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'tokenizer-format', file: path });
    expect((error as { field: string }).field).toContain(field);
  });

  test('a truncated file is broken JSON', () => {
    expect(() => Tokenizer.fromJson(tokenizer.toJson().slice(0, 1000), 'a.json')).toThrow(
      /a\.json: broken JSON/,
    );
  });
});
