import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256, writeJsonAtomic } from '../../base/files.js';
import { kernelFolder, kernelOverrides, userCacheFolder } from '../../base/paths.js';
import type { KernelChoices } from '../tensor/backend.js';

/** The variants that were fastest, by device (`deviceKey`) and by op and shape: names of entries in the tables of variants. */
export type StoredChoices = Record<string, Record<string, string>>;

/** The file of measured choices, in the folder of things that can be made again. */
export const choicesFile = (): string => join(userCacheFolder(), 'kernel-choices.json');

/**
 * Identifies what a measured choice depends on: the adapter, its driver, and the text of all kernels, those that replace
 * the package's included.
 */
export function deviceKey(
  { name, description }: { name: string; description: string },
  overrides: string | undefined = kernelOverrides,
): string {
  const text = [kernelFolder, overrides].flatMap((folder) =>
    folder === undefined ? [] : textsBelow(folder),
  );
  return `${name}, ${description}, kernels ${sha256(text.join('\0')).slice(0, 12)}`;
}

function textsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.wgsl'))
    .sort()
    .map((file) => `${file}\0${readFileSync(join(folder, file), 'utf8')}`);
}

/** All stored choices; none when the file is missing or unreadable: they are measurements, and can be made again. */
export function storedChoices(file = choicesFile()): StoredChoices {
  try {
    const { format, choices } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (format !== 1 || typeof choices !== 'object' || choices === null) return {};
    const devices = Object.entries(choices).filter(
      ([, shapes]) => typeof shapes === 'object' && shapes !== null,
    );
    return Object.fromEntries(devices) as StoredChoices;
  } catch {
    return {};
  }
}

/** Adds the choices for some shapes on one device to the file, replacing older ones for the same shapes. */
export async function storeChoices(
  device: string,
  choices: Readonly<Record<string, string>>,
  file = choicesFile(),
): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const before = storedChoices(file);
  const after = { ...before, [device]: { ...before[device], ...choices } };
  await writeJsonAtomic(file, { format: 1, choices: after });
}

/**
 * What a device prefers to the order of the tables: variants named in `preferred`, by default in ENGINE_VARIANTS, then
 * those stored for its adapter, driver and kernels. ENGINE_MULTIPROCESSORS says how many workgroups run at once.
 */
export function choicesFor(
  adapter: { name: string; description: string },
  {
    preferred,
    kernelFolder: overrides,
  }: { preferred?: readonly string[] | undefined; kernelFolder?: string | undefined },
  file = choicesFile(),
): KernelChoices {
  const names = preferred ?? (process.env.ENGINE_VARIANTS ?? '').split(',').map((name) => name.trim());
  const choices = storedChoices(file);
  // The key costs reading every kernel, so it is made only if the adapter may have choices.
  const mayHave = Object.keys(choices).some((key) => key.startsWith(`${adapter.name}, `));
  const stored = mayHave ? (choices[deviceKey(adapter, overrides)] ?? {}) : {};
  const multiprocessors = Number(process.env.ENGINE_MULTIPROCESSORS) || undefined;
  return {
    preferred: names.filter((name) => name !== ''),
    stored: new Map(Object.entries(stored)),
    multiprocessors,
  };
}
