import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../src/base/files.js';
import type { RunIndex } from './ours.js';

// GGUF 3, as https://github.com/ggml-org/ggml/blob/master/docs/gguf.md describes it.
const TYPE = { u32: 4, f32: 6, bool: 7, string: 8, array: 9 } as const;
const TYPE_I32 = 5;
const ALIGNMENT = 32;
const TENSOR_F32 = 0;

interface GgufTensor {
  name: string;
  values: Float32Array;
  /** The fastest-changing extent first. */
  extents: readonly number[];
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const f32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const strings = (values: readonly string[]): Buffer =>
  Buffer.concat([u32(TYPE.string), u64(values.length), ...values.map(text)]);
const padding = (bytes: number): Buffer => Buffer.alloc((ALIGNMENT - (bytes % ALIGNMENT)) % ALIGNMENT);

/** Writes the first weights of a run as a StableLM in GGUF, which llama.cpp reads. Its tokens are only placeholders. */
export async function writeGguf(path: string, folder: string, index: RunIndex): Promise<void> {
  const entries = metadata(index);
  const tensors = stableLmTensors(folder, index);
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length), ...entries];
  let offset = 0;
  for (const { name, values, extents } of tensors) {
    head.push(text(name), u32(extents.length), ...extents.map(u64), u32(TENSOR_F32), u64(offset));
    offset += values.byteLength + padding(values.byteLength).length;
  }
  const header = Buffer.concat(head);
  const body = tensors.flatMap(({ values }) => [
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    padding(values.byteLength),
  ]);
  await writeFileAtomic(path, [header, padding(header.length), ...body]);
}

function metadata({ config: { vocabSize: V, context, nLayer, nHead, width, mlpWidth } }: RunIndex): Buffer[] {
  const entry = (key: string, type: number, value: Buffer): Buffer =>
    Buffer.concat([text(key), u32(type), value]);
  const number = (key: string, value: number): Buffer => entry(`stablelm.${key}`, TYPE.u32, u32(value));
  const real = (key: string, value: number): Buffer => entry(`stablelm.${key}`, TYPE.f32, f32(value));
  const tokenizer = (key: string, type: number, value: Buffer): Buffer =>
    entry(`tokenizer.ggml.${key}`, type, value);
  // llama.cpp wants a tokenizer with at least one merge. The comparison feeds it token ids.
  const tokens = ['a', 'b', 'ab', ...Array.from({ length: V - 3 }, (_, i) => `<${i + 3}>`)];
  const kinds = Buffer.concat([u32(TYPE_I32), u64(V), ...tokens.map(() => u32(1))]);
  return [
    entry('general.architecture', TYPE.string, text('stablelm')),
    number('context_length', context),
    number('embedding_length', width),
    number('block_count', nLayer),
    number('feed_forward_length', mlpWidth),
    number('attention.head_count', nHead),
    number('attention.head_count_kv', nHead),
    number('rope.dimension_count', width / nHead),
    real('rope.freq_base', 10_000),
    real('attention.layer_norm_epsilon', 1e-5),
    entry('stablelm.use_parallel_residual', TYPE.bool, Buffer.from([0])),
    number('vocab_size', V),
    tokenizer('model', TYPE.string, text('gpt2')),
    tokenizer('pre', TYPE.string, text('default')),
    tokenizer('tokens', TYPE.array, strings(tokens)),
    tokenizer('token_type', TYPE.array, kinds),
    tokenizer('merges', TYPE.array, strings(['a b'])),
    tokenizer('bos_token_id', TYPE.u32, u32(V - 1)),
    tokenizer('eos_token_id', TYPE.u32, u32(V - 1)),
    tokenizer('add_bos_token', TYPE.bool, Buffer.from([0])),
  ];
}

/** llama.cpp keeps queries, keys and values apart, and gate and up; ours are rows of one matrix each. */
function stableLmTensors(folder: string, { config, tensors }: RunIndex): GgufTensor[] {
  const { nLayer, width: C, mlpWidth: F, vocabSize: V } = config;
  const all = readFileSync(join(folder, 'tensors.bin'));
  const weights = (name: string): Float32Array => {
    const { offset, shape } = tensors[`w0.${name}`]!;
    const bytes = 4 * shape.reduce((product, extent) => product * extent, 1);
    return new Float32Array(all.buffer.slice(all.byteOffset + offset, all.byteOffset + offset + bytes));
  };
  const made: GgufTensor[] = [];
  const matrix = (name: string, values: Float32Array, rows: number, columns: number, firstRow = 0): void => {
    const part = values.subarray(firstRow * columns, (firstRow + rows) * columns);
    made.push({ name: `${name}.weight`, values: part, extents: [columns, rows] });
  };
  const norm = (name: string, ours: string): void => {
    made.push({ name: `${name}.weight`, values: weights(`${ours}.gamma`), extents: [C] });
    made.push({ name: `${name}.bias`, values: weights(`${ours}.beta`), extents: [C] });
  };
  matrix('token_embd', weights('embed'), V, C);
  matrix('output', weights('embed'), V, C);
  norm('output_norm', 'norm');
  for (let layer = 0; layer < nLayer; layer++) {
    const [to, from] = [`blk.${layer}`, `layers.${layer}`];
    norm(`${to}.attn_norm`, `${from}.attention_norm`);
    const qkv = weights(`${from}.qkv`);
    ['q', 'k', 'v'].forEach((part, i) => matrix(`${to}.attn_${part}`, qkv, C, C, i * C));
    matrix(`${to}.attn_output`, weights(`${from}.attention_out`), C, C);
    norm(`${to}.ffn_norm`, `${from}.mlp_norm`);
    const gateUp = weights(`${from}.gate_up`);
    matrix(`${to}.ffn_gate`, gateUp, F, C);
    matrix(`${to}.ffn_up`, gateUp, F, C, F);
    matrix(`${to}.ffn_down`, weights(`${from}.down`), C, F);
  }
  return made;
}
