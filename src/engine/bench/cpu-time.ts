import { readdirSync, readFileSync } from 'node:fs';

/**
 * Milliseconds of processor time that this process's threads have used, the main one left out; undefined where the
 * system does not tell. A software adapter computes in such threads. Unlike time on a clock, this hardly grows when other
 * programs keep the machine busy.
 */
export function workerCpuMs(): number | undefined {
  const threads = '/proc/self/task';
  try {
    const nanoseconds = readdirSync(threads)
      .filter((thread) => thread !== String(process.pid))
      .map((thread) => Number(readFileSync(`${threads}/${thread}/schedstat`, 'utf8').split(' ')[0]));
    return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
  } catch {
    return undefined;
  }
}
