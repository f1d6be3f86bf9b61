import { join } from 'node:path';

/** The graphics API through which Dawn reaches the adapters of a platform. */
export type DawnBackend = 'vulkan' | 'metal' | 'd3d12';

/** The properties of a machine that decide which drivers can be tried. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** The system has a Vulkan loader (libvulkan.so.1). */
  hasVulkanLoader: boolean;
  /** A Vulkan driver is registered: by an ICD file in one of the usual folders, or by an environment variable. */
  hasVulkanDriver: boolean;
  /** The folder of the unpacked SwiftShader, if there is one; it also has a Vulkan loader. */
  swiftShader: string | undefined;
}

/** One way to reach adapters. */
export interface Driver {
  /** The system's drivers, or the SwiftShader bundled with an npm package. */
  driver: 'system' | 'bundled';
  backend: DawnBackend;
  /** The ICD file that the Vulkan loader must read instead of the system's. */
  icd?: string | undefined;
}

/** Whether an npm package carries a SwiftShader for this kind of machine. */
export function hasBundledDriver({ platform, arch }: Pick<Machine, 'platform' | 'arch'>): boolean {
  return platform === 'linux' && arch === 'x64';
}

/** The drivers to try, best first: Metal on macOS, D3D12 on Windows; elsewhere the system's Vulkan, then SwiftShader. */
export function driversFor({ platform, hasVulkanLoader, hasVulkanDriver, swiftShader }: Machine): Driver[] {
  if (platform === 'darwin') return [{ driver: 'system', backend: 'metal' }];
  if (platform === 'win32') return [{ driver: 'system', backend: 'd3d12' }];
  const drivers: Driver[] = [];
  const hasLoader = hasVulkanLoader || swiftShader !== undefined;
  // Without a registered driver the loader would only print warnings.
  if (hasVulkanDriver && hasLoader) drivers.push({ driver: 'system', backend: 'vulkan' });
  if (swiftShader !== undefined) {
    drivers.push({ driver: 'bundled', backend: 'vulkan', icd: join(swiftShader, 'vk_swiftshader_icd.json') });
  }
  return drivers;
}

/** Advice for a machine on which no adapter was found. */
export function installHint(machine: Machine): string {
  const { platform, hasVulkanLoader, hasVulkanDriver, swiftShader } = machine;
  if (platform === 'darwin')
    return 'Dawn reaches adapters through Metal: macOS must run on hardware that has it';
  if (platform === 'win32') return 'Dawn reaches adapters through D3D12: install the driver of your GPU';
  const packages =
    'install a Vulkan driver and its loader, on Debian and Ubuntu mesa-vulkan-drivers and libvulkan1';
  const distrust =
    hasVulkanDriver && (hasVulkanLoader || swiftShader !== undefined)
      ? 'a Vulkan driver is registered, but Dawn accepts none of its adapters; '
      : '';
  if (!hasBundledDriver(machine)) return distrust + packages;
  if (swiftShader === undefined) {
    return `${distrust}${packages}, or the software driver of the package @sparticuz/chromium: npm i @sparticuz/chromium`;
  }
  return `${distrust}the bundled SwiftShader in ${swiftShader} does not start: remove that folder to unpack it again`;
}

/** A request for an adapter: `auto`, `gpu`, `software`, or a part of a name. */
export interface Wanted {
  request: string;
  found: readonly { name: string; kind: 'gpu' | 'software' }[];
}

/** The message of the error that no adapter fits a request. */
export function explainAbsence({ request, found }: Wanted, machine: Machine): string {
  const list = found.map(({ name, kind }) => `${name} (${kind})`).join(', ');
  if (request === 'gpu') {
    const advice = machine.platform === 'linux' ? `; ${GPU_ADVICE}` : '';
    return `no GPU was found${list && `, only ${list}`}${advice}; or run on the processor with --adapter software`;
  }
  if (found.length > 0) return `no adapter matches --adapter ${request}; found: ${list}`;
  return `no adapter was found; ${installHint(machine)}`;
}

const GPU_ADVICE =
  'check the driver with `nvidia-smi` or `vulkaninfo`, and that its ICD file is under /usr/share/vulkan/icd.d or named ' +
  'by VK_DRIVER_FILES';

/**
 * What makes training faster on a machine whose only adapter is SwiftShader; undefined on any other. For the figures see
 * docs/numbers.md.
 */
export function softwareAdvice(
  { platform, arch }: Pick<Machine, 'platform' | 'arch'>,
  found: readonly { name: string }[],
): string | undefined {
  if (platform !== 'linux' || arch !== 'x64') return undefined;
  if (found.length === 0 || !found.every(({ name }) => /swiftshader/i.test(name))) return undefined;
  return (
    'only SwiftShader was found: the llvmpipe of Mesa 26 takes a training step 2.4 to 4 times as fast. ' +
    'bash scripts/llvmpipe.sh COMMAND unpacks it into your cache and runs a command on it, without root'
  );
}
