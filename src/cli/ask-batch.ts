import { createReadStream } from 'node:fs';
import { AppError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.js';
import { tell } from '../serve/respond.js';
import type { SqlService } from '../serve/service.js';
import { asObject, EMPTY_LINE, readJsonLines, type JsonLine } from './json-lines.js';

export interface BatchOptions {
  /** File of `{"question": …, "schema"?: …}` lines; other fields are kept. */
  input: string;
  /** Written as a whole at the end. */
  output: string;
  signal: AbortSignal;
  /** Called before the first question, and after each. */
  onProgress: (done: number, total: number) => void;
}

export interface BatchResult {
  questions: number;
  /** Lines that hold no question. */
  unreadable: number;
  /** Questions without a statement. */
  refused: number;
}

/**
 * Answers every line of a file, in order, with a line that adds `sql` (null without a statement), `refusal`, `confidence`
 * and `explanation`, or `error`. If it is interrupted, nothing is written.
 *
 * @throws AppError `interrupted`; Node's own error if a file cannot be read or written
 */
export async function answerFile(service: SqlService, options: BatchOptions): Promise<BatchResult> {
  const { input, output, signal, onProgress } = options;
  let total = 0;
  for await (const { line } of filledLines(input)) if (line) total++;
  const result: BatchResult = { questions: total, unreadable: 0, refused: 0 };
  onProgress(0, total);
  async function* lines(): AsyncGenerator<Uint8Array> {
    let done = 0;
    for await (const { line, number } of filledLines(input)) {
      const answered = await answerLine(service, line, signal, result);
      if (signal.aborted) throw new AppError('interrupted', `interrupted; ${output} was not written`);
      const told = 'fault' in line ? { line: number, ...answered } : answered;
      yield Buffer.from(`${JSON.stringify(told)}\n`);
      onProgress(++done, total);
    }
  }
  // Answers hold the values of questions.
  await writeFileAtomic(output, lines(), { mode: 0o600 });
  return result;
}

/** The lines that are not empty, with their numbers from 1. */
async function* filledLines(file: string): AsyncGenerator<{ line: JsonLine; number: number }> {
  let number = 0;
  for await (const line of readJsonLines(createReadStream(file))) {
    number++;
    if (!('fault' in line && line.fault === EMPTY_LINE)) yield { line, number };
  }
}

async function answerLine(
  service: SqlService,
  line: JsonLine,
  signal: AbortSignal,
  result: BatchResult,
): Promise<object> {
  const given = 'value' in line ? asObject(line.value) : undefined;
  const unreadable = (message: string): object => {
    result.unreadable++;
    return { ...given, error: { code: 'bad-line', message } };
  };
  if ('fault' in line) return unreadable(line.fault);
  const { question, schema } = given ?? {};
  if (typeof question !== 'string') return unreadable('the line has no text in "question"');
  if (schema !== undefined && typeof schema !== 'string') return unreadable('"schema" is not a text');
  try {
    const answer = await service.ask(question, { schema }, { signal });
    const { statement: sql, refusal, confidence, explanation } = answer;
    if (sql === null) result.refused++;
    return { ...given, sql, refusal, confidence: confidence?.whole ?? null, explanation };
  } catch (error) {
    if (!(error instanceof AppError) && !signal.aborted) throw error;
    result.refused++;
    const { code, message } = tell(error).body.error;
    const known = `no schema ${schema}; --schema gave: ${service.schemaNames.join(', ')}`;
    return { ...given, sql: null, error: { code, message: code === 'unknown-schema' ? known : message } };
  }
}
