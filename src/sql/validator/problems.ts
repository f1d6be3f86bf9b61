import { positionAt, type TextPosition } from '../../base/text-position.js';
import type { ValidationError } from '../../tsql/errors.js';
import { CODES, type Code } from './codes.js';

/** One fault of a statement, for a person and for a program. */
export interface Problem {
  code: Code;
  /** SQL Server's message number, where SQL Server has one for this fault. */
  number?: number | undefined;
  /** What is wrong and what to do about it. */
  message: string;
  at: TextPosition;
}

/** More than these are not collected: a person reads the first few. */
const MAX_PROBLEMS = 20;

/** Thrown where one more fault is found than is told: to look for others would be work without a limit. */
export class EnoughProblems extends Error {
  override readonly name = 'EnoughProblems';
}

/** Faults of one statement, in the order found. */
export class Problems {
  readonly list: Problem[] = [];

  constructor(readonly sql: string) {}

  /** @throws EnoughProblems when the list is full */
  add(code: Code, at: { start: number }, message: string): void {
    if (this.list.length >= MAX_PROBLEMS) throw new EnoughProblems();
    this.list.push({ code, message, at: positionAt(this.sql, at.start), number: CODES[code] || undefined });
  }
}

export function problemOf(error: ValidationError): Problem {
  return { code: error.code as Code, message: error.message, at: error.at, number: error.number };
}
