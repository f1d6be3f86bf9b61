/** The module that a build's worker threads run: it answers jobs one at a time. */
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

/** The result's number arrays, to be transferred instead of copied. */
function buffersOf(result: Record<string, unknown>): ArrayBuffer[] {
  return Object.values(result).flatMap((value) =>
    value instanceof Uint32Array ? [value.buffer as ArrayBuffer] : [],
  );
}
