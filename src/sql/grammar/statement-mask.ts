import type { TokenMask } from '../../engine/decode/generate.js';
import type { Budget } from './budget.js';
import { placeAfter, type FromPlace } from './clauses.js';
import type { State, Step } from './choice.js';
import { GrammarError } from './errors.js';
import { forcedTokens } from './forced.js';
import type { Vocabulary } from './vocabulary.js';

/** A statement while it is written token by token: which tokens may come next. */
export class StatementMask implements TokenMask {
  #written: readonly number[] = [];
  /** What is left of the tokens that `forced` told last. */
  #forced: readonly number[] = [];
  #place: FromPlace = 'items';
  #mask: Uint32Array | undefined;
  /** The tokens that are left to write, once the room is used up. */
  #rest: readonly number[] | undefined;

  /** Use `Grammar.start`. */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly budget: Budget,
    private state: State,
  ) {}

  /** Whether the statement is complete: only the end token, or nothing, may follow. */
  get isComplete(): boolean {
    const [step, ...others] = this.state.steps;
    return others.length === 0 && (step === undefined || step.symbols[0] === this.vocabulary.endSymbol);
  }

  /** An independent copy; both share what was computed. */
  fork(): StatementMask {
    const copy = new StatementMask(this.vocabulary, this.budget, this.state);
    copy.#written = this.#written;
    copy.#forced = this.#forced;
    copy.#place = this.#place;
    copy.#rest = this.#rest;
    return copy;
  }

  /** One bit for each token, least significant first; empty only after the end token. Do not write to it. */
  allowed(): Uint32Array {
    return (this.#mask ??= this.#allow());
  }

  /** The tokens that come next whatever is chosen later; none where the tokens run out. The end token may be one. */
  forced(): readonly number[] {
    if (this.#forced.length === 0 && this.#rest === undefined)
      this.#forced = forcedTokens(this.#written, this.state, this.vocabulary);
    return this.#forced;
  }

  #allow(): Uint32Array {
    const mask = this.vocabulary.maskOf(this.state);
    if (this.#rest === undefined) {
      const affordable = this.budget.affordable(mask, this.state, {
        used: this.#written.length,
        place: this.#place,
      });
      if (affordable !== undefined) return affordable;
      this.#rest = this.budget.wayOutTokens(this.state);
    }
    const [next] = this.#rest;
    // A token may end inside a character, which no text can begin with: then any token goes on.
    if (next === undefined || !holds(mask, next)) return mask;
    const only = new Uint32Array(mask.length);
    only[next >>> 5]! |= 1 << (next & 31);
    return only;
  }

  /** @throws GrammarError `not-allowed` if the mask rules the token out */
  advance(token: number): void {
    const isForced = this.#forced[0] === token;
    let place = this.#place;
    const onEnd = (step: Step): void => void (place = placeAfter(step, place));
    const next =
      isForced || holds(this.allowed(), token)
        ? this.state.afterAll(this.vocabulary.symbolsOf(token), onEnd)
        : undefined;
    if (next === undefined) throw new GrammarError('not-allowed', `the token ${token} is not allowed here`);
    this.state = next;
    this.#place = place;
    this.#mask = undefined;
    this.#rest = this.#rest?.[0] === token ? this.#rest.slice(1) : undefined;
    this.#forced = isForced ? this.#forced.slice(1) : [];
    this.#written = [...this.#written, token];
  }
}

function holds(mask: Uint32Array, token: number): boolean {
  return (((mask[token >>> 5] ?? 0) >>> (token & 31)) & 1) === 1;
}
