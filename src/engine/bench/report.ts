import { execFileSync } from 'node:child_process';
import type { Gpu } from '../gpu/device.js';
import { packageRoot } from '../../base/paths.js';

/** Where, when and of which commit a figure was measured. Every stored run begins with it. */
export interface RunHeader {
  adapter: { name: string; kind: string; driver: string; description: string };
  /** The kernel path. */
  kernels: string;
  commit: string;
  date: string;
  node: string;
}

export function runHeader(gpu: Gpu): RunHeader {
  const { name, kind, driver, description } = gpu.adapter;
  const adapter = { name, kind, driver, description };
  return {
    adapter,
    kernels: gpu.path,
    commit: commit(),
    date: new Date().toISOString(),
    node: process.version,
  };
}

/** The commit, marked if files differ from it. Copies without a repository take it from the environment's COMMIT. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') ? ' + changes' : '');
  } catch {
    return process.env.COMMIT ?? 'unknown';
  }
}
