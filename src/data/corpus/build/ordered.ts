/**
 * Results of jobs in the order of the jobs, while up to `ahead` of them run: whoever is slow to take results slows
 * the jobs down, so that no more than `ahead` results are ever waiting. Jobs are drawn as they are started; a
 * consumer that stops early leaves those in flight to themselves.
 */
export async function* inOrder<Job, Result>(
  jobs: Iterable<Job>,
  run: (job: Job) => Promise<Result>,
  ahead: number,
): AsyncGenerator<Result> {
  const inFlight: Promise<Result>[] = [];
  const start = (job: Job): void => {
    const result = run(job);
    // It is awaited later, and perhaps never: a rejection must not count as unhandled until then.
    result.catch(() => {});
    inFlight.push(result);
  };
  for (const job of jobs) {
    start(job);
    if (inFlight.length >= ahead) yield await inFlight.shift()!;
  }
  for (const result of inFlight) yield await result;
}
