import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeStableLm } from '../../src/engine/nn/export-gguf.js';
import type { FloatSource } from '../../src/engine/nn/stable-lm.js';
import type { RunIndex } from './ours.js';

const PREFIX = 'w0.';

/** Writes the first weights of a run as a StableLM in GGUF, which llama.cpp reads. Its tokens are only placeholders. */
export async function writeGguf(path: string, folder: string, { config, tensors }: RunIndex): Promise<void> {
  const file = join(folder, 'tensors.bin');
  const all = readFileSync(file);
  const weights = new Map(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(PREFIX))
      .map(([name, { offset, shape }]): [string, FloatSource] => {
        const from = all.byteOffset + offset;
        const bytes = 4 * shape.reduce((product, extent) => product * extent, 1);
        const read = (): Promise<Float32Array> =>
          Promise.resolve(new Float32Array(all.buffer.slice(from, from + bytes)));
        return [name.slice(PREFIX.length), { shape, read }];
      }),
  );
  // llama.cpp wants a tokenizer with at least one merge. The comparison feeds it token ids.
  const { vocabSize } = config;
  const tokens = ['a', 'b', 'ab', ...Array.from({ length: vocabSize - 3 }, (_, i) => `<${i + 3}>`)];
  const last = vocabSize - 1;
  const vocabulary = {
    tokens,
    types: tokens.map(() => 1),
    merges: ['a b'],
    pre: 'default',
    endId: last,
    padId: last,
  };
  await writeStableLm(
    path,
    { config, tensors: weights, path: file },
    { dtype: 'f32', name: 'parity', vocabulary },
  );
}
