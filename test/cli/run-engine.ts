import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/paths.js';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs Node on TypeScript files of the project, to its end. */
export function runNode(args: string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}): Outcome {
  const { input = '', env = {} } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', ...args], {
    cwd: packageRoot,
    input,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Runs `engine` with these arguments. */
export function engine(args: string[], input = ''): Outcome {
  return runNode([join(packageRoot, 'src', 'cli', 'main.ts'), ...args], { input });
}
