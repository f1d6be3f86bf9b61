import { describe, expect, test } from 'vitest';
import type { GpuOptions } from '../../../src/engine/gpu/device.js';
import { KernelLibrary, type Kernel } from '../../../src/engine/gpu/kernel.js';
import { describeRace } from '../../../src/engine/gpu/race-check.js';
import { testGpu } from '../test-gpu.js';
import { allCases, usesWorkgroupMemory } from './cases.js';

// Real matrix units cannot be followed, so the kernels for them are checked where they are emulated.
const DEVICES: [string, GpuOptions][] = [
  ['f32', { kernels: 'f32' }],
  ['f16', { kernels: 'f16' }],
  ['matrices of 16, emulated', { kernels: 'tensor', emulateMatrices: 16 }],
  ['matrices of 8, emulated', { kernels: 'tensor', emulateMatrices: 8 }],
];

/** Labels of the kernels that were checked, over all tests of this file. */
const checked = new Set<string>();

describe('no kernel has a race in workgroup memory', () => {
  test.each(DEVICES)('%s', async (_, options) => {
    const gpu = await testGpu(options);
    const texts = new Set<string>();
    for (const { name, kernel, record } of allCases(gpu)) {
      const program = await record();
      const isNew = ({ file, source }: Kernel): boolean =>
        (kernel === undefined || file === `${kernel}.wgsl`) && !texts.has(source);
      if (program.kernels.some(isNew)) {
        const report = await program.findRaces({
          textOf: (own) => (isNew(own) ? own.source : undefined),
        });
        report.checked.forEach(({ label, source }) => {
          checked.add(label.split(' ')[0]!);
          texts.add(source);
        });
        expect(report.races.map(describeRace), name).toEqual([]);
      }
      program.dispose();
    }
  });

  test('every kernel with workgroup memory was checked', () => {
    const all = new KernelLibrary().names().filter(usesWorkgroupMemory);
    expect(all.length).toBeGreaterThan(10);
    expect([...checked].sort()).toEqual(all);
  });
});
