import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

// Two worker processes: a software adapter uses every core by itself, so more would only compete.
export default defineConfig({
  resolve: {
    alias: { 'openward/engine': source('engine/index.ts'), 'openward/sql': source('sql/index.ts') },
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
