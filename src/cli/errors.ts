import { CommanderError } from 'commander';
import { AppError } from '../base/errors.js';
import { systemFault } from '../base/system-faults.js';
import { paintFor } from './paint.js';

export const EXIT = { done: 0, bug: 1, badInput: 2, noStatement: 3 } as const;

/** The command line makes no sense. */
export class UsageError extends AppError<'usage'> {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** Codes that a program using the library can cause, but that only a bug of ours can cause from the command line. */
const BUGS = new Set(['kernel-binding', 'read-before-write', 'not-recording', 'not-allowed', 'finished']);

/** Codes whose messages have a source excerpt after their first line. */
const WITH_EXCERPT = new Set(['kernel-compile', 'kernel-source', 'kernel-template']);

export interface Reporting {
  /** Print a stack trace too. */
  verbose: boolean;
  /** The help that a usage error refers to. */
  help: string;
}

/**
 * Prints one line on stderr; for an error in a kernel, the lines of its source follow.
 *
 * @returns the exit code
 */
export function reportError(error: unknown, { verbose, help }: Reporting): number {
  // commander reports --help and --version as "errors" with exit code 0.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  // Without a command, commander has printed the help already.
  if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.badInput;
  const exitCode = isExpected(error) ? EXIT.badInput : EXIT.bug;
  const { red } = paintFor(process.stderr);
  process.stderr.write(`${red('engine:')} ${describe(error, exitCode, help)}\n`);
  if (verbose && error instanceof Error && error.stack !== undefined)
    process.stderr.write(`${error.stack}\n`);
  return exitCode;
}

/** Whether the user can do something about the error; if so, its message says everything there is to say. */
function isExpected(error: unknown): boolean {
  if (error instanceof AppError) return !BUGS.has(error.code);
  return error instanceof CommanderError || isSystemError(error);
}

/** No such folder, no permission, no room on the disk. */
function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return typeof syscall === 'string' && typeof code === 'string';
}

function describe(error: unknown, exitCode: number, help: string): string {
  const message = systemFault(error) ?? (error instanceof Error ? error.message : String(error));
  if (error instanceof AppError && WITH_EXCERPT.has(error.code)) return message.trimEnd();
  const { syscall, code, path, dest } = (error ?? {}) as NodeJS.ErrnoException & {
    dest?: string | undefined;
  };
  if (syscall === 'rename' && code === 'EISDIR') return `${dest} is a folder: name a file`;
  if (syscall === 'mkdir' && (code === 'EEXIST' || code === 'ENOTDIR'))
    return `${path} cannot be made a folder: ${code === 'EEXIST' ? 'it' : 'a part of the path'} is a file`;
  const line = message.replace(/^error: /, '').replace(/\s*[\r\n]+\s*/g, ' ');
  if (error instanceof CommanderError) return `${line.replace(/\.$/, '')}; see ${help}`;
  return exitCode === EXIT.bug ? `this is a bug: ${line} (--verbose shows where)` : line;
}
