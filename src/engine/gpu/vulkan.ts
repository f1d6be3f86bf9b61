import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants, homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync } from 'node:zlib';
import { create, globals } from 'webgpu';
import { DeviceError } from '../errors.js';
import { packageRoot } from '../../base/paths.js';

/** `auto` prefers a GPU and falls back to software with a warning; anything else is a demand. */
export type AdapterRequest = 'auto' | 'gpu' | 'software' | (string & {});

export interface FoundAdapter {
  /** The name by which Dawn lists the adapter. */
  name: string;
  kind: 'gpu' | 'software';
  /** Which Vulkan driver serves it: the system's, or the SwiftShader that travels with the packages. */
  driver: 'system' | 'bundled';
}

export interface OpenedAdapter extends FoundAdapter {
  gpu: GPU;
  adapter: GPUAdapter;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe/i;

// Off in every mode: quantised timestamps (a 65 µs grid) and clears of buffers that kernels overwrite anyway.
const DISABLED_TOGGLES = ['timestamp_quantization', 'lazy_clear_resource_on_first_use'];
// NVIDIA's f16 and matrix units are offered only behind the first two.
// Zeroing workgroup memory is off too: no kernel relies on it, and SwiftShader unrolls it into seconds of compiling.
const ENABLED_TOGGLES = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia', 'disable_workgroup_init'];
// Kernels check their own bounds; bounds.test.ts compares them with runs under Dawn's checks (see `safe`).
const FAST_TOGGLES = ['disable_robustness', 'disable_polyfills_on_integer_div_and_mod'];

export interface VulkanOptions {
  /** Keep Dawn's own bounds checks: slower, and a kernel that reads outside its buffer reads zero, not chance. */
  safe?: boolean;
}

function dawnFlags(options: VulkanOptions, ...extra: string[]): string[] {
  const enabled = options.safe ? ENABLED_TOGGLES : [...ENABLED_TOGGLES, ...FAST_TOGGLES];
  return [
    'backend=vulkan',
    `enable-dawn-features=${enabled.join(',')}`,
    `disable-dawn-features=${DISABLED_TOGGLES.join(',')}`,
    ...extra,
  ];
}

/** Loads a shared object for the whole process. Node objects that it is no add-on, yet the library stays loaded. */
function loadGlobally(library: string): boolean {
  const RTLD_NODELETE = 0x1000;
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, library, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
    return true;
  } catch (error) {
    return /self-register/.test((error as Error).message);
  }
}

const BUNDLED_FILES = ['libvulkan.so.1', 'libvk_swiftshader.so', 'vk_swiftshader_icd.json'];

/**
 * Unpacks SwiftShader and a Vulkan loader from the package that carries them, once, into the project's own cache
 * (or the temporary folder where the project cannot be written to).
 *
 * @returns the folder, or undefined where the package is absent or made for another processor
 */
export async function bundledVulkan(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  for (const base of [join(packageRoot, 'node_modules', '.cache'), join(tmpdir(), 'openward-cache')]) {
    const folder = join(base, 'swiftshader');
    if (BUNDLED_FILES.every((file) => existsSync(join(folder, file)))) return folder;
    try {
      await unpackBundled(folder);
      return folder;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') continue;
      if (code === 'MODULE_NOT_FOUND' || code === 'ENOENT') return undefined;
      throw error;
    }
  }
  return undefined;
}

async function unpackBundled(folder: string): Promise<void> {
  const require = createRequire(import.meta.url);
  const entry = require.resolve('@sparticuz/chromium');
  const archive = join(
    entry.slice(0, entry.lastIndexOf('chromium') + 'chromium'.length),
    'bin',
    'swiftshader.tar.br',
  );
  const tar = brotliDecompressSync(readFileSync(archive));
  const { extract } = await import('tar-stream');
  // Two processes may unpack at once: each into a folder of its own, and the first rename wins.
  const partial = `${folder}.${process.pid}.tmp`;
  mkdirSync(partial, { recursive: true });
  const unpack = extract();
  unpack.on('entry', (header, stream, next) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => chunks.push(chunk as Uint8Array));
    stream.on('end', () => {
      const file = header.name.replace(/^\.\//, '');
      if (BUNDLED_FILES.includes(file))
        writeFileSync(join(partial, file), Buffer.concat(chunks), { mode: 0o755 });
      next();
    });
    stream.resume();
  });
  await pipeline(Readable.from([tar]), unpack);
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(join(folder, BUNDLED_FILES[0]!))) throw error;
  }
}

/** Asks Dawn for an adapter that cannot exist: its complaint lists those that do. */
async function listedByDawn(options: VulkanOptions): Promise<string[]> {
  try {
    await create(dawnFlags(options, 'adapter=no such adapter')).requestAdapter();
    return [];
  } catch (error) {
    return [...(error as Error).message.matchAll(/backend: 'vulkan', name: '([^']*)'/g)].map(
      (match) => match[1]!,
    );
  }
}

async function works(gpu: GPU): Promise<GPUAdapter | undefined> {
  try {
    return (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? undefined;
  } catch {
    return undefined;
  }
}

let globalsDefined = false;

/** Makes `GPUBufferUsage` and the other WebGPU globals known; opening an adapter does so by itself. */
export function defineGlobals(): void {
  // GPUBufferUsage and its like are globals in browsers; Dawn's package hands them over instead.
  if (!globalsDefined) Object.assign(globalThis, globals);
  globalsDefined = true;
}

interface Driver {
  driver: 'system' | 'bundled';
  activate(): void;
}

const INHERITED_DRIVER_FILES = process.env.VK_DRIVER_FILES;
const ICD_FOLDERS = [
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  join(homedir(), '.local/share/vulkan/icd.d'),
];

/** Where no driver is registered the loader is not even asked: it would print warnings of its own. */
function systemHasDrivers(): boolean {
  const { VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  if (INHERITED_DRIVER_FILES ?? VK_ICD_FILENAMES ?? VK_ADD_DRIVER_FILES) return true;
  return ICD_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/** The drivers to try, best first: whatever the system has, then the bundled SwiftShader. */
async function findDrivers(): Promise<Driver[]> {
  const found: Driver[] = [];
  const bundled = await bundledVulkan();
  const systemLoader = loadGlobally('libvulkan.so.1');
  if (!systemLoader && bundled) loadGlobally(join(bundled, 'libvulkan.so.1'));
  if (systemHasDrivers() && (systemLoader || bundled)) {
    found.push({
      driver: 'system',
      activate: () => {
        if (INHERITED_DRIVER_FILES === undefined) delete process.env.VK_DRIVER_FILES;
        else process.env.VK_DRIVER_FILES = INHERITED_DRIVER_FILES;
      },
    });
  }
  if (bundled) {
    const icd = join(bundled, 'vk_swiftshader_icd.json');
    found.push({ driver: 'bundled', activate: () => (process.env.VK_DRIVER_FILES = icd) });
  }
  return found;
}

let foundDrivers: Promise<Driver[]> | undefined;
function drivers(): Promise<Driver[]> {
  return (foundDrivers ??= findDrivers());
}

/** Every adapter that this process can open, system drivers first. */
export async function listAdapters(options: VulkanOptions = {}): Promise<FoundAdapter[]> {
  defineGlobals();
  const adapters: FoundAdapter[] = [];
  for (const { driver, activate } of await drivers()) {
    activate();
    for (const name of await listedByDawn(options)) {
      adapters.push({ name, kind: SOFTWARE.test(name) ? 'software' : 'gpu', driver });
    }
  }
  return adapters;
}

/**
 * Opens the adapter that was asked for. `auto`: a GPU, else a system llvmpipe that Dawn accepts, else the bundled
 * SwiftShader. `gpu`, `software` or a part of a name: that, or an error that lists what there is.
 *
 * @throws DeviceError `no-adapter`
 */
export async function openAdapter(
  request: AdapterRequest = 'auto',
  options: VulkanOptions = {},
): Promise<OpenedAdapter> {
  const found = await listAdapters(options);
  const wanted = found.filter((adapter) => {
    if (request === 'auto') return true;
    if (request === 'gpu' || request === 'software') return adapter.kind === request;
    return adapter.name.toLowerCase().includes(request.toLowerCase());
  });
  // The sort is stable: among adapters of one kind the system's stand before the bundled one.
  wanted.sort((a, b) => Number(a.kind === 'software') - Number(b.kind === 'software'));
  for (const choice of wanted) {
    (await drivers()).find((driver) => driver.driver === choice.driver)!.activate();
    const gpu = create(dawnFlags(options, `adapter=${choice.name}`));
    const adapter = await works(gpu);
    if (adapter) return { ...choice, gpu, adapter };
  }
  throw new DeviceError('no-adapter', explainAbsence(request, found));
}

function explainAbsence(request: AdapterRequest, found: FoundAdapter[]): string {
  const list = found.length
    ? `found: ${found.map((adapter) => `${adapter.name} (${adapter.kind})`).join(', ')}`
    : 'no Vulkan adapter was found at all';
  if (request === 'gpu') {
    return (
      `no Vulkan GPU; ${list}. Check the driver with \`nvidia-smi\` or \`vulkaninfo\`, see that its ICD file is ` +
      'under /usr/share/vulkan/icd.d or named by VK_DRIVER_FILES, or run on the processor with --adapter software'
    );
  }
  if (found.length) return `no adapter fits --adapter ${request}; ${list}`;
  return (
    `${list}. On x86-64 Linux the package @sparticuz/chromium brings one (npm ci); elsewhere install a Vulkan ` +
    'driver, for example Mesa 25 with llvmpipe'
  );
}
