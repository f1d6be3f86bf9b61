import { spawnSync } from 'node:child_process';
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
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { Random } from '../../src/base/random.js';
import { packageRoot } from '../../src/base/paths.js';
import { faultsOf, type Fault } from './sql-faults.js';

// Plants faults in src/sql, one at a time, and runs the tests of the room. Prints the faults that no test noticed; a
// person judges them. Sources and tests are compiled once, without checking types, into a
// temporary folder.
//
//     npm run test:mutants:sql -- [--room validator] [--count 100] [--seed 1] [--from 0]

/** The tests of each room, the quick ones first. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  validator: [
    'sql/validator/sense.test',
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
  grammar: ['sql/grammar/forced.test', 'sql/grammar/states.test', 'sql/grammar/grammar.test'],
};

const PROCESSOR_SECONDS = 120;

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
    compile(readFileSync(join(packageRoot, 'test/mutants/stand-in.ts'), 'utf8')),
  );
  for (const file of [...filesIn('src'), ...filesIn('test')]) {
    write(file, compile(readFileSync(join(packageRoot, file), 'utf8')));
  }
  writeFileSync(
    join(folder, 'run.js'),
    `import { runPlanned } from 'vitest';
     for (const file of process.argv.slice(2)) {
       try { await import('./test/' + file + '.js'); } catch (error) { console.log('FAILED loading ' + file + ': ' + error.message); process.exit(1); }
       const failed = await runPlanned();
       if (failed !== undefined) { console.log('FAILED ' + failed); process.exit(1); }
     }`,
  );
}

/** What noticed the fault; undefined if nothing did. */
function run(room: string): string | undefined {
  // A limit of processor time: a busy machine ends no run early, and a fault that loops for ever is noticed soon.
  const command = `ulimit -t ${PROCESSOR_SECONDS}; exec node run.js ${ROOMS[room]!.join(' ')}`;
  const { status, stdout, stderr, error, signal } = spawnSync('bash', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GRAMMAR_WALKS: '4', GRAMMAR_DECODES: '3' },
  });
  if (status === 0) return undefined;
  return /FAILED (.*)/.exec(stdout)?.[1] ?? error?.message ?? signal ?? stderr.trim().slice(-300);
}

interface Placed extends Fault {
  file: string;
  /** The file as it was at the start: someone may be editing it. */
  source: string;
}

function drawn(room: string, count: number): Placed[] {
  const all = filesIn(`src/sql/${room}`).flatMap((file) => {
    const source = readFileSync(join(packageRoot, file), 'utf8');
    return faultsOf(file, source).map((fault) => ({ ...fault, file, source }));
  });
  return new Random(Number(options.seed), 0).sample(all, count);
}

prepare();
let survivors = 0;
for (const room of options.room === undefined ? Object.keys(ROOMS) : [options.room]) {
  const clean = run(room);
  if (clean !== undefined) {
    console.error(`${room}: the tests fail without any fault: ${clean}`);
    process.exitCode = 1;
    continue;
  }
  let killed = 0;
  const faults = drawn(room, Number(options.count)).slice(Number(options.from));
  for (const { file, source, what, start, end, replacement } of faults) {
    write(file, compile(source.slice(0, start) + replacement + source.slice(end)));
    const by = run(room);
    write(file, compile(source));
    if (by !== undefined) console.log(`noticed: ${file}: ${what}  [${by.slice(0, 100)}]`);
    if (by !== undefined) killed++;
    else {
      survivors++;
      const line = source.slice(0, start).split('\n').length;
      console.log(`survived: ${file}:${line}: ${what}: ${source.split('\n')[line - 1]!.trim()}`);
    }
  }
  console.log(`${room}: ${killed} of ${faults.length} faults noticed`);
}
rmSync(folder, { recursive: true });
console.log(`${survivors} survived`);
