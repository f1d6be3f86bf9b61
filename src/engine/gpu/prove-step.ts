import { relativeDifference } from '../bench/statistics.js';
import { attention, attentionBackwardReference, attentionReference } from '../ops/attention/attention.js';
import { headLoss } from '../ops/head-loss.js';
import { matmul, matmulReference } from '../ops/matmul/matmul.js';
import { backward } from '../tensor/autograd.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Gpu } from './device.js';
import { record } from './program.js';

export interface Proof {
  verdict: 'right' | 'wrong';
  reason?: string | undefined;
  /** The largest error as a share of its tolerance; null if it is no finite number. */
  worst: { share: number | null; where: string };
  /** Milliseconds of one run of the step. */
  ms: number;
}

/** Bounds of ‖found - expected‖ / ‖expected‖. Right kernels reach less than a fifth of them. */
const TOLERANCE = { f32: 1e-5, f16: 2e-3, tensor: 2e-3 } as const;

/** What one op computed, and what it should have. */
interface Comparison {
  where: string;
  found: Tensor;
  expected: Float64Array;
}

/**
 * Runs forward and backward of the ops whose kernels differ between kernel paths, and compares every number with float64:
 * matmul (ragged, and whole tiles), attention, headLoss.
 *
 * @throws DeviceError when a kernel does not compile, or the device fails
 */
export async function proveStep(gpu: Gpu): Promise<Proof> {
  const comparisons: Comparison[] = [];
  const made: Tensor[] = [];
  const input = async (shape: number[], seed: number): Promise<{ tensor: Tensor; values: Float32Array }> => {
    const dtype = gpu.path === 'f32' ? 'f32' : 'f16';
    const size = shape.reduce((product, extent) => product * extent, 1);
    const tensor = gpu.tensor(shape, noise(size, seed), { dtype, requiresGrad: true });
    made.push(tensor);
    // The reference starts from the values that the tensor holds, after rounding to f16.
    return { tensor, values: await tensor.read() };
  };

  const products = await Promise.all(
    [
      { M: 136, N: 200, K: 72 },
      { M: 256, N: 256, K: 128 },
    ].map(async ({ M, N, K }, i) => {
      const [a, b, dC] = [
        await input([M, K], 3 * i),
        await input([K, N], 3 * i + 1),
        await input([M, N], 3 * i + 2),
      ];
      return { M, N, K, a, b, dC };
    }),
  );
  const heads = { B: 2, T: 77, nHead: 2, headDim: 64 };
  const C = heads.nHead * heads.headDim;
  const qkv = await input([heads.B, heads.T, 3 * C], 10);
  const dO = await input([heads.B, heads.T, C], 11);
  const [rows, V] = [80, 208];
  const x = await input([rows, C], 12);
  const head = await input([V, C], 13);
  // The head is an f32 parameter with an f16 copy, as in training.
  const parameter = gpu.tensor([V, C], head.values, { requiresGrad: true });
  if (gpu.path !== 'f32') parameter.half = head.tensor;
  const targets = Uint32Array.from({ length: rows }, (_, i) => (i * 37) % V);
  const targetTensor = gpu.tensor([rows], targets);
  const one = gpu.tensor([1], Float32Array.of(1));
  made.push(parameter, targetTensor, one);

  const program = await record(gpu, () => {
    const compare = (where: string, found: Tensor, expected: Float64Array): void => {
      comparisons.push({ where, found, expected });
    };
    for (const { M, N, K, a, b, dC } of products) {
      const name = `matmul ${M}×${K}·${K}×${N}`;
      const c = matmul(a.tensor, b.tensor);
      const [dA, dB] = backward(c, { seed: dC.tensor, wanted: [a.tensor, b.tensor] });
      const plain = { batch: 1, transposeA: false, transposeB: false };
      compare(name, c, matmulReference({ ...plain, M, N, K }, a.values, b.values));
      const ofA = { ...plain, M, N: K, K: N, transposeB: true };
      compare(`${name}, gradient of A`, dA!, matmulReference(ofA, dC.values, b.values));
      const ofB = { ...plain, M: K, N, K: M, transposeA: true };
      compare(`${name}, gradient of B`, dB!, matmulReference(ofB, a.values, dC.values));
    }
    const o = attention(qkv.tensor, heads);
    const [dQKV] = backward(o, { seed: dO.tensor, wanted: [qkv.tensor] });
    compare('attention', o, attentionReference(heads, qkv.values).O);
    compare('attention, gradient', dQKV!, attentionBackwardReference(heads, qkv.values, dO.values));

    const loss = headLoss(x.tensor, parameter, targetTensor, one);
    const [dX, dHead] = backward(loss, { wanted: [x.tensor, parameter] });
    const expected = headReference(x.values, head.values, targets, C);
    compare('headLoss', loss, expected.loss);
    compare('headLoss, gradient of x', dX!, expected.dX);
    compare('headLoss, gradient of the head', dHead!, expected.dHead);
    return comparisons.map(({ found }) => found);
  });
  try {
    program.run();
    await gpu.idle();
    const start = performance.now();
    program.run();
    await gpu.idle();
    const ms = performance.now() - start;
    const worst = { where: '', share: 0 };
    for (const { where, found, expected } of comparisons) {
      const share = relativeDifference(await found.read(), expected) / TOLERANCE[gpu.path];
      // NaN must not pass as a small error.
      if (share <= worst.share) continue;
      Object.assign(worst, { where, share });
      if (!Number.isFinite(share)) break;
    }
    return judge(worst, ms);
  } finally {
    program.dispose();
    made.forEach((tensor) => tensor.dispose());
  }
}

function judge({ where, share }: { where: string; share: number }, ms: number): Proof {
  if (share <= 1) return { verdict: 'right', worst: { where, share }, ms };
  const isNumber = Number.isFinite(share);
  const error = isNumber
    ? `${share.toPrecision(2)} times the largest error that rounding allows`
    : 'not finite';
  return {
    verdict: 'wrong',
    reason: `${where} is off: ${error}`,
    worst: { where, share: isNumber ? share : null },
    ms,
  };
}

/** Different numbers in [-1, 1] for each seed. */
function noise(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * (0.7 + 0.013 * seed) + seed));
}

/** Sum of the rows' losses and its gradients, by the definition, in float64. */
function headReference(
  x: ArrayLike<number>,
  head: ArrayLike<number>,
  targets: ArrayLike<number>,
  C: number,
): { loss: Float64Array; dX: Float64Array; dHead: Float64Array } {
  const V = head.length / C;
  const loss = new Float64Array(1);
  const dX = new Float64Array(x.length);
  const dHead = new Float64Array(head.length);
  for (let n = 0; n < targets.length; n++) {
    const logits = new Float64Array(V);
    for (let v = 0; v < V; v++) {
      for (let c = 0; c < C; c++) logits[v]! += x[n * C + c]! * head[v * C + c]!;
    }
    const highest = Math.max(...logits);
    const logSum = highest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
    loss[0]! += logSum - logits[targets[n]!]!;
    for (let v = 0; v < V; v++) {
      const dLogit = Math.exp(logits[v]! - logSum) - (v === targets[n] ? 1 : 0);
      for (let c = 0; c < C; c++) {
        dX[n * C + c]! += dLogit * head[v * C + c]!;
        dHead[v * C + c]! += dLogit * x[n * C + c]!;
      }
    }
  }
  return { loss, dX, dHead };
}
