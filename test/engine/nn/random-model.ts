import type { DecoderConfig } from '../../../src/engine/nn/config.js';
import { parameterSpecs } from '../../../src/engine/nn/config.js';
import { checkpointFolder, saveConfig } from '../../../src/engine/nn/model-folder.js';
import { saveCheckpoint } from '../../../src/engine/train/checkpoint.js';
import type { TensorSource } from '../../../src/engine/train/safetensors.js';
import { Random } from '../numerics.js';

/**
 * Writes a model folder whose weights are far from the initial ones, without an adapter: with norms of all ones and zeros
 * a swap would not show.
 *
 * @returns the weights by name
 */
export async function saveRandomModel(
  folder: string,
  config: DecoderConfig,
  { seed = 3, scale = 0.2, step = 0 } = {},
): Promise<Map<string, Float32Array>> {
  const random = new Random(seed);
  const weights = new Map<string, Float32Array>();
  const tensors = parameterSpecs(config).map(({ name, shape }): TensorSource => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    const values = random.floats(size, scale);
    if (name.endsWith('gamma')) for (let i = 0; i < size; i++) values[i]! += 1;
    weights.set(name, values);
    return { name: `weights.${name}`, dtype: 'F32', shape, read: () => values };
  });
  await saveConfig(folder, config);
  await saveCheckpoint(checkpointFolder(folder), step, { tensors, meta: { config } });
  return weights;
}
