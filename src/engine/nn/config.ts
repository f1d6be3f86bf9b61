import { ShapeError } from '../errors.js';

/** Everything that fixes a decoder's shape. The block is StableLM's: LayerNorm, rotary attention, gated SiLU MLP. */
export interface DecoderConfig {
  /** V: tokens in the vocabulary. */
  vocabSize: number;
  /** The longest sequence, in tokens, that the model is trained on and its cache holds. */
  context: number;
  nLayer: number;
  nHead: number;
  /** C: channels of the residual stream; headDim is C / nHead. */
  width: number;
  /** F: channels of the gated MLP. */
  mlpWidth: number;
  /** Channels of each head that turn with the position; all of them unless told. */
  rotaryDim?: number;
  rotaryBase?: number;
  layernormEps?: number;
  /** Whether the head's weight is the embedding's. */
  tiedHead: boolean;
}

export type PresetName = 'tiny' | 'sanity' | 'tier-a' | 'tier-b';

/** Named shapes. The vocabulary is the tokenizer's where there is one; these are defaults. */
export const PRESETS: Readonly<Record<PresetName, DecoderConfig>> = {
  /** About 1M parameters: for software Vulkan. */
  tiny: { vocabSize: 1024, context: 256, nLayer: 4, nHead: 4, width: 128, mlpWidth: 352, tiedHead: true },
  /** About 70M: sees within minutes on a GPU whether training works. */
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

/** @throws ShapeError for a name that is no preset */
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
      throw new ShapeError('model', `${field} is ${config[field]}: it must be a positive whole number`);
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

/** One trainable tensor. Linear weights are [out, in], as in PyTorch. */
export interface ParameterSpec {
  name: string;
  shape: readonly number[];
  /** Standard deviation of the initial values around `mean`. */
  std: number;
  mean: number;
  /** Whether weight decay applies: to matrices, not to norms. */
  decay: boolean;
}

/**
 * All parameters, in the order in which they lie in memory and in checkpoints. Initial values as in GPT-2: N(0, 0.02),
 * and smaller by sqrt(2 · nLayer) for the two matrices of each layer that write to the residual stream.
 */
export function parameterSpecs(config: DecoderConfig): ParameterSpec[] {
  checkConfig(config);
  const { vocabSize, nLayer, width, mlpWidth, tiedHead } = config;
  const std = 0.02;
  const residualStd = std / Math.sqrt(2 * nLayer);
  const matrix = (name: string, rows: number, columns: number, spread = std): ParameterSpec => {
    return { name, shape: [rows, columns], std: spread, mean: 0, decay: true };
  };
  const norm = (name: string): ParameterSpec[] => [
    { name: `${name}.gamma`, shape: [width], std: 0, mean: 1, decay: false },
    { name: `${name}.beta`, shape: [width], std: 0, mean: 0, decay: false },
  ];
  const specs = [matrix('embed', vocabSize, width)];
  for (let layer = 0; layer < nLayer; layer++) {
    const at = `layers.${layer}`;
    specs.push(
      ...norm(`${at}.attention_norm`),
      matrix(`${at}.qkv`, 3 * width, width),
      matrix(`${at}.attention_out`, width, width, residualStd),
      ...norm(`${at}.mlp_norm`),
      matrix(`${at}.gate_up`, 2 * mlpWidth, width),
      matrix(`${at}.down`, width, mlpWidth, residualStd),
    );
  }
  specs.push(...norm('norm'));
  if (!tiedHead) specs.push(matrix('head', vocabSize, width));
  return specs;
}

export function parameterCount(config: DecoderConfig): number {
  return parameterSpecs(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

/**
 * FLOPs of one token in training, forward and backward: 6 for each weight that multiplies it, and the attention's
 * products at the given context, of which the causal half is computed (Kaplan et al. 2020, arXiv:2001.08361, with
 * the head counted and the embedding look-up not).
 */
export function trainingFlopsPerToken(config: DecoderConfig, context = config.context): number {
  const { vocabSize, nLayer, width, mlpWidth } = config;
  const matrices = nLayer * (4 * width * width + 3 * width * mlpWidth) + vocabSize * width;
  // Forward: 2 products of T/2 keys on average, 2·width FLOPs a key each; backward: 5 products instead of 2.
  const attention = nLayer * (context / 2) * 2 * width * (2 + 5);
  return 6 * matrices + attention;
}
