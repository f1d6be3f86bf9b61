import { relativeDifference } from '../../src/engine/bench/statistics.js';
import type { Prepared, Problem } from './problem.js';

/** What an engine computes for a problem before it is timed. */
export interface Evidence {
  /** The result of an op, or the loss of each of the first training steps. */
  results: Float32Array[];
  /** Of the first training step; none for an op. */
  gradients: ReadonlyMap<string, Float32Array>;
}

/** How far an engine's evidence is from ours; relative. */
export interface Differences {
  /** Of the result, or the worst loss. */
  result: number;
  /** Of the worst gradient; 0 for an op. */
  gradient: number;
  /** The parameter with that gradient. */
  parameter?: string | undefined;
}

/** A step's loss depends on all earlier steps, so the third one checks forward, backward and update. */
const CHECKED_STEPS = 3;

/**
 * Different orders of f32 sums explain no more. Losses alone prove little: an attention that is wrong for most rows can
 * change the first ones by only 3e-4.
 */
const TOLERANCES = { op: 1e-4, loss: 1e-5, gradient: 1e-4 };

export async function gatherEvidence(problem: Problem, prepared: Prepared): Promise<Evidence> {
  const results: Float32Array[] = [];
  let gradients: Evidence['gradients'] = new Map();
  const steps = problem.kind === 'training' ? CHECKED_STEPS : 1;
  for (let step = 0; step < steps; step++) {
    await prepared.run();
    results.push(Float32Array.from(await prepared.result()));
    if (step === 0 && prepared.gradients) gradients = await prepared.gradients();
  }
  return { results, gradients };
}

/** @throws Error when the evidence differs from ours by more than rounding, or lacks a gradient */
export function compareEvidence(problem: Problem, found: Evidence, expected: Evidence): Differences {
  const tolerance = problem.kind === 'training' ? TOLERANCES.loss : TOLERANCES.op;
  const result = worstOf(found.results.map((values, i) => relativeDifference(values, expected.results[i]!)));
  const gradients = [...expected.gradients].map(([name, values]) => ({
    name,
    error: relativeDifference(found.gradients.get(name) ?? [], values),
  }));
  const gradient = worstOf(gradients.map(({ error }) => error));
  const parameter = gradients.find(({ error }) => Object.is(error, gradient))?.name;
  const differences = { result, gradient, parameter };
  if (!(result <= tolerance)) {
    const losses = `: losses ${found.results.join(', ')} against ${expected.results.join(', ')}`;
    throw new Refused(
      `differs from ours by ${result.toExponential(2)}, which is over ${tolerance}` +
        (problem.kind === 'training' ? losses : ''),
      differences,
    );
  }
  if (!(gradient <= TOLERANCES.gradient)) {
    throw new Refused(
      `the gradient of ${parameter} differs from ours by ${gradient.toExponential(2)}, which is over ` +
        `${TOLERANCES.gradient}`,
      differences,
    );
  }
  return differences;
}

/** An engine whose results are not ours. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly differences: Differences,
  ) {
    super(message);
  }
}

/** The largest number, or NaN if any is; 0 without numbers. */
const worstOf = (errors: readonly number[]): number =>
  errors.reduce((worst, error) => (Number.isNaN(worst) || error <= worst ? worst : error), 0);
