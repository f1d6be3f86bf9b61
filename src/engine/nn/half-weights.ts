/** Weights in f16 in files. The engine's own weights are f32: f16 halves a file, and rounds. */
import { CheckpointError } from '../errors.js';
import { fromHalf, toHalf } from '../tensor/half.js';
import type { FloatSource } from './stable-lm.js';
import type { SafetensorsFile, TensorEntry, TensorSource } from '../train/safetensors.js';

export type ExportDType = 'f32' | 'f16';

/** A tensor of a file as a source for another. */
export function storedTensor(
  file: SafetensorsFile,
  name: string,
  { dtype, shape }: TensorEntry,
): TensorSource {
  return { name, dtype, shape, read: () => file.read(name) };
}

/** A tensor of f32 rounded to f16, ties to even. @throws CheckpointError `f16-overflow` */
export function inHalves(source: TensorSource, path: string): TensorSource {
  if (source.dtype !== 'F32') return source;
  const read = async (): Promise<Uint16Array> => {
    const view = await source.read();
    const values = new Float32Array(view.buffer, view.byteOffset, view.byteLength / 4);
    const halves = new Uint16Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const half = toHalf(values[i]!);
      if ((half & 0x7c00) === 0x7c00) {
        throw new CheckpointError(
          'f16-overflow',
          path,
          `${source.name} holds ${values[i]} at position ${i}, which f16 cannot: export with --dtype f32`,
        );
      }
      halves[i] = half;
    }
    return halves;
  };
  return { ...source, dtype: 'F16', read };
}

let floats: Float32Array | undefined;

/** A tensor of f16 in f32, exactly. */
export function inFloats(source: TensorSource): TensorSource {
  if (source.dtype !== 'F16') return source;
  const table = (floats ??= Float32Array.from({ length: 2 ** 16 }, (_, half) => fromHalf(half)));
  const read = async (): Promise<Float32Array> => {
    const view = await source.read();
    const halves = new Uint16Array(view.buffer, view.byteOffset, view.byteLength / 2);
    const values = new Float32Array(halves.length);
    for (let i = 0; i < halves.length; i++) values[i] = table[halves[i]!]!;
    return values;
  };
  return { ...source, dtype: 'F32', read };
}

/** A tensor of f32 or f16 as a source of f32. */
export function asFloats(source: TensorSource): FloatSource {
  const { shape, read } = inFloats(source);
  return {
    shape,
    async read() {
      const { buffer, byteOffset, byteLength } = await read();
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    },
  };
}
