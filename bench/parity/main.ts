/**
 * Holds a model that this engine trains against the same model in PyTorch and in llama.cpp:
 *   npm run parity -- [--adapter auto] [--paths f32,f16,tensor] [--python python3] [--llama FOLDER] [--out FILE.json]
 *     [--record FOLDER | --from FOLDER]
 * Same weights, same batches, ten AdamW steps on every kernel path; PyTorch in float64 is the truth for logits, losses,
 * gradients and weights. Exits with 1 if an error is over its bar, with 2 without PyTorch.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AppError } from '../../src/base/errors.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { KERNEL_PATHS, type KernelPath } from '../../src/engine/tensor/dtype.js';
import { brokenBars, type Comparison } from './bars.js';
import { writeGguf } from './gguf.js';
import { compareWithLlama, findLlama, type LlamaResult } from './llama.js';
import { pathsOf, runOurs, STEPS, type RunIndex } from './ours.js';

interface Reference {
  torch: string;
  parameters: number;
  /** In float64. */
  losses: number[];
  /** By kernel path, and of PyTorch itself in f32 and bf16. */
  results: Record<string, Comparison>;
}

class UsageError extends AppError {}

const USAGE = `npm run parity -- [--adapter auto|software|NAME] [--paths f32,f16,tensor] [--python python3]
  [--llama FOLDER] [--out FILE.json]
  [--record FOLDER | --from FOLDER]
  --paths   default: all; without matrix units f32 and f16, since emulated ones take many minutes
  --python  a Python with torch and numpy
  --llama   where node-llama-cpp is installed: npm install --no-save --prefix .cache/llama node-llama-cpp@3.22.1
  --record  only runs our steps and leaves them in this folder, for a machine without PyTorch
  --from    compares the steps that --record left`;

function readOptions() {
  let given;
  try {
    given = parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        adapter: { type: 'string', default: 'auto' },
        paths: { type: 'string' },
        python: { type: 'string', default: process.env['PYTHON'] ?? 'python3' },
        llama: { type: 'string' },
        record: { type: 'string' },
        from: { type: 'string' },
        out: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError('usage', (error as Error).message.split('\n')[0]!);
  }
  if (given.record !== undefined && given.from !== undefined) {
    throw new UsageError('usage', '--record and --from exclude each other');
  }
  const paths = given.paths?.split(',');
  const unknown = paths?.find((path) => !(KERNEL_PATHS as readonly string[]).includes(path));
  if (unknown !== undefined) {
    throw new UsageError('usage', `there is no kernel path ${unknown}; known: ${KERNEL_PATHS.join(', ')}`);
  }
  return { ...given, paths: paths as KernelPath[] | undefined };
}

/** @throws UsageError when this Python cannot import torch and numpy */
function assertTorch(python: string): void {
  try {
    execFileSync(python, ['-c', 'import numpy, torch'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const reason = stderr?.toString().trim().split('\n').at(-1) || message;
    throw new UsageError('no-torch', `${python} has no PyTorch (${reason}): choose another with --python`);
  }
}

/** One kernel path's steps, in a folder of their own. */
interface Run {
  folder: string;
  index: RunIndex;
}

async function recordRuns(root: string, adapter: string, paths: readonly KernelPath[]): Promise<void> {
  for (const path of paths) {
    const { header, matrices } = await runOurs(join(root, path), adapter, path);
    const { name, description } = header.adapter;
    const how = path === 'tensor' ? `, matrices: ${matrices}` : '';
    console.log(`${path}: ${STEPS} steps on ${name} ${description}${how}`);
  }
}

/** @throws UsageError when there are none */
function runsIn(root: string): Run[] {
  const runs = KERNEL_PATHS.map((path) => join(root, path))
    .filter((folder) => existsSync(join(folder, 'index.json')))
    .map((folder) => ({
      folder,
      index: JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as RunIndex,
    }));
  if (runs.length === 0) throw new UsageError('no-run', `--record has left nothing in ${root}`);
  return runs;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const { adapter, python, record, from } = options;
  const recordIn = async (folder: string): Promise<void> =>
    recordRuns(folder, adapter, options.paths ?? (await pathsOf(adapter)));
  if (record !== undefined) {
    await recordIn(record);
    return 0;
  }
  assertTorch(python);
  const root = from ?? mkdtempSync(join(tmpdir(), 'parity-'));
  try {
    if (from === undefined) await recordIn(root);
    return await compareRuns(root, runsIn(root), options);
  } finally {
    if (from === undefined) rmSync(root, { recursive: true, force: true });
  }
}

async function compareRuns(
  root: string,
  runs: readonly Run[],
  { python, llama: llamaFolder, out }: ReturnType<typeof readOptions>,
): Promise<number> {
  const file = join(root, 'reference.json');
  const script = fileURLToPath(new URL('reference.py', import.meta.url));
  execFileSync(python, [script, file, ...runs.map(({ folder }) => folder)], { stdio: 'inherit' });
  const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
  printReference(reference);
  const llama = await llamaOf(root, llamaFolder, runs[0]!);
  const broken = brokenBars(reference.results, llama);
  broken.forEach((line) => console.log(`BROKEN  ${line}`));
  if (broken.length === 0) console.log('all bars hold');
  if (out !== undefined) {
    const headers = runs.map(({ index: { header, matrices } }) => ({ ...header, matrices }));
    await writeJsonAtomic(out, { kind: 'parity', steps: STEPS, headers, ...reference, llama, broken });
  }
  return broken.length > 0 ? 1 : 0;
}

/** Compares with llama.cpp, or says that it is left out. */
async function llamaOf(
  root: string,
  given: string | undefined,
  { folder, index }: Run,
): Promise<LlamaResult | undefined> {
  const found = findLlama(given);
  if (found === undefined) {
    if (given !== undefined) throw new UsageError('no-llama', `there is no node-llama-cpp in ${given}`);
    console.log(
      'llama.cpp: left out, as node-llama-cpp is not installed ' +
        '(npm install --no-save --prefix .cache/llama node-llama-cpp@3.22.1)',
    );
    return undefined;
  }
  const model = join(root, 'model.gguf');
  await writeGguf(model, folder, index);
  const result = await compareWithLlama(found, model, folder, index);
  console.log(
    `llama.cpp (node-llama-cpp ${result.version}): the same token at ${result.sameChoice} of ` +
      `${result.positions} positions, probabilities differ by ${result.probabilities.toExponential(1)}`,
  );
  return result;
}

function printReference({ torch, parameters, results }: Reference): void {
  console.log(
    `\nAgainst PyTorch ${torch} in float64, ${parameters} parameters, ${STEPS} steps; worst relative error`,
  );
  const columns = ['logits', 'losses', 'firstGradients', 'gradients', 'weights', 'updates'] as const;
  const row = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(12))).join('');
  console.log(row(['', 'logits', 'losses', 'gradients 1', 'all', 'weights', 'updates', 'same choice']));
  for (const [name, result] of Object.entries(results)) {
    const errors = columns.map((column) => {
      const error = result[column];
      return (typeof error === 'number' ? error : error.worst).toExponential(1);
    });
    console.log(row([name, ...errors, `${(100 * result.sameChoice).toFixed(1)}%`]));
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`parity: ${error.message}`);
  process.exitCode = 2;
}
// Dawn's threads would keep the process alive.
process.exit();
