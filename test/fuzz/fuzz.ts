/** One thing that is fuzzed. A case is known by its seed alone, so that a failure can be run again. */
export interface Target {
  name: string;
  /** Runs one case; what went wrong with it, or undefined. A thrown error is a failure as well. */
  runCase(seed: number): string | undefined;
  /** What was met so far: a run that met nothing proves nothing. */
  counts: Readonly<Record<string, number>>;
  /** Counts that are a good share of any run of a thousand cases and more. */
  expected: readonly string[];
}

/** The most time that one case may take. */
const LIMIT_MS = 50;
const MAX_FAILURES = 10;

/** Runs cases one after the other, until ten have failed. */
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
    .map((name) => `only ${target.counts[name]} cases are ${name}: the generator is not what it was`);
}

/**
 * Runs something and tells how many milliseconds it took, and what is wrong with that. A slow one is run again, since
 * a busy machine is slow now and then and a bad case always.
 */
export function timed<T>(run: () => T): { result: T; took: number; fault?: string } {
  let start = performance.now();
  const result = run();
  let took = performance.now() - start;
  for (let i = 0; i < 5 && took > LIMIT_MS; i++) {
    start = performance.now();
    run();
    took = Math.min(took, performance.now() - start);
  }
  return took > LIMIT_MS ? { result, took, fault: `took ${took.toFixed(0)} ms` } : { result, took };
}
