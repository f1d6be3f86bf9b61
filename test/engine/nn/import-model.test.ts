import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import { afterAll, describe, expect, test } from 'vitest';
import type { DecoderConfig } from '../../../src/engine/nn/config.js';
import { exportGguf, type GgufDType } from '../../../src/engine/nn/export-gguf.js';
import { exportStableLm, openStableLm } from '../../../src/engine/nn/hugging-face.js';
import { importModel, openGguf } from '../../../src/engine/nn/import-model.js';
import { loadConfig } from '../../../src/engine/nn/model-folder.js';
import { openWeights } from '../../../src/engine/nn/open-weights.js';
import { fromHalf, toHalf } from '../../../src/engine/tensor/half.js';
import { saveRandomModel } from './random-model.js';

const root = mkdtempSync(join(tmpdir(), 'import-model-'));
afterAll(() => rmSync(root, { recursive: true }));

const TIED: DecoderConfig = {
  vocabSize: 11,
  context: 24,
  nLayer: 2,
  nHead: 2,
  width: 64,
  mlpWidth: 40,
  tiedHead: true,
};
const ODD: DecoderConfig = {
  ...TIED,
  tiedHead: false,
  rotaryDim: 8,
  rotaryBase: 5000,
  layernormEps: 1e-3,
};
/** Fewer tokens than the model has rows. */
const VOCABULARY = {
  tokens: ['<|pad|>', '<|end|>', 'a', 'b', 'ab'],
  types: [3, 3, 1, 1, 1],
  merges: ['a b'],
  pre: 'gpt-4o',
  endId: 1,
  padId: 0,
};

let made = 0;
const fresh = (suffix = ''): string => join(root, `${made++}${suffix}`);

async function weightsOf(model: string): Promise<Map<string, Float32Array>> {
  const { tensors, close } = await openWeights(model);
  const weights = new Map<string, Float32Array>();
  for (const [name, tensor] of tensors) weights.set(name, await tensor.read());
  await close();
  return weights;
}

async function toGguf(model: string, dtype: GgufDType): Promise<string> {
  const path = fresh('.gguf');
  const files = { 'format.json': '{"order": "é"}' };
  await exportGguf(model, path, { dtype, name: 'test', vocabulary: VOCABULARY, files });
  return path;
}

async function fromGguf(path: string): Promise<string> {
  const model = fresh();
  const foreign = await openGguf(path);
  await importModel(foreign, model, foreign.files);
  await foreign.close();
  return model;
}

/** Changes the bytes of a GGUF file where a text stands. */
function replaced(path: string, from: string, to: string): string {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  bytes.write(to, at, 'latin1');
  const changed = fresh('.gguf');
  writeFileSync(changed, bytes);
  return changed;
}

describe.each([
  ['a tied head', TIED],
  ['a head of its own, and settings of its own', ODD],
])('a model with %s', (_, config) => {
  test('comes back from GGUF in f32 with equal weights, its shape and its files', async () => {
    const model = fresh();
    const weights = await saveRandomModel(model, config);
    const back = await fromGguf(await toGguf(model, 'f32'));
    expect(await weightsOf(back)).toEqual(weights);
    const { layernormEps, ...rest } = await loadConfig(back);
    expect({ ...rest, layernormEps: layernormEps && Math.fround(layernormEps) }).toEqual({
      ...config,
      layernormEps: config.layernormEps && Math.fround(config.layernormEps),
    });
    expect(readFileSync(join(back, 'format.json'), 'utf8')).toBe('{"order": "é"}');
  });

  test('comes back from GGUF in f16 with matrices rounded to f16 and norms as they were', async () => {
    const model = fresh();
    const weights = await saveRandomModel(model, config);
    const back = await weightsOf(await fromGguf(await toGguf(model, 'f16')));
    for (const [name, values] of weights) {
      const isNorm = /norm/.test(name);
      expect(back.get(name), name).toEqual(isNorm ? values : values.map((value) => fromHalf(toHalf(value))));
    }
  });

  test('comes back from GGUF in q8_0 within half a step of each block', async () => {
    const model = fresh();
    const weights = await saveRandomModel(model, config);
    const back = await weightsOf(await fromGguf(await toGguf(model, 'q8_0')));
    for (const [name, values] of weights) {
      const found = back.get(name)!;
      // Rows of 40 columns have no whole blocks of 32: f16.
      const blocked = !/norm|down/.test(name);
      for (let from = 0; from < values.length; from += 32) {
        const block = values.subarray(from, from + 32);
        const step = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
        const bound = blocked ? step * (0.5 + 127 / 2048) : 1e-4;
        for (const [i, value] of block.entries())
          expect(Math.abs(found[from + i]! - value)).toBeLessThanOrEqual(bound);
      }
    }
  });

  test.each(['f32', 'f16'] as const)('comes back from transformers’ files in %s', async (dtype) => {
    const model = fresh();
    const folder = fresh();
    const weights = await saveRandomModel(model, config);
    await exportStableLm(model, folder, { dtype });
    const foreign = await openStableLm(folder);
    const back = fresh();
    await importModel(foreign, back);
    await foreign.close();
    expect(await loadConfig(back)).toEqual(config);
    const rounded = (value: number): number => (dtype === 'f16' ? fromHalf(toHalf(value)) : value);
    for (const [name, values] of await weightsOf(back))
      expect(values).toEqual(weights.get(name)!.map(rounded));
  });
});

describe('a GGUF file', () => {
  test('is the same to the byte for the same checkpoint', async () => {
    const model = fresh();
    await saveRandomModel(model, TIED);
    const [first, second] = [await toGguf(model, 'q8_0'), await toGguf(model, 'q8_0')];
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true);
  });

  test('says to another reader what the model is, with a row for every token', async () => {
    const model = fresh();
    await saveRandomModel(model, ODD);
    const { metadata, fullTensorInfo } = await readGgufFileInfo(await toGguf(model, 'f16'));
    expect(metadata).toMatchObject({
      general: { architecture: 'stablelm', file_type: 1 },
      stablelm: {
        block_count: 2,
        rope: { dimension_count: 8, freq_base: 5000 },
        use_parallel_residual: false,
      },
      tokenizer: { ggml: { model: 'gpt2', pre: 'gpt-4o', eos_token_id: 1, add_bos_token: false } },
    });
    expect(metadata.tokenizer.ggml.tokens).toHaveLength(ODD.vocabSize);
    const down = fullTensorInfo!.find(({ name }) => name === 'blk.1.ffn_down.weight');
    // Its fastest-changing extent comes first.
    expect(down!.dimensions.map(Number)).toEqual([40, 64]);
  });

  test('refuses more tokens than the model has rows, and a weight that f16 cannot hold', async () => {
    const model = fresh();
    await saveRandomModel(model, { ...TIED, vocabSize: 4 });
    await expect(toGguf(model, 'f32')).rejects.toMatchObject({ code: 'vocabulary-size' });
    const large = fresh();
    await saveRandomModel(large, TIED, { scale: 1e6 });
    await expect(toGguf(large, 'f16')).rejects.toMatchObject({ code: 'f16-overflow' });
    await expect(toGguf(large, 'f32')).resolves.toMatch(/gguf$/);
  });

  test.each([
    ['of another architecture', 'stablelm', 'stablexx', 'foreign-model', /general.architecture is stablexx/],
    ['without a tensor', 'blk.1.ffn_up', 'blk.1.ffn_xx', 'tensor-missing', /blk.1.ffn_up.weight/],
    ['of another version', 'GGUF', 'GGUX', 'gguf-format', /not a GGUF file/],
  ])('%s is refused by name', async (_, from, to, code, message) => {
    const model = fresh();
    await saveRandomModel(model, TIED);
    const path = await toGguf(model, 'f32');
    const broken = from === 'GGUF' ? fresh('.gguf') : replaced(path, from, to);
    if (from === 'GGUF')
      writeFileSync(broken, Buffer.concat([Buffer.from(to), readFileSync(path).subarray(4)]));
    await expect(openGguf(broken)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('cut short anywhere is refused, and never read as a model', async () => {
    const model = fresh();
    await saveRandomModel(model, TIED);
    const bytes = readFileSync(await toGguf(model, 'f32'));
    const path = fresh('.gguf');
    for (const length of [0, 3, 8, 23, 40, 200, 1000, bytes.length >> 1, bytes.length - 40]) {
      writeFileSync(path, bytes.subarray(0, length));
      await expect(openGguf(path), String(length)).rejects.toMatchObject({ code: 'gguf-format' });
    }
  });

  test('that counts more than it holds is refused without taking the memory', async () => {
    const model = fresh();
    await saveRandomModel(model, TIED);
    const bytes = readFileSync(await toGguf(model, 'f32'));
    bytes.writeBigUInt64LE(2n ** 60n, 8);
    const path = fresh('.gguf');
    writeFileSync(path, bytes);
    await expect(openGguf(path)).rejects.toMatchObject({ code: 'gguf-format' });
  });
});

describe('a folder of transformers', () => {
  test.each([
    ['use_parallel_residual', true],
    ['qk_layernorm', true],
    ['rope_parameters', { rope_theta: 500 }],
    ['model_type', 'llama'],
    ['num_key_value_heads', 1],
    ['hidden_size', 'wide'],
  ])('with %s %j is refused by name', async (field, value) => {
    const model = fresh();
    const folder = fresh();
    await saveRandomModel(model, TIED);
    await exportStableLm(model, folder, { dtype: 'f32' });
    const path = join(folder, 'config.json');
    const stored = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...stored, [field]: value }));
    await expect(openStableLm(folder)).rejects.toMatchObject({
      code: 'foreign-model',
      message: expect.stringContaining(field) as unknown,
    });
  });

  test('whose weights are of another shape is refused by the tensor’s name', async () => {
    const model = fresh();
    const folder = fresh();
    await saveRandomModel(model, TIED);
    await exportStableLm(model, folder, { dtype: 'f32' });
    const path = join(folder, 'config.json');
    const stored = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...stored, vocab_size: 12 }));
    await expect(openStableLm(folder)).rejects.toMatchObject({
      code: 'tensor-shape',
      message: expect.stringContaining('model.embed_tokens.weight') as unknown,
    });
  });
});
