import type { Choice, Step } from './choice.js';

/** A way out of more steps counts as endless: a bug of the grammar. */
const TOO_MANY = 10_000;

/**
 * A short text that completes the statement: it follows the way out of each choice.
 *
 * @param known ways out found before in the same statement, by the likeness of their choices; new ones are added
 */
export function wayOutOf(choice: Choice, known: Map<string, string>): string {
  let text = '';
  const begun: { likeness: string; at: number }[] = [];
  let next: Choice | undefined = choice;
  for (let i = 0; next !== undefined; i++) {
    if (i > TOO_MANY) throw new Error('grammar: the way out does not end');
    const { likeness }: Choice = next;
    const rest = likeness === undefined ? undefined : known.get(likeness);
    if (rest !== undefined) {
      text += rest;
      break;
    }
    if (likeness !== undefined) begun.push({ likeness, at: text.length });
    const [step]: readonly Step[] = next.wayOut.steps;
    text += step?.text ?? '';
    next = step?.next;
  }
  for (const { likeness, at } of begun) known.set(likeness, text.slice(at));
  return text;
}

/** The rest of a step's text after `depth` symbols. A special token is one symbol, so nothing of it is left. */
export function restOf({ symbols, text }: Step, depth: number): string {
  if (depth === 0) return text;
  if (!(symbols instanceof Uint8Array)) return '';
  // ASCII: characters are where the bytes are.
  return symbols.length === text.length ? text.slice(depth) : decoder.decode(symbols.subarray(depth));
}

const decoder = new TextDecoder();
