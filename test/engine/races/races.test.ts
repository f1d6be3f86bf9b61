import { describe, expect, test } from 'vitest';
import type { Gpu, GpuOptions } from '../../../src/engine/gpu/device.js';
import { KernelLibrary } from '../../../src/engine/gpu/kernel.js';
import { describeRace } from '../../../src/engine/gpu/race-check.js';
import { testGpu } from '../test-gpu.js';
import { decodeCases, pathCases, usesWorkgroupMemory, type RaceCase } from './cases.js';

// Real matrix units cannot be followed, so the kernels for them are checked where they are emulated.
const DEVICES: [string, GpuOptions][] = [
  ['f32', { kernels: 'f32' }],
  ['f16', { kernels: 'f16' }],
  ['matrices of 16, emulated', { kernels: 'tensor', emulateMatrices: 16 }],
  ['matrices of 8, emulated', { kernels: 'tensor', emulateMatrices: 8 }],
];
const casesOf = (gpu: Gpu): RaceCase[] => [
  ...pathCases(gpu),
  ...(gpu.path === 'f32' ? decodeCases(gpu) : []),
];

/** Labels of the kernels that were checked, over all tests of this file. */
const checked = new Set<string>();

describe('no kernel has a race in workgroup memory', () => {
  test.each(DEVICES)('%s', async (_, options) => {
    const gpu = await testGpu(options);
    const texts = new Set<string>();
    for (const { name, kernel, record } of casesOf(gpu)) {
      const program = await record();
      const report = await program.findRaces({
        textOf: ({ file, source }) => {
          const isWanted = kernel === undefined || file === `${kernel}.wgsl`;
          return isWanted && !texts.has(source) ? source : undefined;
        },
      });
      report.checked.forEach(({ label, source }) => {
        checked.add(label.split(' ')[0]!);
        texts.add(source);
      });
      program.dispose();
      expect(report.races.map(describeRace), name).toEqual([]);
    }
  });

  test('every kernel with workgroup memory was checked', () => {
    const all = new KernelLibrary().names().filter(usesWorkgroupMemory);
    expect(all.length).toBeGreaterThan(10);
    expect([...checked].sort()).toEqual(all);
  });
});
