import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/base/paths.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { parseSettings } from '../../src/data/train-on-corpus.js';
import { WARMUP_SHARE } from '../../src/engine/train/schedule.js';
import { parseMemory, parseSize } from '../../src/cli/options.js';
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

test('no file is written into a folder that does not exist: its name may be mistyped', async () => {
  const names = ['--out', '--html', '--jsonl', '--parquet', '--feedback', '--save-words', '--history'];
  const lenient: string[] = [];
  for (const { name } of COMMANDS) {
    for (const command of family(await loaded(name))) {
      for (const { long, flags, parseArg } of command.options) {
        if (!names.includes(long ?? '') || !flags.includes('<file>')) continue;
        const message = `${long} /no-such-folder/x: there is no folder /no-such-folder`;
        try {
          parseArg?.('/no-such-folder/x', undefined);
          lenient.push(`${name} ${command.name()} ${long}`);
        } catch (error) {
          expect(String(error)).toContain(message);
        }
      }
    }
  }
  expect(lenient).toEqual([]);
});

test('train --help states the defaults that settings have', async () => {
  const defaults = parseSettings({}) as Record<string, unknown>;
  const stated = (await loaded('train')).options.flatMap((option) => {
    const [, value] = /\(default: ([\w.-]+)\)$/.exec(option.description) ?? [];
    return value === undefined ? [] : [[option.attributeName(), value] as const];
  });
  // Names of the settings that have no option of their own: --set takes them.
  const unnamed = ['beta1', 'beta2', 'eps'];
  const withDefault = Object.keys(defaults).filter((name) => typeof defaults[name] !== 'boolean');
  expect(stated.map(([name]) => name).sort()).toEqual(
    [...withDefault, 'warmupShare'].filter((name) => !unnamed.includes(name)).sort(),
  );
  for (const [name, value] of stated) {
    if (name !== 'warmupShare') expect(String(defaults[name]), name).toBe(value);
  }
  expect(stated).toContainEqual(['warmupShare', String(WARMUP_SHARE)]);
});

test('an amount of memory has decimals and a unit of 1000 or 1024, GB without one', () => {
  const amounts = ['22', '22GB', '22 GB', '1.5GiB', '900MB', '0.5gb', '512MiB'];
  expect(amounts.map(parseMemory)).toEqual([22e9, 22e9, 22e9, 1.5 * 2 ** 30, 9e8, 5e8, 2 ** 29]);
  for (const wrong of ['', '0', '-1', '5M', '1,5GB', 'GB', '5IB', '9'.repeat(400)]) {
    expect(() => parseMemory(wrong), wrong).toThrow(/such as 22GB, 900MB or 20\.5GiB/);
  }
});

test('a size has the same units, bytes without one, and is whole', () => {
  expect(['15', '15MiB', '1.5KB', '0.3KiB'].map(parseSize)).toEqual([15, 15 * 2 ** 20, 1500, 307]);
  expect(() => parseSize('15M')).toThrow(/such as 15MiB, 1\.5GB or 1GiB/);
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
  const inside = engine(['data', 'build', '--samples', '0']);
  expect(inside.stderr).toMatch(/^engine: .*see engine data build --help\n$/);
});

test('without a command, the help goes to stderr', () => {
  const { code, stdout, stderr } = engine([]);
  expect(stderr).toMatch(/^Usage: engine/);
  expect(stderr).not.toMatch(/outputHelp/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('every command that takes --schema takes --overlay', async () => {
  const lacking: string[] = [];
  const walk = (command: Command, path: string): void => {
    const has = (name: string): boolean => command.options.some(({ long }) => long === name);
    // `values find` reads nothing but names from the bundle, which an overlay does not change.
    if (has('--schema') && !has('--overlay') && path !== 'values find') lacking.push(path);
    for (const child of command.commands) walk(child, `${path} ${child.name()}`);
  };
  for (const { name, load } of COMMANDS) {
    const command = new Command(name);
    (await load())(command);
    walk(command, name);
  }
  expect(lacking).toEqual([]);
});
