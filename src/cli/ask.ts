import { existsSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Command } from 'commander';
import { writeFileAtomic } from '../base/files.js';
import type { SqlService } from '../serve/service.js';
import { EXIT, UsageError } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { note, printLine } from './output.js';
import { paintFor } from './paint.js';
import { checkReadable, checkWritable, fileToWrite, readOptionFile } from './paths.js';
import { countingProgress, type CountingProgress } from './progress.js';
import { noteModel, serviceOptions, withService, type ServiceFlags } from './serve-options.js';

interface Options extends ServiceFlags {
  in?: string;
  out?: string;
  history?: string;
}

const HELP = `
Statements and tables go to stdout, everything else to stderr. \\help lists the commands of a session. Without a terminal,
every line of stdin is a question, and the exit code is 3 if one got no statement.
--in: {"question": …} lines, each with "schema" too if there are several. --out gets a line for each with "sql",
"refusal", "confidence" and "explanation"; it is written as a whole at the end. NO_COLOR=1 turns colours off.`;

export function askCommand(command: Command): void {
  withService(command)
    .option('--in <file>', 'answer the questions of this file of JSON lines; needs --out')
    .option('--out <file>', 'where the answers to --in go', fileToWrite('--out'))
    .option(
      '--history <file>',
      'keep lines for the next session; they hold the values of questions (default: in memory only)',
      fileToWrite('--history'),
    )
    .addHelpText('after', HELP)
    .action(run);
}

/** A person waits as long as they like; Ctrl+C ends a question. */
const NO_LIMIT_MS = 2 ** 31 - 1;
/** A question that was ended by Ctrl+C keeps its place until its next token. */
const MOST_WAITING = 4;

async function run(options: Options): Promise<void> {
  if ((options.in === undefined) !== (options.out === undefined)) {
    throw new UsageError('--in and --out belong together');
  }
  if (options.in !== undefined) {
    checkReadable(options.in, '--in');
    checkWritable(options.out!, '--out', [options.in]);
  }
  const given = await serviceOptions(options);
  if (options.in === undefined && process.stdin.isTTY) note('opening the model …');
  const { openService } = await import('../serve/open-service.js');
  const { service, warnings, close } = await openService({
    ...given,
    queue: MOST_WAITING,
    timeLimit: NO_LIMIT_MS,
  });
  noteModel(service, given);
  warnings.forEach(note);
  if (options.in !== undefined) await answerBatch(service, options.in, options.out!);
  else await talk(service, options);
  await close();
}

async function answerBatch(service: SqlService, input: string, output: string): Promise<void> {
  const { answerFile } = await import('./ask-batch.js');
  let progress: CountingProgress | undefined;
  const signal = interruptSignal('stopping; nothing is written');
  const onProgress = (done: number, total: number): void => {
    progress ??= countingProgress(total);
    if (done === 0 && total > 0) progress.stage('questions');
    else progress.done(done);
  };
  let result;
  try {
    result = await answerFile(service, { input, output, signal, onProgress });
  } finally {
    progress?.stop();
  }
  const { questions, refused, unreadable } = result;
  note(`${output}: ${questions} lines, ${refused} without a statement, ${unreadable} unreadable`);
  if (unreadable > 0) process.exitCode = EXIT.badInput;
}

const MOST_HISTORY = 500;

async function talk(service: SqlService, { history: file }: Options): Promise<void> {
  const { AskSession } = await import('./ask-session.js');
  const session = new AskSession(service, { print: printLine, note, paint: paintFor(process.stdout) });
  const isTerminal = process.stdin.isTTY === true;
  const history = file !== undefined && existsSync(file) ? readHistory(file) : [];
  const lines = createInterface({
    input: process.stdin,
    // The prompt is no result: it stays out of a file that stdout goes to.
    output: isTerminal ? process.stderr : undefined,
    terminal: isTerminal,
    historySize: MOST_HISTORY,
    history,
    prompt: '> ',
    completer: (typed: string) => session.completions(typed),
  });
  if (isTerminal) note(`${service.schemaNames.join(', ')}: ask, or \\help`);
  let current: AbortController | undefined;
  lines.on('history', (all: string[]) => history.splice(0, history.length, ...all));
  lines.on('SIGINT', () => (current ? current.abort() : clearLine(lines)));
  lines.prompt();
  for await (const line of lines) {
    current = new AbortController();
    const goesOn = await session.line(line, current.signal);
    current = undefined;
    if (!goesOn) break;
    lines.prompt();
  }
  lines.close();
  if (file !== undefined) await writeHistory(file, history);
  if (!isTerminal && session.refused > 0) process.exitCode = EXIT.noStatement;
}

/** Gives up what has been typed; on an empty line, says how to end. */
function clearLine(lines: Interface): void {
  if (lines.line === '') note('\n\\quit or Ctrl+D ends');
  lines.write(null, { ctrl: true, name: 'e' });
  lines.write(null, { ctrl: true, name: 'u' });
  lines.prompt();
}

/** Newest first, as readline keeps it. */
function readHistory(file: string): string[] {
  return readOptionFile(file, '--history').split('\n').filter(Boolean).reverse();
}

async function writeHistory(file: string, history: readonly string[]): Promise<void> {
  await writeFileAtomic(
    file,
    [...history]
      .reverse()
      .map((line) => `${line}\n`)
      .join(''),
    { mode: 0o600 },
  );
}
