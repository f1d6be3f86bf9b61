import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { DataError, SchemaError, type DataErrorDetails } from '../../errors.js';

/** A thread's answer: a result, or an error as plain data. */
export type ThreadAnswer = { id: number; result: unknown } | { id: number; error: PlainError };

/** An error as plain data. A DataError keeps its class across threads; others keep name, message and stack. */
export interface PlainError {
  name: string;
  message: string;
  stack: string;
  details?: DataErrorDetails | undefined;
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

interface Thread {
  worker: Worker;
  waiting: Map<number, Waiting>;
}

/**
 * A number of threads that all run one module. The module answers each message `{ id, job }` with a `ThreadAnswer`.
 * If a thread dies or the threads are closed, all waiting jobs are rejected.
 */
export class Threads {
  private readonly threads: Thread[];
  private failure: Error | undefined;
  private nextId = 0;

  constructor(count: number, module: URL, workerData: unknown) {
    this.threads = Array.from({ length: count }, () => this.start(module, workerData));
  }

  /** One running and one waiting job per thread. */
  get ahead(): number {
    return 2 * this.threads.length;
  }

  /** Sends the job to the least busy thread. Each thread works in order. */
  run(job: unknown): Promise<unknown> {
    const idlest = this.threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
    return this.send(idlest, job);
  }

  /** Sends the job to every thread, ahead of any later job. */
  async tell(job: unknown): Promise<void> {
    await Promise.all(this.threads.map((thread) => this.send(thread, job)));
  }

  /** Rejects all waiting jobs with `reason` and ends the threads. */
  async close(reason: Error = new Error('the threads were closed')): Promise<void> {
    this.fail(reason);
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private start(module: URL, workerData: unknown): Thread {
    const worker = startWorker(module, workerData);
    const thread: Thread = { worker, waiting: new Map() };
    worker.on('message', (answer: ThreadAnswer) => {
      const waiting = thread.waiting.get(answer.id);
      thread.waiting.delete(answer.id);
      if ('error' in answer) waiting?.reject(fromPlain(answer.error));
      else waiting?.resolve(answer.result);
    });
    worker.on('error', (error) => this.fail(error));
    worker.on('exit', (code) => this.fail(new Error(`a worker thread ended with exit code ${code}`)));
    return thread;
  }

  private send(thread: Thread, job: unknown): Promise<unknown> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.postMessage({ id, job });
    });
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const { waiting } of this.threads) {
      for (const { reject } of waiting.values()) reject(this.failure);
      waiting.clear();
    }
  }
}

/** A thread needs up to 350 MB, most of it for schemas. Without a limit, the garbage collector lets far more pile up. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

/** From `dist` the module is plain JavaScript; from `src` the thread must first register a TypeScript loader. */
function startWorker(module: URL, workerData: unknown): Worker {
  if (!module.pathname.endsWith('.ts')) return new Worker(module, { workerData, resourceLimits });
  const tsx = createRequire(import.meta.url).resolve('tsx/package.json');
  const loader = new URL('dist/esm/api/index.mjs', pathToFileURL(tsx));
  const code = `import('${loader.href}').then(({ register }) => { register(); return import('${module.href}'); })`;
  return new Worker(code, { eval: true, workerData, execArgv: [], resourceLimits });
}

export function toPlain(error: unknown): PlainError {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof DataError)) return { name, message, stack };
  return { name, message, stack, details: error.details };
}

function fromPlain({ name, message, stack, details }: PlainError): Error {
  if (details !== undefined) return new (name === 'SchemaError' ? SchemaError : DataError)(details);
  const error = new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
