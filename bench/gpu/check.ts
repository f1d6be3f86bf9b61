/**
 * A short check for machines without a test runner: compares every kernel path of an adapter with float64, and training
 * steps of the paths with each other. Usage: check.ts [ADAPTER] [OUT.json]. Exits with 1 if anything differs too much. The
 * full check is `TEST_ADAPTER=gpu npx vitest run test/engine`.
 */
import { noise } from '../../src/engine/bench/inputs.js';
import { benchShape } from '../../src/engine/bench/cases.js';
import { runHeader, type RunHeader } from '../../src/engine/bench/report.js';
import { relativeDifference } from '../../src/engine/bench/statistics.js';
import { stepBatch } from '../../src/engine/bench/step.js';
import { writeJsonAtomic } from '../../src/base/files.js';
import { Gpu } from '../../src/engine/gpu/device.js';
import { KERNEL_PATHS, type KernelPath } from '../../src/engine/tensor/dtype.js';
import { backward } from '../../src/engine/tensor/autograd.js';
import { record } from '../../src/engine/gpu/program.js';
import { Decoder } from '../../src/engine/nn/decoder.js';
import {
  attention,
  attentionBackwardReference,
  attentionReference,
} from '../../src/engine/ops/attention/attention.js';
import { layernorm, layernormReference } from '../../src/engine/ops/layernorm.js';
import { matmul, matmulReference } from '../../src/engine/ops/matmul/matmul.js';
import { swiglu, swigluReference } from '../../src/engine/ops/swiglu.js';
import { ADAMW_DEFAULTS } from '../../src/engine/train/adamw.js';
import { decoderStep } from '../../src/engine/train/decoder-step.js';

interface Check {
  path: KernelPath;
  what: string;
  /** ‖found - expected‖ / ‖expected‖ */
  error: number;
  tolerance: number;
}

const [adapter = 'auto', out] = process.argv.slice(2);
const checks: Check[] = [];
let header: RunHeader | undefined;

async function checkOps(gpu: Gpu): Promise<void> {
  const { path } = gpu;
  const dtype = path === 'f32' ? 'f32' : 'f16';
  const tolerance = path === 'f32' ? 1e-5 : 2e-3;
  const note = (what: string, found: ArrayLike<number>, expected: ArrayLike<number>): void => {
    checks.push({ path, what, error: relativeDifference(found, expected), tolerance });
  };
  const tensor = async (shape: number[], values: Float32Array) => {
    const made = gpu.tensor(shape, values, { dtype, requiresGrad: true });
    // The reference starts from the values that the tensor holds, after rounding to f16.
    return { tensor: made, values: await made.read() };
  };

  for (const [transposeA, transposeB] of [
    [false, false],
    [false, true],
    [true, false],
  ] as const) {
    const [M, N, K] = [136, 200, 72];
    const a = await tensor(transposeA ? [K, M] : [M, K], noise(M * K));
    const b = await tensor(transposeB ? [N, K] : [K, N], noise(K * N + 7).slice(7));
    const program = await record(gpu, () => matmul(a.tensor, b.tensor, { transposeA, transposeB }));
    program.run();
    const problem = { batch: 1, M, N, K, transposeA, transposeB };
    const name = `matmul ${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'} ${M}×${N}×${K}`;
    note(name, await program.outputs.read(), matmulReference(problem, a.values, b.values));
  }

  for (const headDim of [32, 64, 128]) {
    const shape = { B: 2, T: 77, nHead: 2, headDim };
    const columns = 3 * shape.nHead * headDim;
    const qkv = await tensor([shape.B, shape.T, columns], noise(shape.B * shape.T * columns));
    const dO = await tensor(
      [shape.B, shape.T, columns / 3],
      noise((shape.B * shape.T * columns) / 3 + 3).slice(3),
    );
    const program = await record(gpu, () => {
      const output = attention(qkv.tensor, shape);
      return [output, ...backward(output, { seed: dO.tensor, wanted: [qkv.tensor] })];
    });
    program.run();
    const [O, dQKV] = await Promise.all(program.outputs.map((output) => output.read()));
    note(`attention, heads of ${headDim}`, O!, attentionReference(shape, qkv.values).O);
    note(
      `attention backward, heads of ${headDim}`,
      dQKV!,
      attentionBackwardReference(shape, qkv.values, dO.values),
    );
  }

  const [N, C] = [77, 208];
  const x = gpu.tensor([N, C], noise(N * C));
  const [gamma, beta] = [gpu.tensor([C], noise(C)), gpu.tensor([C], noise(C + 5).slice(5))];
  const gated = await tensor([N, C], noise(N * C));
  const program = await record(gpu, () => [layernorm(x, gamma, beta, 1e-5, dtype), swiglu(gated.tensor)]);
  program.run();
  const [normed, mixed] = await Promise.all(program.outputs.map((output) => output.read()));
  note('layernorm', normed!, layernormReference(noise(N * C), noise(C), noise(C + 5).slice(5), N, C));
  note('swiglu', mixed!, swigluReference(gated.values, N, C / 2));
}

/** Gradients of all parameters after one step of the same model on the same batch, and the loss. */
async function stepGradients(
  gpu: Gpu,
): Promise<{ loss: number; grads: Map<string, Float32Array>; scale: number }> {
  const shape = benchShape('software', { preset: 'tiny', B: 2, T: 64 });
  const decoder = new Decoder(gpu, shape.config, { trainable: true });
  decoder.parameters.initialise(2);
  const step = await decoderStep(decoder, ADAMW_DEFAULTS, { batchSize: 2, context: 64, microBatches: 1 });
  const scale = step.optimizer.scalesLoss ? (await step.optimizer.lossScale.read())[0]! : 1;
  step.submit([stepBatch(shape)], 0, 1e-4);
  const grads = new Map<string, Float32Array>();
  for (const name of decoder.parameters.tensors.keys()) {
    grads.set(name, await decoder.parameters.get(name).grad!.read());
  }
  const loss = (await step.lossTensor.read())[0]!;
  step.dispose();
  decoder.dispose();
  return { loss, grads, scale };
}

let expected: Awaited<ReturnType<typeof stepGradients>> | undefined;
for (const kernels of KERNEL_PATHS) {
  let gpu: Gpu;
  try {
    gpu = await Gpu.open({ adapter, kernels });
  } catch (error) {
    console.log(`${kernels}: not offered: ${(error as Error).message}`);
    continue;
  }
  console.log(`${kernels} on ${gpu.adapter.name}`);
  header ??= runHeader(gpu);
  let found: Awaited<ReturnType<typeof stepGradients>>;
  try {
    await checkOps(gpu);
    found = await stepGradients(gpu);
  } catch (error) {
    // A failing path must not hide the results of the others.
    checks.push({ path: kernels, what: (error as Error).message, error: NaN, tolerance: 0 });
    continue;
  }
  expected ??= found;
  checks.push({
    path: kernels,
    what: 'loss of a step',
    error: Math.abs(found.loss / expected.loss - 1),
    tolerance: 2e-3,
  });
  let worst = { name: '', error: 0 };
  for (const [name, grad] of found.grads) {
    const error = relativeDifference(
      grad.map((value) => value / found.scale),
      expected.grads.get(name)!,
    );
    if (!(error <= worst.error)) worst = { name, error };
  }
  checks.push({
    path: kernels,
    what: `gradients of a step, worst ${worst.name}`,
    error: worst.error,
    tolerance: 3e-2,
  });
  gpu.close();
}
const wrong = checks.filter(({ error, tolerance }) => !(error <= tolerance));
for (const { path, what, error, tolerance } of checks) {
  console.log(
    `${error <= tolerance ? 'right' : 'WRONG'} ${path.padEnd(6)} ${error.toExponential(1)} ${what}`,
  );
}
if (out !== undefined)
  await writeJsonAtomic(out, { kind: 'check', ...header, kernels: 'all', checks, wrong: wrong.length });
process.exit(checks.length > 0 && wrong.length === 0 ? 0 : 1);
