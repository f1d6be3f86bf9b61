import { readdirSync, readFileSync } from 'node:fs';

/**
 * CPU time, in milliseconds, that all threads of this process except the main one have used; undefined if the system does
 * not report it. A software adapter computes in these threads. Unlike wall time, this hardly grows when other programs
 * keep the machine busy.
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
