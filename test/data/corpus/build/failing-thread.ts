/** A worker that answers, fails, dies or never answers, as the job says. */
import { parentPort } from 'node:worker_threads';
import { toPlain } from '../../../../src/data/corpus/build/threads.js';
import { DataError } from '../../../../src/data/errors.js';

parentPort!.on('message', ({ id, job }: { id: number; job: string }) => {
  if (job === 'echo') parentPort!.postMessage({ id, result: job });
  if (job === 'exit') process.exit(3);
  if (job === 'throw') throw new Error('planted');
  if (job === 'data-error') {
    const error = new DataError({ code: 'planted', message: 'planted', file: 'a.json', field: 'b' });
    parentPort!.postMessage({ id, error: toPlain(error) });
  }
});
