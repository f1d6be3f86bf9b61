// A kernel of your own, checked against a loop: npx tsx examples/kernel.ts
import { fileURLToPath } from 'node:url';
import { Gpu, ops, record, type Tensor } from 'openward/engine';

// The folder holds softsign.wgsl; every other kernel still comes from the package.
const gpu = await Gpu.open({ kernelFolder: fileURLToPath(new URL('kernels', import.meta.url)) });

function softsign(x: Tensor): Tensor {
  const y = ops.emptyTensor(x.shape);
  ops.runKernel('softsign', { X: x, Y: y }, { N: x.size });
  return y;
}

const input = Float32Array.from({ length: 10_000 }, (_, i) => (i - 5000) / 500);
const x = gpu.tensor([100, 100], input);
const program = await record(gpu, () => softsign(ops.scale(x, 2)));
program.run();
const output = await program.outputs.read();

let largestError = 0;
input.forEach((value, i) => {
  const expected = (2 * value) / (1 + Math.abs(2 * value));
  largestError = Math.max(largestError, Math.abs(output[i]! - expected));
});
console.log(`largest error of ${output.length} values: ${largestError}`);
gpu.close();
