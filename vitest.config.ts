import { defineConfig } from 'vitest/config';

// Two worker processes: a software adapter uses every core by itself, so more would only compete.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
