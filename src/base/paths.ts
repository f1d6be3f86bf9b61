import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** The folder of package.json, whether the code runs from `src/` or from `dist/src/`. Read-only once installed. */
export const packageRoot = findPackageRoot();

/** The package's kernels, one `.wgsl` file each. */
export const kernelFolder = join(packageRoot, 'kernels');

/** ENGINE_KERNELS names a folder whose files replace kernels of the same name. */
export const kernelOverrides = process.env.ENGINE_KERNELS;

/** The parts of the environment that decide where a user's files go. */
export interface UserEnvironment {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
}

const thisUser = (): UserEnvironment => ({ platform: process.platform, env: process.env, home: homedir() });

/**
 * The folder for results that the user keeps (models, calibrations): `$XDG_DATA_HOME/openward` or
 * `~/.local/share/openward`, `~/Library/Application Support/openward` on macOS, `%LOCALAPPDATA%\openward` on Windows.
 * It need not exist.
 */
export function userDataFolder({ platform, env, home }: UserEnvironment = thisUser()): string {
  if (platform === 'win32') return join(localAppData(env, home), 'openward');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'openward');
  return join(absolute(env['XDG_DATA_HOME']) ?? join(home, '.local', 'share'), 'openward');
}

/**
 * The folder for files that can be made again (unpacked drivers): `$XDG_CACHE_HOME/openward` or `~/.cache/openward`,
 * `~/Library/Caches/openward` on macOS, `%LOCALAPPDATA%\openward\cache` on Windows. It need not exist.
 */
export function userCacheFolder({ platform, env, home }: UserEnvironment = thisUser()): string {
  if (platform === 'win32') return join(localAppData(env, home), 'openward', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'openward');
  return join(absolute(env['XDG_CACHE_HOME']) ?? join(home, '.cache'), 'openward');
}

function localAppData(env: UserEnvironment['env'], home: string): string {
  return env['LOCALAPPDATA'] || join(home, 'AppData', 'Local');
}

/** Relative paths in XDG variables are to be ignored (XDG Base Directory Specification 0.8). */
function absolute(folder: string | undefined): string | undefined {
  return folder?.startsWith('/') ? folder : undefined;
}
