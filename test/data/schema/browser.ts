import { spawn, spawnSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { userCacheFolder } from '../../../src/base/paths.js';

/**
 * A Chromium: the one that BROWSER names, else the one of the optional package `@sparticuz/chromium` (x86-64 Linux),
 * which is unpacked once into the user's cache. Undefined where there is none, or where it does not start.
 */
export async function findBrowser(): Promise<string | undefined> {
  const named = process.env['BROWSER'];
  const path = named ?? (await unpackChromium().catch(() => undefined));
  return path !== undefined && spawnSync(path, ['--version'], { env: envOf(path) }).status === 0
    ? path
    : undefined;
}

async function unpackChromium(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const root = entry.slice(0, entry.lastIndexOf('chromium') + 'chromium'.length);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = join(userCacheFolder(), `chromium-${version}`);
  const binary = join(folder, 'chromium');
  if (existsSync(binary)) return binary;
  const partial = `${folder}.${process.pid}.tmp`;
  mkdirSync(partial, { recursive: true });
  const unpack = (name: string, to: string, mode?: number): Promise<void> =>
    pipeline(
      createReadStream(join(root, 'bin', name)),
      createBrotliDecompress(),
      createWriteStream(join(partial, to), { mode }),
    );
  await unpack('chromium.br', 'chromium', 0o755);
  for (const name of ['al2023', 'fonts']) {
    await unpack(`${name}.tar.br`, `${name}.tar`);
    spawnSync('tar', ['xf', `${name}.tar`], { cwd: partial });
  }
  renameSync(partial, folder);
  return binary;
}

/** The environment in which the package's Chromium finds its libraries. */
export function envOf(path: string): NodeJS.ProcessEnv {
  // Without a language the browser names one that Intl refuses.
  return {
    ...process.env,
    LANG: 'en_US.UTF-8',
    LC_ALL: 'en_US.UTF-8',
    LD_LIBRARY_PATH: join(dirname(path), 'lib'),
  };
}

export interface BrowserView {
  width?: number | undefined;
  height?: number | undefined;
  scheme?: 'light' | 'dark' | undefined;
  /** Where a picture of the page goes (PNG), as it is after the script. */
  screenshot?: string | undefined;
}

/** Opens a page and returns what `script` evaluates to there, and what the page logged as errors. */
export async function inBrowser(
  browser: string,
  url: string,
  script: string,
  { width = 1400, height = 900, scheme = 'light', screenshot }: BrowserView = {},
): Promise<{ value: unknown; errors: string[] }> {
  const profile = mkdtempSync(join(tmpdir(), 'browser-'));
  const flags = ['--headless=shell', '--no-sandbox', '--no-zygote', '--single-process', '--disable-gpu'];
  const own = ['--disable-dev-shm-usage', '--remote-debugging-pipe', `--user-data-dir=${profile}`];
  const child = spawn(browser, [...flags, ...own, '--window-size=1400,900', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    env: envOf(browser),
  });
  const waiting = new Map<number, (result: Record<string, unknown>) => void>();
  const errors: string[] = [];
  let loaded = (): void => {};
  const isLoaded = new Promise<void>((done) => (loaded = done));
  // Messages of the protocol are JSON, each ended by a zero: https://chromedevtools.github.io/devtools-protocol/
  let text = '';
  (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (text + chunk).split('\0');
    text = messages.pop()!;
    for (const message of messages) {
      const { id, method, result, params } = JSON.parse(message) as Message;
      if (id !== undefined) waiting.get(id)?.(result ?? {});
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded')
        errors.push(JSON.stringify(params));
    }
  });
  let last = 0;
  const send = (method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> =>
    new Promise((done) => {
      waiting.set(++last, done);
      (child.stdio[3] as Writable).write(JSON.stringify({ id: last, method, params, sessionId }) + '\0');
    });
  try {
    const { targetInfos } = (await send('Target.getTargets')) as { targetInfos: { targetId: string }[] };
    const target = { targetId: targetInfos[0]!.targetId, flatten: true };
    const { sessionId } = (await send('Target.attachToTarget', target)) as { sessionId: string };
    for (const domain of ['Page', 'Runtime', 'Log']) await send(`${domain}.enable`, {}, sessionId);
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await send('Emulation.setDeviceMetricsOverride', metrics, sessionId);
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await send('Emulation.setEmulatedMedia', { features }, sessionId);
    await send('Page.navigate', { url }, sessionId);
    await isLoaded;
    const asked = { expression: script, returnByValue: true, awaitPromise: true };
    const { result } = (await send('Runtime.evaluate', asked, sessionId)) as { result: { value?: unknown } };
    if (screenshot !== undefined) {
      const { data } = (await send('Page.captureScreenshot', {}, sessionId)) as { data: string };
      writeFileSync(screenshot, Buffer.from(data, 'base64'));
    }
    return { value: result.value, errors };
  } finally {
    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
    rmSync(profile, { recursive: true, force: true });
  }
}

interface Message {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  params?: unknown;
}
