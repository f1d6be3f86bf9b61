import type { Choice, State, Step } from './choice.js';
import { opensTable, type FromPlace } from './clauses.js';
import type { Detour } from './detour.js';
import type { Vocabulary } from './vocabulary.js';
import { restOf, wayOutOf } from './way-out.js';

/** A text that is cut in the middle of a word, or from the blank before it, may need a few tokens more than the whole. */
const SLACK = 6;

/** What every placeholder begins with. Names may have it too, which only makes the estimate larger. */
const PLACEHOLDER = /__(?=[A-Z])/;

/** How far a statement is written. */
export interface WrittenSoFar {
  /** Tokens so far. */
  used: number;
  place: FromPlace;
}

/** Keeps a statement within its number of tokens: rules out tokens after which it could not be completed. */
export class Budget {
  readonly #waysOut = new WeakMap<Choice, string>();
  /** Ways out by the `likeness` of their choices. */
  readonly #alike = new Map<string, string>();
  #detour: Detour | undefined;

  /**
   * @param maxTokens tokens of the statement, including the end token
   * @param detour with more tokens left than the way out and this take, no check is needed; called at most once
   */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly maxTokens: number,
    private readonly detour: () => Detour,
  ) {}

  /**
   * The tokens of the mask after which the way out still fits; undefined if there are none. Then `wayOutTokens` has to be
   * followed to the end.
   */
  affordable(mask: Uint32Array, state: State, { used, place }: WrittenSoFar): Uint32Array | undefined {
    const room = this.maxTokens - used - SLACK;
    if (room === Infinity || state.steps.length === 0) return mask;
    if (this.#isFarFromEnd(state, room, place)) return mask;
    const kept = new Uint32Array(mask.length);
    let isAny = false;
    for (const token of members(mask)) {
      const next = state.justAfter(this.vocabulary.symbolsOf(token))!;
      if (1 + this.#cost(next) > room) continue;
      kept[token >>> 5]! |= 1 << (token & 31);
      isAny = true;
    }
    return isAny ? kept : undefined;
  }

  /** Whether the shortest statement known, from its first token on, fits. */
  fits(start: State): boolean {
    return this.maxTokens === Infinity || this.wayOutTokens(start).length <= this.maxTokens;
  }

  /** The tokens of the way out, the end token included. Each of them leaves one token less to write. */
  wayOutTokens(state: State): number[] {
    return this.vocabulary.tokensOf(this.#wayOut(state).join(''));
  }

  /** Whether the statement could be completed after any token that the grammar allows. */
  #isFarFromEnd(state: State, room: number, place: FromPlace): boolean {
    const { clause, use, joins, keys } = (this.#detour ??= this.detour());
    let most = this.#cost(state) + clause;
    if (most >= room) return false;
    const [begun, rest] = this.#wayOut(state);
    const text = begun + rest;
    if (place === 'items') most += joins + keys;
    // A table that is named decides about the joins after it; the columns of its ON do not.
    else if (place === 'table' || (place === 'joins' && opensTable(state))) most += joins;
    // Each placeholder that the way out has to use may lose its column to what the token begins.
    most += use * (text.split(PLACEHOLDER).length - 1);
    // GROUP BY repeats the keys of the SELECT list, which may be any number of tokens.
    return most < room && !mayGroup(state.steps) && !mayGroup(state.end?.next.steps ?? []);
  }

  /** Tokens of the way out, including the end token. */
  #cost(state: State): number {
    const [begun, rest] = this.#wayOut(state);
    return this.vocabulary.tokensIn(begun) + this.vocabulary.tokensIn(rest) + 1;
  }

  /** The rest of the text that was begun, and the way out after it, which many states share. */
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

function mayGroup(steps: readonly Step[]): boolean {
  return steps.some(({ text }) => text === ' GROUP BY ');
}

function* members(mask: Uint32Array): Iterable<number> {
  for (let word = 0; word < mask.length; word++) {
    for (let bits = mask[word]!; bits !== 0; bits &= bits - 1)
      yield word * 32 + 31 - Math.clz32(bits & -bits);
  }
}
