import { expect, test } from 'vitest';
import type { GpuOptions } from '../../../src/engine/gpu/device.js';
import type { Kernel } from '../../../src/engine/gpu/kernel.js';
import { hasWorkgroupMemory } from '../../../src/engine/gpu/race-text.js';
import { testGpu } from '../test-gpu.js';
import { decodeCases, pathCases } from './cases.js';

// Takes each barrier out of each kernel, one at a time: the check must notice.

const DEVICES: GpuOptions[] = [{ kernels: 'f32' }, { kernels: 'tensor', emulateMatrices: 16 }];

const BARRIER = 'workgroupBarrier();';

/** Offsets of the barriers in a kernel's text; those in comments do not count. */
function barriersOf({ source }: Kernel): { place: number; line: number }[] {
  const code = source.replace(/\/\/.*/g, (comment) => ' '.repeat(comment.length));
  return [...code.matchAll(/workgroupBarrier\(\);/g)].map(({ index }) => ({
    place: index,
    line: code.slice(0, index).split('\n').length,
  }));
}

const without = (source: string, place: number): string =>
  source.slice(0, place) + ' '.repeat(BARRIER.length) + source.slice(place + BARRIER.length);

test('a missing barrier is noticed, whichever it is', async () => {
  /** `FILE:LINE` of every barrier, and whether a case noticed that it was missing. */
  const noticed = new Map<string, boolean>();
  for (const options of DEVICES) {
    const gpu = await testGpu(options);
    for (const { kernel: wanted, record } of [
      ...pathCases(gpu),
      ...(gpu.path === 'f32' ? decodeCases(gpu) : []),
    ]) {
      const program = await record();
      const kernels = program.kernels.filter(
        ({ file, source }) =>
          hasWorkgroupMemory(source) && (wanted === undefined || file === `${wanted}.wgsl`),
      );
      for (const kernel of kernels) {
        for (const { place, line } of barriersOf(kernel)) {
          const where = kernel.place(line);
          if (noticed.get(where)) continue;
          const text = without(kernel.source, place);
          const { count } = await program.findRaces({
            textOf: (other) => (other === kernel ? text : undefined),
          });
          noticed.set(where, count > 0);
        }
      }
      program.dispose();
    }
  }
  expect(noticed.size).toBeGreaterThan(40);
  expect([...noticed].filter(([, isNoticed]) => !isNoticed).map(([where]) => where)).toEqual([]);
});
