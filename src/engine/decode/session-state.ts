import type { Gpu } from '../gpu/device.js';
import { record } from '../gpu/program.js';
import type { DecoderConfig } from '../nn/config.js';
import type { Parameters } from '../nn/parameters.js';
import { appendToCache, attentionDecode, type KeyValueCache } from '../ops/attention/decode.js';
import type { TokenBatch } from '../ops/embedding.js';
import { gatherRows } from '../ops/gather-rows.js';
import type { Shape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { MaskStore } from './mask-store.js';
import { Stage } from './stage.js';

/** What a session needs of a model; `Decoder` implements it. */
export interface SessionModel {
  readonly gpu: Gpu;
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  tokenBatch(shape: Shape): TokenBatch;
  /** Tokens [B, T] to hidden states [B, T, C] f32; `attend` receives queries, keys and values [B, T, 3C] f32. */
  hidden(batch: TokenBatch, attend: (layer: number, qkv: Tensor) => Tensor): Tensor;
  rotate(qkv: Tensor, starts?: Tensor): Tensor;
  /** Hidden states [..., C] to logits [..., V or more]; columns beyond the vocabulary are the lowest f32. */
  logits(hidden: Tensor): Tensor;
}

export interface SessionOptions {
  /** The most tokens, prompt and answer together, that the cache holds (default: the model's context). */
  context?: number | undefined;
  /** B: texts that are written side by side from one prompt (default 1, at most 16). */
  sequences?: number | undefined;
  /** How many of the likeliest tokens each step reports for each sequence (default 1). */
  ranks?: number | undefined;
}

export type SessionExtents = { [K in keyof SessionOptions]-?: number };

/** The tensors of a step besides the weights. */
export interface SessionState {
  cache: KeyValueCache[];
  /** [B] u32: positions in the cache. */
  lengths: Tensor;
  /** [B, 1] */
  token: TokenBatch;
  masks: MaskStore;
  /** [B] u32 */
  parents: Tensor;
  /** [2] u32 */
  span: Tensor;
}

/** Adds runs of one padded length, to all sequences. */
export interface RunWriter {
  /** [B, T] */
  batch: TokenBatch;
  /** [B] u32: the row of each sequence's last token; undefined if there is one row each. */
  last: Tensor | undefined;
  stage: Stage;
}

/** Records the pass that adds up to T tokens to each sequence. */
export async function recordWriter(
  model: SessionModel,
  { cache, lengths, token, masks }: SessionState,
  { sequences, ranks }: SessionExtents,
  T: number,
): Promise<RunWriter> {
  const { gpu } = model;
  const batch = T === 1 ? token : model.tokenBatch([sequences, T]);
  const last = T === 1 ? undefined : gpu.tensor([sequences], undefined, { dtype: 'u32', label: 'last rows' });
  const forward = await record(gpu, () => {
    const hidden = model.hidden(batch, (layer, qkv) => {
      const rotated = model.rotate(qkv, lengths);
      appendToCache(rotated, cache[layer]!);
      return attentionDecode(rotated, cache[layer]!);
    });
    return model.logits(last ? gatherRows(hidden, last) : hidden);
  });
  return { batch, last, stage: await Stage.create(forward, masks, ranks) };
}

/** The tensors of a new session, empty. */
export function newState(
  model: SessionModel,
  { context, sequences }: Readonly<SessionExtents>,
): SessionState {
  const { gpu, config } = model;
  const shape = [sequences, config.nHead, context, config.width / config.nHead];
  const words = (shape: number[], label: string): Tensor =>
    gpu.tensor(shape, undefined, { dtype: 'u32', label });
  const lengths = words([sequences], 'cache length');
  const cache = Array.from({ length: config.nLayer }, (_, layer) => ({
    keys: gpu.tensor(shape, undefined, { label: `keys ${layer}` }),
    values: gpu.tensor(shape, undefined, { label: `values ${layer}` }),
    lengths,
  }));
  const token = model.tokenBatch([sequences, 1]);
  return {
    cache,
    lengths,
    token,
    masks: new MaskStore(gpu, token.vocabSize, sequences),
    parents: words([sequences], 'parents'),
    span: words([2], 'span'),
  };
}
