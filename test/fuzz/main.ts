import { fuzz } from './fuzz.js';
import { grammarTarget } from './grammar-target.js';
import { validatorTarget } from './validator-target.js';
import { vaultTarget } from './vault-target.js';

/**
 * `npm run test:fuzz` runs FUZZ_CASES cases (default 20000; the full run is 1000000) from seed FUZZ_SEED (default 1).
 * FUZZ_ONLY selects `validator`, `vault` or `grammar`, which takes some 100 times longer than the others for one case. The exit code is 0 only if nothing was found.
 */
const cases = Number(process.env['FUZZ_CASES'] ?? 20_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const only = process.env['FUZZ_ONLY'];

let found = 0;
for (const target of [validatorTarget(), vaultTarget(), grammarTarget()]) {
  if (only !== undefined && only !== target.name) continue;
  const started = process.cpuUsage();
  const failures = fuzz(target, {
    cases,
    seed,
    onProgress: (done) => {
      if (done % 100_000 === 0) console.error(`${target.name}: ${done} of ${cases} cases`);
    },
  });
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  const outcome = failures.length === 0 ? 'nothing found' : `${failures.length} failures`;
  console.log(
    `${target.name}: ${outcome}, ${cases} cases from seed ${seed} in ${seconds.toFixed(0)} s of processor time`,
  );
  console.log(target.counts);
  failures.forEach((failure) => console.log(`  ${failure}`));
  found += failures.length;
}
process.exit(found === 0 ? 0 : 1);
