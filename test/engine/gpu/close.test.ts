import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';

test('a script exits after close, even while work and a read are pending', async () => {
  const script = ['--import', 'tsx', 'test/engine/gpu/close-child.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, script);
  expect(stdout).toBe('3\nread failed: device-closed\nclosed\n');
});

test('reading from a closed device is refused', async () => {
  const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
  const x = gpu.tensor([4]);
  gpu.close();
  await expect(x.read()).rejects.toThrow(/was closed/);
});
