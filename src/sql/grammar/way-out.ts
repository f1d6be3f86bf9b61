import type { State } from './choice.js';

/** Steps after which a way out counts as endless: a defect of the grammar. */
const TOO_MANY = 10_000;

/** A short text that completes the statement from here: each choice's way out, to the end. */
export function wayOut(state: State): string {
  let text = '';
  let [step] = state.steps;
  if (step !== undefined) text = rest(step.symbols, step.text, state.depth);
  for (let i = 0; step !== undefined; i++) {
    if (i > TOO_MANY) throw new Error('grammar: the way out does not end');
    [step] = step.next.wayOut.steps;
    text += step?.text ?? '';
  }
  return text;
}

/** What is missing of a step's text behind so many symbols: bytes, or one special token that is there or not. */
function rest(symbols: ArrayLike<number>, text: string, depth: number): string {
  if (depth === 0) return text;
  return symbols instanceof Uint8Array ? new TextDecoder().decode(symbols.subarray(depth)) : '';
}
