// Runs all checks of the project, cheapest first. Each check runs even if another failed. The tests run last, so that
// their summary ends the output. The exit code is 0 only if all pass. Arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const checks = [
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['types of the page', 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.page.json'],
  ['lint', 'node_modules/eslint/bin/eslint.js', '.'],
  ['tests', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
];

const failed = [];
for (const [name, ...command] of checks) {
  console.log(`── ${name}`);
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
  if (status === 0) continue;
  failed.push(name);
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
