/**
 * Times our engine and its peers on the same adapter, in one process and in turn, so that other load affects all equally:
 *   npm run bench:peers -- [--adapter software] [--kernels f32] [--preset tiny] [--batch 8] [--context 80] [--only training]
 *     [--out bench/results/peers-….json] [--repetitions 5] [--peers tfjs,jax-js]
 * Each peer's results are compared with ours before anything is timed: of a training step, three losses and every gradient.
 * One run of each is counted: its dispatches, submits, buffer writes, new buffers and memory are the same on any adapter.
 * Failures are reported.
 */
import { parseArgs } from 'node:util';
import { Gpu } from '../../src/engine/gpu/device.js';
import type { KernelPath } from '../../src/engine/tensor/dtype.js';
import { benchShape } from '../../src/engine/bench/cases.js';
import { runHeader } from '../../src/engine/bench/report.js';
import { summarise, type Timing } from '../../src/engine/bench/statistics.js';
import { stepBatch } from '../../src/engine/bench/step.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import { ADAMW_DEFAULTS } from '../../src/engine/train/adamw.js';
import { compareEvidence, gatherEvidence, Refused, type Differences, type Evidence } from './check.js';
import { Counters, countsBetween, type Counts } from './counters.js';
import { jax } from './jax.js';
import { ours } from './ours.js';
import { tfjs } from './tfjs.js';
import {
  attentionProblem,
  layernormProblem,
  matmulProblem,
  type Engine,
  type Prepared,
  type Problem,
  type TrainingProblem,
} from './problem.js';

interface Entry {
  engine: string;
  /** Missing if the engine failed. */
  timing?: Timing;
  /** From our result; also of an engine that was refused for it. */
  differences?: Differences;
  /** Of one run. */
  counts?: Counts;
  failed?: string;
}

interface TaskResult {
  task: string;
  entries: Entry[];
  /** Time of the fastest peer divided by ours. */
  ratio?: number;
  fastestPeer?: string;
}

const USAGE = `npm run bench:peers -- [--adapter auto|software|NAME] [--kernels f32|f16|tensor] [--preset tiny] [--batch 8]
  [--context 80] [--only PART_OF_A_TASK] [--peers tfjs,jax-js] [--repetitions 5] [--out FILE.json]`;

const options = readOptions();

function readOptions(): ReturnType<typeof parseOptions> {
  try {
    const given = parseOptions();
    if (!given.help) return given;
    console.log(USAGE);
  } catch (error) {
    console.error(`bench:peers: ${messageOf(error)}\n${USAGE}`);
    process.exitCode = 2;
  }
  process.exit();
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      adapter: { type: 'string', default: 'auto' },
      kernels: { type: 'string', default: 'f32' },
      preset: { type: 'string', default: 'tiny' },
      batch: { type: 'string', default: '8' },
      context: { type: 'string', default: '80' },
      only: { type: 'string' },
      out: { type: 'string' },
      repetitions: { type: 'string', default: '5' },
      peers: { type: 'string', default: 'tfjs,jax-js' },
    },
  });
  return values;
}

async function main(): Promise<void> {
  const gpu = await Gpu.open({ adapter: options.adapter, kernels: options.kernels as KernelPath });
  const counters = new Counters(gpu);
  // Both peers look for a browser.
  const navigator = { gpu: gpu.instance, userAgent: 'Node.js', hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });

  const engines: Engine[] = [ours(gpu)];
  const absent: Entry[] = [];
  for (const [name, start] of Object.entries({ tfjs, 'jax-js': jax })) {
    if (!options.peers.split(',').includes(name)) continue;
    try {
      engines.push(await start());
    } catch (error) {
      absent.push({ engine: name, failed: messageOf(error) });
    }
  }
  const header = runHeader(gpu);
  console.log(`${header.adapter.name} ${header.adapter.description}, commit ${header.commit}`);
  console.log(engines.map(({ name, version }) => `${name} ${version}`).join(', '));

  const results: TaskResult[] = [];
  const versions = Object.fromEntries(engines.map(({ name, version }) => [name, version]));
  for (const [task, problem] of await problems(gpu)) {
    if (options.only !== undefined && !task.includes(options.only)) continue;
    const result = { task, entries: [...(await runTask(engines, problem, counters)), ...absent] };
    results.push({ ...result, ...ratioOf(result.entries) });
    printTask(results.at(-1)!);
    // Stored after every task, so that a task that takes too long does not lose the earlier ones.
    const report = { kind: 'peers', ...header, versions, results };
    if (options.out !== undefined) await writeJsonAtomic(options.out, report);
  }
  printTable(results);
  gpu.close();
}

async function problems(gpu: Gpu): Promise<Map<string, Problem>> {
  const { preset, batch, context } = options;
  const shape = benchShape(gpu.adapter.kind, { preset, B: Number(batch), T: Number(context) });
  const { config, B, T } = shape;
  const big = gpu.adapter.kind === 'gpu' ? ([['matmul 4096', matmulProblem(4096)]] as const) : [];
  return new Map<string, Problem>([
    // First, so that no buffer that an engine keeps from another task serves it: its memory is counted.
    [
      `training step ${preset} ${B}×${T}`,
      {
        kind: 'training',
        config,
        B,
        T,
        weights: await initialWeights(gpu, config),
        batch: stepBatch(shape),
        optimizer: { ...ADAMW_DEFAULTS, learningRate: 1e-3 },
      },
    ],
    ['matmul 512', matmulProblem(512)],
    ['matmul 1024', matmulProblem(1024)],
    ...big,
    ['layernorm 4096×256', layernormProblem(4096, 256)],
    ['attention 8×128×4×32', attentionProblem(8, 128, 4, 32)],
  ]);
}

async function initialWeights(
  gpu: Gpu,
  config: TrainingProblem['config'],
): Promise<TrainingProblem['weights']> {
  const { parameters } = new Decoder(gpu, config, { trainable: false });
  parameters.initialise(1);
  const weights = new Map<string, { shape: readonly number[]; values: Float32Array; decay: boolean }>();
  for (const { name, shape, decay } of parameters.specs) {
    weights.set(name, { shape, values: await parameters.get(name).read(), decay });
  }
  parameters.dispose();
  gpu.buffers.trim();
  return weights;
}

/** Checks every engine against the first, counts a run of each, then times those that agree, in turn. */
async function runTask(engines: readonly Engine[], problem: Problem, counters: Counters): Promise<Entry[]> {
  const entries: Entry[] = [];
  const running: { entry: Entry; prepared: Prepared; times: number[] }[] = [];
  let expected: Evidence | undefined;
  for (const { name, prepare } of engines) {
    const entry: Entry = { engine: name };
    entries.push(entry);
    const { liveBytes } = counters.now;
    try {
      const prepared = await prepare(problem);
      const found = await gatherEvidence(problem, prepared);
      expected ??= found;
      entry.differences = compareEvidence(problem, found, expected);
      await prepared.settle();
      const before = counters.now;
      await prepared.run();
      await prepared.settle();
      entry.counts = countsBetween(before, counters.now, liveBytes);
      running.push({ entry, prepared, times: [] });
    } catch (error) {
      if (error instanceof Refused) entry.differences = error.differences;
      entry.failed = messageOf(error);
      if (!expected) break;
    }
  }
  for (let repetition = 0; repetition < Number(options.repetitions); repetition++) {
    for (const { prepared, times } of running) {
      await prepared.settle();
      const start = performance.now();
      await prepared.run();
      await prepared.settle();
      times.push(performance.now() - start);
    }
  }
  for (const { entry, prepared, times } of running) {
    entry.timing = summarise(times);
    prepared.dispose();
  }
  return entries;
}

function ratioOf([own, ...peers]: readonly Entry[]): { ratio?: number; fastestPeer?: string } {
  const timed = peers.filter((peer) => peer.timing);
  if (!own?.timing || timed.length === 0) return {};
  const fastest = timed.reduce((a, b) => (b.timing!.medianMs < a.timing!.medianMs ? b : a));
  return { ratio: fastest.timing!.medianMs / own.timing.medianMs, fastestPeer: fastest.engine };
}

function printTask({ task, entries, ratio, fastestPeer }: TaskResult): void {
  console.log(task);
  for (const { engine, timing, differences, counts, failed } of entries) {
    if (!timing || !differences || !counts) {
      console.log(`  ${engine.padEnd(10)}     failed: ${failed}`);
      continue;
    }
    const gradient = differences.gradient ? `, gradients by ${differences.gradient.toExponential(1)}` : '';
    const { dispatches, submits, writes, newBuffers, liveBytes } = counts;
    console.log(
      `  ${engine.padEnd(10)} ${timing.medianMs.toFixed(2).padStart(10)} ms ±${(100 * timing.spread).toFixed(0)}%, ` +
        `differs by ${differences.result.toExponential(1)}${gradient}`,
    );
    console.log(
      `  ${''.padEnd(10)} a run: dispatches ${dispatches}, submits ${submits}, buffer writes ${writes}, ` +
        `new buffers ${newBuffers}, live memory ${(liveBytes / 1e6).toFixed(1)} MB`,
    );
  }
  if (ratio !== undefined) console.log(`  ours is ${ratio.toFixed(2)}× as fast as ${fastestPeer}`);
}

/** A table of all times, with the fastest peer's time divided by ours. */
function printTable(results: readonly TaskResult[]): void {
  const names = [...new Set(results.flatMap(({ entries }) => entries.map(({ engine }) => engine)))];
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(28) : cell.padStart(14))).join('');
  console.log(`\n${row(['median ms', ...names, 'ratio'])}`);
  for (const { task, entries, ratio } of results) {
    const times = names.map((name) => {
      const timing = entries.find(({ engine }) => engine === name)?.timing;
      return timing ? timing.medianMs.toFixed(2) : 'failed';
    });
    console.log(row([task, ...times, ratio === undefined ? '-' : `${ratio.toFixed(2)}×`]));
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
}

await main();
// Dawn's threads would keep the process alive.
process.exit();
