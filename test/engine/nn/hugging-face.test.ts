import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { record } from '../../../src/engine/gpu/program.js';
import { Decoder } from '../../../src/engine/nn/decoder.js';
import { exportStableLm } from '../../../src/engine/nn/hugging-face.js';
import { saveModel } from '../../../src/engine/nn/model-folder.js';
import { attentionReference } from '../../../src/engine/ops/attention/attention.js';
import { TokenBatch } from '../../../src/engine/ops/embedding.js';
import { layernormReference } from '../../../src/engine/ops/layernorm.js';
import { matmulReference } from '../../../src/engine/ops/matmul/matmul.js';
import { rotaryReference } from '../../../src/engine/ops/rotary.js';
import { swigluReference } from '../../../src/engine/ops/swiglu.js';
import { SafetensorsFile } from '../../../src/engine/train/safetensors.js';
import { Random, relativeError } from '../numerics.js';
import { testGpu } from '../test-gpu.js';
import { TINY } from '../tiny-model.js';

const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Weights = Map<string, Float64Array>;

async function readWeights(): Promise<Weights> {
  const file = await SafetensorsFile.open(join(folder, 'model.safetensors'));
  const weights: Weights = new Map();
  for (const name of file.tensors.keys()) {
    weights.set(name, Float64Array.from(new Float32Array((await file.read(name)).buffer)));
  }
  await file.close();
  return weights;
}

/** Columns of several matrices of T rows side by side. */
function beside(T: number, ...parts: Float64Array[]): Float64Array {
  const rows = Array.from({ length: T }, (_, t) =>
    parts.flatMap((part) => [...part.subarray((t * part.length) / T, ((t + 1) * part.length) / T)]),
  );
  return Float64Array.from(rows.flat());
}

/** StableLmForCausalLM as its publisher defines it, from the exported files alone, in float64. */
function stableLm(
  weights: Weights,
  config: Record<string, number | boolean>,
  tokens: number[],
): Float64Array {
  const T = tokens.length;
  const [C, nHead, eps] = ['hidden_size', 'num_attention_heads', 'layer_norm_eps'].map(
    (key) => config[key] as number,
  );
  const headDim = C! / nHead!;
  const shape = { B: 1, T, nHead: nHead!, headDim };
  const rotaryDim = headDim * (config.partial_rotary_factor as number);
  const get = (name: string): Float64Array => weights.get(name)!;
  const linear = (x: Float64Array, name: string): Float64Array => {
    const w = get(`${name}.weight`);
    const K = x.length / T;
    return matmulReference({ batch: 1, M: T, N: w.length / K, K, transposeA: false, transposeB: true }, x, w);
  };
  const norm = (x: Float64Array, name: string): Float64Array =>
    layernormReference(x, get(`${name}.weight`), get(`${name}.bias`), T, C!, eps);
  const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]!);

  const table = get('model.embed_tokens.weight');
  let x: Float64Array = Float64Array.from(
    tokens.flatMap((token) => [...table.subarray(token * C!, (token + 1) * C!)]),
  );
  for (let layer = 0; layer < (config.num_hidden_layers as number); layer++) {
    const at = `model.layers.${layer}`;
    const h = norm(x, `${at}.input_layernorm`);
    const qkv = beside(T, ...['q', 'k', 'v'].map((part) => linear(h, `${at}.self_attn.${part}_proj`)));
    const turned = rotaryReference(shape, qkv, { rotaryDim, base: config.rope_theta as number });
    x = plus(x, linear(attentionReference(shape, turned).O, `${at}.self_attn.o_proj`));
    const g = norm(x, `${at}.post_attention_layernorm`);
    const gated = beside(T, linear(g, `${at}.mlp.gate_proj`), linear(g, `${at}.mlp.up_proj`));
    x = plus(x, linear(swigluReference(gated, T, gated.length / T / 2), `${at}.mlp.down_proj`));
  }
  const head = config.tie_word_embeddings ? 'model.embed_tokens' : 'lm_head';
  return linear(norm(x, 'model.norm'), head);
}

describe('an exported model', () => {
  test.each([
    { tiedHead: true, rotaryDim: 32 },
    { tiedHead: false, rotaryDim: 8 },
  ])('computes the same logits by StableLM’s equations: %j', async (change) => {
    const gpu = await testGpu();
    const config = { ...TINY, ...change };
    const decoder = new Decoder(gpu, config, { trainable: false });
    const random = new Random(3);
    // Far from the initial values: with norms of all ones and zeros a swap would not show.
    for (const tensor of decoder.parameters.tensors.values()) tensor.write(random.floats(tensor.size, 0.5));
    const model = join(folder, `model-${change.rotaryDim}`);
    await saveModel(decoder, model, 7);
    expect(await exportStableLm(model, folder, { dtype: 'f32' })).toBe(7);
    const tokens = [3, 1, 12, 0, 7, 7, 5];
    const batch = new TokenBatch(gpu, [1, tokens.length], config.vocabSize);
    batch.write(Uint32Array.from(tokens));
    const program = await record(gpu, () => decoder.logits(decoder.hidden(batch)));
    program.run();
    const stored = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, number>;
    const expected = stableLm(await readWeights(), stored, tokens);
    expect(relativeError(await program.outputs.read(), expected)).toBeLessThan(1e-5);
    program.dispose();
    decoder.dispose();
  });
});
