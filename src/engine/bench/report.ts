import { execFileSync } from 'node:child_process';
import type { Gpu } from '../gpu/device.js';
import { packageRoot } from '../../base/paths.js';

/** Where and of what a figure was taken: every stored run begins with it. */
export interface RunHeader {
  adapter: { name: string; kind: string; driver: string; description: string };
  /** How matrices are stored and multiplied. */
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

/** The commit, marked where files differ from it; COMMIT in the environment serves copies without a repository. */
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
