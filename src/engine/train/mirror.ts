/**
 * A second place for a run's checkpoints, such as a mounted drive: the machine that trains may be gone tomorrow.
 *
 *     manifest.json                              what belongs together, newest checkpoint first, with SHA-256
 *     checkpoint-00000100-1a2b3c4d.safetensors   a name states its content and is never written twice
 *     model-5e6f7a8b.json
 *
 * The manifest is replaced last, so it always names whole files, however slowly the drive takes them up.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { extname, join } from 'node:path';
import {
  makeFolder,
  removeStaleTemporaries,
  sha256File,
  writeFileAtomic,
  writeJsonAtomic,
} from '../../base/files.js';
import { CheckpointError } from '../errors.js';
import { readCheckpointMeta, type CheckpointInfo, type CheckpointMeta } from './checkpoint.js';

interface MirroredFile {
  /** Path in the run's folder, with `/`. */
  path: string;
  /** Name in the mirror. */
  name: string;
  bytes: number;
  sha256: string;
  /** When the run wrote it, in milliseconds since 1970; absent in mirrors of older versions. */
  modified?: number | undefined;
}

interface MirroredCheckpoint {
  step: number;
  files: MirroredFile[];
}

const MANIFEST = 'manifest.json';
const FORMAT = 'openward-mirror';

/** Checkpoints that a mirror holds: the disk may damage the newest. */
const KEPT = 2;

/** Copies a run's checkpoints to a second folder while training goes on. */
export class Mirror {
  #copying: Promise<void> = Promise.resolve();

  /**
   * @param along names of the run's other files, with `/`, copied with each checkpoint where they exist
   * @param onProblem receives one line for a copy that failed; the run itself is not stopped by it
   */
  constructor(
    readonly folder: string,
    readonly run: string,
    readonly along: readonly string[] | (() => Promise<readonly string[]>),
    private readonly onProblem: (line: string) => void,
  ) {}

  /** Copies a checkpoint after those before it. The caller may go on at once. */
  copy(checkpoint: CheckpointInfo): void {
    this.#copying = this.#copying
      .then(() => this.#copy(checkpoint))
      .catch((error: unknown) => {
        const { message } = error as Error;
        this.onProblem(`step ${checkpoint.step} was not copied to ${this.folder}: ${message}`);
      });
  }

  /** Resolves when every copy is done or has failed. */
  settled(): Promise<void> {
    return this.#copying;
  }

  async #copy({ step, tensorsPath, metaPath }: CheckpointInfo): Promise<void> {
    await makeFolder(this.folder);
    const files: MirroredFile[] = [];
    for (const path of [tensorsPath, metaPath].map((file) => file.slice(this.run.length + 1))) {
      const file = await this.#store(path.replaceAll('\\', '/'));
      if (!file) return; // replaced by newer ones before its turn came
      files.push(file);
    }
    files.push(...(await this.#storeAlong()));
    const before = await readManifest(this.folder);
    const others = before.filter((known) => known.step !== step);
    const checkpoints = [{ step, files }, ...others].sort((a, b) => b.step - a.step).slice(0, KEPT);
    await writeJsonAtomic(join(this.folder, MANIFEST), { format: FORMAT, version: 1, checkpoints });
    await removeUnnamed(this.folder, before, checkpoints);
  }

  /** The files along, all of one moment: the best weights may be replaced while they are copied. */
  async #storeAlong(): Promise<MirroredFile[]> {
    for (;;) {
      const names = await this.#along();
      const files: MirroredFile[] = [];
      for (const name of names) {
        const file = await this.#store(name);
        if (file) files.push(file);
      }
      if ((await this.#along()).join() === names.join()) return files;
    }
  }

  async #along(): Promise<readonly string[]> {
    return typeof this.along === 'function' ? this.along() : this.along;
  }

  async #store(path: string): Promise<MirroredFile | undefined> {
    const source = join(this.run, path);
    const found = await stat(source).catch(() => undefined);
    if (!found) return undefined;
    const sha256 = await sha256File(source);
    const stem = path.slice(path.lastIndexOf('/') + 1, path.length - extname(path).length);
    const name = `${stem}-${sha256.slice(0, 8)}${extname(path)}`;
    const target = join(this.folder, name);
    const known = await stat(target).catch(() => undefined);
    const written =
      known?.size === found.size ? { bytes: found.size, sha256 } : await copyFile(source, target);
    // A file that grows while it is copied, as the metrics do, has the hash of what was copied.
    return { path, name, ...written, modified: Math.round(found.mtimeMs) };
  }
}

/**
 * Puts the checkpoints of a mirror that are whole, with the files along the newest of them, into a run's folder.
 *
 * @param check called with the newest whole checkpoint's JSON before anything is written; what it throws passes through
 * @returns the newest step, or undefined where the mirror has none later than `after`, and a line for each damaged one passed over
 * @throws CheckpointError `mirror-format` for a manifest that is not one
 */
export async function restoreFromMirror(
  folder: string,
  run: string,
  after: number,
  check: (found: { step: number; meta: CheckpointMeta; metaPath: string }) => void = () => {},
): Promise<{ step: number | undefined; problems: string[] }> {
  const problems: string[] = [];
  let newest: number | undefined;
  for (const { step, files } of await readManifest(folder)) {
    if (step <= after) break;
    const damaged = await firstDamaged(folder, files);
    if (damaged !== undefined) {
      problems.push(`skipping step ${step} of the mirror: ${damaged}`);
      continue;
    }
    const checkpoint = files.filter(({ path }) => CHECKPOINT.test(path));
    const meta = checkpoint.find(isMeta);
    if (!meta || checkpoint.length !== 2) {
      throw new CheckpointError(
        'mirror-format',
        join(folder, MANIFEST),
        `names no checkpoint of step ${step}`,
      );
    }
    if (newest === undefined) {
      const metaPath = join(folder, meta.name);
      check({ step, meta: await readCheckpointMeta(metaPath, step), metaPath });
    }
    // Of an older one only the checkpoint itself is wanted. Its JSON makes it whole: it comes last.
    const others = newest === undefined ? files.filter((file) => !checkpoint.includes(file)) : [];
    for (const file of [...others, ...checkpoint.sort((a, b) => Number(isMeta(a)) - Number(isMeta(b)))]) {
      const target = join(run, ...file.path.split('/'));
      await copyFile(join(folder, file.name), target);
      // `engine runs` shows the age.
      if (file.modified !== undefined) await utimes(target, new Date(), file.modified / 1000);
    }
    newest ??= step;
  }
  return { step: newest, problems };
}

/** The two files of the run's own checkpoint; those of its best weights lie in another folder. */
const CHECKPOINT = /^checkpoints\/checkpoint-\d+\.(json|safetensors)$/;
const isMeta = ({ path }: MirroredFile): boolean => path.endsWith('.json');

/** What the JSON of a mirror's newest checkpoint says, without a look at its tensors; undefined if there is none. */
export async function newestMirrored(folder: string): Promise<CheckpointMeta | undefined> {
  const [newest] = await readManifest(folder);
  const meta = newest?.files.find((file) => CHECKPOINT.test(file.path) && isMeta(file));
  if (!newest || !meta) return undefined;
  return readCheckpointMeta(join(folder, meta.name), newest.step).catch(() => undefined);
}

async function firstDamaged(folder: string, files: readonly MirroredFile[]): Promise<string | undefined> {
  for (const { name, sha256 } of files) {
    const file = join(folder, name);
    const found = await sha256File(file).catch(() => undefined);
    if (found === undefined) return `${file} cannot be read`;
    if (found !== sha256) return `${file} differs from what was copied (SHA-256)`;
  }
  return undefined;
}

const copyFile = (source: string, target: string): Promise<{ bytes: number; sha256: string }> =>
  writeFileAtomic(target, createReadStream(source, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>);

async function readManifest(folder: string): Promise<MirroredCheckpoint[]> {
  const file = join(folder, MANIFEST);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const stored = JSON.parse(text) as { format?: unknown; checkpoints?: MirroredCheckpoint[] };
    if (stored.format === FORMAT && Array.isArray(stored.checkpoints)) return stored.checkpoints;
  } catch {
    // Broken JSON is no manifest either.
  }
  throw new CheckpointError('mirror-format', file, 'is not the manifest of a mirror: choose another folder');
}

/** Removes files of earlier manifests that the new one does not name, and nothing else that lies there. */
async function removeUnnamed(
  folder: string,
  before: readonly MirroredCheckpoint[],
  now: readonly MirroredCheckpoint[],
): Promise<void> {
  const named = new Set(now.flatMap(({ files }) => files.map(({ name }) => name)));
  const old = new Set(before.flatMap(({ files }) => files.map(({ name }) => name)));
  for (const name of await readdir(folder)) {
    if (old.has(name) && !named.has(name)) await rm(join(folder, name), { force: true });
  }
  await removeStaleTemporaries(folder);
}
