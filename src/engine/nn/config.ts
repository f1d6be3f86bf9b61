import { ShapeError } from '../errors.js';
import { blockSpecs } from './block.js';
import { GPT2_STD } from './initialisation.js';
import { linearSpec } from './linear.js';
import { normSpecs } from './norm.js';
import type { ParameterSpec } from './parameters.js';

/** The shape of a decoder. Its block is StableLM's: LayerNorm, rotary attention, gated SiLU MLP. */
export interface DecoderConfig {
  /** V: tokens in the vocabulary. */
  vocabSize: number;
  /** The longest sequence, in tokens, that the model is trained on and that its cache holds. */
  context: number;
  nLayer: number;
  nHead: number;
  /** C: channels of the residual stream; headDim is C / nHead. */
  width: number;
  /** F: channels of the gated MLP. */
  mlpWidth: number;
  /** Dimensions of each head that rotate with the position (default: all of them). */
  rotaryDim?: number | undefined;
  rotaryBase?: number | undefined;
  layernormEps?: number | undefined;
  /** Whether the head's weight is the embedding's. */
  tiedHead: boolean;
}

/** A `DecoderConfig` in which the MLP's width and the tied head have defaults. */
export interface DecoderShape extends Omit<DecoderConfig, 'mlpWidth' | 'tiedHead'> {
  /** Default: 8/3 of `width`, rounded up to a multiple of 32; a gated MLP then costs as much as a plain one of 4 · width. */
  mlpWidth?: number | undefined;
  /** Default: true. */
  tiedHead?: boolean | undefined;
}

const MLP_MULTIPLE = 32;

/** Fills in the defaults. */
export function completeConfig(shape: DecoderShape): DecoderConfig {
  const mlpWidth = Math.ceil((8 * shape.width) / 3 / MLP_MULTIPLE) * MLP_MULTIPLE;
  return { ...shape, mlpWidth: shape.mlpWidth ?? mlpWidth, tiedHead: shape.tiedHead ?? true };
}

export type PresetName = 'tiny' | 'small' | 'medium' | 'carry' | 'sanity' | 'tier-a' | 'tier-b';

/** Named shapes. A tokenizer's vocabulary replaces the preset's. */
export const PRESETS: Readonly<Record<PresetName, DecoderConfig>> = {
  /** About 1M parameters: for software Vulkan. */
  tiny: { vocabSize: 1024, context: 256, nLayer: 4, nHead: 4, width: 128, mlpWidth: 352, tiedHead: true },
  /** About 3M: answers questions about one schema in about a second on a processor. */
  small: { vocabSize: 4096, context: 512, nLayer: 6, nHead: 3, width: 192, mlpWidth: 512, tiedHead: true },
  /** About 14M: for any schema, still fast enough on a processor. */
  medium: {
    vocabSize: 8192,
    context: 512,
    nLayer: 6,
    nHead: 6,
    width: 384,
    mlpWidth: 1024,
    tiedHead: true,
  },
  /** About 30M: its weights in f16 take 57 MiB, small enough to carry away from a GPU that is at hand for minutes. */
  carry: {
    vocabSize: 8192,
    context: 512,
    nLayer: 8,
    nHead: 8,
    width: 512,
    mlpWidth: 1408,
    tiedHead: true,
  },
  /** About 70M: shows within minutes on a GPU whether training works. */
  sanity: {
    vocabSize: 16384,
    context: 512,
    nLayer: 12,
    nHead: 10,
    width: 640,
    mlpWidth: 1728,
    tiedHead: true,
  },
  /** About 320M: the product on one 22 GB GPU. */
  'tier-a': {
    vocabSize: 16384,
    context: 1024,
    nLayer: 24,
    nHead: 16,
    width: 1024,
    mlpWidth: 2752,
    tiedHead: true,
  },
  /** About 705M. */
  'tier-b': {
    vocabSize: 16384,
    context: 1024,
    nLayer: 24,
    nHead: 24,
    width: 1536,
    mlpWidth: 4096,
    tiedHead: true,
  },
};

/** A copy of a named shape. @throws ShapeError for an unknown name */
export function preset(name: string): DecoderConfig {
  const config = PRESETS[name as PresetName];
  if (!config) {
    throw new ShapeError('preset', `there is no preset ${name}; known: ${Object.keys(PRESETS).join(', ')}`);
  }
  return { ...config };
}

/** @throws ShapeError naming the field at fault */
export function checkConfig(config: DecoderConfig): void {
  const fields = ['vocabSize', 'context', 'nLayer', 'nHead', 'width', 'mlpWidth'] as const;
  for (const field of fields) {
    if (!Number.isInteger(config[field]) || config[field] < 1) {
      throw new ShapeError('model', `${field} is ${config[field]}: it must be a positive integer`);
    }
  }
  if (config.width % (8 * config.nHead) !== 0) {
    throw new ShapeError(
      'model',
      `width ${config.width} over ${config.nHead} heads gives a headDim of ${config.width / config.nHead}: ` +
        'it must be a multiple of 8',
    );
  }
  const headDim = config.width / config.nHead;
  const rotaryDim = config.rotaryDim ?? headDim;
  if (rotaryDim < 8 || rotaryDim > headDim || rotaryDim % 8 !== 0) {
    throw new ShapeError(
      'model',
      `rotaryDim is ${rotaryDim}: it must be a multiple of 8 and at most headDim, ${headDim}`,
    );
  }
}

/**
 * All parameters, in the order in which they lie in memory and in checkpoints. Initial values as in GPT-2: N(0, 0.02²),
 * smaller for the matrices that write to the residual stream.
 *
 * @throws ShapeError as `checkConfig`
 */
export function parameterSpecs(config: DecoderConfig): ParameterSpec[] {
  checkConfig(config);
  const { vocabSize, nLayer, width, tiedHead } = config;
  const specs = [linearSpec('embed', vocabSize, width, GPT2_STD)];
  for (let layer = 0; layer < nLayer; layer++) specs.push(...blockSpecs(`layers.${layer}`, config));
  specs.push(...normSpecs('norm', width));
  if (!tiedHead) specs.push(linearSpec('head', vocabSize, width, GPT2_STD));
  return specs;
}

export function parameterCount(config: DecoderConfig): number {
  return parameterSpecs(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/**
 * FLOPs per token in training, forward and backward: 6 per weight of the matrices, and attention's products at the given
 * context, of which the causal half is computed (Kaplan et al. 2020, arXiv:2001.08361). The head counts; the
 * embedding look-up does not.
 */
export function trainingFlopsPerToken(config: DecoderConfig, context = config.context): number {
  const { vocabSize, nLayer, width, mlpWidth } = config;
  const matrices = nLayer * (4 * width * width + 3 * width * mlpWidth) + vocabSize * width;
  // Forward: 2 products with T/2 keys on average, 2·width FLOPs per key; backward: 5 products instead of 2.
  const attention = nLayer * (context / 2) * 2 * width * (2 + 5);
  return 6 * matrices + attention;
}
