/**
 * Measures the index of values: its size, the memory and time of building it, and of looking phrases up. Build and
 * look-up run in processes of their own, so that each has its own peak of memory.
 *
 *     node --import tsx bench/values/main.ts [VALUES] [FOLDER] [labels|codes]
 *
 * With `codes` every value is one word of its own: the most words that so many values can have.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../src/base/random.js';
import type { SchemaBundle } from '../../src/data/schema/bundle.js';
import { buildValueIndex } from '../../src/data/values/build.js';
import { openValueIndex } from '../../src/data/values/value-index.js';
import { extract, knowledgeOf } from '../../src/sql/vault/index.js';
import { Labels } from './labels.js';

const SEED = 1;
const COLUMNS = ['label', 'name', 'description', 'code'];
const BUNDLE: SchemaBundle = {
  name: 'bench',
  title: 'Generated values',
  version: '1',
  source: 'generated',
  licence: 'none',
  tables: [
    {
      name: 'item',
      description: 'Generated values.',
      primaryKey: [],
      foreignKeys: [],
      columns: COLUMNS.map((name) => ({ name, type: 'varchar(255)', nullable: true })),
    },
  ],
};

const [first = '10000000', second = join(tmpdir(), 'openward-values'), kind = 'labels', number] =
  process.argv.slice(2);
if (first === 'build') await build(Number(number), second);
else if (first === 'find') find(second);
else {
  const me = fileURLToPath(import.meta.url);
  mkdirSync(second, { recursive: true });
  const file = join(second, 'bench.values');
  for (const part of ['build', 'find']) {
    process.stdout.write(
      execFileSync(process.execPath, ['--import', 'tsx', me, part, file, kind, first], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
  }
  rmSync(file);
}

async function build(count: number, file: string): Promise<void> {
  const labels = new Labels(SEED);
  const before = process.resourceUsage().maxRSS;
  let drawn = 0;
  const { values } = await buildValueIndex({
    bundle: BUNDLE,
    out: file,
    source: {
      columns: COLUMNS.map((column) => ({ table: 'item', column })),
      async read({ value }) {
        // Some of the drawn labels are alike, and some are in two columns.
        for (; drawn < 1.1 * count; drawn++) value(drawn % COLUMNS.length, next(labels));
      },
    },
  });
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  print('values', values);
  print('labels drawn', drawn);
  print('file, bytes', statSync(file).size);
  print('build: processor seconds, drawing included', (userCPUTime + systemCPUTime) / 1e6);
  print('build: peak RSS, MiB', maxRSS / 1024);
  print('  of which before it began, MiB', before / 1024);
}

function find(file: string): void {
  let from = cpu();
  const index = openValueIndex(file);
  print('open: processor seconds', cpu() - from);
  const { words, nodes } = index.directory;
  print('words', words);
  print('nodes', nodes);
  for (const [name, { bytes }] of Object.entries(index.directory.sections))
    print(`section ${name}, bytes`, bytes);
  const labels = new Labels(SEED);
  const random = new Random(7, 7);
  const phrases: string[] = [];
  for (let i = 0; phrases.length < 20_000; i++) {
    const label = next(labels);
    if (i % 25 === 0) phrases.push(label);
  }
  for (const [name, list] of [
    ['whole values', phrases],
    ['with a typo', phrases.map((phrase) => withTypo(phrase, random))],
    ['beginnings', phrases.map((phrase) => phrase.slice(0, Math.max(4, phrase.length >> 1)))],
  ] as const) {
    const times = new Float64Array(list.length);
    let hits = 0;
    from = cpu();
    list.forEach((phrase, i) => {
      const start = process.cpuUsage();
      if (index.find(phrase, 10).length > 0) hits++;
      const { user, system } = process.cpuUsage(start);
      times[i] = (user + system) / 1000;
    });
    const each = (cpu() - from) / list.length;
    times.sort();
    print(`find, ${name}: processor µs each`, 1e6 * each);
    print(`find, ${name}: p99, processor ms`, times[Math.floor(0.99 * times.length)]!);
    print(`find, ${name}: slowest, processor ms`, times[times.length - 1]!);
    print(`find, ${name}: share with a match`, hits / list.length);
  }
  const questions = phrases.map((phrase, i) =>
    `How many patients had ${i % 3 === 0 ? withTypo(phrase, random) : phrase.toLowerCase()} and were admitted in ${random.between(2010, 2024)}`.split(
      ' ',
    ),
  );
  from = cpu();
  let matches = 0;
  for (const question of questions) matches += index.longestMatches(question).length;
  print('longestMatches: questions per processor second', questions.length / (cpu() - from));
  print('longestMatches: matches per question', matches / questions.length);
  from = cpu();
  for (const question of questions) index.longestMatches(question, { beginnings: true });
  print('the same with beginnings', questions.length / (cpu() - from));
  const knowledge = knowledgeOf(BUNDLE, index);
  let held = 0;
  for (const pass of ['first', 'second']) {
    held = 0;
    from = cpu();
    for (const question of questions) held += extract(question.join(' '), { knowledge }).placeholders.length;
    print(
      `vault with the index, ${pass} pass: questions per processor second`,
      questions.length / (cpu() - from),
    );
  }
  print('vault with the index: values per question', held / questions.length);
  print('look-up: peak RSS, MiB', process.resourceUsage().maxRSS / 1024);
  index.close();
}

function next(labels: Labels): string {
  return kind === 'codes' ? labels.code() : labels.next();
}

/** Drops, doubles or swaps a letter in one of the words of five letters or more. */
function withTypo(phrase: string, random: Random): string {
  const words = phrase.split(' ');
  const long = words.flatMap((word, i) => (/^[A-Za-z]{6,}$/.test(word) ? [i] : []));
  if (long.length === 0) return phrase;
  const chosen = random.pick(long);
  const word = words[chosen]!;
  const at = 1 + random.int(word.length - 2);
  const kind = random.int(3);
  words[chosen] =
    kind === 0
      ? word.slice(0, at) + word.slice(at + 1)
      : kind === 1
        ? word.slice(0, at) + word[at]! + word.slice(at)
        : word.slice(0, at) + word[at + 1]! + word[at]! + word.slice(at + 2);
  return words.join(' ');
}

function cpu(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
}

function print(name: string, value: number): void {
  console.log(`${name}: ${Number.isInteger(value) ? value : value.toPrecision(4)}`);
}
