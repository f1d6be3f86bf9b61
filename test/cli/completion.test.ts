import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { bashScript, fishScript, zshScript } from '../../src/cli/completion-scripts.js';
import { completedCommands } from '../../src/cli/completion.js';
import { engine } from './run-engine.js';

const commands = await completedCommands(COMMANDS);
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

/** What bash offers after these words, the last of which is being typed. */
function offered(...words: string[]): string[] {
  const script = `${bashScript(commands)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _engine; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', 'engine', ...words], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout.split('\n').filter(Boolean);
}

test('the tree has every command, its subcommands and their options', () => {
  const paths = commands.map(({ path }) => path);
  for (const { name } of COMMANDS) expect(paths).toContain(name);
  expect(paths).toContain('data build');
  const { options } = commands.find(({ path }) => path === 'export')!;
  expect(options.find(({ name }) => name === '--format')).toMatchObject({
    takesValue: true,
    choices: ['hf', 'gguf'],
  });
});

describe.skipIf(!has('bash'))('bash', () => {
  test('completes commands, subcommands and options', () => {
    expect(offered('exp')).toEqual(['export']);
    expect(offered('data', 'b')).toEqual(['build']);
    expect(offered('export', '--mod')).toEqual(['--model']);
    expect(offered('--verb')).toEqual(['--verbose']);
  });

  test('offers the choices of an option, and nothing of ours where a value is free', () => {
    expect(offered('export', '--model', 'x', '--format', '')).toEqual(['hf', 'gguf']);
    expect(offered('completion', 'b')).toEqual(['bash']);
    expect(offered('export', '--model', '')).toEqual([]);
  });

  test('takes a value that is called like a command for no command', () => {
    expect(offered('generate', 'train', '--sch')).toEqual(['--schema']);
  });
});

test.skipIf(!has('zsh'))('zsh reads its script', () => {
  expect(spawnSync('zsh', ['-n'], { input: zshScript(commands) }).status).toBe(0);
});

test.skipIf(!has('fish'))('fish reads its script', () => {
  expect(spawnSync('fish', ['-n'], { input: fishScript(commands) }).status).toBe(0);
});

test.each([
  ['zsh', zshScript],
  ['fish', fishScript],
])('%s’s script names every command and option, with every quote closed', (_, script) => {
  const text = script(commands);
  for (const { words, options } of commands) {
    for (const { name } of words) expect(text).toContain(name);
    for (const { name } of options) expect(text).toContain(name.replace(/^--?/, ''));
  }
  for (const line of text.split('\n').filter((line) => /^complete |names=\(/.test(line))) {
    const bare = line.replace(/'\\''|\\'|\\\\/g, '');
    expect(bare.split("'").length % 2, line).toBe(1);
  }
});

test('an unknown shell is an error that names the known ones', () => {
  const { code, stderr } = engine(['completion', 'csh']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/bash, zsh, fish/);
});

describe('a word that is no command', () => {
  test.each([
    [['anything', '--help'], /^engine: unknown command 'anything'; see engine --help\n$/],
    [
      ['generat', '--help'],
      /^engine: unknown command 'generat'; did you mean 'generate'\? see engine --help\n$/,
    ],
    [
      ['data', 'bild', '--help'],
      /^engine: unknown command 'bild'; did you mean 'build'\? see engine data --help\n$/,
    ],
  ])('%j is an error, and no help is shown', (args, message) => {
    const { code, stdout, stderr } = engine(args);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

test('--version says the version first, then the commit', () => {
  const { code, stdout } = engine(['--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+(, commit [0-9a-f]{7,}( \+ changes)?)?\n$/);
  expect(code).toBe(0);
});
