#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { currentCommit } from '../base/commit.js';
import { kernelOverrides, packageRoot } from '../base/paths.js';
import { didYouMean } from '../base/suggest.js';
import { COMMANDS, type CommandEntry } from './commands.js';
import { reportError, UsageError } from './errors.js';
import { endOutput, guardOutput, note, printLine } from './output.js';
import { paintFor } from './paint.js';

/** The program with every command's name and description; only the command that `args` name is loaded. */
async function createProgram(args: readonly string[]): Promise<Command> {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  const program = new Command('engine')
    .description(description)
    .version(version, '-V, --version', 'show version and commit, with --verbose the adapters too')
    .option('--verbose', 'show stack traces')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .configureHelp({ styleTitle: paintFor(process.stdout).bold })
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

/** The first word, since options before it take no value. */
function firstWord(args: readonly string[]): string | undefined {
  return args.find((arg) => !arg.startsWith('-'));
}

/** The command that the arguments name. */
function commandNamed(args: readonly string[]): CommandEntry | undefined {
  const word = firstWord(args);
  return COMMANDS.find(({ name }) => name === word);
}

/**
 * Looks for words that should be commands before anything is parsed: `--help` after an unknown one would show the help of
 * the command before it, and end well.
 *
 * @throws UsageError naming the word, and the command that was probably meant
 */
function assertCommands(program: Command, args: readonly string[]): void {
  let command = program;
  const path = ['engine'];
  for (const arg of args) {
    if (arg === '--verbose') continue;
    // Words behind an option may be its value, and those of a command without subcommands are its arguments.
    if (arg.startsWith('-') || command.commands.length === 0) return;
    const found = command.commands.find((sub) => sub.name() === arg || sub.aliases().includes(arg));
    if (!found) {
      if (command.registeredArguments.length > 0) return;
      const names = command.commands.map((sub) => sub.name());
      throw new UsageError(
        `unknown command '${arg}'${didYouMean(arg, names) || ';'} see ${path.join(' ')} --help`,
      );
    }
    command = found;
    path.push(arg);
  }
}

/** `0.1.0, commit 2f426a8`: from a package, the version alone. */
async function printVersion(version: string, withAdapters: boolean): Promise<void> {
  const commit = currentCommit();
  await printLine(commit === 'unknown' ? version : `${version}, commit ${commit}`);
  if (!withAdapters) return;
  const { listAdapters } = await import('../engine/gpu/vulkan.js');
  const { formatAdapter } = await import('./format.js');
  for (const adapter of await listAdapters()) await printLine(`adapter: ${formatAdapter(adapter)}`);
}

/** `engine data build` and its command, as far as the words before the first option name commands. */
function lastNamed(program: Command, args: readonly string[]): { command: Command; path: string } {
  let path = 'engine';
  let command = program;
  for (const arg of args.filter((word) => word !== '--verbose')) {
    const next = command.commands.find((sub) => sub.name() === arg);
    if (!next) break;
    command = next;
    path += ` ${arg}`;
  }
  return { command, path };
}

/** Where a mistyped option makes a required one missing, the mistyped one is told. */
function mistypedOption(error: unknown, { options }: Command, args: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.missingMandatoryOptionValue')
    return error;
  const known = ['--verbose', ...options.map(({ long }) => long ?? '')];
  const given = args.map((arg) => arg.replace(/=.*/s, ''));
  const unknown = given.find((arg) => arg.startsWith('--') && !known.includes(arg));
  const hint = unknown && didYouMean(unknown, known);
  return hint ? new UsageError(`unknown option '${unknown}'${hint}`, { cause: error }) : error;
}

guardOutput();
const args = process.argv.slice(2);
let program: Command | undefined;
try {
  program = await createProgram(args);
  const isVersion = firstWord(args) === undefined && args.some((arg) => arg === '--version' || arg === '-V');
  if (isVersion) await printVersion(program.version()!, args.includes('--verbose'));
  else {
    assertCommands(program, args);
    await program.parseAsync(args, { from: 'user' });
  }
} catch (error) {
  const named = program && lastNamed(program, args);
  const told = named ? mistypedOption(error, named.command, args) : error;
  const help = `${named?.path ?? 'engine'} --help`;
  process.exitCode = reportError(told, { verbose: args.includes('--verbose'), help });
}
// Dawn's threads would keep the process alive.
await endOutput();
process.exit();
