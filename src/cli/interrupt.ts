import { note } from './output.js';

/**
 * A signal that Ctrl+C or SIGTERM aborts, for work that can end in an orderly way. A second Ctrl+C kills the process as
 * usual.
 *
 * @param work what is still done then, such as `finishing the step`; it is said on stderr. A function is asked then
 */
export function interruptSignal(work?: string | (() => string)): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort();
      if (work === undefined) return;
      note(`${typeof work === 'string' ? work : work()}; press Ctrl+C again to stop at once`);
    });
  }
  return stop.signal;
}
