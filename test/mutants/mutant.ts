/** One deliberate fault: `original` stands exactly once in the kernel's file, and `replacement` takes its place. */
export type Mutant = readonly [fault: string, original: string, replacement: string, survives?: string];

/** The faults of one kernel, and the tests that have to notice every one of them. */
export interface KernelMutants {
  /** Name of the file in `kernels/`, without `.wgsl`. */
  kernel: string;
  /** Test files, from `test/engine/`. */
  tests: readonly string[];
  /** Only tests whose name contains this (a regular expression). */
  named?: string;
  /** Feature without which the adapter cannot run the kernel: its mutants are then left out, and counted as such. */
  needs?: string;
  mutants: readonly Mutant[];
}
