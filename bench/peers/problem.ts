import { noise } from '../../src/engine/bench/inputs.js';
import type { DecoderConfig } from '../../src/engine/nn/config.js';
import type { AdamWOptions } from '../../src/engine/train/adamw.js';
import type { Batch } from '../../src/engine/train/batch.js';

/** A task that every engine runs, with its inputs. */
export type Problem =
  | { kind: 'matmul'; size: number; a: Float32Array; b: Float32Array }
  | { kind: 'layernorm'; N: number; C: number; x: Float32Array; gamma: Float32Array; beta: Float32Array }
  /** Causal; q, k, v are [B, T, nHead, headDim], from one packed array [B, T, 3, nHead, headDim]. */
  | { kind: 'attention'; B: number; T: number; nHead: number; headDim: number; qkv: Float32Array }
  | TrainingProblem;

export interface TrainingProblem {
  kind: 'training';
  config: DecoderConfig;
  B: number;
  T: number;
  /** Weights by name, [out, in] as in our checkpoints. */
  weights: ReadonlyMap<string, { shape: readonly number[]; values: Float32Array; decay: boolean }>;
  batch: Batch;
  optimizer: AdamWOptions & { learningRate: number };
}

export interface Prepared {
  /** Submits one execution. */
  run(): void | Promise<void>;
  /** Resolves when all submitted work is done. */
  settle(): Promise<void>;
  /** The output of the last execution. For a training step: its loss, before the update. */
  result(): Promise<Float32Array>;
  /** Of a training step: the clipped gradients that the first run updated the weights with. Called after that run. */
  gradients?(): Promise<ReadonlyMap<string, Float32Array>>;
  dispose(): void;
}

export interface Engine {
  name: string;
  version: string;
  prepare(problem: Problem): Promise<Prepared>;
}

export function matmulProblem(size: number): Problem {
  // Two halves of one random sequence, so that the matrices differ.
  const values = noise(2 * size * size + 1);
  return { kind: 'matmul', size, a: values.slice(1, size * size + 1), b: values.slice(size * size + 1) };
}

export function layernormProblem(N: number, C: number): Problem {
  const values = noise(N * C + 2 * C);
  const [x, gamma, beta] = [values.slice(0, N * C), values.slice(N * C, N * C + C), values.slice(N * C + C)];
  return { kind: 'layernorm', N, C, x, gamma, beta };
}

export function attentionProblem(B: number, T: number, nHead: number, headDim: number): Problem {
  return { kind: 'attention', B, T, nHead, headDim, qkv: noise(B * T * 3 * nHead * headDim) };
}

/** Cosines and sines of the rotary angles, each [T, headDim / 2]. */
export function rotaryTables(T: number, headDim: number): { cos: Float32Array; sin: Float32Array } {
  const half = headDim / 2;
  const angle = (i: number): number => Math.floor(i / half) * 10_000 ** ((-2 * (i % half)) / headDim);
  return {
    cos: Float32Array.from({ length: T * half }, (_, i) => Math.cos(angle(i))),
    sin: Float32Array.from({ length: T * half }, (_, i) => Math.sin(angle(i))),
  };
}

/** Queries, keys or values from their packed array. */
export function unpack(
  { B, T, nHead, headDim, qkv }: Extract<Problem, { kind: 'attention' }>,
  part: 0 | 1 | 2,
) {
  const C = nHead * headDim;
  const values = new Float32Array(B * T * C);
  for (let row = 0; row < B * T; row++) {
    const from = (3 * row + part) * C;
    values.set(qkv.subarray(from, from + C), row * C);
  }
  return values;
}
