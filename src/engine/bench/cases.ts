import { backward } from '../autograd.js';
import type { Gpu } from '../gpu/device.js';
import { preset, type DecoderConfig, type PresetName } from '../model/config.js';
import { Parameters } from '../model/parameters.js';
import { add } from '../ops/add.js';
import { appendToCache, attentionDecode } from '../ops/attention-decode.js';
import { attention } from '../ops/attention.js';
import { embedding, TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import { headLoss } from '../ops/head-loss.js';
import { layernorm } from '../ops/layernorm.js';
import { matmul } from '../ops/matmul.js';
import { rotary } from '../ops/rotary.js';
import { swiglu } from '../ops/swiglu.js';
import { sizeOf, type Shape, type Tensor } from '../tensor.js';
import { AdamW } from '../train/adamw.js';
import { noise, noiseTensor, noiseTokens } from './inputs.js';

/** Extents of a training step: a decoder's, and the batch's. */
export interface BenchShape {
  preset: PresetName;
  config: DecoderConfig;
  B: number;
  T: number;
  /** Sizes of the square products. */
  squares: readonly number[];
}

/** One op at one size: its forward and, where it has one, its backward pass, as a training step records them. */
export interface BenchCase {
  name: string;
  /** Makes inputs, all of them random numbers. */
  prepare(gpu: Gpu): PreparedCase;
}

export interface PreparedCase {
  /** Runs inside `record`; what it returns is checked to be finite after the timing. */
  body(): Tensor[];
  dispose(): void;
}

/**
 * Training sizes: tiny's unless told on the processor, where all kernels then take seconds, tier-a's on a GPU.
 *
 * @throws ShapeError for a name that is no preset
 */
export function benchShape(
  kind: 'gpu' | 'software',
  options: { preset?: string; B?: number; T?: number } = {},
): BenchShape {
  const usual = kind === 'software' ? { preset: 'tiny', T: 80 } : { preset: 'tier-a', T: 1024 };
  const { preset: name = usual.preset, B = 8, T = usual.T } = options;
  const config = preset(name);
  const squares = kind === 'software' ? [512, 1024] : [1024, 4096];
  return { preset: name as PresetName, config, B, T: Math.min(config.context, T), squares };
}

/** Everything that a training step and decoding dispatch, and square products to compare with others. */
export function benchCases({ config, B, T, squares }: BenchShape): BenchCase[] {
  const { width: C, mlpWidth: F, vocabSize: V, nHead } = config;
  const N = B * T;
  return [
    ...squares.map((size) => squareProduct(size)),
    linear('linear qkv', [B, T, C], 3 * C),
    linear('linear attention_out', [B, T, C], C),
    linear('linear gate_up', [B, T, C], 2 * F),
    linear('linear down', [B, T, F], C),
    differentiable('attention', { qkv: [B, T, 3 * C] }, ({ qkv }) => attention(qkv!, { nHead })),
    // Heads of the size that GPUs' models have, where the model's own are smaller: other kernels may serve them.
    ...(C / nHead === 64 ? [] : [wideHeads(B, T)]),
    differentiable('rotary', { qkv: [B, T, 3 * C] }, ({ qkv }) => rotary(qkv!, { nHead })),
    differentiable('layernorm', { x: [N, C], gamma: [C], beta: [C] }, ({ x, gamma, beta }) =>
      layernorm(x!, gamma!, beta!),
    ),
    differentiable('swiglu', { x: [N, 2 * F] }, ({ x }) => swiglu(x!)),
    differentiable('residual', { x: [N, C], y: [N, C] }, ({ x, y }) => add(x!, add(x!, y!))),
    embeddings(V, C, B, T),
    head(N, C, V),
    optimizer(V * C, C),
    decoding(config),
  ];
}

function wideHeads(B: number, T: number): BenchCase {
  const nHead = 2;
  return differentiable('attention, heads of 64', { qkv: [B, T, 3 * 64 * nHead] }, ({ qkv }) =>
    attention(qkv!, { nHead }),
  );
}

function differentiable(
  name: string,
  shapes: Readonly<Record<string, Shape>>,
  op: (inputs: Record<string, Tensor>) => Tensor,
): BenchCase {
  return {
    name,
    prepare(gpu) {
      const inputs = Object.fromEntries(
        Object.entries(shapes).map(([label, shape]) => [
          label,
          noiseTensor(gpu, shape, { label, requiresGrad: true }),
        ]),
      );
      const wanted = Object.values(inputs);
      const owned = [...wanted];
      return {
        body() {
          const output = op(inputs);
          const seed = noiseTensor(gpu, output.shape, { label: 'seed' });
          owned.push(seed);
          return [output, ...backward(output, { seed, wanted })];
        },
        dispose: () => owned.forEach((tensor) => tensor.dispose()),
      };
    },
  };
}

function linear(name: string, x: Shape, outputs: number): BenchCase {
  const shapes = { x, W: [outputs, x.at(-1)!] };
  return differentiable(name, shapes, ({ x, W }) => matmul(x!, W!, { transposeB: true }));
}

function squareProduct(size: number): BenchCase {
  return {
    name: `matmul ${size}`,
    prepare(gpu) {
      const a = noiseTensor(gpu, [size, size]);
      const b = noiseTensor(gpu, [size, size]);
      return {
        body: () => [matmul(a, b)],
        dispose: () => [a, b].forEach((tensor) => tensor.dispose()),
      };
    },
  };
}

function embeddings(V: number, C: number, B: number, T: number): BenchCase {
  return {
    name: 'embedding',
    prepare(gpu) {
      const table = noiseTensor(gpu, [V, C], { requiresGrad: true });
      const seed = noiseTensor(gpu, [B, T, C]);
      const batch = new TokenBatch(gpu, [B, T], V);
      batch.write(noiseTokens(B * T, V));
      return {
        body() {
          const output = embedding(table, batch);
          return [output, ...backward(output, { seed, wanted: [table] })];
        },
        dispose: () => [table, seed, batch].forEach((owned) => owned.dispose()),
      };
    },
  };
}

function head(N: number, C: number, V: number): BenchCase {
  return {
    name: 'head and loss',
    prepare(gpu) {
      const x = noiseTensor(gpu, [N, C], { requiresGrad: true });
      const weight = noiseTensor(gpu, [V, C], { requiresGrad: true });
      const targets = gpu.tensor([N], noiseTokens(N, V, 3));
      const scale = gpu.tensor([1], Float32Array.of(1 / N));
      return {
        body() {
          const loss = headLoss(x, weight, targets, scale);
          return [loss, ...backward(loss, { wanted: [x, weight] })];
        },
        dispose: () => [x, weight, targets, scale].forEach((tensor) => tensor.dispose()),
      };
    },
  };
}

/** AdamW over one large matrix and one norm, the gradients random; the step is too small to lead anywhere. */
function optimizer(elements: number, C: number): BenchCase {
  return {
    name: 'optimizer',
    prepare(gpu) {
      const specs = [
        { name: 'matrix', shape: [elements / C, C], std: 0.02, mean: 0, decay: true },
        { name: 'norm', shape: [C], std: 0, mean: 1, decay: false },
      ];
      const parameters = new Parameters(gpu, specs, { trainable: true });
      parameters.initialise(1);
      for (const { name, shape } of specs) parameters.get(name).grad!.write(noise(sizeOf(shape)));
      const options = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1, clipNorm: 1 };
      const adamw = new AdamW(gpu, parameters, options);
      adamw.prepare(0, 1e-6);
      return {
        body() {
          adamw.record();
          return parameters.arenas.map(({ weights }) => weights);
        },
        dispose: () => [adamw, parameters].forEach((owned) => owned.dispose()),
      };
    },
  };
}

/** What one new token costs in one layer, the cache half full, and in the head. */
function decoding({ width: C, nHead, context, vocabSize: V }: DecoderConfig): BenchCase {
  return {
    name: 'decoding',
    prepare(gpu) {
      const shape = [1, nHead, context, C / nHead];
      const lengths = gpu.tensor([1], Uint32Array.of(context / 2));
      const [keys, values] = [noiseTensor(gpu, shape), noiseTensor(gpu, shape)];
      const cache = { keys, values, lengths };
      const x = noiseTensor(gpu, [1, 1, C]);
      const [Wqkv, Whead] = [noiseTensor(gpu, [3 * C, C]), noiseTensor(gpu, [V, C])];
      const prompt = noiseTensor(gpu, [32, C]);
      const last = gpu.tensor([1], Uint32Array.of(30));
      return {
        body() {
          const qkv = rotary(matmul(x, Wqkv, { transposeB: true }), {
            nHead,
            starts: lengths,
            maxT: context,
          });
          appendToCache(qkv, cache);
          const attended = attentionDecode(qkv, cache);
          return [attended, matmul(gatherRows(prompt, last), Whead, { transposeB: true })];
        },
        dispose: () =>
          [lengths, keys, values, x, Wqkv, Whead, prompt, last].forEach((tensor) => tensor.dispose()),
      };
    },
  };
}
