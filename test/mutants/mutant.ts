/**
 * One deliberate fault: `original` occurs exactly once in the kernel's file and those that it includes; `replacement`
 * takes its place. `survives` says why no test can notice the fault.
 */
export type Mutant = readonly [fault: string, original: string, replacement: string, survives?: string];

/** The faults of one kernel, and the tests that must notice each of them. */
export interface KernelMutants {
  /** Name of the file in `kernels/`, without `.wgsl`. */
  kernel: string;
  /** Test files, from `test/engine/`. */
  tests: readonly string[];
  /** Only tests whose name matches this regular expression. */
  named?: string | undefined;
  /** A feature that the kernel needs. On an adapter without it the mutants are skipped and counted. */
  needs?: string | undefined;
  mutants: readonly Mutant[];
}
