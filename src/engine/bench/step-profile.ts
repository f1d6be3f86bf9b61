import type { Clock, DispatchTime } from '../gpu/profile.js';
import type { Program } from '../gpu/program.js';
import { quantile } from './statistics.js';

/** All dispatches of one kernel with the same extents. */
export interface ProfileRow {
  /** The kernel's file, its flags and constants. */
  kernel: string;
  /** Its parameters that are whole numbers, and its grid: `M=512 N=512 K=32768, 4×4×17`. */
  extents: string;
  count: number;
  /** Time of all of them together. */
  ms: number;
  /** Of the time of all rows. */
  share: number;
  flops: number;
  bytes: number;
}

export interface StepProfile {
  clock: Clock;
  /** Sum of all rows: without the gaps between dispatches. */
  ms: number;
  /** The longest first. */
  rows: ProfileRow[];
}

/** Runs of which a dispatch's time is the median. */
const RUNS = 3;

/** Times each dispatch of some programs by itself, and adds those that do the same work. */
export async function profilePrograms(
  programs: readonly Program<unknown>[],
  clock: Clock,
): Promise<StepProfile> {
  const runs: DispatchTime[][] = [];
  for (let run = 0; run < RUNS; run++) {
    const times: DispatchTime[] = [];
    for (const program of programs) times.push(...(await program.profile(clock)));
    runs.push(times);
  }
  return { clock, ...profileOf(runs) };
}

/** Sums the medians of the runs' times by kernel and extents. Every run has the same dispatches. */
export function profileOf(runs: readonly (readonly DispatchTime[])[]): Pick<StepProfile, 'ms' | 'rows'> {
  const rows = new Map<string, ProfileRow>();
  (runs[0] ?? []).forEach(({ label: kernel, grid, params, flops = 0, bytes = 0 }, i) => {
    const whole = Object.entries(params).filter(([, value]) => Number.isInteger(value));
    const extents = `${whole.map(([name, value]) => `${name}=${value}`).join(' ')}, ${grid}`;
    const ms =
      quantile(
        runs.map((run) => run[i]!.ns).sort((a, b) => a - b),
        0.5,
      ) / 1e6;
    const key = `${kernel} ${extents}`;
    const row = rows.get(key) ?? { kernel, extents, count: 0, ms: 0, share: 0, flops: 0, bytes: 0 };
    rows.set(key, {
      ...row,
      count: row.count + 1,
      ms: row.ms + ms,
      flops: row.flops + flops,
      bytes: row.bytes + bytes,
    });
  });
  const all = [...rows.values()].sort((a, b) => b.ms - a.ms);
  const ms = all.reduce((sum, row) => sum + row.ms, 0);
  return { ms, rows: all.map((row) => ({ ...row, share: ms > 0 ? row.ms / ms : 0 })) };
}
