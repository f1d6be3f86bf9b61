import { readFile } from 'node:fs/promises';
import { whyUnreadable } from '../../base/system-faults.js';
import { EngineError } from '../errors.js';
import type { KernelReport } from './kernels.js';

/** A stored run that cannot be used for a comparison. */
export class BenchError extends EngineError {}

/** Reads a run that `engine bench kernels --out` stored. @throws BenchError naming the file and its fault */
export async function readKernelReport(file: string): Promise<KernelReport> {
  const fail = (reason: string): never => {
    throw new BenchError('bad-run', `${file}: ${reason}; store one with engine bench kernels --out FILE`);
  };
  let stored: Partial<KernelReport>;
  try {
    stored = JSON.parse(await readFile(file, 'utf8')) as Partial<KernelReport>;
  } catch (error) {
    return fail(whyUnreadable(error));
  }
  if (stored.kind !== 'kernels') return fail('is not a run of engine bench kernels');
  if (!stored.adapter?.name || !Array.isArray(stored.results)) return fail('has no adapter or no results');
  for (const { name, medianMs, spread, samples } of stored.results) {
    const usable = medianMs > 0 && spread >= 0 && samples > 0;
    if (typeof name !== 'string' || !usable)
      return fail(`the result ${JSON.stringify(name)} has no usable times`);
  }
  return stored as KernelReport;
}
