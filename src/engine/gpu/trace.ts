import type { DispatchTime } from './profile.js';

/** The kinds of events of the Chrome trace event format that we write. Times in microseconds. */
export type TraceEvent =
  | {
      /** A complete event: it starts at `ts` and takes `dur`. */
      ph: 'X';
      name: string;
      cat: string;
      pid: number;
      tid: number;
      ts: number;
      dur: number;
      args: Record<string, string | number>;
    }
  | {
      /** Metadata: the name of a process or of a row. */
      ph: 'M';
      name: 'process_name' | 'thread_name';
      pid: number;
      tid: number;
      args: { name: string };
    };

export interface TraceFile {
  traceEvents: TraceEvent[];
  displayTimeUnit: 'ms' | 'ns';
  otherData: Record<string, string>;
}

/** Two processes for two clocks, which cannot be aligned exactly. */
const HOST = 1;
const GPU = 2;

/**
 * Collects timed events as Chrome's JSON trace, which ui.perfetto.dev and chrome://tracing open (Google, Trace Event
 * Format, sections "JSON Object Format" and "Complete Events").
 */
export class Trace {
  readonly #events: TraceEvent[] = [];
  readonly #rows: string[] = [];
  #gpuEndUs = 0;

  constructor(private readonly adapter: { name: string; description: string }) {
    this.#nameProcess(HOST, 'host');
    this.#nameProcess(GPU, `GPU: ${adapter.name}`);
  }

  /** Adds one run's dispatches as a row, after those added before. */
  addDispatches(row: string, times: readonly DispatchTime[]): void {
    const tid = this.#row(GPU, row);
    const startUs = this.#gpuEndUs;
    for (const { label, grid, startNs, ns, params, flops = 0, bytes = 0 } of times) {
      const ts = startUs + startNs / 1000;
      const dur = ns / 1000;
      const rates = ns > 0 ? { 'GFLOP/s': flops / ns, 'GB/s': bytes / ns } : {};
      const args = { grid, ...params, flops, bytes, ...rates };
      this.#events.push({ ph: 'X', name: label, cat: 'dispatch', pid: GPU, tid, ts, dur, args });
      this.#gpuEndUs = Math.max(this.#gpuEndUs, ts + dur);
    }
  }

  /** Adds work of the host; times in milliseconds from the start of the trace. */
  addHost(
    row: string,
    name: string,
    startMs: number,
    endMs: number,
    args: Record<string, string | number> = {},
  ): void {
    const tid = this.#row(HOST, row);
    const [ts, dur] = [1000 * startMs, 1000 * (endMs - startMs)];
    this.#events.push({ ph: 'X', name, cat: 'host', pid: HOST, tid, ts, dur, args });
  }

  /** Whether there are no events. */
  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  toJSON(): TraceFile {
    const { name, description } = this.adapter;
    const clocks = 'host and GPU each count from their own start; every dispatch runs in its own pass';
    return {
      traceEvents: this.#events,
      displayTimeUnit: 'ms',
      otherData: { adapter: name, driver: description, clocks },
    };
  }

  #nameProcess(pid: number, name: string): void {
    this.#events.push({ ph: 'M', name: 'process_name', pid, tid: 0, args: { name } });
  }

  /** The number of a row; a new row is named first. */
  #row(pid: number, name: string): number {
    const key = `${pid} ${name}`;
    const known = this.#rows.indexOf(key);
    if (known >= 0) return known + 1;
    this.#rows.push(key);
    const tid = this.#rows.length;
    this.#events.push({ ph: 'M', name: 'thread_name', pid, tid, args: { name } });
    return tid;
  }
}
