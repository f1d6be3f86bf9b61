/**
 * A short check for machines without a test runner: compares the ops of a kernel path with float64, and the gradients of
 * a training step with those of a reference. Exits with 1 if anything differs too much.
 *
 *     check.ts [--adapter A] [--path P] [--reference FILE] [--out FILE.json]
 *     check.ts --write-reference FILE [--adapter software]
 *
 * Without --path every path is checked. The reference is the path f32: of another adapter, from a file that
 * --write-reference wrote, or else of the same adapter. The full check is `TEST_ADAPTER=gpu npx vitest run test/engine`.
 */
import { parseArgs } from 'node:util';
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
import { SafetensorsFile, writeSafetensors, type TensorSource } from '../../src/engine/train/safetensors.js';

interface Check {
  path: KernelPath;
  what: string;
  /** ‖found - expected‖ / ‖expected‖ */
  error: number;
  tolerance: number;
}

const { values: options } = parseArgs({
  options: {
    adapter: { type: 'string', default: 'auto' },
    path: { type: 'string' },
    reference: { type: 'string' },
    'write-reference': { type: 'string' },
    out: { type: 'string' },
  },
});
const { adapter, out } = options;
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

/** What a training step computed: its loss, and the gradients of all parameters. */
interface StepResult {
  loss: number;
  grads: Map<string, Float32Array>;
}

/** One step of a small model from seeded weights on a fixed batch. */
async function stepResult(gpu: Gpu): Promise<StepResult> {
  const shape = benchShape('software', { preset: 'tiny', B: 2, T: 64 });
  const decoder = new Decoder(gpu, shape.config, { trainable: true });
  decoder.parameters.initialise(2);
  const step = await decoderStep(decoder, ADAMW_DEFAULTS, { batchSize: 2, context: 64, microBatches: 1 });
  const scale = step.optimizer.scalesLoss ? (await step.optimizer.lossScale.read())[0]! : 1;
  step.submit([stepBatch(shape)], 0, 1e-4);
  const grads = new Map<string, Float32Array>();
  for (const name of decoder.parameters.tensors.keys()) {
    const grad = await decoder.parameters.get(name).grad!.read();
    grads.set(
      name,
      grad.map((value) => value / scale),
    );
  }
  const loss = (await step.lossTensor.read())[0]!;
  step.dispose();
  decoder.dispose();
  return { loss, grads };
}

const LOSS = 'loss';

async function writeReference(file: string): Promise<void> {
  const gpu = await Gpu.open({ adapter, kernels: 'f32' });
  const { loss, grads } = await stepResult(gpu);
  const tensor = (name: string, values: Float32Array): TensorSource => ({
    name,
    dtype: 'F32',
    shape: [values.length],
    read: () => values,
  });
  const tensors = [...grads].map(([name, values]) => tensor(name, values));
  await writeSafetensors(file, [tensor(LOSS, Float32Array.of(loss)), ...tensors]);
  console.log(`gradients of ${gpu.adapter.name}: ${file}`);
}

async function readReference(path: string): Promise<StepResult> {
  const file = await SafetensorsFile.open(path);
  const grads = new Map<string, Float32Array>();
  for (const name of file.tensors.keys()) grads.set(name, new Float32Array((await file.read(name)).buffer));
  await file.close();
  const loss = grads.get(LOSS)![0]!;
  grads.delete(LOSS);
  return { loss, grads };
}

function compareSteps(path: KernelPath, found: StepResult, expected: StepResult): void {
  const [lossTolerance, gradTolerance] = path === 'f32' ? [1e-5, 1e-3] : [2e-3, 3e-2];
  const error = Math.abs(found.loss / expected.loss - 1);
  checks.push({ path, what: 'loss of a step', error, tolerance: lossTolerance });
  let worst = { name: '', error: 0 };
  for (const [name, grad] of expected.grads) {
    const error = relativeDifference(found.grads.get(name)!, grad);
    if (!(error <= worst.error)) worst = { name, error };
  }
  checks.push({
    path,
    what: `gradients of a step, worst ${worst.name}`,
    error: worst.error,
    tolerance: gradTolerance,
  });
}

const { 'write-reference': target, path: only, reference } = options;
if (target !== undefined) {
  await writeReference(target);
  process.exit();
}
let expected = reference === undefined ? undefined : await readReference(reference);
// The path f32 comes first: without a file, the others are compared with it.
const wanted = KERNEL_PATHS.filter((path) => only === undefined || path === only);
if (wanted.length === 0) {
  console.error(`check: --path is ${only}; known: ${KERNEL_PATHS.join(', ')}`);
  process.exit(2);
}
const paths = expected || wanted.includes('f32') ? wanted : (['f32', ...wanted] as const);
for (const kernels of paths) {
  let gpu: Gpu;
  try {
    gpu = await Gpu.open({ adapter, kernels });
  } catch (error) {
    console.log(`${kernels}: not offered: ${(error as Error).message}`);
    continue;
  }
  console.log(`${kernels} on ${gpu.adapter.name}`);
  header ??= runHeader(gpu);
  try {
    if (wanted.includes(kernels)) await checkOps(gpu);
    const found = await stepResult(gpu);
    if (expected) compareSteps(kernels, found, expected);
    expected ??= found;
  } catch (error) {
    // A failing path must not hide the results of the others.
    checks.push({ path: kernels, what: (error as Error).message, error: NaN, tolerance: 0 });
    continue;
  }
  gpu.close();
}
const wrong = checks.filter(({ error, tolerance }) => !(error <= tolerance));
for (const { path, what, error, tolerance } of checks) {
  console.log(
    `${error <= tolerance ? 'right' : 'WRONG'} ${path.padEnd(6)} ${error.toExponential(1)} ${what}`,
  );
}
if (out !== undefined) {
  await writeJsonAtomic(out, {
    kind: 'check',
    ...header,
    kernels: only ?? 'all',
    checks,
    wrong: wrong.length,
  });
}
process.exit(checks.length > 0 && wrong.length === 0 ? 0 : 1);
