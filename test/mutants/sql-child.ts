import { argv, cpuUsage, exit } from 'node:process';
import { hooksBefore, plannedTests, type Planned } from './stand-in.js';

// Runs tests with faults switched on, for test/mutants/sql.ts:
//
//     node sql-child.js one ID FILE…         the fault is on from the start, until a test fails
//     node sql-child.js many ID,ID,… FILE…   one fault after another, each with the tests that reach it
//
// Prints a line `begin ID` before each fault, then one of `noticed ID NAME`, `kept ID` (no test failed), `load ID` (only what
// runs while the files load reaches it) and `stale ID` (a test now fails without any fault: start a new process).

const [, , mode, list, ...files] = argv as [string, string, 'one' | 'many', string, ...string[]];
const ids = list.split(',').map(Number);

let active = mode === 'one' ? ids[0]! : -1;
/** The faults that the present test reaches; undefined while faults are on. */
let reached: Set<number> | undefined = new Set();
let deadline = Infinity;
let questions = 0;

/** More than a test takes without a fault. */
const LIMIT_SECONDS = 20;

function seconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

Object.assign(globalThis, {
  __fault(id: number): boolean {
    if (reached !== undefined) reached.add(id);
    // A fault may make a loop endless.
    if ((++questions & 0xffff) === 0 && seconds() > deadline) throw new Error('this takes too long');
    return id === active;
  },
});

/** @returns why the test failed */
async function failure({ run }: Planned): Promise<string | undefined> {
  deadline = seconds() + LIMIT_SECONDS;
  try {
    await run();
    return undefined;
  } catch (error) {
    return String((error as Error).message).slice(0, 200);
  } finally {
    deadline = Infinity;
  }
}

function say(word: string, id: number, more = ''): void {
  console.log(`${word} ${id} ${more.replaceAll(/\s+/g, ' ')}`);
}

async function runOne(): Promise<void> {
  const [id] = ids;
  say('begin', id!);
  try {
    for (const file of files) await import(`../${file}.js`);
    for (const hook of hooksBefore()) await hook();
  } catch (error) {
    return say('noticed', id!, `while loading: ${(error as Error).message}`);
  }
  for (const test of plannedTests()) {
    const why = await failure(test);
    if (why !== undefined) return say('noticed', id!, test.name);
  }
  say('kept', id!);
}

interface Known {
  test: Planned;
  reached: ReadonlySet<number>;
  took: number;
}

async function runMany(): Promise<void> {
  for (const file of files) await import(`../${file}.js`);
  for (const hook of hooksBefore()) await hook();
  const known: Known[] = [];
  for (const test of plannedTests()) {
    reached = new Set();
    const start = seconds();
    const why = await failure(test);
    if (why !== undefined) {
      console.log(`broken ${test.name}: ${why}`);
      exit(1);
    }
    known.push({ test, reached, took: seconds() - start });
  }
  reached = undefined;
  known.sort((a, b) => a.took - b.took);
  for (const id of ids) {
    say('begin', id);
    const tests = known.filter((one) => one.reached.has(id));
    if (tests.length === 0) say('load', id);
    else if (!(await isTold(id, tests))) say('kept', id);
  }
}

async function isTold(id: number, tests: readonly Known[]): Promise<boolean> {
  for (const { test } of tests) {
    active = id;
    const why = await failure(test);
    active = -1;
    if (why === undefined) continue;
    if ((await failure(test)) !== undefined) {
      say('stale', id);
      exit(0);
    }
    say('noticed', id, test.name);
    return true;
  }
  return false;
}

await (mode === 'one' ? runOne() : runMany());
exit(0);
