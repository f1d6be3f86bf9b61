/**
 * Proof that a kernel path works on an adapter. A child process compiles the path's kernels, runs a small step and
 * compares it with float64, so a driver that crashes or hangs takes only the child down. The result is remembered in the
 * user's cache, one file for each adapter, driver and text of the kernels.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sha256, writeJsonAtomic } from '../../base/files.js';
import { userCacheFolder } from '../../base/paths.js';
import { DeviceError } from '../errors.js';
import { KERNEL_PATHS, type KernelPath } from '../tensor/dtype.js';
import { kernelTextHash } from './kernel-overrides.js';
import type { MatrixSize } from './path.js';

/**
 * - `right`: every number is within its tolerance
 * - `wrong`: one is not
 * - `failed`: an error was thrown, for example by the compiler
 * - `crashed`: the process died, or did not finish in time
 * - `unknown`: no process could be started, or it was interrupted; never remembered
 */
export type Verdict = 'right' | 'wrong' | 'failed' | 'crashed' | 'unknown';

export interface ProbeResult {
  path: KernelPath;
  verdict: Verdict;
  /** Why a path is not right, on one line. */
  reason?: string | undefined;
  /** The largest error as a share of its tolerance, and where it is; null if it is no finite number. */
  worst?: { share: number | null; where: string } | undefined;
  /** Milliseconds of one run of the step, and seconds of the whole probe with compiling. */
  ms?: number | undefined;
  seconds: number;
  /** ISO 8601. */
  probedAt: string;
}

/** What the result of a probe depends on. */
export interface ProbeSubject {
  /** The name by which Dawn lists the adapter. */
  adapter: string;
  /** The driver's description of itself, with its version. */
  driver: string;
  /** A folder whose files replace kernels; see `GpuOptions.kernelFolder`. */
  kernelFolder?: string | undefined;
  emulateMatrices?: MatrixSize | undefined;
}

/** What the child is asked, as JSON in its first argument. */
export type ProbeRequest = ProbeSubject & { path: KernelPath };

export interface ProbeSettings {
  /** Where results are remembered. */
  cache?: string | undefined;
  /** The child's module. */
  module?: URL | undefined;
  /** After this the child is killed, and counts as crashed. */
  limitSeconds?: number | undefined;
}

/** Compiling a path's kernels takes seconds on a GPU. */
const LIMIT_SECONDS = 60;

/** Begins the line of stdout with the result; drivers may print others. */
export const RESULT_MARK = 'openward-probe ';

/** Probes a path in a child process and remembers the result. */
export async function probe(
  subject: ProbeSubject,
  path: KernelPath,
  settings: ProbeSettings = {},
): Promise<ProbeResult> {
  const started = performance.now();
  const outcome = await runChild({ ...subject, path }, settings);
  const seconds = (performance.now() - started) / 1000;
  const result: ProbeResult = { path, ...outcome, seconds, probedAt: new Date().toISOString() };
  if (result.verdict !== 'unknown') await remember(subject, result, settings);
  return result;
}

type Outcome = Pick<ProbeResult, 'verdict' | 'reason' | 'worst' | 'ms'>;

/** Signals by which someone ends a process, rather than the driver. */
const INTERRUPTS = new Set<NodeJS.Signals>(['SIGINT', 'SIGTERM', 'SIGHUP']);

function runChild(request: ProbeRequest, settings: ProbeSettings): Promise<Outcome> {
  const { module = childModule(), limitSeconds = LIMIT_SECONDS } = settings;
  return new Promise((resolve) => {
    const args = [...loaderFor(module), fileURLToPath(module), JSON.stringify(request)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    let complaints = '';
    let late = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (complaints = (complaints + text).slice(-4000)));
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    child.on('error', ({ message }) => {
      clearTimeout(timer);
      resolve({ verdict: 'unknown', reason: `no process could be started: ${message}` });
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const found = readResult(output);
      if (found) return resolve(found);
      if (late) return resolve({ verdict: 'crashed', reason: `it did not finish within ${limitSeconds} s` });
      const verdict = signal && INTERRUPTS.has(signal) ? 'unknown' : 'crashed';
      const how = signal ? `the process was killed by ${signal}` : `the process ended with code ${code}`;
      resolve({ verdict, reason: [how, lastLine(complaints)].filter(Boolean).join(': ') });
    });
  });
}

/** From `dist` the module is plain JavaScript; from `src` the child must first load a TypeScript loader. */
function childModule(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? 'probe-child.ts' : 'probe-child.js', import.meta.url);
}

function loaderFor(module: URL): string[] {
  if (!module.pathname.endsWith('.ts')) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}

/** The child's answer, or undefined if it printed none. */
function readResult(output: string): Outcome | undefined {
  const line = output.split('\n').find((text) => text.startsWith(RESULT_MARK));
  const value = line === undefined ? undefined : parse(line.slice(RESULT_MARK.length));
  return isOutcome(value) ? value : undefined;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)!.trim();

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const VERDICTS: readonly unknown[] = ['right', 'wrong', 'failed', 'crashed'] satisfies Verdict[];

function isOutcome(value: unknown): value is Outcome {
  return (
    typeof value === 'object' && value !== null && 'verdict' in value && VERDICTS.includes(value.verdict)
  );
}

interface Stored {
  format: typeof FORMAT;
  adapter: string;
  driver: string;
  paths: Partial<Record<KernelPath, ProbeResult>>;
}

const FORMAT = 'openward-kernel-paths-1';

/** The results that are remembered for exactly this adapter, driver and text of the kernels. A damaged file has none. */
export async function remembered(
  subject: ProbeSubject,
  { cache = userCacheFolder() }: ProbeSettings = {},
): Promise<Partial<Record<KernelPath, ProbeResult>>> {
  const text = await readFile(fileOf(subject, cache), 'utf8').catch(() => '');
  const stored = parse(text) as Partial<Stored> | null | undefined;
  if (stored?.format !== FORMAT || typeof stored.paths !== 'object') return {};
  const whole = Object.entries(stored.paths ?? {}).filter(([path, result]) => {
    return (KERNEL_PATHS as readonly string[]).includes(path) && isOutcome(result) && result.path === path;
  });
  return Object.fromEntries(whole);
}

async function remember(subject: ProbeSubject, result: ProbeResult, settings: ProbeSettings): Promise<void> {
  const { cache = userCacheFolder() } = settings;
  const { adapter, driver } = subject;
  const paths = { ...(await remembered(subject, settings)), [result.path]: result };
  const stored: Stored = { format: FORMAT, adapter, driver, paths };
  // Without a cache the path is probed again by the next process.
  await writeJsonAtomic(fileOf(subject, cache), stored).catch(() => undefined);
}

function fileOf(
  { adapter, driver, kernelFolder: folder, emulateMatrices }: ProbeSubject,
  cache: string,
): string {
  const key = [adapter, driver, dawnVersion(), emulateMatrices ?? '', kernelTextHash(folder)];
  return join(cache, 'kernel-paths', `${sha256(JSON.stringify(key)).slice(0, 32)}.json`);
}

/** The version of the package that carries Dawn, whose compiler makes the driver's input. */
function dawnVersion(): string {
  const file = createRequire(import.meta.url).resolve('webgpu/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export interface ProvenPath {
  path: KernelPath;
  /** Why it is not the first candidate, on one line. */
  note?: string | undefined;
}

/**
 * The first of the candidates that is right. A remembered result counts; any other path is probed. If none is right, the
 * last one that could not be probed is taken.
 *
 * @param candidates the fastest first
 * @throws DeviceError `no-kernel-path` when every one is known not to be right, with the reason for each
 */
export async function provenPath(
  subject: ProbeSubject,
  candidates: readonly KernelPath[],
  settings: ProbeSettings = {},
): Promise<ProvenPath> {
  const known = await remembered(subject, settings);
  const refused: string[] = [];
  let unknown: KernelPath | undefined;
  for (const path of candidates) {
    const { verdict, reason = '' } = known[path] ?? (await probe(subject, path, settings));
    if (verdict === 'right' && refused.length === 0) return { path };
    const again = `engine doctor --probe tries again`;
    if (verdict === 'right') {
      return {
        path,
        note: `kernels: ${path} on ${subject.adapter}, because ${refused.join('; ')} (${again})`,
      };
    }
    if (verdict === 'unknown') unknown = path;
    refused.push(`${path} ${VERB[verdict]}: ${reason}`);
  }
  // Nobody has found the last of them, which is the simplest, to be wrong.
  if (unknown !== undefined) {
    return {
      path: unknown,
      note: `kernels: ${unknown} on ${subject.adapter}, without proof, because ${refused.join('; ')}`,
    };
  }
  throw new DeviceError(
    'no-kernel-path',
    `no kernel path is right on ${subject.adapter}: ${refused.join('; ')} (engine doctor --probe tries again, ` +
      'and --kernels takes a path without proof)',
  );
}

const VERB = {
  wrong: 'is wrong',
  failed: 'fails',
  crashed: 'crashes',
  unknown: 'is not proven',
} as const;
