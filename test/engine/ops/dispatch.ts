import { record } from '../../../src/engine/gpu/program.js';
import type { KernelFlags } from '../../../src/engine/gpu/template.js';
import type { Grid } from '../../../src/engine/tensor/grid.js';
import { recorder } from '../../../src/engine/tensor/recorder.js';
import { Random } from '../numerics.js';
import { testGpu } from '../test-gpu.js';

export type Data = Float32Array | Uint32Array;

/** Dispatches a kernel once on copies of `data`. Returns the buffers named by `read`, or all f32 ones, afterwards. */
export async function dispatch(
  name: string,
  data: Record<string, Data>,
  params: Record<string, number>,
  grid: Grid,
  flags?: KernelFlags,
  read: readonly string[] = Object.keys(data).filter((key) => data[key] instanceof Float32Array),
): Promise<Record<string, Data>> {
  const gpu = await testGpu();
  const tensors = Object.fromEntries(
    Object.entries(data).map(([key, values]) => [key, gpu.tensor([values.length], values, { label: key })]),
  );
  const kernel = gpu.kernels.get(name, flags && { flags });
  const program = await record(gpu, () => recorder().dispatch(kernel, tensors, params, grid));
  program.run();
  const after: Record<string, Data> = {};
  for (const key of read) after[key] = (await tensors[key]!.readAs(tensors[key]!.dtype as 'f32')) as Data;
  Object.values(tensors).forEach((tensor) => tensor.dispose());
  program.dispose();
  return after;
}

/** A margin after the range that a kernel may read or write; it must not change. */
export const MARGIN = 70;
export const withMargin = (values: ArrayLike<number>, margin = -7): Float32Array => {
  const all = new Float32Array(values.length + MARGIN).fill(margin);
  all.set(values);
  return all;
};
export const EMPTY = -3; // must not remain anywhere in a result

// One workgroup, several, and more than the work needs: each must visit every element once.
export const GRIDS = [1, 3, 40] as const;
export const N = 1000;
// A different margin, so that a copied margin is noticed.
export const x = withMargin(new Random(1).floats(N, 2), -9);
export const y = withMargin(new Random(2).floats(N, 2));
export const blank = (count: number): Float32Array => withMargin(new Float32Array(count).fill(EMPTY));
export const upTo = (count: number, value: (i: number) => number): Float32Array =>
  withMargin(Float32Array.from({ length: count }, (_, i) => value(i)));
