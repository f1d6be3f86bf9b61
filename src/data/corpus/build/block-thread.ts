/** The module of a build's threads: does the jobs that it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { BlockMaker } from './block-maker.js';
import type { BuildPlan, Job } from './messages.js';
import { toPlain, type ThreadAnswer } from './threads.js';

const maker = new BlockMaker(workerData as BuildPlan);

parentPort!.on('message', ({ id, job }: { id: number; job: Job }) => {
  maker.run(job).then(
    (result) => {
      const transfer = job.kind === 'encode' ? buffersOf(result as unknown as Record<string, unknown>) : [];
      parentPort!.postMessage({ id, result } satisfies ThreadAnswer, transfer);
    },
    (error: unknown) => parentPort!.postMessage({ id, error: toPlain(error) } satisfies ThreadAnswer),
  );
});

/** Numbers are handed over rather than copied. */
function buffersOf(result: Record<string, unknown>): ArrayBuffer[] {
  return Object.values(result).flatMap((value) =>
    value instanceof Uint32Array ? [value.buffer as ArrayBuffer] : [],
  );
}
