#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { kernelOverrides, packageRoot } from '../base/paths.js';
import { COMMANDS, type CommandEntry } from './commands.js';
import { reportError } from './errors.js';
import { endOutput, guardOutput, note } from './output.js';

/** The program with every command's name and description; only the command that `args` name is loaded. */
async function createProgram(args: readonly string[]): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('engine')
    .description(description)
    .version(version)
    .option('--verbose', 'show stack traces')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .hook('preAction', (_, command) => noteOverrides(command))
    .addHelpText('after', '\nExit codes: 0 done; 1 a bug; 2 bad input or usage; 3 no valid statement.');
  const named = commandNamed(args);
  for (const { name, description: text, load } of COMMANDS) {
    const command = program.command(name).description(text);
    if (name === named?.name) (await load())(command);
  }
  return program;
}

/** Says which kernels ENGINE_KERNELS replaces, if the command opens an adapter. */
async function noteOverrides(command: Command): Promise<void> {
  if (kernelOverrides === undefined || !command.options.some(({ long }) => long === '--adapter')) return;
  const { replacedFiles } = await import('../engine/gpu/kernel-overrides.js');
  note(`ENGINE_KERNELS replaces ${replacedFiles(kernelOverrides).join(', ') || 'no kernel'}`);
}

/** The command that the arguments name: the first word, since options before it take no value. */
function commandNamed(args: readonly string[]): CommandEntry | undefined {
  const word = args.find((arg) => !arg.startsWith('-'));
  return COMMANDS.find(({ name }) => name === word);
}

guardOutput();
const args = process.argv.slice(2);
try {
  const program = await createProgram(args);
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  const help = ['engine', commandNamed(args)?.name, '--help'].filter(Boolean).join(' ');
  process.exitCode = reportError(error, { verbose: args.includes('--verbose'), help });
}
// Dawn's threads would keep the process alive.
await endOutput();
process.exit();
