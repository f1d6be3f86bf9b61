import { CommanderError } from 'commander';
import { DataError } from '../data/errors.js';
import { DeviceError, EngineError } from '../engine/errors.js';
import { AgentError, RenderError, ValidationError } from '../sql/errors.js';
import { VaultError } from '../sql/vault/errors.js';

export const EXIT = { done: 0, bug: 1, badInput: 2, noStatement: 3 } as const;

/** The command line was called in a way that makes no sense. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** Errors that a person can do something about: their message is all there is to say. */
const EXPECTED = [
  EngineError,
  DataError,
  VaultError,
  AgentError,
  ValidationError,
  RenderError,
  UsageError,
] as const;

/** Codes of DeviceError that only a fault in an op or kernel of ours can cause. */
const FAULTS_OF_OURS = new Set(['kernel-binding', 'read-before-write', 'not-recording']);

/**
 * Prints one line on stderr (a stack trace too with `verbose`).
 * @returns the exit code
 */
export function reportError(error: unknown, { verbose }: { verbose: boolean }): number {
  // Help and version end in an "error" with exit code 0, too.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const exitCode = isExpected(error) ? EXIT.badInput : EXIT.bug;
  process.stderr.write(`engine: ${describe(error, exitCode)}\n`);
  if (verbose && error instanceof Error && error.stack !== undefined)
    process.stderr.write(`${error.stack}\n`);
  return exitCode;
}

function isExpected(error: unknown): boolean {
  if (error instanceof CommanderError) return true;
  if (error instanceof DeviceError && FAULTS_OF_OURS.has(error.code)) return false;
  return EXPECTED.some((known) => error instanceof known) || isSystemError(error);
}

/** No such folder, no permission, no room on the disk: Node's own message names the file. */
function isSystemError(error: unknown): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException;
  return error instanceof Error && typeof syscall === 'string' && typeof code === 'string';
}

function describe(error: unknown, exitCode: number): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replace(/^error: /, '').replace(/\s*[\r\n]+\s*/g, ' ');
  if (error instanceof CommanderError) return `${line}; see engine --help`;
  return exitCode === EXIT.bug ? `a fault of the program: ${line} (--verbose shows where)` : line;
}
