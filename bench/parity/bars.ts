import type { LlamaResult } from './llama.js';

/** The largest error among several tensors, and the tensor that has it. */
export interface WorstError {
  worst: number;
  tensor: string;
  median: number;
}

/** Relative errors against PyTorch in float64; of tensors ‖found - truth‖ / ‖truth‖. */
export interface Comparison {
  logits: number;
  /** The share of positions with the same likeliest token. */
  sameChoice: number;
  losses: number;
  norms: number;
  firstGradients: WorstError;
  /** Of all ten steps. */
  gradients: WorstError;
  weights: WorstError;
  /** Of the weights' distance from the first ones. */
  updates: WorstError;
}

/** The worst gradient of the first step, as it was measured when this comparison was first made. */
const GRADIENT_BARS: Readonly<Record<string, number>> = { f32: 4.8e-7, f16: 8e-4, tensor: 9e-4 };

/**
 * AdamW divides by the size of a gradient, so ten steps enlarge rounding errors, PyTorch's as well as ours. Numbers after
 * the first step are therefore held against PyTorch with the same precision: at most this multiple of its error. Of
 * several tensors the median error counts: which of them is worst, and how bad, is chance.
 */
const AGAINST_PYTORCH: Readonly<Record<string, { reference: string; multiple: number }>> = {
  f32: { reference: 'PyTorch f32', multiple: 2 },
  f16: { reference: 'PyTorch bf16', multiple: 1 },
  tensor: { reference: 'PyTorch bf16', multiple: 1 },
};
const COMPARED = ['logits', 'losses', 'gradients', 'weights', 'updates'] as const;

const LLAMA_BAR = 1e-3;

const typical = (error: number | WorstError): number => (typeof error === 'number' ? error : error.median);

/** A line for every bar that a result misses; NaN misses every bar. */
export function brokenBars(
  results: Readonly<Record<string, Comparison>>,
  llama: LlamaResult | undefined,
): string[] {
  const broken: string[] = [];
  const check = (what: string, found: number, bar: number): void => {
    if (!(found <= bar)) broken.push(`${what}: ${found.toExponential(2)} is over ${bar.toExponential(2)}`);
  };
  for (const [path, bar] of Object.entries(GRADIENT_BARS)) {
    const result = results[path];
    if (!result) continue;
    const { worst, tensor } = result.firstGradients;
    check(`${path}: first gradients (${tensor})`, worst, bar);
    const { reference, multiple } = AGAINST_PYTORCH[path]!;
    for (const what of COMPARED) {
      const theirs = typical(results[reference]![what]);
      check(`${path}: ${what}, beside ${reference}`, typical(result[what]), multiple * theirs);
    }
  }
  if (llama && llama.sameChoice !== llama.positions) {
    broken.push(`llama.cpp: another token at ${llama.positions - llama.sameChoice} positions`);
  }
  if (llama && !(llama.probabilities <= LLAMA_BAR)) {
    broken.push(`llama.cpp: probabilities differ by ${llama.probabilities.toExponential(2)}`);
  }
  return broken;
}
