import { vi } from 'vitest';

// Tests of the project `cpu` run on machines without any adapter.
vi.mock(import('../src/engine/gpu/vulkan.js'), async (original) => {
  const refuse = (): never => {
    throw new Error(
      'a test of the project cpu opened an adapter: scripts/test-files.ts should have found the call',
    );
  };
  return { ...(await original()), openAdapter: refuse, listAdapters: refuse };
});
