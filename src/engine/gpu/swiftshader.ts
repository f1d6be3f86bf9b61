import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { userCacheFolder } from '../../base/paths.js';

/** The package that carries SwiftShader and a Vulkan loader, built for x86-64 Linux. */
const CARRIER = '@sparticuz/chromium';
const FILES = ['libvulkan.so.1', 'libvk_swiftshader.so', 'vk_swiftshader_icd.json'];

/**
 * Unpacks SwiftShader once into the user's cache, or into the temporary folder where the cache cannot be written.
 *
 * @param bases the folders to try
 * @returns the folder with the three files, or undefined where the carrier is not installed
 */
export function unpackSwiftShader(bases: readonly string[] = usualBases()): string | undefined {
  const carrier = findCarrier();
  if (carrier === undefined) return undefined;
  for (const [i, base] of bases.entries()) {
    const folder = join(base, `swiftshader-${carrier.version}`);
    try {
      if (!isComplete(folder)) unpack(carrier.archive, folder);
      return folder;
    } catch (error) {
      if (i === bases.length - 1) throw error;
    }
  }
  return undefined;
}

/** The temporary folder is shared: a folder there is used only if nobody else made it. */
function usualBases(): string[] {
  const bases = [userCacheFolder()];
  const uid = process.getuid?.();
  if (uid === undefined) return bases;
  const shared = join(tmpdir(), `openward-${uid}`);
  try {
    mkdirSync(shared, { mode: 0o700 });
  } catch {
    // It exists already, or cannot be made; whether it is ours is checked next.
  }
  const stats = lstatSync(shared, { throwIfNoEntry: false });
  return stats?.isDirectory() && stats.uid === uid ? [...bases, shared] : bases;
}

interface Carrier {
  version: string;
  archive: string;
}

function findCarrier(): Carrier | undefined {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(CARRIER);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  const root = entry.slice(0, entry.lastIndexOf(CARRIER) + CARRIER.length);
  const archive = join(root, 'bin', 'swiftshader.tar.br');
  if (!existsSync(archive)) return undefined;
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { version, archive };
}

const isComplete = (folder: string): boolean => FILES.every((file) => existsSync(join(folder, file)));

/** Two processes may unpack at once: each unpacks into its own temporary folder, and the first rename wins. */
function unpack(archive: string, folder: string): void {
  const partial = `${folder}.${process.pid}.tmp`;
  mkdirSync(partial, { recursive: true });
  try {
    for (const { name, content } of readTar(brotliDecompressSync(readFileSync(archive)))) {
      const file = name.replace(/^\.\//, '');
      if (FILES.includes(file)) writeFileSync(join(partial, file), content, { mode: 0o755 });
    }
    renameSync(partial, folder);
  } catch (error) {
    if (!isComplete(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** The files of a tar archive: blocks of 512 bytes, a header before each file (POSIX.1-2017, pax, "ustar"). */
export function* readTar(tar: Buffer): Generator<{ name: string; content: Buffer }> {
  const BLOCK = 512;
  let at = 0;
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const field = (from: number, length: number): string =>
      tar.toString('latin1', at + from, at + from + length).split('\0')[0]!;
    const size = parseInt(field(124, 12), 8) || 0;
    yield { name: field(0, 100), content: tar.subarray(at + BLOCK, at + BLOCK + size) };
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}
