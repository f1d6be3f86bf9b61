import type { Gpu } from '../gpu/device.js';
import { currentCommit } from '../../base/commit.js';

/** Where, when and of which commit a figure was measured. Every stored run begins with it. */
export interface RunHeader {
  adapter: { name: string; kind: string; driver: string; description: string };
  /** The kernel path. */
  kernels: string;
  commit: string;
  date: string;
  node: string;
}

export function runHeader(gpu: Gpu): RunHeader {
  const { name, kind, driver, description } = gpu.adapter;
  const adapter = { name, kind, driver, description };
  return {
    adapter,
    kernels: gpu.path,
    commit: currentCommit(),
    date: new Date().toISOString(),
    node: process.version,
  };
}
