import { Argument, type Command } from 'commander';
import { bashScript, fishScript, zshScript, type Completed } from './completion-scripts.js';
import { printLine } from './output.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type Shell = keyof typeof SCRIPTS;

/** A command, loaded when it is needed. */
interface ListedCommand {
  name: string;
  description: string;
  load: () => Promise<(command: Command) => void>;
}

/** @param entries every command of the program, this one too: their list imports this file */
export const completionCommand =
  (entries: () => readonly ListedCommand[]) =>
  (command: Command): void => {
    command
      .addArgument(new Argument('<shell>', 'whose completion to print').choices(Object.keys(SCRIPTS)))
      .addHelpText(
        'after',
        `
bash: engine completion bash > ~/.local/share/bash-completion/completions/engine
zsh:  engine completion zsh > FOLDER/_engine, where FOLDER is in $fpath
fish: engine completion fish > ~/.config/fish/completions/engine.fish`,
      )
      .action(async (shell: Shell) => {
        await printLine(SCRIPTS[shell](await completedCommands(entries())).trimEnd());
      });
  };

/** Every command that can be typed, by its words after `engine`: what may follow it. The first one has no words. */
export async function completedCommands(entries: readonly ListedCommand[]): Promise<Completed[]> {
  const { Command } = await import('commander');
  const program = new Command('engine').option('--verbose', 'show stack traces').version('0');
  for (const { name, description, load } of entries) {
    (await load())(program.command(name).description(description));
  }
  const found: Completed[] = [];
  const walk = (command: Command, path: string): void => {
    const names = command.commands.map((sub) => ({ name: sub.name(), about: sub.description() }));
    const [argument] = command.registeredArguments;
    const words = (argument?.argChoices ?? []).map((name) => ({ name, about: argument!.description }));
    found.push({
      path,
      words: [...names, ...words],
      options: [
        ...command.options.map(({ long, short, description, argChoices, required, optional }) => ({
          name: long ?? short!,
          about: description,
          takesValue: required || optional,
          choices: argChoices ?? [],
        })),
        { name: '--help', about: 'display help for command', takesValue: false, choices: [] },
      ],
    });
    for (const sub of command.commands) walk(sub, `${path} ${sub.name()}`.trim());
  };
  walk(program, '');
  return found;
}
