import type { Choice, State } from './choice.js';
import type { Vocabulary } from './vocabulary.js';
import { restOf, wayOutOf } from './way-out.js';

/**
 * By how many tokens one token can lengthen the way out: behind FROM by a clause, before it also by joins that reach
 * the table of a new alias. Further away from the end of the room than this, nothing has to be looked at.
 */
const CLAUSE = 120;
const JOINS = 400;
/** A text cut in the middle of a word may take a token or two more than the whole did. */
const SLACK = 3;

/** The room for tokens: rules out what could no longer be completed in it. */
export class Budget {
  readonly #waysOut = new WeakMap<Choice, string>();
  /** Ways out by the likeness of their choices. */
  readonly #alike = new Map<string, string>();

  /** @param maxTokens tokens of the statement, the end token included */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly maxTokens: number,
  ) {}

  /**
   * The tokens of the mask behind which the way out still fits. When there is none, the room is too small for any
   * statement, and those are left that take the shortest way.
   */
  affordable(mask: Uint32Array, state: State, used: number): Uint32Array {
    const room = this.maxTokens - used - SLACK;
    if (room === Infinity || state.steps.length === 0) return mask;
    const [begun, rest] = this.#wayOut(state);
    const margin = rest.includes(' FROM ') || begun.includes(' FROM ') ? CLAUSE + JOINS : CLAUSE;
    if (this.#cost(state) + margin < room) return mask;
    const costs = new Map<number, number>();
    for (const token of members(mask)) {
      const next = state.afterAll(this.vocabulary.symbolsOf(token))!;
      costs.set(token, 1 + this.#cost(next));
    }
    const most = Math.max(room, Math.min(...costs.values()));
    const kept = new Uint32Array(mask.length);
    for (const [token, cost] of costs) if (cost <= most) kept[token >>> 5]! |= 1 << (token & 31);
    return kept;
  }

  /** Tokens of the way out, the end token included. */
  #cost(state: State): number {
    const [begun, rest] = this.#wayOut(state);
    return this.vocabulary.tokensIn(begun) + this.vocabulary.tokensIn(rest) + 1;
  }

  /** The rest of the text that was begun, and the way out behind it: many states share the latter. */
  #wayOut({ choice, steps, depth }: State): [begun: string, rest: string] {
    if (choice) return ['', this.#wayOutOf(choice)];
    const step = steps[0]!;
    return [restOf(step, depth), this.#wayOutOf(step.next)];
  }

  #wayOutOf(choice: Choice): string {
    let text = this.#waysOut.get(choice);
    if (text === undefined) this.#waysOut.set(choice, (text = wayOutOf(choice, this.#alike)));
    return text;
  }
}

function* members(mask: Uint32Array): Iterable<number> {
  for (let word = 0; word < mask.length; word++) {
    for (let bits = mask[word]!; bits !== 0; bits &= bits - 1)
      yield word * 32 + 31 - Math.clz32(bits & -bits);
  }
}
