import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { testFiles } from './scripts/test-files.js';

const { cpu, gpu } = testFiles();

const source = (file: string): string => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: { 'openward/engine': source('engine/index.ts'), 'openward/sql': source('sql/index.ts') },
  },
  test: {
    pool: 'forks',
    // A software adapter uses every core by itself, so more workers would only compete.
    maxWorkers: 2,
    // No assertion: these end a test that hangs. A busy machine must not fail one that is slow.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    projects: [
      {
        extends: true,
        test: { name: 'cpu', include: cpu, setupFiles: ['test/no-adapter.ts'] },
      },
      { extends: true, test: { name: 'gpu', include: gpu } },
    ],
  },
});
