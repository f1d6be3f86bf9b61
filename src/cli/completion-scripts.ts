/**
 * Completion scripts of three shells. Each finds the command among the words typed so far, then offers its subcommands and
 * options, the choices of the option before, or files where a value is free.
 */

interface Word {
  name: string;
  about: string;
}

/** What may follow one command. */
export interface Completed {
  /** The command's words after `engine`: `data build`. Empty for `engine` alone. */
  path: string;
  /** Subcommands, or the choices of the first argument. */
  words: readonly Word[];
  options: readonly (Word & { takesValue: boolean; choices: readonly string[] })[];
}

const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

/** A case pattern for each command with words before it: which words lead deeper. */
const paths = (commands: readonly Completed[]): string =>
  commands.flatMap(({ path }) => (path === '' ? [] : [quoted(path)])).join('|');

/** Lines of a case over `command|option before`, for options with values. */
function valueCases(commands: readonly Completed[], offer: (choices: readonly string[]) => string): string {
  return commands
    .flatMap(({ path, options }) =>
      options
        .filter(({ takesValue }) => takesValue)
        .map(({ name, choices }) => `    ${quoted(`${path}|${name}`)}) ${offer(choices)}; return ;;`),
    )
    .join('\n');
}

export function bashScript(commands: readonly Completed[]): string {
  const words = commands.map(({ path, words, options }) => {
    const all = [...words, ...options].map(({ name }) => name).join(' ');
    return `    ${quoted(path)}) words=${quoted(all)} ;;`;
  });
  return `_engine() {
  local at= word words cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${at:+$at }$word" in ${paths(commands)}) at="\${at:+$at }$word" ;; esac
  done
  case "$at|$before" in
${valueCases(commands, (choices) => (choices.length === 0 ? 'COMPREPLY=()' : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`))}
  esac
  case "$at" in
${words.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _engine engine
`;
}

export function zshScript(commands: readonly Completed[]): string {
  const described = ({ name, about }: Word): string =>
    quoted(`${name.replace(/:/g, '\\:')}:${about.replace(/\n/g, ' ')}`);
  const lists = commands.map(
    ({ path, words, options }) =>
      `    ${quoted(path)}) names=(${[...words, ...options].map(described).join(' ')}) ;;`,
  );
  return `#compdef engine
_engine() {
  local at= word
  local -a names
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${at:+$at }$word" in ${paths(commands)}) at="\${at:+$at }$word" ;; esac
  done
  case "$at|\${words[CURRENT-1]}" in
${valueCases(commands, (choices) => (choices.length === 0 ? '_files' : `compadd -- ${choices.map(quoted).join(' ')}`))}
  esac
  case "$at" in
${lists.join('\n')}
  esac
  _describe engine names || _files
}
compdef _engine engine
`;
}

export function fishScript(commands: readonly Completed[]): string {
  // In fish's quotes a backslash escapes the quote.
  const text = (value: string): string => `'${value.replace(/[\\']/g, '\\$&').replace(/\n/g, ' ')}'`;
  const lines = commands.flatMap(({ path, words, options }) => {
    const when = `-n ${text(`test (__engine_at) = "${path}"`)}`;
    return [
      ...words.map(({ name, about }) => `complete -c engine ${when} -f -a ${text(name)} -d ${text(about)}`),
      ...options.map(({ name, about, takesValue, choices }) => {
        const spelled = name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
        const value = !takesValue ? '' : choices.length === 0 ? ' -r' : ` -x -a ${text(choices.join(' '))}`;
        return `complete -c engine ${when} ${spelled}${value} -d ${text(about)}`;
      }),
    ];
  });
  const known = commands.flatMap(({ path }) => (path === '' ? [] : [text(path)])).join(' ');
  return `function __engine_at
  set -l at ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim "$at $word")
    contains -- $next ${known}; and set at $next
  end
  echo "$at"
end
${lines.join('\n')}
`;
}
