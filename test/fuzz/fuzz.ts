/** Something to fuzz. A seed determines its case, so a failure can be reproduced. */
export interface Target {
  name: string;
  /** Runs one case and returns what went wrong, or undefined. A thrown error is also a failure. */
  runCase(seed: number): string | undefined;
  /** How often each kind of case came up. */
  counts: Readonly<Record<string, number>>;
  /** Counts that must each reach a tenth of any run of a thousand cases or more, or the run proves nothing. */
  expected: readonly string[];
}

/** Limit of one case, in processor time: a busy machine takes longer by the clock, but does no more work. */
const LIMIT_MS = 50;
const MAX_FAILURES = 10;

/** Runs cases until ten have failed, and returns the failures. */
export function fuzz(
  target: Target,
  { cases, seed: first, onProgress }: { cases: number; seed: number; onProgress?: (done: number) => void },
): string[] {
  const failures: string[] = [];
  for (let seed = first; seed < first + cases && failures.length < MAX_FAILURES; seed++) {
    try {
      const failure = target.runCase(seed);
      if (failure !== undefined) failures.push(`seed ${seed}: ${failure}`);
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).stack}`);
    }
    if ((seed - first) % 10_000 === 9_999) onProgress?.(seed - first + 1);
  }
  if (failures.length > 0 || cases < 1000) return failures;
  return target.expected
    .filter((name) => target.counts[name]! < cases / 10)
    .map(
      (name) =>
        `only ${target.counts[name]} cases are ${name}: the generator no longer produces enough of them`,
    );
}

/** Processor milliseconds that this process has used. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Measures a run in milliseconds of processor time and says if it was too slow. A slow run is repeated: garbage
 * collection hits some runs, a bad case is slow every time.
 */
export function timed<T>(run: () => T): { result: T; took: number; fault?: string } {
  let start = cpuMs();
  const result = run();
  let took = cpuMs() - start;
  for (let i = 0; i < 5 && took > LIMIT_MS; i++) {
    start = cpuMs();
    run();
    took = Math.min(took, cpuMs() - start);
  }
  return took > LIMIT_MS ? { result, took, fault: `took ${took.toFixed(0)} ms` } : { result, took };
}
