/**
 * Checkpoints: a folder of generations, each of two files.
 *
 *     checkpoint-00000100.safetensors   tensors: weights and the optimizer's moments
 *     checkpoint-00000100.json          step, the rest of the run's state, length and SHA-256 of the tensors
 *
 * The JSON is written last, and a generation is whole only if its tensors match the JSON. Older generations are removed
 * only after that, so a killed writer loses no more than the generation it was writing.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckpointError } from '../errors.js';
import { removeStaleTemporaries, sha256File, writeJsonAtomic } from '../../base/files.js';
import { whyUnreadable } from '../../base/system-faults.js';
import { SafetensorsFile, writeSafetensors, type TensorSource } from './safetensors.js';

/** The trainer's state besides tensors: configuration, states of readers and generators. Must be JSON. */
export type CheckpointMeta = Record<string, unknown>;

/** A generation whose files are whole. */
export interface CheckpointInfo {
  step: number;
  meta: CheckpointMeta;
  /** Of the tensors' file. */
  sha256: string;
  tensorsPath: string;
  metaPath: string;
}

/** A generation that cannot be used. Its reason is one line that names the file. */
export interface DamagedCheckpoint {
  step: number;
  reason: CheckpointError;
}

export interface SaveOptions {
  /** Generations to keep, including this one; at least 2, since the disk may damage the newest (default 2). */
  keep?: number | undefined;
}

const FORMAT = 'openward-checkpoint';
const VERSION = 1;
const NAME = /^checkpoint-(\d{8,})\.(safetensors|json)$/;

/**
 * Writes a generation and removes those that are too old. Tensors are read one by one. A generation of the same step is
 * replaced, and is incomplete meanwhile: save each step once.
 * @throws CheckpointError `checkpoint-step` for a step that is not a whole number, and the errors of `writeSafetensors`.
 */
export async function saveCheckpoint(
  folder: string,
  step: number,
  content: { tensors: Iterable<TensorSource>; meta: CheckpointMeta },
  { keep = 2 }: SaveOptions = {},
): Promise<CheckpointInfo> {
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CheckpointError(
      'checkpoint-step',
      folder,
      `step is ${step}: it must be a whole number, 0 or more`,
    );
  }
  const { tensorsPath, metaPath } = paths(folder, step);
  // Hugging Face's loaders want the framework's name; `pt` stands for PyTorch's row-major layout.
  const { bytes, sha256 } = await writeSafetensors(tensorsPath, content.tensors, { format: 'pt' });
  const { meta } = content;
  await writeJsonAtomic(metaPath, { format: FORMAT, version: VERSION, step, bytes, sha256, meta });
  await removeOld(folder, step, Math.max(2, keep));
  return { step, meta, sha256, tensorsPath, metaPath };
}

/**
 * The newest whole generation, and newer ones that are damaged. A folder that does not exist has none. This reads every
 * byte of the tensors.
 */
export async function findNewestGood(
  folder: string,
): Promise<{ checkpoint: CheckpointInfo | null; damaged: DamagedCheckpoint[] }> {
  const damaged: DamagedCheckpoint[] = [];
  for (const step of (await listSteps(folder)).reverse()) {
    try {
      return { checkpoint: await verifyCheckpoint(folder, step), damaged };
    } catch (reason) {
      if (!(reason instanceof CheckpointError)) throw reason;
      damaged.push({ step, reason });
    }
  }
  return { checkpoint: null, damaged };
}

/**
 * Reads a generation's JSON and checks its tensors against it.
 * @throws CheckpointError `checkpoint-incomplete`, `checkpoint-format`, `checkpoint-truncated`,
 *   `checkpoint-unreadable` or `checkpoint-altered`, naming the file at fault.
 */
export async function verifyCheckpoint(folder: string, step: number): Promise<CheckpointInfo> {
  const { tensorsPath, metaPath } = paths(folder, step);
  const { sha256, meta } = await readMetaOfWhole(tensorsPath, metaPath, step);
  const found = await sha256File(tensorsPath).catch((cause: unknown) => {
    throw new CheckpointError('checkpoint-unreadable', tensorsPath, whyUnreadable(cause), {
      cause,
    });
  });
  if (found !== sha256) {
    throw new CheckpointError(
      'checkpoint-altered',
      tensorsPath,
      'its bytes differ from those that were saved (SHA-256)',
    );
  }
  return { step, meta, sha256, tensorsPath, metaPath };
}

/** A generation as a list shows it. */
export interface ListedCheckpoint {
  step: number;
  bytes: number;
  /** When its tensors were written, in milliseconds since 1970. */
  savedAt: number;
  meta?: CheckpointMeta | undefined;
  /** Why it cannot be used, as far as lengths tell: hashes are not compared. */
  problem?: string | undefined;
}

/** All generations in a folder, whole or not, ascending; none if the folder does not exist. */
export async function listCheckpoints(folder: string): Promise<ListedCheckpoint[]> {
  const listed: ListedCheckpoint[] = [];
  for (const step of await listSteps(folder)) {
    const { tensorsPath, metaPath } = paths(folder, step);
    const found = await stat(tensorsPath).catch(() => undefined);
    const known = { step, bytes: found?.size ?? 0, savedAt: Math.round(found?.mtimeMs ?? 0) };
    try {
      const { meta } = await readMetaOfWhole(tensorsPath, metaPath, step);
      listed.push({ ...known, meta });
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      listed.push({ ...known, problem: error.message });
    }
  }
  return listed;
}

/** Opens the tensors of a generation. The caller closes the file. */
export function openTensors(checkpoint: CheckpointInfo): Promise<SafetensorsFile> {
  return SafetensorsFile.open(checkpoint.tensorsPath);
}

/** Steps of all generations in a folder, whole or not, ascending. */
async function listSteps(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new CheckpointError('checkpoint-not-found', folder, whyUnreadable(error), {
      cause: error,
    });
  });
  const steps = new Set<number>();
  for (const name of names) {
    const digits = NAME.exec(name)?.[1];
    if (digits !== undefined) steps.add(Number(digits));
  }
  return [...steps].sort((a, b) => a - b);
}

/**
 * Keeps the newest `keep` generations up to `step` whose files have the right length, and removes the others.
 * Later steps, from a run that went further, are not touched.
 */
async function removeOld(folder: string, step: number, keep: number): Promise<void> {
  let kept = 0;
  for (const other of (await listSteps(folder)).reverse()) {
    if (other > step) continue;
    const { tensorsPath, metaPath } = paths(folder, other);
    if (kept < keep && (await looksWhole(tensorsPath, metaPath, other))) {
      kept++;
      continue;
    }
    // The JSON goes first: an interrupted removal must not look like a whole generation.
    await rm(metaPath, { force: true });
    await rm(tensorsPath, { force: true });
  }
  await removeStaleTemporaries(folder);
}

async function looksWhole(tensorsPath: string, metaPath: string, step: number): Promise<boolean> {
  return readMetaOfWhole(tensorsPath, metaPath, step).then(
    () => true,
    () => false,
  );
}

/** The JSON of a generation; checks that its tensors have the length it states. */
async function readMetaOfWhole(tensorsPath: string, metaPath: string, step: number): Promise<StoredMeta> {
  const stored = await readMeta(metaPath, step);
  const found = await stat(tensorsPath).catch(() => null);
  if (found === null) throw new CheckpointError('checkpoint-incomplete', tensorsPath, 'does not exist');
  if (found.size !== stored.bytes) {
    throw new CheckpointError(
      'checkpoint-truncated',
      tensorsPath,
      `cut short or altered: it has ${found.size} bytes, and ${stored.bytes} were saved`,
    );
  }
  return stored;
}

interface StoredMeta {
  bytes: number;
  sha256: string;
  meta: CheckpointMeta;
}

/** What the JSON of a copied generation says. @throws CheckpointError `checkpoint-incomplete` or `checkpoint-format` */
export async function readCheckpointMeta(path: string, step: number): Promise<CheckpointMeta> {
  return (await readMeta(path, step)).meta;
}

async function readMeta(path: string, step: number): Promise<StoredMeta> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new CheckpointError('checkpoint-incomplete', path, 'does not exist: saving was interrupted', {
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError('checkpoint-format', path, `broken JSON (${(cause as Error).message})`, {
      cause,
    });
  }
  const stored = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const expectations: Record<string, boolean> = {
    format: stored['format'] === FORMAT,
    version: stored['version'] === VERSION,
    step: stored['step'] === step,
    bytes: Number.isSafeInteger(stored['bytes']),
    sha256: typeof stored['sha256'] === 'string',
    meta: typeof stored['meta'] === 'object' && stored['meta'] !== null,
  };
  for (const [field, holds] of Object.entries(expectations)) {
    if (holds) continue;
    throw new CheckpointError('checkpoint-format', path, `${field} is ${JSON.stringify(stored[field])}`);
  }
  return stored as unknown as StoredMeta;
}

function paths(folder: string, step: number): { tensorsPath: string; metaPath: string } {
  const stem = join(folder, `checkpoint-${String(step).padStart(8, '0')}`);
  return { tensorsPath: `${stem}.safetensors`, metaPath: `${stem}.json` };
}
