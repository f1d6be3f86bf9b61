import type { BranchingMask } from './beam.js';

/** A mask of the tokens below `vocabSize`: all that a tokenizer knows, where the model's head has more rows. */
export function anyTokenOf(vocabSize: number): BranchingMask {
  const bits = new Uint32Array(Math.ceil(vocabSize / 32));
  for (let token = 0; token < vocabSize; token++) bits[token >>> 5]! |= 1 << (token & 31);
  const mask: BranchingMask = { allowed: () => bits, advance: () => {}, fork: () => mask };
  return mask;
}
