import { ShapeError } from '../errors.js';
import { recorder } from '../tensor/recorder.js';
import { formatShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';

/** What a decoding step reads back of one row of logits. */
export interface Pick {
  /** The likeliest allowed tokens, best first; equal ones by their number. */
  ranked: RankedToken[];
  /** The token that was drawn, if a draw was asked for. */
  drawn?: RankedToken | undefined;
}

export interface RankedToken {
  token: number;
  /** Natural logarithm of the token's probability among the allowed ones, at temperature 1. */
  logProb: number;
}

/** How a token is drawn from a row. */
export interface Draw {
  /** 0 draws nothing. */
  temperature: number;
  /** In [0, 1): the place of the draw among the cumulative weights, in the order of the tokens. */
  uniform: number;
}

/** Words of a row of controls; a row of picks has as many before its ranks. */
export const CONTROL_WORDS = 4;
const PICK_WORDS = 4;
const NONE = 0xffff_ffff;

export function pickWords(ranks: number): number {
  return PICK_WORDS + 2 * ranks;
}

/**
 * Ranks and draws tokens under masks on the GPU: of a row of V logits only 4 + 2 · ranks words are read back.
 *
 * @param logits [B, V] f32
 * @param masks [slots, W] u32, W = ceil(V / 32): one bit per token, least significant first
 * @param controls [B, 4] u32, as `writeControl` writes them
 * @returns [B, 4 + 2 · ranks] u32, for `readPick`
 * @throws ShapeError when masks or controls are of another shape
 */
export function selectTokens(logits: Tensor, masks: Tensor, controls: Tensor, ranks: number): Tensor {
  const { rows: B, columns: V, gpu } = logits;
  const W = Math.ceil(V / 32);
  if (masks.columns !== W || controls.size !== CONTROL_WORDS * B || !(ranks >= 1)) {
    throw new ShapeError(
      'selectTokens',
      `logits are ${formatShape(logits.shape)}, masks ${formatShape(masks.shape)}, controls ` +
        `${formatShape(controls.shape)}, ranks ${ranks}: masks must be [slots,${W}], controls [${B},${CONTROL_WORDS}], ` +
        'ranks 1 or more',
    );
  }
  const picks = recorder().tensor([B, pickWords(ranks)], 'picks', 'u32');
  // A software adapter runs a workgroup in one thread, so fewer invocations are faster.
  const WORKGROUP = gpu.adapter.kind === 'software' ? 8 : 256;
  const kernel = gpu.kernels.get('token_select', { constants: { WORKGROUP } });
  const passes = (2 + ranks) * B * V;
  const work = { flops: passes, bytes: 4 * passes };
  recorder().dispatch(kernel, { logits, masks, controls, picks }, { V, W, ranks }, [B], work);
  return picks;
}

/** Writes the controls of one row: its mask's slot, and the draw. */
export function writeControl(controls: Uint32Array, row: number, slot: number, draw?: Draw): void {
  const { temperature = 0, uniform = 0 } = draw ?? {};
  const bits = new DataView(controls.buffer, controls.byteOffset + 4 * CONTROL_WORDS * row);
  bits.setUint32(0, slot, true);
  bits.setFloat32(4, temperature === 0 ? 0 : 1 / temperature, true);
  bits.setFloat32(8, uniform, true);
}

/**
 * Reads one row of `selectTokens`' result.
 *
 * @throws ShapeError when a logit is not a number, or the mask allowed nothing
 */
export function readPick(picks: Uint32Array, row: number, ranks: number): Pick {
  const start = row * pickWords(ranks);
  const float = (word: number): number => asFloat(picks[start + word]!);
  const sum = float(0);
  if (!(sum >= 0)) throw new ShapeError('sampler', 'a logit of an allowed token is not a number');
  if (picks[start + PICK_WORDS] === NONE) throw new ShapeError('sampler', 'the mask allows no token');
  const highest = float(PICK_WORDS + 1);
  const entry = (word: number): RankedToken => {
    return { token: picks[start + word]!, logProb: float(word + 1) - highest - Math.log(sum) };
  };
  const ranked: RankedToken[] = [];
  for (let rank = 0; rank < ranks && picks[start + PICK_WORDS + 2 * rank] !== NONE; rank++) {
    ranked.push(entry(PICK_WORDS + 2 * rank));
  }
  return picks[start + 1] === NONE ? { ranked } : { ranked, drawn: entry(1) };
}

const word = new DataView(new ArrayBuffer(4));

function asFloat(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

/** One row in float64. */
export function selectReference(
  logits: ArrayLike<number>,
  mask: Uint32Array,
  ranks: number,
  draw: Draw = { temperature: 0, uniform: 0 },
): Pick {
  const allowed: number[] = [];
  for (let v = 0; v < logits.length; v++) if ((mask[v >>> 5]! >>> (v & 31)) & 1) allowed.push(v);
  const byLogit = [...allowed].sort((a, b) => logits[b]! - logits[a]! || a - b);
  const highest = logits[byLogit[0]!]!;
  const logSum = Math.log(allowed.reduce((sum, v) => sum + Math.exp(logits[v]! - highest), 0));
  const entry = (token: number): RankedToken => ({ token, logProb: logits[token]! - highest - logSum });
  const ranked = byLogit.slice(0, ranks).map(entry);
  if (draw.temperature === 0) return { ranked };
  const weights = allowed.map((v) => Math.exp((logits[v]! - highest) / draw.temperature));
  let rest = draw.uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const at = weights.findIndex((weight) => (rest -= weight) < 0);
  return { ranked, drawn: entry(allowed.at(at)!) };
}
