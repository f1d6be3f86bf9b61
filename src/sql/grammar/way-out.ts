import type { Choice, Step } from './choice.js';

/** Steps after which a way out counts as endless: a defect of the grammar. */
const TOO_MANY = 10_000;

/** A short text that completes the statement from here: the way out of each choice, to the end. */
export function wayOutOf(choice: Choice): string {
  let text = '';
  let [step] = choice.wayOut.steps;
  for (let i = 0; step !== undefined; i++) {
    if (i > TOO_MANY) throw new Error('grammar: the way out does not end');
    text += step.text;
    [step] = step.next.wayOut.steps;
  }
  return text;
}

/** What is missing of a step's text behind so many symbols: bytes, or one special token that is there or not. */
export function restOf({ symbols, text }: Step, depth: number): string {
  if (depth === 0) return text;
  return symbols instanceof Uint8Array ? new TextDecoder().decode(symbols.subarray(depth)) : '';
}
