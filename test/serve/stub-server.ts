/**
 * A server process over a stub service, for tests of what happens between processes. Prints its address; ends on SIGTERM
 * as `engine serve` does. Arguments: milliseconds of a question, capacity of the queue.
 */
import { interruptSignal } from '../../src/cli/interrupt.js';
import { note, printLine } from '../../src/cli/output.js';
import { createApp } from '../../src/serve/app.js';
import { serveUntilStopped } from '../../src/serve/listen.js';
import { stubService } from './stub.js';

const [delay = 5, capacity = 64] = process.argv.slice(2).map(Number);
const stopping = interruptSignal();
const app = createApp({
  service: stubService({ delay, capacity }),
  version: '1.2.3',
  maxBody: 65_536,
  guards: { isPublic: false, hosts: [], origins: [], rateLimit: 0 },
  log: note,
  isStopping: () => stopping.aborted,
});
const isWhole = await serveUntilStopped(app, {
  ...{ host: '127.0.0.1', port: 0, stopping, patience: 20_000 },
  onListening: printLine,
});
process.exit(isWhole ? 0 : 3);
