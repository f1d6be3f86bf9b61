import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './paths.js';

/** The commit, marked if files differ from it. Copies without a repository take it from the environment's COMMIT. */
export function currentCommit(): string {
  // An installed package may lie inside somebody else's repository.
  if (!existsSync(join(packageRoot, '.git'))) return process.env.COMMIT ?? 'unknown';
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
