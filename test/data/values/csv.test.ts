import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CsvParser, csvRows } from '../../../src/data/values/csv.js';
import { temporaryFolder } from './build-index.js';

const { folder, remove } = temporaryFolder();
afterAll(remove);

async function read(bytes: string | Uint8Array, name = 'a.csv'): Promise<string[][]> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const all: string[][] = [];
  for await (const rows of csvRows(path)) all.push(...rows.map(({ fields }) => fields));
  return all;
}

const field = fc
  .array(fc.constantFrom('a', 'é', '"', ',', '\n', '\r', '\r\n', ' ', ''), { maxLength: 6 })
  .map((parts) => parts.join(''));
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  )
  // An empty line is no row, so a row of one field is never empty.
  .map((rows) => rows.map((row) => (row.length === 1 && row[0] === '' ? ['x'] : row)));

const written = (row: readonly string[], quotesAll: boolean): string =>
  row
    .map((text) => (quotesAll || /["\r\n,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
    .join(',');

test('what was written is read back, wherever the text is cut into pieces', () => {
  fc.assert(
    fc.property(
      table,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 7 }),
      (rows, lineEnd, quotesAll, endsOpen, size) => {
        const text = rows.map((row) => written(row, quotesAll)).join(lineEnd) + (endsOpen ? '' : lineEnd);
        const found: string[][] = [];
        const parser = new CsvParser(',', (fields) => found.push(fields));
        for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
        expect(parser.end()).toBe(true);
        expect(found).toEqual(rows);
      },
    ),
    { numRuns: 1000 },
  );
});

describe('a file is read in its encoding:', () => {
  const text = 'id,name\r\n1,"Größe, x"\r\n2,имя\r\n';
  const rows = [
    ['id', 'name'],
    ['1', 'Größe, x'],
    ['2', 'имя'],
  ];
  const wide = Buffer.from(text, 'utf16le');

  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from('\uFEFF' + text)],
    ['UTF-16 LE with a byte order mark', Buffer.from('\uFEFF' + text, 'utf16le')],
    ['UTF-16 LE', wide],
    ['UTF-16 BE with a byte order mark', Buffer.from('\uFEFF' + text, 'utf16le').swap16()],
    ['UTF-16 BE', Buffer.from(wide).swap16()],
  ])('%s', async (_, bytes) => {
    expect(await read(bytes)).toEqual(rows);
  });

  test('Windows-1252 where it is not UTF-8', async () => {
    expect(await read(Buffer.from('name\nM\xfcller \x80\n', 'latin1'))).toEqual([['name'], ['Müller €']]);
  });

  test('packed with gzip', async () => {
    expect(await read(gzipSync(text), 'a.csv.gz')).toEqual(rows);
  });
});

test.each([',', ';', '\t', '|'])('the delimiter %j is found in the first line', async (sign) => {
  expect(await read(`"a,;b"${sign}c${sign}d\n1${sign}2${sign}3\n`)).toEqual([
    ['a,;b', 'c', 'd'],
    ['1', '2', '3'],
  ]);
});

test('a header without a line end is a row', async () => {
  expect(await read('a,b')).toEqual([['a', 'b']]);
  expect(await read('')).toEqual([]);
});

test('quotes within a field, and signs after a closing quote, belong to it', async () => {
  expect(await read('a,b\n5" tube,"x" y\n')).toEqual([
    ['a', 'b'],
    ['5" tube', 'x y'],
  ]);
});

test('a quote that is never closed is an error that names file and line, and no content', async () => {
  await expect(read('a\nb\n"secret\nmore')).rejects.toThrow(/a\.csv:4: the file ends within quotes$/);
  await expect(read(`a\n"${'secret '.repeat(400_000)}`)).rejects.toThrow(
    /a\.csv:2: a field is longer than 1 MiB/,
  );
});

test('a gzip file that was cut short is an error', async () => {
  const packed = gzipSync('name\n' + 'abcdefgh'.repeat(1000));
  await expect(read(packed.subarray(0, 30), 'b.csv.gz')).rejects.toThrow(/not a whole gzip file/);
});
