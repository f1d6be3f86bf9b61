/**
 * Asks a server from many clients at once, over loopback, and says how fast it answers and whether its memory stays flat:
 *   npm run bench:serve -- [--clients 32] [--seconds 60] [--queue 16] [--schema omop_cdm_5_4] [--model FOLDER]
 *     [--adapter auto] [--out bench/results/serve-….json]
 * The server is another process (`engine serve`). Each client asks, waits for the answer, and asks again; after status 429
 * it waits as long as Retry-After says. Any other error makes the exit code 1.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { currentCommit } from '../../src/base/commit.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { packageRoot } from '../../src/base/paths.js';

const QUESTIONS = [
  'How many patients were born before March 5, 1950?',
  'How many visits were there per year?',
  'List the drugs of patient 1234567',
  'How many visits did patient 48213 have since March 5, 2024?',
  'How many patients died in 2020?',
  'List the conditions of patient 90210',
];

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '60' },
    queue: { type: 'string', default: '16' },
    schema: { type: 'string', default: 'omop_cdm_5_4' },
    adapter: { type: 'string', default: 'auto' },
    model: { type: 'string' },
    out: { type: 'string' },
  },
});
const clients = Number(values.clients);
const seconds = Number(values.seconds);

interface Tally {
  /** Milliseconds of each answer. */
  times: number[];
  statements: number;
  refused: number;
  /** By status or error code. */
  others: Map<string, number>;
}

const args = [
  'serve',
  '--schema',
  values.schema,
  '--port',
  '0',
  '--rate-limit',
  '0',
  '--queue',
  values.queue,
];
if (values.model !== undefined) args.push('--model', values.model);
const child = spawn(
  process.execPath,
  ['--import', 'tsx', join(packageRoot, 'src', 'cli', 'main.ts'), ...args, '--adapter', values.adapter],
  { stdio: ['ignore', 'pipe', 'pipe'] },
);
let stderr = '';
child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2000)));
const exited = once(child, 'exit').then(([code]) => code as number | null);
const started = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), exited]);
if (!Array.isArray(started)) throw new Error(`the server did not start: ${stderr}`);
const url = (started as [string])[0].trim();

// The first question of each length compiles its kernels.
for (const question of QUESTIONS) {
  await fetch(`${url}/v1/sql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ question }),
  });
}

const tally: Tally = { times: [], statements: 0, refused: 0, others: new Map() };
const memory: number[] = [];
const begin = performance.now();
const end = begin + seconds * 1000;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

async function client(number: number): Promise<void> {
  for (let i = number; performance.now() < end; i++) {
    const asked = performance.now();
    try {
      const response = await fetch(`${url}/v1/sql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ question: QUESTIONS[i % QUESTIONS.length] }),
      });
      const body = (await response.json()) as { statement?: string | null };
      if (response.status === 200) {
        tally.times.push(performance.now() - asked);
        if (body.statement) tally.statements++;
        else tally.refused++;
        continue;
      }
      count(String(response.status));
      const wait = 1000 * Number(response.headers.get('retry-after') ?? 1);
      await pause(Math.min(wait, Math.max(0, end - performance.now())));
    } catch (error) {
      count((error as NodeJS.ErrnoException).code ?? (error as Error).message);
      await pause(100);
    }
  }
}

function count(outcome: string): void {
  tally.others.set(outcome, (tally.others.get(outcome) ?? 0) + 1);
}

async function watchMemory(): Promise<void> {
  while (performance.now() < end) {
    const text = await (await fetch(`${url}/metrics`)).text();
    memory.push(Number(/^process_resident_memory_bytes (\d+)/m.exec(text)![1]));
    await pause(1000);
  }
}

await Promise.all([watchMemory(), ...Array.from({ length: clients }, (_, i) => client(i))]);
const took = (performance.now() - begin) / 1000;
child.kill('SIGTERM');
const code = await exited;

const sorted = tally.times.toSorted((a, b) => a - b);
const quantile = (share: number): number =>
  Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? NaN);
const inMiB = (bytes: number | undefined): number => Math.round((bytes ?? NaN) / 2 ** 20);
const report = {
  kind: 'serve',
  cpu: cpus()[0]?.model ?? 'unknown',
  commit: currentCommit(),
  date: new Date().toISOString(),
  node: process.version,
  settings: { clients, seconds, queue: Number(values.queue), schema: values.schema, adapter: values.adapter },
  answers: tally.times.length,
  statements: tally.statements,
  refused: tally.refused,
  statementsPerSecond: Number((tally.statements / took).toFixed(2)),
  p50Ms: quantile(0.5),
  p95Ms: quantile(0.95),
  /** What was no answer, by status or by the error's code. */
  otherOutcomes: Object.fromEntries(tally.others),
  /** Resident memory of the server, at the start, in the middle and at the end. */
  memoryMiB: [0, Math.floor(memory.length / 2), memory.length - 1].map((at) => inMiB(memory[at])),
  mostMemoryMiB: inMiB(Math.max(...memory)),
  exitCode: code,
};
console.log(JSON.stringify(report, null, 2));
if (values.out !== undefined) await writeJsonAtomic(values.out, report);
const isClean = code === 0 && [...tally.others.keys()].every((outcome) => outcome === '429');
process.exit(isClean ? 0 : 1);
