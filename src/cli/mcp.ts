import type { Command } from 'commander';
import { interruptSignal } from './interrupt.js';
import { timeOption } from './options.js';
import { note } from './output.js';
import {
  noteModel,
  programVersion,
  serviceOptions,
  withService,
  type ServiceFlags,
} from './serve-options.js';

interface Options extends ServiceFlags {
  timeLimit: number;
}

const HELP = `
A client starts this command itself. For one that reads mcpServers from a file:
  {"mcpServers": {"openward": {"command": "engine", "args": ["mcp", "--schema", "omop_cdm_5_4"]}}}
Tools: ask_sql writes a statement, validate_sql checks one. Neither runs it. Stdout holds the protocol alone.`;

/** Questions that a client may send before the first is answered. */
const MOST_WAITING = 64;

export function mcpCommand(command: Command): void {
  withService(command)
    .addOption(timeOption('--time-limit <time>', 'the most time for a question, waiting included', 60))
    .addHelpText('after', HELP)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const given = await serviceOptions(options);
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  const { createMcpServer, followAnswers } = await import('../serve/mcp.js');
  const { openService } = await import('../serve/open-service.js');
  const timeLimit = options.timeLimit * 1000;
  const { service, warnings, close } = await openService({ ...given, queue: MOST_WAITING, timeLimit });
  noteModel(service, given);
  warnings.forEach(note);
  const stopping = interruptSignal();
  const server = createMcpServer(service, programVersion());
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    stopping.addEventListener('abort', () => resolve(), { once: true });
  });
  const transport = new StdioServerTransport();
  await server.connect(transport);
  const answered = followAnswers(transport);
  await ended;
  // Answers to what has been read are still sent.
  await answered();
  await server.close();
  await close();
}
