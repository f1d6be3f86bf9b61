import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../base/files.js';
import { userCacheFolder } from '../../base/paths.js';
import type { Gpu } from '../gpu/device.js';
import type { Ceilings } from './roofline.js';

/** The ceilings that were measured on this machine, by adapter and driver. */
const ceilingsFile = (): string => join(userCacheFolder(), 'ceilings.json');

const keyOf = ({ adapter }: Pick<Gpu, 'adapter'>): string => `${adapter.name}, ${adapter.description}`;

function readCeilings(file: string): Record<string, Ceilings> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Ceilings>;
  } catch {
    return {}; // They are measurements, and can be made again.
  }
}

/** Remembers what `engine bench kernels` measured, for the utilisation that training shows. */
export async function rememberCeilings(gpu: Gpu, ceilings: Ceilings, file = ceilingsFile()): Promise<void> {
  await writeJsonAtomic(file, { ...readCeilings(file), [keyOf(gpu)]: ceilings });
}

/** FLOPs a second that the device's kernel path reaches at most; undefined if nobody has measured it here. */
export function knownCeiling(gpu: Gpu, file = ceilingsFile()): number | undefined {
  const ceilings = readCeilings(file)[keyOf(gpu)];
  return gpu.path === 'tensor' ? ceilings?.matrixFlopsPerSecond : ceilings?.f32FlopsPerSecond;
}
