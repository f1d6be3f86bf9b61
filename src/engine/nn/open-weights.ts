import { CheckpointError } from '../errors.js';
import { findNewestGood, openTensors } from '../train/checkpoint.js';
import { parameterSpecs, type DecoderConfig } from './config.js';
import { asFloats, storedTensor } from './half-weights.js';
import { checkpointFolder, loadConfig } from './model-folder.js';
import type { FloatSource } from './stable-lm.js';
import { formatShape, sameShape } from '../tensor/shape.js';

/** The weights of a model folder, read from its files one tensor at a time. Needs no adapter. */
export interface OpenWeights {
  config: DecoderConfig;
  step: number;
  /** The file that holds them, for messages. */
  path: string;
  /** By the names of `parameterSpecs`, in their order. */
  tensors: ReadonlyMap<string, FloatSource & { stored: 'F32' | 'F16' }>;
  close(): Promise<void>;
}

/**
 * Opens the newest whole checkpoint of a model folder. The caller closes it.
 *
 * @throws CheckpointError as `loadConfig`; `no-weights`; why the newest checkpoint is damaged, if none is whole;
 *   `tensor-missing` or `tensor-shape` for weights of another model
 */
export async function openWeights(folder: string): Promise<OpenWeights> {
  const config = await loadConfig(folder);
  const { checkpoint, damaged } = await findNewestGood(checkpointFolder(folder));
  if (!checkpoint) {
    if (damaged[0]) throw damaged[0].reason;
    throw new CheckpointError('no-weights', checkpointFolder(folder), 'has no whole checkpoint');
  }
  const file = await openTensors(checkpoint);
  try {
    const tensors = new Map(
      parameterSpecs(config).map(({ name, shape }) => {
        const stored = `weights.${name}`;
        const entry = file.tensors.get(stored);
        if (!entry) throw new CheckpointError('tensor-missing', file.path, `has no tensor ${stored}`);
        const { dtype } = entry;
        if (!sameShape(entry.shape, shape) || (dtype !== 'F32' && dtype !== 'F16')) {
          throw new CheckpointError(
            'tensor-shape',
            file.path,
            `${stored} is ${dtype} ${formatShape(entry.shape)}, and the model needs ${formatShape(shape)}`,
          );
        }
        return [name, { ...asFloats(storedTensor(file, stored, entry)), stored: dtype }];
      }),
    );
    return { config, step: checkpoint.step, path: file.path, tensors, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
