/**
 * How long the fuzzing lasts. A case is known by its seed alone, so that a failure can be run again:
 * `FUZZ_CASES=1 FUZZ_SEED=4711 npm run test:fuzz`. The full run is `FUZZ_CASES=1000000 npm run test:fuzz`.
 */
export const CASES = Number(process.env['FUZZ_CASES'] ?? 3000);
export const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1);
/** The most time that one case may take. */
export const LIMIT_MS = 50;
/** The longest that a whole run may take. */
export const RUN_TIMEOUT_MS = 3 * 3_600_000;

/** Time of a run; a slow one is run again, since a busy machine is slow now and then and a bad case always. */
export function timeOf(run: () => void): number {
  let best = Infinity;
  for (let i = 0; i < 5 && best > LIMIT_MS; i++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Runs one case after the other, each with its seed, until ten have failed; a thrown error is a failure. */
export function runCases(runCase: (seed: number) => string | undefined): string[] {
  const failures: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES && failures.length < 10; seed++) {
    try {
      const failure = runCase(seed);
      if (failure !== undefined) failures.push(`seed ${seed}: ${failure}`);
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).stack}`);
    }
  }
  return failures;
}
