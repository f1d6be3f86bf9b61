import { positionAt, type TextPosition } from '../../base/text-position.js';
import type { ValidationError } from '../../tsql/errors.js';
import { CODES, type Code } from './codes.js';

/** One fault of a statement, for a person and for a program. */
export interface Problem {
  code: Code;
  /** The number of SQL Server's message for the same fault, if it has one. */
  number?: number | undefined;
  /** What is wrong and what to do about it. */
  message: string;
  at: TextPosition;
}

/** A person reads only the first few. */
const MAX_PROBLEMS = 20;

/** Thrown at the first fault beyond the limit, because looking for more could take unbounded time. */
export class EnoughProblems extends Error {
  override readonly name = 'EnoughProblems';
}

/** The faults of one statement, in the order in which they were found. */
export class Problems {
  readonly list: Problem[] = [];

  constructor(readonly sql: string) {}

  readonly #told = new Set<string>();

  /** A fault is told once, whatever found it. @throws EnoughProblems if the list is full */
  add(code: Code, at: { start: number }, message: string): void {
    const key = `${code} ${at.start}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    if (this.list.length >= MAX_PROBLEMS) throw new EnoughProblems();
    this.list.push({ code, message, at: positionAt(this.sql, at.start), number: CODES[code] || undefined });
  }

  /** Whether a fault of sense was told of what begins there. */
  hasSenseAt({ start }: { start: number }): boolean {
    return SENSE_OF_COLUMNS.some((code) => this.#told.has(`${code} ${start}`));
  }

  /** Whether a condition that begins there was said to decide nothing, or never to hold. */
  hasLogicAt({ start }: { start: number }): boolean {
    return ['sense-idle', 'sense-empty'].some((code) => this.#told.has(`${code} ${start}`));
  }
}

const SENSE_OF_COLUMNS = ['sense-amount', 'sense-keys', 'sense-idle'] as const satisfies readonly Code[];

export function problemOf(error: ValidationError): Problem {
  return { code: error.code as Code, message: error.message, at: error.at, number: error.number };
}
