import { describe, expect, test } from 'vitest';
import {
  driversFor,
  explainAbsence,
  installHint,
  softwareAdvice,
  type Machine,
} from '../../../src/engine/gpu/platform.js';

const machine = (given: Partial<Machine>): Machine => ({
  platform: 'linux',
  arch: 'x64',
  hasVulkanLoader: false,
  hasVulkanDriver: false,
  swiftShader: undefined,
  ...given,
});

const SYSTEM = { driver: 'system', backend: 'vulkan' };
const BUNDLED = { driver: 'bundled', backend: 'vulkan', icd: '/cache/s/vk_swiftshader_icd.json' };
const swiftShader = '/cache/s';

describe('the drivers to try', () => {
  test.each<[string, Partial<Machine>, object[]]>([
    ['Metal on macOS', { platform: 'darwin', arch: 'arm64' }, [{ driver: 'system', backend: 'metal' }]],
    ['D3D12 on Windows', { platform: 'win32' }, [{ driver: 'system', backend: 'd3d12' }]],
    [
      'D3D12 on Windows on arm64',
      { platform: 'win32', arch: 'arm64' },
      [{ driver: 'system', backend: 'd3d12' }],
    ],
    [
      'the system before SwiftShader',
      { hasVulkanLoader: true, hasVulkanDriver: true, swiftShader },
      [SYSTEM, BUNDLED],
    ],
    ['the system through SwiftShader’s loader', { hasVulkanDriver: true, swiftShader }, [SYSTEM, BUNDLED]],
    ['SwiftShader alone where no driver is registered', { hasVulkanLoader: true, swiftShader }, [BUNDLED]],
    ['the system alone on arm64', { arch: 'arm64', hasVulkanLoader: true, hasVulkanDriver: true }, [SYSTEM]],
    ['none without a loader', { hasVulkanDriver: true }, []],
    ['none without a driver', { arch: 'arm64', hasVulkanLoader: true }, []],
  ])('%s', (_name, given, drivers) => {
    expect(driversFor(machine(given))).toEqual(drivers);
  });
});

describe('what to install where no adapter is found', () => {
  test('arm64 Linux: the packages of a Vulkan driver, and not SwiftShader, which is built for x86-64', () => {
    const hint = installHint(machine({ arch: 'arm64' }));
    expect(hint).toMatch(/mesa-vulkan-drivers and libvulkan1/);
    expect(hint).not.toMatch(/chromium|SwiftShader/);
  });

  test('x86-64 Linux without the optional package: either of the two', () => {
    const hint = installHint(machine({}));
    expect(hint).toMatch(/mesa-vulkan-drivers and libvulkan1.*npm i @sparticuz\/chromium/);
  });

  test('a registered driver that Dawn rejects is mentioned', () => {
    const hint = installHint(machine({ arch: 'arm64', hasVulkanLoader: true, hasVulkanDriver: true }));
    expect(hint).toMatch(/^a Vulkan driver is registered, but Dawn accepts none of its adapters; install/);
  });

  test.each<[NodeJS.Platform, RegExp]>([
    ['darwin', /Metal/],
    ['win32', /D3D12: install the driver of your GPU/],
  ])('%s: does not mention Vulkan', (platform, words) => {
    expect(installHint(machine({ platform }))).toMatch(words);
    expect(installHint(machine({ platform }))).not.toMatch(/vulkan/i);
  });
});

describe('a request that no adapter serves', () => {
  const found = [{ name: 'SwiftShader Device', kind: 'software' as const }];

  test('a GPU: lists the adapters and says how to run without a GPU', () => {
    const message = explainAbsence({ request: 'gpu', found }, machine({ swiftShader }));
    expect(message).toMatch(/^no GPU was found, only SwiftShader Device \(software\); check the driver/);
    expect(message).toMatch(/--adapter software$/);
  });

  test('a GPU on macOS: no advice about Vulkan', () => {
    const message = explainAbsence({ request: 'gpu', found: [] }, machine({ platform: 'darwin' }));
    expect(message).toMatch(/^no GPU was found/);
    expect(message).not.toMatch(/vulkan/i);
  });

  test('a name: lists the others', () => {
    const message = explainAbsence({ request: 'radeon', found }, machine({ swiftShader }));
    expect(message).toBe('no adapter matches --adapter radeon; found: SwiftShader Device (software)');
  });

  test('any adapter: says what to install', () => {
    const message = explainAbsence({ request: 'auto', found: [] }, machine({ arch: 'arm64' }));
    expect(message).toMatch(/^no adapter was found; install .*libvulkan1$/);
  });
});

test('SwiftShader alone on x86-64 Linux: the command that gets a faster driver', () => {
  const swift = { name: 'SwiftShader Device (Subzero)' };
  const advice = softwareAdvice(machine({}), [swift]);
  expect(advice).toMatch(/llvmpipe of Mesa 26 .* 2\.4 to 4 times as fast.*scripts\/llvmpipe\.sh/);
  expect(softwareAdvice(machine({}), [{ name: 'llvmpipe (LLVM 22.1.8)' }, swift])).toBeUndefined();
  expect(softwareAdvice(machine({}), [])).toBeUndefined();
  expect(softwareAdvice(machine({ arch: 'arm64' }), [swift])).toBeUndefined();
  expect(softwareAdvice(machine({ platform: 'darwin' }), [swift])).toBeUndefined();
});
