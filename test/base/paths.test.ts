import { join } from 'node:path';
import { expect, test } from 'vitest';
import { userCacheFolder, userDataFolder, type UserEnvironment } from '../../src/base/paths.js';

const user = (platform: NodeJS.Platform, env: UserEnvironment['env'] = {}): UserEnvironment => ({
  platform,
  env,
  home: '/home/ada',
});

test.each<[string, UserEnvironment, string, string]>([
  ['Linux', user('linux'), '/home/ada/.local/share/openward', '/home/ada/.cache/openward'],
  [
    'Linux with XDG variables',
    user('linux', { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' }),
    '/data/openward',
    '/cache/openward',
  ],
  [
    'Linux with relative XDG variables, which are ignored',
    user('linux', { XDG_DATA_HOME: 'data', XDG_CACHE_HOME: '' }),
    '/home/ada/.local/share/openward',
    '/home/ada/.cache/openward',
  ],
  [
    'macOS, where XDG variables do not count',
    user('darwin', { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' }),
    '/home/ada/Library/Application Support/openward',
    '/home/ada/Library/Caches/openward',
  ],
  [
    'Windows',
    user('win32', { LOCALAPPDATA: '/Users/ada/Local' }),
    '/Users/ada/Local/openward',
    '/Users/ada/Local/openward/cache',
  ],
  [
    'Windows without LOCALAPPDATA',
    user('win32'),
    '/home/ada/AppData/Local/openward',
    '/home/ada/AppData/Local/openward/cache',
  ],
])('folders for data and cache: %s', (_name, environment, data, cache) => {
  expect(userDataFolder(environment)).toBe(join(data));
  expect(userCacheFolder(environment)).toBe(join(cache));
});
