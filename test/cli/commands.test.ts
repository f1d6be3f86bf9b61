import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { engine } from './run-engine.js';

async function loaded(name: string): Promise<Command> {
  const { description, load } = COMMANDS.find((entry) => entry.name === name)!;
  const command = new Command(name).description(description).exitOverride();
  (await load())(command);
  return command;
}

/** The command and all its subcommands. */
const family = (command: Command): Command[] => [command, ...command.commands.flatMap(family)];

describe.each(COMMANDS.map(({ name }) => name))('engine %s', (name) => {
  test('every command, option and argument is described', async () => {
    for (const command of family(await loaded(name))) {
      expect(command.description(), command.name()).not.toBe('');
      const undescribed = command.options.filter(({ description }) => description === '');
      expect(undescribed.map(({ flags }) => flags)).toEqual([]);
    }
  });

  test('no option writes into the package by default', async () => {
    for (const command of family(await loaded(name))) {
      const out = command.options.find(({ long }) => long === '--out');
      expect(String(out?.defaultValue ?? '').startsWith(packageRoot), command.name()).toBe(false);
    }
  });
});

test('every command has its own file', () => {
  const files = readdirSync(join(packageRoot, 'src', 'cli'));
  expect(COMMANDS.filter(({ name }) => !files.includes(`${name}.ts`))).toEqual([]);
});

test('--help lists every command', () => {
  const { code, stdout, stderr } = engine(['--help']);
  for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test('a usage error points to the help of its command', () => {
  const { code, stderr } = engine(['train', '--nope']);
  expect(stderr).toMatch(/^engine: .*see engine train --help\n$/);
  expect(code).toBe(2);
});

test('without a command, the help goes to stderr', () => {
  const { code, stdout, stderr } = engine([]);
  expect(stderr).toMatch(/^Usage: engine/);
  expect(stderr).not.toMatch(/outputHelp/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});
