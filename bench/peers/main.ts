/**
 * Times our engine and its peers on the same adapter, in one process and in turn, so that other load affects all equally:
 *   npm run bench:peers -- [--adapter software] [--kernels f32] [--preset tiny] [--batch 8] [--context 80] [--only training]
 *     [--out bench/results/peers-….json] [--repetitions 5] [--peers tfjs,jax-js]
 * Each peer's result is compared with ours before anything is timed. Failures are reported.
 */
import { parseArgs } from 'node:util';
import { Gpu } from '../../src/engine/gpu/device.js';
import type { KernelPath } from '../../src/engine/tensor/dtype.js';
import { benchShape } from '../../src/engine/bench/cases.js';
import { runHeader } from '../../src/engine/bench/report.js';
import { relativeDifference, summarise, type Timing } from '../../src/engine/bench/statistics.js';
import { stepBatch } from '../../src/engine/bench/step.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import { ADAMW_DEFAULTS } from '../../src/engine/train/adamw.js';
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
  /** Largest relative difference from our result. */
  difference?: number;
  failed?: string;
}

interface TaskResult {
  task: string;
  entries: Entry[];
  /** Time of the fastest peer divided by ours. */
  ratio?: number;
  fastestPeer?: string;
}

/** A step's loss depends on all earlier steps, so the third one checks forward, backward and update. */
const CHECKED_STEPS = 3;
/** f32 sums differ with their order; losses after updates drift a little further. */
const TOLERANCE = { op: 1e-4, training: 1e-3 };

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
    const result = { task, entries: [...(await runTask(engines, problem)), ...absent] };
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
    ['matmul 512', matmulProblem(512)],
    ['matmul 1024', matmulProblem(1024)],
    ...big,
    ['layernorm 4096×256', layernormProblem(4096, 256)],
    ['attention 8×128×4×32', attentionProblem(8, 128, 4, 32)],
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
  return weights;
}

/** Checks every engine against the first, then times those that agree, in turn. */
async function runTask(engines: readonly Engine[], problem: Problem): Promise<Entry[]> {
  const entries: Entry[] = [];
  const running: { entry: Entry; prepared: Prepared; times: number[] }[] = [];
  const checks = problem.kind === 'training' ? CHECKED_STEPS : 1;
  const tolerance = problem.kind === 'training' ? TOLERANCE.training : TOLERANCE.op;
  let expected: Float32Array[] | undefined;
  for (const { name, prepare } of engines) {
    const entry: Entry = { engine: name };
    entries.push(entry);
    try {
      const prepared = await prepare(problem);
      const found: Float32Array[] = [];
      for (let i = 0; i < checks; i++) {
        await prepared.run();
        found.push(Float32Array.from(await prepared.result()));
      }
      expected ??= found;
      entry.difference = Math.max(...found.map((values, i) => relativeDifference(values, expected![i]!)));
      if (!(entry.difference <= tolerance)) {
        const sample =
          problem.kind === 'training' ? `: losses ${found.join(', ')} against ${expected.join(', ')}` : '';
        throw new Error(`differs from ours by ${entry.difference.toExponential(2)}${sample}`);
      }
      running.push({ entry, prepared, times: [] });
    } catch (error) {
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
  for (const { engine, timing, difference, failed } of entries) {
    const text = timing
      ? `${timing.medianMs.toFixed(2).padStart(10)} ms ±${(100 * timing.spread).toFixed(0)}%, differs by ${difference!.toExponential(1)}`
      : `    failed: ${failed}`;
    console.log(`  ${engine.padEnd(10)} ${text}`);
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
