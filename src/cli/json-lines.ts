import { StringDecoder } from 'node:string_decoder';
import { printLine } from './output.js';

/** A line of input: its JSON value, or why it has none. */
export type JsonLine = { value: unknown } | { fault: string };

/**
 * Reads a stream line by line as JSON. Only `\n` ends a line: JSON texts may hold every other separator. An empty line
 * is a fault; a last line without `\n` counts if it is not empty.
 */
export async function* readJsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<JsonLine> {
  const decoder = new StringDecoder('utf8');
  // The parts of the current line, joined once: a line of many chunks takes linear time.
  let parts: string[] = [];
  for await (const chunk of stream) {
    const lines = decoder.write(chunk).split('\n');
    const rest = lines.pop()!;
    for (const line of lines) {
      yield parseLine(parts.join('') + line);
      parts = [];
    }
    if (rest !== '') parts.push(rest);
  }
  const last = parts.join('') + decoder.end();
  if (last !== '') yield parseLine(last);
}

function parseLine(line: string): JsonLine {
  try {
    return { value: JSON.parse(line) as unknown };
  } catch (error) {
    return { fault: `the line is not JSON (${(error as Error).message})` };
  }
}

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
