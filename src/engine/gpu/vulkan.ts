/// <reference types="@webgpu/types" preserve="true" />
import { existsSync, readdirSync } from 'node:fs';
import { constants, homedir } from 'node:os';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import { DeviceError } from '../errors.js';
import {
  driversFor,
  explainAbsence,
  hasBundledDriver,
  type DawnBackend,
  type Driver,
  type Machine,
} from './platform.js';
import { unpackSwiftShader } from './swiftshader.js';

/** `auto` prefers a GPU and falls back to software; `gpu`, `software` or a part of a name is a demand. */
export type AdapterRequest = 'auto' | 'gpu' | 'software' | (string & {});

export interface FoundAdapter {
  /** The name by which Dawn lists the adapter. */
  name: string;
  kind: 'gpu' | 'software';
  /** The system's driver, or the SwiftShader bundled with an npm package. */
  driver: 'system' | 'bundled';
}

export interface OpenedAdapter extends FoundAdapter {
  gpu: GPU;
  adapter: GPUAdapter;
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render driver/i;

// Always off: quantised timestamps (a 65 µs grid), and clears of buffers that kernels overwrite anyway.
const DISABLED_TOGGLES = ['timestamp_quantization', 'lazy_clear_resource_on_first_use'];
// Dawn offers NVIDIA's f16 and matrix units only with the first two. Zeroing of workgroup memory is off too: no kernel
// relies on it, and SwiftShader unrolls it into seconds of compiling.
const ENABLED_TOGGLES = ['allow_unsafe_apis', 'vulkan_enable_f16_on_nvidia', 'disable_workgroup_init'];
// Kernels check their own bounds; bounds.test.ts compares them with runs under Dawn's checks (see `safe`).
const FAST_TOGGLES = ['disable_robustness', 'disable_polyfills_on_integer_div_and_mod'];

export interface DawnOptions {
  /** Keeps Dawn's bounds checks. They are slower; a kernel that reads outside its buffer reads zeros, not random bytes. */
  safe?: boolean | undefined;
}

function dawnFlags(backend: DawnBackend, options: DawnOptions, ...extra: string[]): string[] {
  const toggles = options.safe ? ENABLED_TOGGLES : [...ENABLED_TOGGLES, ...FAST_TOGGLES];
  const enabled = toggles.filter((toggle) => backend === 'vulkan' || !toggle.startsWith('vulkan_'));
  return [
    `backend=${backend}`,
    `enable-dawn-features=${enabled.join(',')}`,
    `disable-dawn-features=${DISABLED_TOGGLES.join(',')}`,
    ...extra,
  ];
}

/** Loads a shared object for the whole process. Node reports that it is not an add-on, but the library stays loaded. */
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

/** Asks Dawn for an adapter that cannot exist: the error lists those that do. */
async function listedByDawn(backend: DawnBackend, options: DawnOptions): Promise<string[]> {
  try {
    await create(dawnFlags(backend, options, 'adapter=no such adapter')).requestAdapter();
    return [];
  } catch (error) {
    const listed = (error as Error).message.matchAll(/backend: '([^']*)', name: '([^']*)'/g);
    return [...listed].filter((match) => match[1] === backend).map((match) => match[2]!);
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

/** Defines `GPUBufferUsage` and the other WebGPU globals, as browsers do. Opening an adapter calls this. */
export function defineGlobals(): void {
  if (!globalsDefined) Object.assign(globalThis, globals);
  globalsDefined = true;
}

const INHERITED_DRIVER_FILES = process.env.VK_DRIVER_FILES;
const ICD_FOLDERS = [
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  join(homedir(), '.local/share/vulkan/icd.d'),
];

function hasVulkanDriver(): boolean {
  const { VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  if (INHERITED_DRIVER_FILES ?? VK_ICD_FILENAMES ?? VK_ADD_DRIVER_FILES) return true;
  return ICD_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/** Inspects this machine and loads a Vulkan loader into the process if one is needed. */
function inspectMachine(): Machine {
  const { platform, arch } = process;
  if (platform === 'darwin' || platform === 'win32') {
    return { platform, arch, hasVulkanLoader: false, hasVulkanDriver: false, swiftShader: undefined };
  }
  const swiftShader = hasBundledDriver({ platform, arch }) ? unpackSwiftShader() : undefined;
  const hasVulkanLoader = loadGlobally('libvulkan.so.1');
  if (!hasVulkanLoader && swiftShader !== undefined) loadGlobally(join(swiftShader, 'libvulkan.so.1'));
  return { platform, arch, hasVulkanLoader, hasVulkanDriver: hasVulkanDriver(), swiftShader };
}

let inspected: Machine | undefined;
function thisMachine(): Machine {
  return (inspected ??= inspectMachine());
}

/** Makes the Vulkan loader read the driver's ICD file, or the system's if it has none. */
function activate({ icd }: Driver): void {
  const files = icd ?? INHERITED_DRIVER_FILES;
  if (files === undefined) delete process.env.VK_DRIVER_FILES;
  else process.env.VK_DRIVER_FILES = files;
}

/** Every adapter that this process can open, those of system drivers first. */
export async function listAdapters(options: DawnOptions = {}): Promise<FoundAdapter[]> {
  defineGlobals();
  const adapters: FoundAdapter[] = [];
  for (const driver of driversFor(thisMachine())) {
    activate(driver);
    for (const name of await listedByDawn(driver.backend, options)) {
      adapters.push({ name, kind: SOFTWARE.test(name) ? 'software' : 'gpu', driver: driver.driver });
    }
  }
  return adapters;
}

/**
 * Opens the adapter that was asked for. `auto`: a GPU, else a system llvmpipe that Dawn accepts, else the bundled
 * SwiftShader. `gpu`, `software` or a part of a name: that one, or an error that lists the adapters found.
 *
 * @throws DeviceError `no-adapter`
 */
export async function openAdapter(
  request: AdapterRequest = 'auto',
  options: DawnOptions = {},
): Promise<OpenedAdapter> {
  const found = await listAdapters(options);
  const wanted = found.filter((adapter) => {
    if (request === 'auto') return true;
    if (request === 'gpu' || request === 'software') return adapter.kind === request;
    return adapter.name.toLowerCase().includes(request.toLowerCase());
  });
  // The sort is stable: among adapters of one kind the system's come before the bundled one.
  wanted.sort((a, b) => Number(a.kind === 'software') - Number(b.kind === 'software'));
  for (const choice of wanted) {
    const driver = driversFor(thisMachine()).find((one) => one.driver === choice.driver)!;
    activate(driver);
    const gpu = create(dawnFlags(driver.backend, options, `adapter=${choice.name}`));
    const adapter = await works(gpu);
    if (adapter) return { ...choice, gpu, adapter };
  }
  throw new DeviceError('no-adapter', explainAbsence({ request, found }, thisMachine()));
}
