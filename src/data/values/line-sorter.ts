import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Runs that are merged at once; each holds a buffer while it is read. */
const MOST_RUNS = 64;
const CHUNK = 1 << 17;
/** Bytes that a line takes beside its letters: headers of its parts before they are joined, and its place in an array. */
const OVERHEAD = 100;

/**
 * Sorts any number of lines by their UTF-16 units and drops repetitions, in bounded memory: full runs are sorted and
 * written to files, which are merged at the end. A line contains no line feed and no lone surrogate.
 */
export class LineSorter {
  #lines: string[] = [];
  #size = 0;
  #runs: string[] = [];
  #written = 0;

  /**
   * @param folder for the runs; the caller removes it
   * @param name distinguishes the runs of sorters that share a folder
   * @param memory bytes of lines that are held
   */
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly memory: number,
  ) {}

  add(line: string): void {
    this.#lines.push(line);
    this.#size += line.length + OVERHEAD;
    if (this.#size < this.memory) return;
    this.#writeRun(sortedOnce(this.#takeLines()));
    if (this.#runs.length === MOST_RUNS) this.#writeRun(this.#merged());
  }

  /** All lines, sorted, each once. Call it once, after the last `add`. */
  *sorted(): Generator<string, void, undefined> {
    if (this.#runs.length === 0) return yield* sortedOnce(this.#takeLines());
    if (this.#lines.length > 0) this.#writeRun(sortedOnce(this.#takeLines()));
    yield* this.#merged();
  }

  #takeLines(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    this.#size = 0;
    return lines;
  }

  #writeRun(lines: Iterable<string>): void {
    const path = join(this.folder, `${this.name}-${this.#written++}.run`);
    const fd = openSync(path, 'wx', 0o600);
    try {
      let held: string[] = [];
      let size = 0;
      for (const line of lines) {
        held.push(line);
        size += line.length;
        if (size < CHUNK) continue;
        writeWhole(fd, Buffer.from(held.join('\n') + '\n'));
        held = [];
        size = 0;
      }
      if (held.length > 0) writeWhole(fd, Buffer.from(held.join('\n') + '\n'));
    } finally {
      closeSync(fd);
    }
    this.#runs.push(path);
  }

  *#merged(): Generator<string, void, undefined> {
    const runs = this.#runs;
    this.#runs = [];
    const heap: { line: string; rest: Generator<string, void, undefined> }[] = [];
    for (const run of runs) {
      const rest = linesOf(run);
      const first = rest.next();
      if (first.done !== true) heap.push({ line: first.value, rest });
    }
    heap.sort((a, b) => (a.line < b.line ? -1 : 1));
    let previous: string | undefined;
    try {
      while (heap.length > 0) {
        const top = heap[0]!;
        if (top.line !== previous) yield (previous = top.line);
        const next = top.rest.next();
        if (next.done !== true) top.line = next.value;
        else {
          const last = heap.pop()!;
          if (last !== top) heap[0] = last;
        }
        if (heap.length > 1) siftDown(heap);
      }
    } finally {
      for (const { rest } of heap) rest.return();
    }
    for (const run of runs) rmSync(run);
  }
}

function* sortedOnce(lines: string[]): Generator<string, void, undefined> {
  // The default order is by UTF-16 units, and faster than any comparison of our own.
  lines.sort();
  let previous: string | undefined;
  for (const line of lines) if (line !== previous) yield (previous = line);
}

function siftDown(heap: { line: string }[]): void {
  const item = heap[0]!;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]!.line < heap[child]!.line) child++;
    if (heap[child]!.line >= item.line) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = item;
}

function* linesOf(path: string): Generator<string, void, undefined> {
  const fd = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let held = 0;
    for (;;) {
      const read = readSync(fd, buffer, held, buffer.length - held, null);
      if (read === 0) return;
      held += read;
      const end = buffer.subarray(0, held).lastIndexOf(10);
      if (end < 0) {
        if (held === buffer.length) buffer = Buffer.concat([buffer], 2 * held);
        continue;
      }
      yield* buffer.toString('utf8', 0, end).split('\n');
      buffer.copyWithin(0, end + 1, held);
      held -= end + 1;
    }
  } finally {
    closeSync(fd);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
