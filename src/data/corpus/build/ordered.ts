/**
 * Yields the results of jobs in the order of the jobs, with up to `ahead` jobs in flight. A slow consumer slows the
 * jobs down: at most `ahead` results wait at any time. If the consumer stops early, jobs in flight are abandoned.
 */
export async function* inOrder<Job, Result>(
  jobs: Iterable<Job>,
  run: (job: Job) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result> {
  const inFlight: Promise<Result>[] = [];
  const start = (job: Job): void => {
    const result = run(job);
    // The result is awaited later or never: until then, a rejection must not count as unhandled.
    result.catch(() => {});
    inFlight.push(result);
  };
  for (const job of jobs) {
    start(job);
    if (inFlight.length >= ahead) yield await inFlight.shift()!;
  }
  for (const result of inFlight) yield await result;
}
