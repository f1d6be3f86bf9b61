/**
 * A signal that Ctrl+C or SIGTERM aborts, for work that can end in an orderly way. A second Ctrl+C kills the process as
 * usual.
 */
export function interruptSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  return stop.signal;
}
