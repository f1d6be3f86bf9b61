import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Gpu } from '../../../src/engine/gpu/device.js';

test('a script ends by itself after close, with work and a read still waiting', async () => {
  const script = ['--import', 'tsx', 'test/engine/gpu/close-child.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, script);
  expect(stdout).toBe('3\nread failed: device-closed\nclosed\n');
});

test('a closed device refuses to be read', async () => {
  const gpu = await Gpu.open({ adapter: process.env.TEST_ADAPTER ?? 'auto' });
  const x = gpu.tensor([4]);
  gpu.close();
  await expect(x.read()).rejects.toThrow(/was closed/);
});
