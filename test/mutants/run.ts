import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Gpu } from '../../src/engine/gpu/device.js';
import { KernelLibrary } from '../../src/engine/gpu/kernel.js';
import { kernelFolder, packageRoot } from '../../src/base/paths.js';
import { attentionMatrixMutants } from './attention-matrix.js';
import { attentionMutants } from './attention.js';
import { elementMutants } from './elements.js';
import { matmulMutants } from './matmul.js';
import { rowMutants } from './rows.js';
import type { KernelMutants, Mutant } from './mutant.js';

// Plants one fault at a time in a kernel and runs the tests that concern it. A fault that no test notices is a hole in
// the tests. Exits with 1 if a fault survives without a stated reason, if one can no longer be planted, or if the tests
// fail without any fault.

const ALL: readonly KernelMutants[] = [
  ...elementMutants,
  ...rowMutants,
  ...matmulMutants,
  ...attentionMutants,
  ...attentionMatrixMutants,
];
const TIMEOUT_MS = 180_000;

type Outcome =
  | { kind: 'killed'; by: string }
  | { kind: 'survived' }
  /** Says nothing about the tests: the mutant does not compile, or no test ran. */
  | { kind: 'broken'; reason: string };

interface VitestReport {
  numPassedTests: number;
  testResults: {
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** A file of `kernels/` with a fault in it. */
interface PlantedFile {
  file: string;
  text: string;
}

/** The kernel's file and all that it includes. */
function filesOf(file: string): string[] {
  const text = readFileSync(join(kernelFolder, file), 'utf8');
  const included = [...text.matchAll(/^#include "(.+)"/gm)].flatMap(([, name]) => filesOf(name!));
  return [file, ...included];
}

/**
 * Plants the fault in the kernel or in a file that it includes.
 *
 * @throws Error unless the original occurs exactly once in their code
 */
function plant(kernel: string, [fault, original, replacement]: Mutant): PlantedFile {
  const places = filesOf(`${kernel}.wgsl`).flatMap((file) => {
    const text = readFileSync(join(kernelFolder, file), 'utf8');
    // Comments are blanked, not removed, so that offsets stay the same.
    const code = text.replace(/\/\/.*/g, (comment) => ' '.repeat(comment.length));
    const offsets: number[] = [];
    for (let at = code.indexOf(original); at >= 0; at = code.indexOf(original, at + 1)) offsets.push(at);
    return offsets.map((at) => ({ file, text, at }));
  });
  const [place, another] = places;
  if (!place) throw new Error(`"${fault}": its original is not in the kernel: ${original}`);
  if (another) throw new Error(`"${fault}": its original occurs more than once: ${original}`);
  const { file, text, at } = place;
  return { file, text: text.slice(0, at) + replacement + text.slice(at + original.length) };
}

const root = mkdtempSync(join(tmpdir(), 'mutants-'));
let folders = 0;

/** Runs the tests of a kernel, with `planted` in place of the package's file. */
async function runTests({ tests, named }: KernelMutants, planted?: PlantedFile): Promise<Outcome> {
  const folder = join(root, String(folders++));
  const report = join(root, `${folders}.json`);
  mkdirSync(folder);
  if (planted) {
    mkdirSync(dirname(join(folder, planted.file)), { recursive: true });
    writeFileSync(join(folder, planted.file), planted.text);
  }
  const args = ['run', '--bail', '1', '--maxWorkers', '1', '--reporter', 'json', '--outputFile', report];
  if (named !== undefined) args.push('-t', named);
  args.push(...tests.map((file) => join('test', 'engine', file)));
  const child = spawn(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), ...args], {
    cwd: packageRoot,
    env: { ...process.env, ENGINE_KERNELS: folder },
    stdio: 'ignore',
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    // Kills the whole process group: vitest runs the tests in a child process.
    process.kill(-child.pid!, 'SIGKILL');
  }, TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  if (late) return { kind: 'killed', by: `not finished after ${TIMEOUT_MS / 1000} s` };
  if (!existsSync(report)) return { kind: 'killed', by: `the test process ended with code ${code}` };
  return judge(code, JSON.parse(readFileSync(report, 'utf8')) as VitestReport);
}

function judge(code: number | null, report: VitestReport): Outcome {
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed');
  if (failed) {
    const compile = failed.failureMessages.find((message) => /DeviceError: \S+\.wgsl/.test(message));
    if (compile) return { kind: 'broken', reason: `it does not compile: ${compile.split('\n')[0]}` };
    return { kind: 'killed', by: failed.fullName };
  }
  if (code !== 0) {
    const message = report.testResults.find(({ message }) => message)?.message.split('\n')[0];
    return { kind: 'killed', by: message ?? `the test process ended with code ${code}` };
  }
  if (report.numPassedTests === 0) return { kind: 'broken', reason: 'no test matches its name pattern' };
  return { kind: 'survived' };
}

/** Runs the jobs, `parallel` at a time, in order. */
async function inParallel(parallel: number, jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = jobs.slice();
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

const { values } = parseArgs({
  options: { only: { type: 'string' }, parallel: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help) {
  console.log(
    'npm run test:mutants -- [--only PART_OF_A_KERNEL_NAME] [--parallel COUNT]\n' +
      'Plants faults in kernels and reports which of them the tests notice.',
  );
  process.exit(0);
}
const parallel = Number(values.parallel ?? Math.min(2, availableParallelism()));
const chosen = ALL.filter(({ kernel }) => kernel.includes(values.only ?? ''));
if (chosen.length === 0) {
  console.error(
    `no kernel with mutants has ${values.only} in its name: ${ALL.map((k) => k.kernel).join(', ')}`,
  );
  process.exit(2);
}

const started = performance.now();
const counts = { killed: 0, survived: 0, expected: 0, left: 0, broken: 0 };
for (const name of new KernelLibrary().names()) {
  if (values.only !== undefined || ALL.some(({ kernel }) => kernel === name)) continue;
  counts.broken++;
  console.log(`BROKEN    ${name}: has no mutants; add some to test/mutants/`);
}
const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
const { name: adapter, features } = gpu.adapter;
gpu.close();
console.log(`adapter: ${adapter}, ${parallel} at a time`);

const jobs: (() => Promise<void>)[] = [];
for (const entry of chosen) {
  const { kernel, needs, mutants } = entry;
  if (needs !== undefined && !features.includes(needs)) {
    counts.left += mutants.length;
    console.log(`skipped   ${kernel}: ${adapter} has no ${needs} (${mutants.length} mutants)`);
    continue;
  }
  jobs.push(async () => {
    const outcome = await runTests(entry);
    if (outcome.kind === 'survived') return;
    counts.broken++;
    const why = outcome.kind === 'killed' ? `its tests fail without a fault: ${outcome.by}` : outcome.reason;
    console.log(`BROKEN    ${kernel}: ${why}`);
  });
  for (const mutant of mutants) {
    const [fault, , , reason] = mutant;
    let planted: PlantedFile;
    try {
      planted = plant(kernel, mutant);
    } catch (error) {
      counts.broken++;
      console.log(`BROKEN    ${kernel}: ${(error as Error).message}`);
      continue;
    }
    jobs.push(async () => {
      const outcome = await runTests(entry, planted);
      if (outcome.kind === 'broken') {
        counts.broken++;
        console.log(`BROKEN    ${kernel}: ${fault}: ${outcome.reason}`);
      } else if (outcome.kind === 'killed') {
        counts.killed++;
        const note = reason === undefined ? '' : ' (expected to survive)';
        console.log(`killed    ${kernel}: ${fault}${note}  [${outcome.by}]`);
      } else if (reason === undefined) {
        counts.survived++;
        console.log(`SURVIVED  ${kernel}: ${fault}`);
      } else {
        counts.expected++;
        console.log(`survived  ${kernel}: ${fault}  [as expected: ${reason}]`);
      }
    });
  }
}
await inParallel(parallel, jobs);
rmSync(root, { recursive: true });

const { killed, survived, expected, left, broken } = counts;
const parts = [`${killed} killed`, `${survived} survived`];
if (expected) parts.push(`${expected} survived as expected`);
if (left) parts.push(`${left} skipped`);
if (broken) parts.push(`${broken} broken`);
console.log(`${parts.join(', ')}; ${Math.round((performance.now() - started) / 1000)} s`);
process.exit(survived + broken === 0 ? 0 : 1);
