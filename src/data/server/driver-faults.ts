/** How long what has already arrived may still be read after a connection is closed. */
const AFTERMATH_MS = 200;

type OnFault = (error: Error) => void;
const watching = new Set<OnFault>();

/**
 * Reports errors that the driver throws where nobody can catch them: its parser throws from an event when bytes are no
 * tokens, which would end the process. Errors from elsewhere take their usual way.
 *
 * @returns stops the reports, a moment later
 */
export function onDriverFault(report: OnFault): () => void {
  if (watching.size === 0 && !process.hasUncaughtExceptionCaptureCallback()) {
    process.setUncaughtExceptionCaptureCallback(divert);
  }
  watching.add(report);
  return () => {
    setTimeout(() => {
      watching.delete(report);
      if (watching.size === 0) process.setUncaughtExceptionCaptureCallback(null);
    }, AFTERMATH_MS).unref();
  };
}

function divert(error: Error): void {
  if (/[\\/](tedious|mssql)[\\/]/.test(error.stack ?? '')) {
    for (const report of watching) report(error);
    return;
  }
  process.setUncaughtExceptionCaptureCallback(null);
  watching.clear();
  setImmediate(() => {
    throw error;
  });
}
