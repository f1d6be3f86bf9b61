import { printLine } from './output.js';

/** A line of input: its JSON value, or why it has none. */
export type JsonLine = { value: unknown } | { fault: string };

const NEWLINE = 0x0a;

/**
 * Reads a stream line by line as JSON. Only `\n` ends a line: JSON texts may hold every other separator. An empty line
 * is a fault; a last line without `\n` counts if it is not empty.
 */
export async function* readJsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<JsonLine> {
  // The parts of the current line, joined once: a line of many chunks takes linear time.
  let parts: Buffer[] = [];
  for await (const chunk of stream) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield parseLine(Buffer.concat([...parts, chunk.subarray(start, end)]));
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield parseLine(Buffer.concat(parts));
}

/** A byte order mark is no part of the text. */
const decoder = new TextDecoder('utf-8', { fatal: true });

function parseLine(bytes: Buffer): JsonLine {
  let line: string;
  try {
    line = decoder.decode(bytes);
  } catch {
    return { fault: 'the line is not UTF-8' };
  }
  if (line.trim() === '') return { fault: EMPTY_LINE };
  try {
    return { value: JSON.parse(line) as unknown };
  } catch (error) {
    return { fault: `the line is not JSON (${(error as Error).message})` };
  }
}

export const EMPTY_LINE = 'the line is empty';

/** The answer to a line: the object to print, and whether the line could be read. */
export interface LineAnswer {
  output: object;
  isReadable: boolean;
}

/**
 * Answers every line of stdin with one line on stdout. An unreadable line is answered too, and does not stop the rest.
 *
 * @returns whether all lines could be read
 */
export async function answerLines(answer: (line: JsonLine) => LineAnswer): Promise<boolean> {
  let isReadable = true;
  for await (const line of readJsonLines(process.stdin as AsyncIterable<Buffer>)) {
    const answered = answer(line);
    isReadable &&= answered.isReadable;
    await printLine(JSON.stringify(answered.output));
  }
  return isReadable;
}

/** The value as an object with fields, or undefined. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}
