import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { OpenedService } from '../serve/open-service.js';
import type { SavedWords } from '../serve/saved-words.js';
import { EXIT, UsageError } from './errors.js';
import { interruptSignal } from './interrupt.js';
import { collect, parseSize, parseWholeNumber, timeOption } from './options.js';
import { note, printLine } from './output.js';
import { fileToWrite } from './paths.js';
import {
  noteModel,
  programVersion,
  readApiKey,
  serviceOptions,
  withService,
  type ServiceFlags,
} from './serve-options.js';
import { checkRunOn, openRows, RUN_HELP, withRunOn, type RunFlags } from './serve-run-on.js';

interface Options extends ServiceFlags, RunFlags {
  host: string;
  port: number;
  apiKeyFile?: string;
  allowHost?: string[];
  allowOrigin?: string[];
  rateLimit: number;
  queue: number;
  timeLimit: number;
  maxBody: number;
  feedback?: string;
  saveWords?: string;
  logQuestions?: true;
}

const HELP = `
The page is at /, the API at /docs. The model answers one question at a time; others wait, and beyond --queue they get
status 429 with Retry-After. The server speaks plain HTTP: for other machines, put a proxy with TLS in front of it.
Ctrl+C or SIGTERM: no new connection is accepted, and requests that have arrived are still answered.
No question, value or statement is logged, unless --log-questions is given.
${RUN_HELP}`;

export function serveCommand(command: Command): void {
  withRunOn(withService(command))
    .option('--host <address>', 'address to listen on; 0.0.0.0 for all', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 for any free one', parseWholeNumber(0, 65_535), 8080)
    .option(
      '--api-key-file <file>',
      'ask clients for the key in this file (or in OPENWARD_API_KEY): Authorization: Bearer KEY',
    )
    .option('--allow-host <name>', 'also answer requests to this host name; may be repeated', collect)
    .option(
      '--allow-origin <origin>',
      'let pages of this origin ask, such as https://clinic.example; may be repeated',
      collect,
    )
    .option(
      '--rate-limit <count>',
      'requests a minute from one address; 0: no limit',
      parseWholeNumber(0),
      600,
    )
    .option('--queue <count>', 'the most questions that wait or run', parseWholeNumber(1, 10_000), 64)
    .addOption(timeOption('--time-limit <time>', 'the most time for a request, waiting included', 60))
    .addOption(
      new Option('--max-body <size>', 'the largest body of a request')
        .argParser(parseSize)
        .default(1 << 18, '256KiB'),
    )
    .option(
      '--feedback <file>',
      'keep judged and corrected statements here, for engine train --pairs',
      fileToWrite('--feedback'),
    )
    .option(
      '--save-words <file>',
      'keep words, roles and coded values of the first schema that people change on the page; read at start, as --overlay',
      fileToWrite('--save-words'),
    )
    .option('--log-questions', 'log questions with their values, on stderr')
    .addHelpText('after', HELP)
    .action(run);
}

/** After that, connections are cut: answers take at most the time limit. */
const PATIENCE_AFTER_LIMIT_MS = 5_000;

async function run(options: Options, command: Command): Promise<void> {
  checkRunOn(command);
  const { isLoopback } = await import('../serve/guards.js');
  const apiKey = readApiKey(options.apiKeyFile, process.env);
  const { allowHost = [], allowOrigin: origins = [] } = options;
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue;
    throw new UsageError(`--allow-origin ${origin}: an origin is like https://clinic.example`);
  }
  const { host, port, rateLimit, maxBody } = options;
  const isPublic = !isLoopback(host);
  if (isPublic && options.runOn !== undefined && apiKey === undefined) {
    throw new UsageError('--run-on shows rows of patients: with --host, it needs --api-key-file');
  }
  const given = await serviceOptions(withSavedWords(options));
  const { createApp } = await import('../serve/app.js');
  const { FeedbackFile } = await import('../serve/feedback.js');
  const { serveUntilStopped } = await import('../serve/listen.js');
  const { openService } = await import('../serve/open-service.js');
  const { readPageFiles } = await import('../serve/page-files.js');
  const timeLimit = options.timeLimit * 1000;
  const rows = await openRows(options, given.schemas[0]!.bundle.name);
  const opened = await openService({ ...given, queue: options.queue, timeLimit, rows });
  const { service, warnings, close } = opened;
  noteModel(service, given);
  warnings.forEach(note);

  const stopping = interruptSignal('answering the requests that have arrived');
  const app = createApp({
    ...{ service, version: programVersion(), maxBody, log: note },
    guards: {
      ...{ isPublic, apiKey, rateLimit, origins },
      hosts: [host, ...allowHost].map((name) => name.toLowerCase()),
    },
    feedback: options.feedback === undefined ? undefined : new FeedbackFile(options.feedback),
    words: await savedWords(options, opened),
    page: readPageFiles(),
    logQuestion: options.logQuestions && ((question) => note(`question: ${JSON.stringify(question)}`)),
    isStopping: () => stopping.aborted,
  });
  const isWhole = await serveUntilStopped(app, {
    ...{ host, port, stopping },
    patience: timeLimit + PATIENCE_AFTER_LIMIT_MS,
    onListening(url) {
      if (isPublic) warnOfOthers(host, apiKey);
      return printLine(url);
    },
  });
  await close();
  if (!isWhole) {
    note('engine: some connections did not end and were cut');
    process.exitCode = EXIT.noStatement;
  }
}

/** The file of saved words is the overlay, if it exists. */
function withSavedWords(options: Options): Options {
  const { saveWords, overlay } = options;
  if (saveWords === undefined) return options;
  if (overlay !== undefined && resolve(overlay) !== resolve(saveWords)) {
    throw new UsageError('--save-words reads its file as the overlay: leave --overlay out');
  }
  if (existsSync(saveWords)) return { ...options, overlay: saveWords };
  const others = { ...options };
  delete others.overlay;
  return others;
}

async function savedWords(
  { saveWords, schema }: Options,
  { reload }: OpenedService,
): Promise<SavedWords | undefined> {
  if (saveWords === undefined) return undefined;
  const { loadBundle } = await import('../data/schema/load.js');
  const { SavedWords } = await import('../serve/saved-words.js');
  return new SavedWords(saveWords, loadBundle(schema[0]!), reload);
}

function warnOfOthers(host: string, apiKey: string | undefined): void {
  const key = apiKey === undefined ? ', and there is no API key' : '';
  note(`warning: other machines can reach ${host}${key}; questions and statements travel without encryption`);
}
