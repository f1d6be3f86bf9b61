import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from '../errors.js';

/** Signs that may separate fields. */
const DELIMITERS = [',', ';', '\t', '|'] as const;
const LONGEST_FIELD = 1 << 20;
const SAMPLE = 1 << 12;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/**
 * Takes CSV apart as RFC 4180 describes it: fields in quotes may contain delimiters, line breaks and doubled quotes.
 * Lines end in CR LF, LF or CR. Signs between a closing quote and the delimiter belong to the field. Empty lines are no
 * rows.
 */
export class CsvParser {
  /** The line that is being read, from 1. */
  line = 1;
  #row: string[] = [];
  #field = '';
  #state: 'start' | 'plain' | 'quoted' | 'quoteInQuoted' = 'start';
  #afterCr = false;

  /**
   * @param delimiter one character
   * @param onRow gets each row, with the line that it ends on
   */
  constructor(
    private readonly delimiter: string,
    private readonly onRow: (fields: string[], line: number) => void,
  ) {}

  push(text: string): void {
    const delimiter = this.delimiter.charCodeAt(0);
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === LF && this.#afterCr && this.#state !== 'quoted') {
        this.#afterCr = false;
        from = at + 1;
        continue;
      }
      this.#afterCr = unit === CR;
      if (this.#state === 'quoted') {
        if (unit === LF) this.line++;
        if (unit !== QUOTE) continue;
        this.#keep(text, from, at);
        this.#state = 'quoteInQuoted';
        from = at + 1;
      } else if (unit === delimiter) {
        this.#keep(text, from, at);
        this.#endField();
        from = at + 1;
      } else if (unit === LF || unit === CR) {
        this.#keep(text, from, at);
        this.#endRow();
        from = at + 1;
        this.line++;
      } else if (unit === QUOTE && this.#state !== 'plain') {
        // At the start of a field it opens; after a quote it is a doubled one, and belongs to the field.
        if (this.#state === 'start') from = at + 1;
        this.#state = 'quoted';
      } else this.#state = 'plain';
    }
    this.#keep(text, from, text.length);
  }

  /** @returns whether the text ended well: not within quotes */
  end(): boolean {
    if (this.#state === 'quoted') return false;
    this.#endRow();
    return true;
  }

  /** Whether the field that is being read is longer than any field may be. */
  get isTooLong(): boolean {
    return this.#field.length > LONGEST_FIELD;
  }

  #keep(text: string, from: number, to: number): void {
    if (to > from) this.#field += text.slice(from, to);
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  #endRow(): void {
    if (this.#row.length === 0 && this.#field === '' && this.#state === 'start') return;
    this.#endField();
    const row = this.#row;
    this.#row = [];
    this.onRow(row, this.line);
  }
}

/** A row of a CSV file, with the line that it ends on. */
export interface CsvRow {
  fields: string[];
  line: number;
}

/**
 * The rows of a CSV file in batches, its header first. The file is UTF-8, UTF-16 with or without a byte order mark, or
 * Windows-1252 where it is not UTF-8; `.gz` is unpacked. The delimiter is the sign of comma, semicolon, tab and bar that
 * is commonest in the first line.
 * @param onBytes is told the bytes read from the file so far
 * @throws DataError `csv-broken` with file and line; no message quotes the content
 */
export async function* csvRows(
  path: string,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<CsvRow[], void, undefined> {
  const encoding = await encodingOf(path);
  const decoder = new TextDecoder(encoding);
  let rows: CsvRow[] = [];
  let parser: CsvParser | undefined;
  let start = '';
  const fail = (message: string): never => {
    throw new DataError({ code: 'csv-broken', file: `${path}:${parser?.line ?? 1}`, message });
  };
  const push = (text: string): void => {
    start += parser ? '' : text;
    if (!parser && !/[\r\n]/.test(start) && start.length < LONGEST_FIELD) return;
    const rest = parser ? text : start;
    parser ??= new CsvParser(delimiterOf(start), (fields, line) => rows.push({ fields, line }));
    parser.push(rest);
    if (parser.isTooLong) fail('a field is longer than 1 MiB; a quote may be missing');
  };
  for await (const chunk of bytesOfFile(path, onBytes)) {
    push(decoder.decode(chunk, { stream: true }));
    if (rows.length === 0) continue;
    yield rows;
    rows = [];
  }
  push(decoder.decode() + (parser ? '' : '\n'));
  if (parser && !parser.end()) fail('the file ends within quotes');
  if (rows.length > 0) yield rows;
}

async function* bytesOfFile(
  path: string,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const stream: Readable = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // A pipe does not hand errors on.
  file.on('error', (error) => stream.destroy(error));
  try {
    for await (const chunk of stream) {
      onBytes(file.bytesRead);
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('Z_')) throw error;
    throw new DataError({ code: 'csv-broken', file: path, message: 'is not a whole gzip file' });
  } finally {
    file.destroy();
  }
}

/** Reads the file once: only then is it known to be UTF-8. */
async function encodingOf(path: string): Promise<'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of bytesOfFile(path, () => {})) {
    if (!decoder) {
      const wide = wideEncodingOf(chunk.subarray(0, SAMPLE));
      if (wide) return wide;
      decoder = new TextDecoder('utf-8', { fatal: true });
    }
    try {
      decoder.decode(chunk, { stream: true });
    } catch {
      return 'windows-1252';
    }
  }
  return 'utf-8';
}

function wideEncodingOf(sample: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [a, b] = sample;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  // A header is mostly ASCII, which has a zero byte in UTF-16.
  const zeros = [0, 0];
  sample.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]! += 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) <= sample.length / 16 || Math.min(even, odd) > 0) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

function delimiterOf(start: string): string {
  const [header = ''] = start.split(/[\r\n]/, 1);
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((sign) => bare.split(sign).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}
