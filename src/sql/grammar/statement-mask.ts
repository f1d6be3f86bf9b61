import type { TokenMask } from '../../engine/decode/generate.js';
import type { Budget } from './budget.js';
import type { State } from './choice.js';
import { GrammarError } from './errors.js';
import type { Vocabulary } from './vocabulary.js';

/** A statement while it is written token by token: which tokens may come next. */
export class StatementMask implements TokenMask {
  #used = 0;
  #mask: Uint32Array | undefined;

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
    copy.#used = this.#used;
    return copy;
  }

  /** One bit for each token, least significant first; empty only after the end token. Do not write to it. */
  allowed(): Uint32Array {
    return (this.#mask ??= this.budget.affordable(
      this.vocabulary.maskOf(this.state),
      this.state,
      this.#used,
    ));
  }

  /** @throws GrammarError `not-allowed` if the mask rules the token out */
  advance(token: number): void {
    const mask = this.allowed();
    const isAllowed = ((mask[token >>> 5] ?? 0) >>> (token & 31)) & 1;
    const next = isAllowed ? this.state.afterAll(this.vocabulary.symbolsOf(token)) : undefined;
    if (next === undefined) throw new GrammarError('not-allowed', `the token ${token} is not allowed here`);
    this.state = next;
    this.#mask = undefined;
    this.#used++;
  }
}
