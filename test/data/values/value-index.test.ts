import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { DataError } from '../../../src/data/errors.js';
import { chooseColumns } from '../../../src/data/values/build.js';
import type { ValueSource } from '../../../src/data/values/source.js';
import { openValueIndex, type ValueIndex } from '../../../src/data/values/value-index.js';
import { buildItems, itemBundle, temporaryFolder } from './build-index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

let opened: ValueIndex | undefined;
afterEach(() => {
  opened?.close();
  opened = undefined;
});

async function indexOf(rows: readonly (readonly ['label' | 'name', string])[]): Promise<ValueIndex> {
  return (opened = openValueIndex(await buildItems(rows, { folder }), itemBundle()));
}

const ROWS: readonly (readonly ['label' | 'name', string])[] = [
  ['label', 'Type 2 diabetes mellitus'],
  ['label', 'TYPE 2 DIABETES MELLITUS'],
  ['label', 'Type 1 diabetes mellitus'],
  ['label', 'Diabetes'],
  ['label', 'Fracture of left ankle'],
  ['label', 'Hyperlipidemia (disorder)'],
  ['name', 'Hyperlipidemia (disorder)'],
  ['name', 'José Müller'],
  ['name', 'New York'],
  ['name', 'York'],
  ['label', 'Dependence on enabling machine'],
  ['label', 'E11.9A'],
];

describe('find', () => {
  const found = async (phrase: string): Promise<string[]> =>
    (await indexOf(ROWS)).find(phrase).map(({ how, value }) => `${how}: ${value}`);

  test('a value letter by letter comes before its other spellings', async () => {
    expect(await found('TYPE 2 DIABETES MELLITUS')).toEqual([
      'exact: TYPE 2 DIABETES MELLITUS',
      'folded: Type 2 diabetes mellitus',
    ]);
  });

  test.each([
    ['jose MULLER', 'folded: José Müller'],
    ['e11.9a', 'folded: E11.9A'],
    ['fractures of left ankles', 'plural: Fracture of left ankle'],
    ['fracture of left ankel', 'typo: Fracture of left ankle'],
    ['hyperlipidemia', 'prefix: Hyperlipidemia (disorder)'],
    ['hyperlip', 'prefix: Hyperlipidemia (disorder)'],
    ['fracture of le', undefined],
    ['type 2 diab', 'prefix: TYPE 2 DIABETES MELLITUS'],
    ['ankle', undefined],
    ['', undefined],
  ])('%j', async (phrase, first) => {
    expect((await found(phrase))[0]).toBe(first);
  });

  test('names every column that has the value', async () => {
    const [match] = (await indexOf(ROWS)).find('Hyperlipidemia disorder');
    expect(match).toMatchObject({ how: 'folded', edits: 0, columns: ['item.label', 'item.name'] });
  });

  test('a digit is never a typo', async () => {
    expect(await found('type 3 diabetes mellitus')).toEqual([]);
  });
});

describe('longest matches', () => {
  async function matches(question: string): Promise<string[]> {
    const words = question.split(' ');
    return (await indexOf(ROWS))
      .longestMatches(words)
      .map(
        ({ from, to, values }) =>
          `${words.slice(from, to).join(' ')} = ${values.map((v) => v.value).join(' | ')}`,
      );
  }

  test('the longest value wins over one within it', async () => {
    expect(await matches('How many people with type 2 diabetes mellitus live in New York?')).toEqual([
      'type 2 diabetes mellitus = TYPE 2 DIABETES MELLITUS | Type 2 diabetes mellitus',
      'New York? = New York',
    ]);
  });

  test('typos and plurals are forgiven, and signs do not matter', async () => {
    expect(await matches('(fractures of left ankles), type-2 diabetis melitus')).toEqual([
      '(fractures of left ankles), = Fracture of left ankle',
      'type-2 diabetis melitus = TYPE 2 DIABETES MELLITUS | Type 2 diabetes mellitus',
    ]);
  });

  test('a part of a word of the question is no value', async () => {
    expect(await matches('york-shire')).toEqual([]);
    expect(await matches('the E11.9A code')).toEqual(['E11.9A = E11.9A']);
  });

  test('the first words of values are matches on request, where no whole value reaches as far', async () => {
    const index = await indexOf(ROWS);
    const question = 'Who has hyperlipidemia or diabetes and a fracture of left shoulder in York'.split(' ');
    const found = (options?: { beginnings: boolean }): string[] =>
      index
        .longestMatches(question, options)
        .map(
          ({ from, to, values: [first] }) =>
            `${question.slice(from, to).join(' ')} ${first!.how} ${first!.value}`,
        );
    expect(found()).toEqual(['diabetes folded Diabetes', 'York exact York']);
    expect(found({ beginnings: true })).toEqual([
      'hyperlipidemia prefix Hyperlipidemia (disorder)',
      'diabetes folded Diabetes',
      'fracture of left prefix Fracture of left ankle',
      'York exact York',
    ]);
  });

  test('agree with a search of every stretch of the question', async () => {
    const word = fc.constantFrom('a', 'b', 'cc', 'ab', 'B');
    const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(
        fc.array(phrase, { minLength: 1, maxLength: 12 }),
        fc.array(word, { maxLength: 8 }),
        async (values, question) => {
          const index = await indexOf(values.map((value) => ['label', value] as const));
          const known = new Set(values.map((value) => value.toLowerCase()));
          const all = question.flatMap((_, from) =>
            question.flatMap((_, last) => {
              const text = question
                .slice(from, last + 1)
                .join(' ')
                .toLowerCase();
              return last >= from && known.has(text) ? [[from, last + 1] as const] : [];
            }),
          );
          const longest = all.filter(
            ([from, to]) => !all.some(([a, b]) => a <= from && b >= to && b - a > to - from),
          );
          expect(index.longestMatches(question).map(({ from, to }) => [from, to])).toEqual(longest);
          index.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('every value is found, with exactly its columns, whatever fits into memory', async () => {
  const words = ['acute', 'renal', 'failure', 'of', 'left', 'Knie', 'größe', 'диабет', 'b12'];
  const value = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 5 })
    .map((list) => list.join(' '))
    .filter((text) => /\p{L}/u.test(text));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('label', 'name'), value), {
        minLength: 1,
        maxLength: 80,
        size: 'max',
      }),
      fc.constantFrom(1, 3000, 1 << 20),
      async (rows, memory) => {
        const file = await buildItems(rows as ['label' | 'name', string][], { folder, memory });
        const index = openValueIndex(file);
        const texts = new Set(rows.map(([, text]) => text));
        expect(index.directory.values).toBe(texts.size);
        for (const text of texts) {
          const columns = ['label', 'name'].filter((name) => rows.some(([c, t]) => c === name && t === text));
          const exact = index.find(text, 100).find((match) => match.how === 'exact');
          expect(exact).toEqual({
            value: text,
            how: 'exact',
            edits: 0,
            columns: columns.map((c) => `item.${c}`),
          });
        }
        index.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('the columns of a value are listed in the order of the bundle', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `label_${i}`);
  const file = await buildItems([], {
    folder,
    bundle: itemBundle(names),
    source: {
      columns: names.map((column) => ({ table: 'item', column })),
      read({ value }) {
        for (let i = 11; i >= 0; i--) value(i, 'same');
        return Promise.resolve();
      },
    },
  });
  opened = openValueIndex(file);
  expect(opened.find('same')[0]!.columns).toEqual(names.map((name) => `item.${name}`));
});

test('the same values in another order give the same bytes', async () => {
  const first = readFileSync(await buildItems(ROWS, { folder }));
  const second = readFileSync(await buildItems([...ROWS].reverse(), { folder, memory: 1 }));
  expect(second.equals(first)).toBe(true);
});

test('only the owner can read the file, and nothing else is left in its folder', async () => {
  const file = await buildItems(ROWS, { folder });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['items.values']);
});

describe('a bad file is refused:', () => {
  async function failureOf(change: (bytes: Buffer) => Buffer, bundle = itemBundle()): Promise<DataError> {
    const file = await buildItems(ROWS, { folder });
    writeFileSync(file, change(readFileSync(file)));
    try {
      openValueIndex(file, bundle).close();
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      expect((error as DataError).message).not.toMatch(/\n|diabetes|ankle/i);
      return error as DataError;
    }
    throw new Error('the file was accepted');
  }

  test('one that was cut short, anywhere', async () => {
    const { length } = readFileSync(await buildItems(ROWS, { folder }));
    for (const left of [length - 1, length - 60, length >> 1, 60]) {
      expect((await failureOf((bytes) => bytes.subarray(0, left))).code).toBe('values-cut-short');
    }
    expect((await failureOf((bytes) => bytes.subarray(0, 20))).code).toBe('values-unreadable');
  });

  test('one with any single byte changed', async () => {
    const { length } = readFileSync(await buildItems(ROWS, { folder }));
    for (let at = 8; at < length - 8; at += 37) {
      const error = await failureOf((bytes) => {
        bytes[at]! ^= 1;
        return bytes;
      });
      expect(['values-damaged', 'values-cut-short'], `byte ${at}`).toContain(error.code);
    }
  });

  test('one that is no index', async () => {
    const error = await failureOf(() => Buffer.from('{"not": "an index"}'.repeat(20)));
    expect(error).toMatchObject({ code: 'values-unreadable' });
  });

  test('one of another bundle, or of another version of it', async () => {
    const other = await failureOf((bytes) => bytes, itemBundle(['label', 'name'], 'ward'));
    expect(other.code).toBe('values-other-bundle');
    expect(other.message).toContain('built for the bundle clinic, not for ward');
    const changed = await failureOf((bytes) => bytes, itemBundle(['label']));
    expect(changed.message).toContain('another version of the bundle clinic');
  });

  test('one that does not exist', () => {
    expect(() => openValueIndex(join(folder, 'none'))).toThrow(/no such file; engine values build makes one/);
  });
});

test('without a value nothing is written, and the error says what is left out', async () => {
  const rows = [
    ['label', '12'],
    ['label', '2024-01-05T10:00'],
    ['name', '2f1b3c4d-0000-4000-8000-00000000abcd'],
  ] as const;
  const empty = temporaryFolder();
  await expect(buildItems(rows, { folder: empty.folder })).rejects.toMatchObject({ code: 'values-none' });
  expect(readdirSync(empty.folder)).toEqual([]);
  empty.remove();
});

test('an error of the source passes through, and nothing is left behind', async () => {
  const empty = temporaryFolder();
  const source = {
    columns: [{ table: 'item', column: 'label' }],
    read: () => Promise.reject(new Error('gone')),
  };
  await expect(buildItems([], { folder: empty.folder, source })).rejects.toThrow('gone');
  expect(readdirSync(empty.folder)).toEqual([]);
  empty.remove();
});

test.each(['reading values', 'sorting values'])(
  'a build that is stopped while %s leaves nothing behind',
  async (when) => {
    const empty = temporaryFolder();
    const stop = new AbortController();
    const source: ValueSource = {
      columns: [{ table: 'item', column: 'label' }],
      read({ value, progress }) {
        for (let i = 0; i < 70_000; i++) value(0, `value ${i}`);
        progress(1, 2);
        progress(2, 2);
        return Promise.resolve();
      },
    };
    const onProgress = (stage: string): void => {
      if (stage === when) stop.abort();
    };
    const build = buildItems([], { folder: empty.folder, source, onProgress, signal: stop.signal });
    await expect(build).rejects.toMatchObject({ code: 'values-stopped' });
    expect(readdirSync(empty.folder)).toEqual([]);
    empty.remove();
  },
);

test('what a killed build left is removed, and what belongs to a running process is kept', async () => {
  const place = temporaryFolder();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  mkdirSync(join(place.folder, `.values-${pid}-abc`));
  mkdirSync(join(place.folder, `.values-${process.pid}-abc`));
  await buildItems(ROWS, { folder: place.folder });
  expect(readdirSync(place.folder).sort()).toEqual([`.values-${process.pid}-abc`, 'items.values']);
  place.remove();
});

test('a bundle without a column of values is an error, which says when --exclude is why', () => {
  expect(() => chooseColumns(itemBundle(['item_id']))).toThrow(/no column of labels.*would be empty/);
  expect(() => chooseColumns(itemBundle(), ['item.*'])).toThrow(/--exclude leaves out all 2/);
});
