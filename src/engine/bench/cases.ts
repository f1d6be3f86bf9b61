import { backward } from '../tensor/autograd.js';
import type { Gpu } from '../gpu/device.js';
import type { Backend } from '../tensor/backend.js';
import { preset, type DecoderConfig, type PresetName } from '../nn/config.js';
import { Parameters } from '../nn/parameters.js';
import { add } from '../ops/add.js';
import { appendToCache, attentionDecode } from '../ops/attention/decode.js';
import { attention } from '../ops/attention/attention.js';
import { embedding, TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import { headLoss } from '../ops/head-loss.js';
import { layernorm } from '../ops/layernorm.js';
import { matmul } from '../ops/matmul/matmul.js';
import { projectRotated, rotary } from '../ops/rotary.js';
import { swiglu } from '../ops/swiglu.js';
import { sizeOf, type Shape } from '../tensor/shape.js';
import type { DType } from '../tensor/dtype.js';
import type { Tensor } from '../tensor/tensor.js';
import { ADAMW_DEFAULTS, AdamW } from '../train/adamw.js';
import { noise, noiseTensor, noiseTokens } from './inputs.js';

/** Sizes of a training step: the decoder's and the batch's. */
export interface BenchShape {
  preset: PresetName;
  config: DecoderConfig;
  B: number;
  T: number;
  /** Sizes of the square matrix products. */
  squares: readonly number[];
}

/** One op at one size: its forward and backward pass, as a training step records them. */
export interface BenchCase {
  name: string;
  /** Makes the inputs: random numbers. */
  prepare(gpu: Gpu): PreparedCase;
}

export interface PreparedCase {
  /** Runs inside `record`. The returned tensors are checked to be finite after the timing. */
  body(): Tensor[];
  dispose(): void;
}

/**
 * Sizes of a training step. The default is the preset tiny on software adapters, where all kernels then take seconds, and
 * tier-a on GPUs.
 *
 * @throws ShapeError for a name that is no preset
 */
export function benchShape(
  kind: 'gpu' | 'software',
  options: { preset?: string | undefined; B?: number | undefined; T?: number | undefined } = {},
): BenchShape {
  const usual = kind === 'software' ? { preset: 'tiny', T: 80 } : { preset: 'tier-a', T: 1024 };
  const { preset: name = usual.preset, B = 8, T = usual.T } = options;
  const config = preset(name);
  const squares = kind === 'software' ? [512, 1024] : [1024, 4096];
  return { preset: name as PresetName, config, B, T: Math.min(config.context, T), squares };
}

/** Every op of a training step and of decoding, and square products to compare with other engines. */
export function benchCases({ config, B, T, squares }: BenchShape): BenchCase[] {
  const { width: C, mlpWidth: F, vocabSize: V, nHead } = config;
  const N = B * T;
  return [
    ...squares.map((size) => squareProduct(size)),
    op('linear qkv, rotated', { x: activation([B, T, C]), W: weight([3 * C, C]) }, ({ x, W }) =>
      projectRotated(x, W, { nHead, maxT: T }),
    ),
    op(
      'linear attention_out',
      { x: activation([B, T, C]), W: weight([C, C]), residual: f32([B, T, C]) },
      linear,
    ),
    op('linear gate_up', { x: activation([B, T, C]), W: weight([2 * F, C]) }, linear),
    op('linear down', { x: activation([B, T, F]), W: weight([C, F]), residual: f32([B, T, C]) }, linear),
    op('attention', { qkv: activation([B, T, 3 * C]) }, ({ qkv }) => attention(qkv, { nHead })),
    // Larger models have heads of 64, which other kernels may serve than those of the model's smaller heads.
    ...(C / nHead === 64
      ? []
      : [
          op('attention, heads of 64', { qkv: activation([B, T, 3 * 128]) }, ({ qkv }) =>
            attention(qkv, { nHead: 2 }),
          ),
        ]),
    op('rotary', { qkv: activation([B, T, 3 * C]) }, ({ qkv }) => rotary(qkv, { nHead })),
    op('layernorm', { x: f32([N, C]), gamma: f32([C]), beta: f32([C]) }, ({ x, gamma, beta }) =>
      layernorm(x, gamma, beta, 1e-5, activationDType(x.gpu)),
    ),
    op('swiglu', { x: activation([N, 2 * F]) }, ({ x }) => swiglu(x)),
    op('residual', { x: f32([N, C]), y: f32([N, C]) }, ({ x, y }) => add(x, add(x, y))),
    embeddings(V, C, B, T),
    head(N, C, V),
    optimizer(V * C, C),
    decoding(config),
  ];
}

const linear = ({ x, W, residual }: { x: Tensor; W: Tensor; residual?: Tensor }): Tensor =>
  matmul(x, W, residual ? { transposeB: true, residual } : { transposeB: true });

/** Dtype of the activations between norms and residual sums. */
const activationDType = (gpu: Backend): 'f32' | 'f16' => (gpu.path === 'f32' ? 'f32' : 'f16');

type Make = (gpu: Gpu, label: string) => { tensor: Tensor; owned: Tensor[] };

const f32 =
  (shape: Shape): Make =>
  (gpu, label) => {
    const tensor = noiseTensor(gpu, shape, { label, requiresGrad: true });
    return { tensor, owned: [tensor] };
  };

const activation =
  (shape: Shape): Make =>
  (gpu, label) => {
    const tensor = noiseTensor(gpu, shape, { label, requiresGrad: true, dtype: activationDType(gpu) });
    return { tensor, owned: [tensor] };
  };

/** An f32 weight, with the f16 copy that f16 products read. */
const weight =
  (shape: Shape): Make =>
  (gpu, label) => {
    const { tensor } = f32(shape)(gpu, label);
    if (activationDType(gpu) === 'f32') return { tensor, owned: [tensor] };
    tensor.half = noiseTensor(gpu, shape, { label: `${label} (f16)`, dtype: 'f16' });
    return { tensor, owned: [tensor, tensor.half] };
  };

/** An op on random inputs, and its backward pass from a random gradient to all of them. */
function op<Names extends string>(
  name: string,
  makes: Readonly<Record<Names, Make>>,
  forward: (inputs: Record<Names, Tensor>) => Tensor,
): BenchCase {
  return {
    name,
    prepare(gpu) {
      const inputs = {} as Record<Names, Tensor>;
      const owned: Tensor[] = [];
      for (const label of Object.keys(makes) as Names[]) {
        const made = makes[label](gpu, label);
        inputs[label] = made.tensor;
        owned.push(...made.owned);
      }
      return {
        body() {
          const output = forward(inputs);
          const seed = noiseTensor(gpu, output.shape, { label: 'seed', dtype: output.dtype as DType });
          owned.push(seed);
          return [output, ...backward(output, { seed, wanted: Object.values(inputs) })];
        },
        dispose: () => owned.forEach((tensor) => tensor.dispose()),
      };
    },
  };
}

function squareProduct(size: number): BenchCase {
  return {
    name: `matmul ${size}`,
    prepare(gpu) {
      const dtype = activationDType(gpu);
      const [a, b] = [noiseTensor(gpu, [size, size], { dtype }), noiseTensor(gpu, [size, size], { dtype })];
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
      const { tensor: x } = activation([N, C])(gpu, 'x');
      const { tensor: table, owned } = weight([V, C])(gpu, 'head');
      const targets = gpu.tensor([N], noiseTokens(N, V, 3));
      const scale = gpu.tensor([1], Float32Array.of(1 / N));
      return {
        body() {
          const loss = headLoss(x, table, targets, scale);
          return [loss, ...backward(loss, { wanted: [x, table] })];
        },
        dispose: () => [x, ...owned, targets, scale].forEach((tensor) => tensor.dispose()),
      };
    },
  };
}

/** AdamW over one large matrix and one norm, with random gradients and a learning rate that changes little. */
function optimizer(elements: number, C: number): BenchCase {
  return {
    name: 'optimizer',
    prepare(gpu) {
      const halves = activationDType(gpu) === 'f16';
      const specs = [
        { name: 'matrix', shape: [elements / C, C], std: 0.02, mean: 0, decay: true },
        { name: 'norm', shape: [C], std: 0, mean: 1, decay: false },
      ];
      const parameters = new Parameters(gpu, specs, { trainable: true, halves });
      parameters.initialise(1);
      for (const { name, shape } of specs) parameters.get(name).grad!.write(noise(sizeOf(shape)));
      const adamw = new AdamW(gpu, parameters, ADAMW_DEFAULTS);
      adamw.prepare(0, 1e-6);
      return {
        body() {
          if (halves) parameters.recordHalves();
          adamw.record();
          return parameters.arenas.map(({ weights }) => weights);
        },
        dispose: () => [adamw, parameters].forEach((owned) => owned.dispose()),
      };
    },
  };
}

/** One new token through one layer, with the cache half full, and through the head. */
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
