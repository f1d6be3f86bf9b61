import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Trace } from '../../../src/engine/gpu/trace.js';
import { record } from '../../../src/engine/gpu/program.js';
import { layernorm } from '../../../src/engine/ops/layernorm.js';
import { testGpu } from '../test-gpu.js';

/** The fields that the Trace Event Format requires of the two kinds of events we write, and no others. */
const event = z.discriminatedUnion('ph', [
  z.strictObject({
    ph: z.literal('X'),
    name: z.string().min(1),
    cat: z.string().min(1),
    pid: z.number().int(),
    tid: z.number().int(),
    ts: z.number().min(0),
    dur: z.number().min(0),
    args: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  z.strictObject({
    ph: z.literal('M'),
    name: z.enum(['process_name', 'thread_name']),
    pid: z.number().int(),
    tid: z.number().int(),
    args: z.strictObject({ name: z.string().min(1) }),
  }),
]);
export const traceFile = z.strictObject({
  traceEvents: z.array(event),
  displayTimeUnit: z.enum(['ms', 'ns']),
  otherData: z.record(z.string(), z.string()),
});

describe('a trace', () => {
  test('of a program fits the format; every event is in a named row, and events in a row do not overlap', async () => {
    const gpu = await testGpu();
    const [x, gamma, beta] = [[8, 64], [64], [64]].map((shape) =>
      gpu.tensor(
        shape,
        Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)),
      ),
    );
    const program = await record(gpu, () => layernorm(layernorm(x!, gamma!, beta!), gamma!, beta!));
    const trace = new Trace(gpu.adapter);
    trace.addHost('encode', 'first run', 0, 0.25, { dispatches: 2 });
    trace.addDispatches('first', await program.profile());
    trace.addDispatches('second', await program.profile());
    const file = traceFile.parse(JSON.parse(JSON.stringify(trace)));

    const rows = new Set(
      file.traceEvents.flatMap((one) => (one.name === 'thread_name' ? [`${one.pid} ${one.tid}`] : [])),
    );
    const complete = file.traceEvents.flatMap((one) => (one.ph === 'X' ? [one] : []));
    const dispatches = complete.filter(({ cat }) => cat === 'dispatch');
    expect(dispatches).toHaveLength(4);
    for (const { name, args, dur } of dispatches) {
      expect(name).toBe('layernorm_forward ALIGNED');
      expect(args).toMatchObject({ N: 8, C: 64, flops: 8 * 8 * 64, bytes: 8 * 8 * 64 });
      expect(dur).toBeGreaterThan(0);
    }
    const end = new Map<string, number>();
    for (const { pid, tid, ts, dur } of complete) {
      const row = `${pid} ${tid}`;
      expect(rows).toContain(row);
      expect(ts).toBeGreaterThanOrEqual(end.get(row) ?? 0);
      end.set(row, ts + dur);
    }
    program.dispose();
    [x, gamma, beta].forEach((tensor) => tensor!.dispose());
  });
});
