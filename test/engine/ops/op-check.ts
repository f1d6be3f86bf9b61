import { expect } from 'vitest';
import { backward } from '../../../src/engine/tensor/autograd.js';
import type { Gpu } from '../../../src/engine/gpu/device.js';
import { record } from '../../../src/engine/gpu/program.js';
import { sizeOf, type Shape } from '../../../src/engine/tensor/shape.js';
import type { Tensor } from '../../../src/engine/tensor/tensor.js';
import { packHalves, unpackHalves } from '../../../src/engine/tensor/half.js';
import { finiteDifferences, Random, relativeError } from '../numerics.js';

/** The values rounded to f16. */
export const rounded = (values: Float32Array): Float32Array => unpackHalves(packHalves(values));

/** One op at one size, as `checkOp` tests it. */
export interface OpCase {
  name: string;
  shapes: readonly Shape[];
  /** Dtypes of the inputs, f32 by default. The values of an f16 input are rounded to f16. */
  dtypes?: readonly ('f32' | 'f16')[] | undefined;
  /** Applies the op to tensors of these shapes. */
  apply(inputs: Tensor[]): Tensor;
  /** The op in float64. */
  reference(inputs: readonly Float64Array[]): Float64Array;
  /** Inputs with a gradient, all by default. */
  differentiable?: readonly number[] | undefined;
  /** Largest relative error of the result, 1e-5 by default; gradients may have twice that. */
  tolerance?: number | undefined;
}

/**
 * Compares the result with float64 and the gradients with finite differences of the float64 reference, then runs again
 * and expects the same bytes.
 */
export async function checkOp(gpu: Gpu, op: OpCase, seed: number): Promise<void> {
  const random = new Random(seed);
  const tolerance = op.tolerance ?? 1e-5;
  const dtypeOf = (i: number): 'f32' | 'f16' => op.dtypes?.[i] ?? 'f32';
  const data = op.shapes.map((shape, i) => {
    const values = random.floats(sizeOf(shape), 2);
    return dtypeOf(i) === 'f16' ? rounded(values) : values;
  });
  const inputs = data.map((values, i) =>
    gpu.tensor(op.shapes[i]!, values, { label: `input ${i}`, dtype: dtypeOf(i), requiresGrad: true }),
  );
  const exact = data.map((values) => Float64Array.from(values));
  const expected = op.reference(exact);
  const weights = op.dtypes ? rounded(random.floats(expected.length)) : random.floats(expected.length);
  const wanted = (op.differentiable ?? inputs.map((_, i) => i)).map((i) => inputs[i]!);

  const program = await record(gpu, () => {
    const output = op.apply(inputs);
    const seedTensor = gpu.tensor(output.shape, weights, { label: 'seed', dtype: output.dtype });
    return { output, grads: backward(output, { seed: seedTensor, wanted }), seedTensor };
  });
  program.run();
  const output = await program.outputs.output.read();
  expect(relativeError(output, expected), `${op.name}: forward`).toBeLessThan(tolerance);
  const grads = await Promise.all(program.outputs.grads.map((grad) => grad.read()));
  for (const [k, grad] of grads.entries()) {
    const which = inputs.indexOf(wanted[k]!);
    const differences = finiteDifferences(op.reference, exact, which, weights);
    expect(relativeError(grad, differences), `${op.name}: gradient of input ${which}`).toBeLessThan(
      tolerance * 2,
    );
  }
  program.run();
  expect(await program.outputs.output.read(), `${op.name}: second run`).toEqual(output);
  for (const [k, grad] of program.outputs.grads.entries()) expect(await grad.read()).toEqual(grads[k]);

  program.outputs.seedTensor.dispose();
  program.dispose();
  inputs.forEach((input) => input.dispose());
}
