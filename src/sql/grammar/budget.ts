import type { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import type { Choice, State } from './choice.js';
import type { Vocabulary } from './vocabulary.js';
import { restOf, wayOutOf } from './way-out.js';

/**
 * By how many tokens one token can lengthen the way out: behind FROM by a clause, before it also by joins that reach
 * the table of a new alias. Further away from the end of the room than this, nothing has to be looked at.
 */
const CLAUSE = 120;
const JOINS = 400;

/** The room for tokens: rules out what could no longer be completed in it. */
export class Budget {
  readonly #costs = new WeakMap<Choice, { tokens: number; joins: boolean }>();

  /** @param maxTokens tokens of the statement, the end token included */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly tokenizer: Tokenizer,
    private readonly maxTokens: number,
  ) {}

  /**
   * The tokens of the mask behind which the way out still fits. When there is none, the room is too small for any
   * statement, and those are left that take the shortest way.
   */
  affordable(mask: Uint32Array, state: State, used: number): Uint32Array {
    const room = this.maxTokens - used;
    if (room === Infinity || state.steps.length === 0) return mask;
    const { tokens, joins } = this.#wayOut(state);
    if (tokens + CLAUSE + (joins ? JOINS : 0) < room) return mask;
    const costs = new Map<number, number>();
    for (const token of members(mask)) {
      costs.set(token, 1 + this.#wayOut(state.afterAll(this.vocabulary.symbolsOf(token))!).tokens);
    }
    const most = Math.max(room, Math.min(...costs.values()));
    const kept = new Uint32Array(mask.length);
    for (const [token, cost] of costs) if (cost <= most) kept[token >>> 5]! |= 1 << (token & 31);
    return kept;
  }

  /** Tokens of the way out, and whether it holds a FROM. */
  #wayOut(state: State): { tokens: number; joins: boolean } {
    if (state.choice) return this.#costOf(state.choice);
    const step = state.steps[0]!;
    const { tokens, joins } = this.#costOf(step.next);
    return { tokens: tokens + this.tokenizer.encode(restOf(step, state.depth)).length, joins };
  }

  #costOf(choice: Choice): { tokens: number; joins: boolean } {
    let cost = this.#costs.get(choice);
    if (cost === undefined) {
      const text = wayOutOf(choice);
      const isEnd = choice.steps.length === 0;
      cost = { tokens: isEnd ? 0 : this.tokenizer.encode(text).length + 1, joins: text.includes(' FROM ') };
      this.#costs.set(choice, cost);
    }
    return cost;
  }
}

function* members(mask: Uint32Array): Iterable<number> {
  for (let word = 0; word < mask.length; word++) {
    for (let bits = mask[word]!; bits !== 0; bits &= bits - 1)
      yield word * 32 + 31 - Math.clz32(bits & -bits);
  }
}
