export interface ScheduleOptions {
  /** Peak learning rate. */
  learningRate: number;
  /** Learning rate at the end of the cosine. */
  minLearningRate: number;
  warmupSteps: number;
  /** Steps of the whole run. */
  steps: number;
}

/** Learning rate of a step, counted from 0: linear warm-up, then half a cosine (SGDR, arXiv:1608.03983, without restarts). */
export function learningRateAt(step: number, options: ScheduleOptions): number {
  const { learningRate, minLearningRate, warmupSteps, steps } = options;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return minLearningRate + (learningRate - minLearningRate) * 0.5 * (1 + Math.cos(Math.PI * progress));
}
