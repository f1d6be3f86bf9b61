import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeJsonAtomic } from '../../base/files.js';
import { kernelOverrides, userCacheFolder } from '../../base/paths.js';
import { nearestNames } from '../../base/suggest.js';
import { DeviceError } from '../errors.js';
import { ATTENTION_PASSES } from '../ops/attention/variants.js';
import { variantName } from '../ops/choose-variant.js';
import { MATMUL_VARIANTS } from '../ops/matmul/variants.js';
import type { KernelChoices } from '../tensor/backend.js';
import { kernelTextHash } from './kernel-overrides.js';

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
  return `${name}, ${description}, kernels ${kernelTextHash(overrides).slice(0, 12)}`;
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
  const before = storedChoices(file);
  const after = { ...before, [device]: { ...before[device], ...choices } };
  await writeJsonAtomic(file, { format: 1, choices: after });
}

/**
 * The choices that someone makes by name: variants in `preferred`, by default those in ENGINE_VARIANTS, and the
 * multiprocessors in ENGINE_MULTIPROCESSORS.
 *
 * @throws DeviceError `unknown-variant` for a name that no table has, `wrong-setting` for multiprocessors that are no
 *   whole number above 0
 */
export function wantedChoices(preferred?: readonly string[]): Omit<KernelChoices, 'stored'> {
  const { ENGINE_VARIANTS: variants = '', ENGINE_MULTIPROCESSORS: count = '' } = process.env;
  const names = (preferred ?? variants.split(',')).map((name) => name.trim()).filter((name) => name !== '');
  const tables = [MATMUL_VARIANTS, ...Object.values(ATTENTION_PASSES).map((pass) => pass.variants)];
  const known = tables.flatMap((table) => table.map(variantName));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new DeviceError(
      'unknown-variant',
      `no kernel variant is named ${unknown}${preferred ? '' : ' (ENGINE_VARIANTS)'}; ` +
        `the nearest names are ${nearestNames(unknown, known, 3).join(', ')}`,
    );
  }
  if (count.trim() !== '' && !/^0*[1-9]\d{0,5}$/.test(count.trim())) {
    throw new DeviceError(
      'wrong-setting',
      `ENGINE_MULTIPROCESSORS is ${count}: it must be a whole number above 0`,
    );
  }
  return { preferred: names, multiprocessors: Number(count) || undefined };
}

/**
 * What a device prefers to the order of the tables: the variants of `wantedChoices`, then those stored for its adapter,
 * driver and kernels.
 *
 * @throws DeviceError as `wantedChoices`
 */
export function choicesFor(
  adapter: { name: string; description: string },
  {
    preferred,
    kernelFolder: overrides,
  }: { preferred?: readonly string[] | undefined; kernelFolder?: string | undefined },
  file = choicesFile(),
): KernelChoices {
  const wanted = wantedChoices(preferred);
  const choices = storedChoices(file);
  // The key costs reading every kernel, so it is made only if the adapter may have choices.
  const mayHave = Object.keys(choices).some((key) => key.startsWith(`${adapter.name}, `));
  const stored = mayHave ? (choices[deviceKey(adapter, overrides)] ?? {}) : {};
  return { ...wanted, stored: new Map(Object.entries(stored)) };
}
