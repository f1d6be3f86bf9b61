import { positionAt, ValidationError, type TextPosition } from '../errors.js';
import { CODES, type Code } from './codes.js';

/** One fault of a statement, for a person and for a program. */
export interface Problem {
  code: Code;
  /** SQL Server's message number, where SQL Server has one for this fault. */
  number?: number;
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
    const number = CODES[code];
    const problem: Problem = { code, message, at: positionAt(this.sql, at.start) };
    if (number !== 0) problem.number = number;
    this.list.push(problem);
  }
}

export function problemOf(error: ValidationError): Problem {
  const problem: Problem = { code: error.code as Code, message: error.message, at: error.at };
  if (error.number !== undefined) problem.number = error.number;
  return problem;
}
