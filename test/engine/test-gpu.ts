import { afterAll } from 'vitest';
import { Gpu } from '../../src/engine/gpu/device.js';

let opened: Promise<Gpu> | undefined;

/** The device that all tests of one file share. `TEST_ADAPTER=gpu` demands a GPU. */
export function testGpu(): Promise<Gpu> {
  return (opened ??= Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' }));
}

afterAll(async () => {
  (await opened)?.close();
  opened = undefined;
});
