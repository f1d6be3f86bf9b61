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
    // These only end a test that hangs. They are an hour, so that a busy machine fails no test that is slow.
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
    projects: [
      {
        extends: true,
        test: { name: 'cpu', include: cpu, setupFiles: ['test/no-adapter.ts'] },
      },
      { extends: true, test: { name: 'gpu', include: gpu } },
    ],
  },
});
