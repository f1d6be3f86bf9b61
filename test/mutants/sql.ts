import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { Random } from '../../src/base/random.js';
import { packageRoot } from '../../src/base/paths.js';
import { faultsOf, switched, type NumberedFault } from './sql-faults.js';
import { reasonOf } from './sql-judged.js';

// Plants faults in src/sql and runs the tests of the room. Prints the faults that no test noticed; a person judges them and
// adds a test, or a reason to sql-judged.ts. Sources and tests are compiled once, without checking types, into a temporary
// folder, with all faults in them, each behind a switch. One process tries them one after another with the tests that reach
// them. What it does not notice is tried again in a process of its own, from its start: it may be in what the first test
// computed for all.
//
//     npm run test:mutants:sql -- [--room validator] [--count 100] [--seed 1] [--from 0]

/** The tests of each room, the quick ones first. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  validator: [
    'sql/validator/sense.test',
    'sql/validator/faults.test',
    'sql/validator/validate.test',
    'sql/validator/question.test',
    'sql/validator/messages.test',
    'sql/mutants.test',
    'sql/renderer/render.test',
    'sql/renderer/literals.test',
    'sql/validator/bounds.test',
    'sql/validator/corpus.test',
  ],
  renderer: [
    'sql/renderer/literals.test',
    'sql/renderer/render.test',
    'sql/mutants.test',
    'sql/renderer/coded.test',
  ],
  vault: [
    'sql/vault/faults.test',
    'sql/vault/fiscal.test',
    'sql/vault/formats-codes.test',
    'sql/vault/formats-dates.test',
    'sql/vault/formats-ids.test',
    'sql/vault/periods.test',
    'sql/vault/typing.test',
    'sql/vault/formats-amounts.test',
    'sql/vault/extract.test',
    'sql/mutants.test',
    'sql/vault/names.test',
    'sql/vault/vocabulary.test',
    'sql/vault/mentions.test',
  ],
  grammar: [
    'sql/grammar/faults.test',
    'sql/grammar/forced.test',
    'sql/grammar/formats.test',
    'sql/grammar/states.test',
    'sql/grammar/budget.test',
    'sql/grammar/grammar.test',
  ],
};

/** Of all tests of a room without a fault, many times over. */
const PROCESSOR_SECONDS = 240;

const { values: options } = parseArgs({
  options: {
    room: { type: 'string' },
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'sql-mutants-'));

function compile(text: string): string {
  return ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;
}

function compiledPath(file: string): string {
  return join(folder, file.replace(/\.ts$/, '.js'));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(compiledPath(file)), { recursive: true });
  writeFileSync(compiledPath(file), text);
}

function filesIn(start: string): string[] {
  return readdirSync(join(packageRoot, start), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(start, file));
}

function prepare(): void {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['schemas', 'configs', 'models', 'kernels']) {
    symlinkSync(join(packageRoot, name), join(folder, name));
  }
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(join(packageRoot, 'node_modules'))) {
    if (name !== 'vitest')
      symlinkSync(join(packageRoot, 'node_modules', name), join(folder, 'node_modules', name));
  }
  mkdirSync(join(folder, 'node_modules/vitest'));
  writeFileSync(join(folder, 'node_modules/vitest/package.json'), '{"type":"module","main":"index.js"}');
  writeFileSync(
    join(folder, 'node_modules/vitest/index.js'),
    `export * from '../../test/mutants/stand-in.js';`,
  );
  for (const file of [...filesIn('src'), ...filesIn('test')]) {
    write(file, compile(readFileSync(join(packageRoot, file), 'utf8')));
  }
}

const env = { ...process.env, GRAMMAR_WALKS: '4', GRAMMAR_DECODES: '3' };

function childArguments(room: string, mode: 'one' | 'many', ids: readonly number[]): string[] {
  // A limit of processor time: a busy machine ends no run early, and a fault that loops for ever is noticed at last.
  const limit = PROCESSOR_SECONDS + 5 * ids.length;
  const files = ROOMS[room]!.join(' ');
  return ['-c', `ulimit -t ${limit}; exec node test/mutants/sql-child.js ${mode} ${ids.join()} ${files}`];
}

/** What noticed the fault that is on from the start; undefined if nothing did. */
function noticedAlone(room: string, id: number): string | undefined {
  const { stdout, signal } = spawnSync('bash', childArguments(room, 'one', [id]), {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  if (new RegExp(`^kept ${id}\\b`, 'm').test(stdout)) return undefined;
  return /^noticed \d+ (.*)/m.exec(stdout)?.[1] ?? `ended by ${signal ?? 'itself'}`;
}

/**
 * Tries the faults in one process.
 *
 * @param told called with what noticed a fault, or undefined
 * @returns the faults that are left, after a process that could not go on
 */
async function tryTogether(
  room: string,
  ids: readonly number[],
  told: (id: number, by: string | undefined) => void,
): Promise<readonly number[]> {
  const child = spawn('bash', childArguments(room, 'many', ids), {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left = new Set(ids);
  let begun: number | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, word, number, by] = /^(\w+) (\d+) (.*)/.exec(line) ?? [];
    if (word === undefined) {
      if (line.startsWith('broken')) throw new Error(`the tests fail without any fault: ${line}`);
      continue;
    }
    const id = Number(number);
    begun = word === 'begin' ? id : undefined;
    // The first of a new process is stale because of itself: it is tried alone.
    if (word === 'begin' || (word === 'stale' && id !== ids[0])) continue;
    left.delete(id);
    told(id, word === 'noticed' ? by : undefined);
  }
  // Nothing ends a loop without a fault inside but the limit of the process.
  if (begun !== undefined) {
    left.delete(begun);
    told(begun, 'it did not end');
  }
  return [...left];
}

interface Placed extends NumberedFault {
  file: string;
  line: number;
  /** The line of the file, without blanks around it. */
  text: string;
}

/** Faults of the room at random, all of them switched into its compiled files. */
function plant(room: string, count: number): Placed[] {
  const sources = new Map(
    filesIn(`src/sql/${room}`).map((file) => [file, readFileSync(join(packageRoot, file), 'utf8')]),
  );
  const all = [...sources].flatMap(([file, source]) =>
    faultsOf(file, source).map((fault) => {
      const line = source.slice(0, fault.start).split('\n').length;
      return { ...fault, id: 0, file, line, text: source.split('\n')[line - 1]!.trim() };
    }),
  );
  const faults = new Random(Number(options.seed), 0).sample(all, count).slice(Number(options.from));
  faults.forEach((fault, i) => (fault.id = i + 1));
  for (const [file, source] of sources) {
    const own = faults.filter((fault) => fault.file === file);
    if (own.length > 0) write(file, compile(switched(source, own)));
  }
  return faults;
}

async function tryRoom(room: string): Promise<number> {
  const faults = plant(room, Number(options.count));
  const byId = new Map(faults.map((fault) => [fault.id, fault]));
  let noticed = 0;
  let judged = 0;
  let survived = 0;
  const told = (id: number, together: string | undefined): void => {
    const { file, line, what, text } = byId.get(id)!;
    const reason = reasonOf({ file, what, text });
    const by = together ?? (reason === undefined ? noticedAlone(room, id) : undefined);
    if (by !== undefined) {
      noticed++;
      console.log(`noticed: ${file}: ${what}  [${by.slice(0, 100)}]`);
    } else if (reason !== undefined) judged++;
    else survived++;
    if (by === undefined)
      console.log(
        `${reason === undefined ? 'survived' : 'as expected'}: ${file}:${line}: ${what}: ${text}${reason === undefined ? '' : `  [${reason}]`}`,
      );
  };
  for (let left: readonly number[] = faults.map(({ id }) => id); left.length > 0;) {
    const before = left.length;
    left = await tryTogether(room, left, told);
    if (left.length === before) throw new Error(`${room}: the tests cannot run`);
  }
  console.log(
    `${room}: ${noticed} of ${faults.length} faults noticed, ${judged} judged, ${survived} survived`,
  );
  return survived;
}

prepare();
let survivors = 0;
for (const room of options.room === undefined ? Object.keys(ROOMS) : [options.room]) {
  survivors += await tryRoom(room);
}
rmSync(folder, { recursive: true });
console.log(`${survivors} survived`);
process.exitCode = survivors === 0 ? 0 : 1;
