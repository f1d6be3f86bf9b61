import { ShapeError } from '../errors.js';
import { layernormReference } from '../ops/layernorm.js';
import { rotaryReference } from '../ops/rotary.js';
import { swigluReference } from '../ops/swiglu.js';
import type { OpenWeights } from './open-weights.js';

export interface HostForward {
  /** Of the next token, [T, V]. */
  logits: Float64Array[];
  /**
   * By layer, [nHead, T, T]: how much of what position i reads comes from position j. Rows sum to 1; beyond the diagonal
   * they are 0.
   */
  attention: Float32Array[];
}

/**
 * The decoder on the processor, in float64: the definition in loops, and the only path that keeps the probabilities of
 * attention. A model of 3 million parameters takes about a second for 100 tokens.
 *
 * @param logitsFrom the first position whose logits are wanted (default: the last position)
 * @throws ShapeError for no tokens, more than the context, or a token outside the vocabulary
 */
export async function hostForward(
  { config, tensors }: Pick<OpenWeights, 'config' | 'tensors'>,
  tokens: ArrayLike<number>,
  logitsFrom = tokens.length - 1,
): Promise<HostForward> {
  const T = tokens.length;
  const { width: C, nHead, mlpWidth, nLayer, vocabSize, context, tiedHead } = config;
  const { rotaryDim = C / nHead, rotaryBase: base = 10_000, layernormEps: eps = 1e-5 } = config;
  if (T < 1 || T > context) {
    throw new ShapeError('hostForward', `${T} tokens: the model takes 1 to ${context}`);
  }
  const unknown = Array.from(tokens).find((token) => !(token >= 0 && token < vocabSize));
  if (unknown !== undefined) {
    throw new ShapeError('hostForward', `token ${unknown} is outside the vocabulary of ${vocabSize}`);
  }
  const get = (name: string): Promise<Float32Array> => tensors.get(name)!.read();
  const norm = async (x: Float64Array, name: string): Promise<Float64Array> =>
    layernormReference(x, await get(`${name}.gamma`), await get(`${name}.beta`), x.length / C, C, eps);

  const table = await get('embed');
  const x = new Float64Array(T * C);
  for (let t = 0; t < T; t++) x.set(table.subarray(tokens[t]! * C, (tokens[t]! + 1) * C), t * C);
  const attention: Float32Array[] = [];
  for (let layer = 0; layer < nLayer; layer++) {
    const at = `layers.${layer}`;
    const qkv = linear(await norm(x, `${at}.attention_norm`), await get(`${at}.qkv`), C);
    const turned = rotaryReference({ B: 1, T, nHead, headDim: C / nHead }, qkv, { rotaryDim, base });
    const { mixed, probabilities } = attend(turned, T, nHead, C / nHead);
    attention.push(probabilities);
    add(x, linear(mixed, await get(`${at}.attention_out`), C));
    const gated = linear(await norm(x, `${at}.mlp_norm`), await get(`${at}.gate_up`), C);
    add(x, linear(swigluReference(gated, T, mlpWidth), await get(`${at}.down`), mlpWidth));
  }
  const read = await norm(x.subarray(logitsFrom * C), 'norm');
  const all = linear(read, tiedHead ? table : await get('head'), C);
  const logits = Array.from({ length: T - logitsFrom }, (_, t) =>
    all.subarray(t * vocabSize, (t + 1) * vocabSize),
  );
  return { logits, attention };
}

/** x [rows, K] times the transpose of w [N, K]. */
function linear(x: Float64Array, w: Float32Array, K: number): Float64Array {
  const rows = x.length / K;
  const N = w.length / K;
  const y = new Float64Array(rows * N);
  for (let row = 0; row < rows; row++) {
    for (let n = 0; n < N; n++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += x[row * K + k]! * w[n * K + k]!;
      y[row * N + n] = sum;
    }
  }
  return y;
}

function add(x: Float64Array, dx: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i]! += dx[i]!;
}

/** Causal attention over rows of queries, keys and values, [T, 3, nHead, headDim]. */
function attend(
  qkv: Float64Array,
  T: number,
  nHead: number,
  headDim: number,
): { mixed: Float64Array; probabilities: Float32Array } {
  const C = nHead * headDim;
  const mixed = new Float64Array(T * C);
  const probabilities = new Float32Array(nHead * T * T);
  const row = new Float64Array(T);
  for (let head = 0; head < nHead; head++) {
    for (let i = 0; i < T; i++) {
      const q = i * 3 * C + head * headDim;
      let highest = -Infinity;
      for (let j = 0; j <= i; j++) {
        const k = j * 3 * C + C + head * headDim;
        let dot = 0;
        for (let d = 0; d < headDim; d++) dot += qkv[q + d]! * qkv[k + d]!;
        row[j] = dot / Math.sqrt(headDim);
        highest = Math.max(highest, row[j]!);
      }
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += row[j] = Math.exp(row[j]! - highest);
      for (let j = 0; j <= i; j++) {
        const p = row[j]! / sum;
        probabilities[(head * T + i) * T + j] = p;
        const v = j * 3 * C + 2 * C + head * headDim;
        for (let d = 0; d < headDim; d++) mixed[i * C + head * headDim + d]! += p * qkv[v + d]!;
      }
    }
  }
  return { mixed, probabilities };
}
