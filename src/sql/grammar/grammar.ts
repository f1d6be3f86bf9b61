import type { TokenMask } from '../../engine/decode/generate.js';
import type { PlaceholderInfo } from '../../data/placeholder.js';
import type { SchemaIndex } from '../../data/schema/schema-index.js';
import type { SchemaSelection } from '../../data/schema/selection.js';
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import { Catalog } from './catalog.js';
import type { State } from './choice.js';
import { GrammarError } from './errors.js';
import { JoinPlanner } from './join-plan.js';
import { canHold, slotOf } from './placeholders.js';
import { Scope } from './scope.js';
import { statement } from './statement.js';
import { Vocabulary } from './vocabulary.js';
import { wayOut } from './way-out.js';

export interface GrammarOptions {
  /** The most tables that a statement joins; 8 by default. */
  maxTables?: number;
}

export interface StartOptions {
  /** The part of the schema that the prompt shows; the whole schema when absent. */
  selection?: SchemaSelection;
  /**
   * Room for tokens, the end token included. When it runs short, the statement is led to its end on the shortest
   * way known. Statements of many placeholders need more than 100.
   */
  maxTokens?: number;
}

export interface Grammar {
  /**
   * The mask for one statement that uses every placeholder and no other.
   * @throws GrammarError `unplaceable` when no column could be compared with a placeholder, `no_token` when the
   *   tokenizer does not know it
   */
  start(placeholders: readonly PlaceholderInfo[], options?: StartOptions): StatementMask;
}

/** Prepares a schema and a tokenizer for constrained decoding. Keep it: this is the slow part. */
export function createGrammar(
  index: SchemaIndex,
  tokenizer: Tokenizer,
  options: GrammarOptions = {},
): Grammar {
  const vocabulary = new Vocabulary(tokenizer);
  const { maxTables = 8 } = options;
  let whole: Catalog | undefined;
  return {
    start(placeholders, { selection, maxTokens = Infinity } = {}) {
      const catalog =
        selection === undefined ? (whole ??= new Catalog(index)) : new Catalog(index, selection);
      const slots = placeholders.map((info) => slotOf(info, vocabulary));
      const covers = slots.map((slot) =>
        catalog.set(
          catalog.tables.flatMap(({ kinds }, i) =>
            [...kinds].some((kind) => canHold(kind, slot)) ? [i] : [],
          ),
        ),
      );
      const planner = new JoinPlanner(catalog, maxTables);
      const scope = Scope.open({ catalog, planner, slots, covers, endSymbol: vocabulary.endSymbol });
      return new StatementMask(vocabulary, tokenizer, maxTokens, statement(scope).start);
    },
  };
}

/** Where a statement stands while it is being written, token by token. */
export class StatementMask implements TokenMask {
  #used = 0;
  /** The rest of the statement once the room has run short, the next token last. */
  #forced: number[] | undefined;

  /** Use `Grammar.start`. */
  constructor(
    private readonly vocabulary: Vocabulary,
    private readonly tokenizer: Tokenizer,
    private readonly maxTokens: number,
    private state: State,
  ) {}

  /** True when the statement is complete: nothing but the end token, or nothing at all, may follow. */
  get isComplete(): boolean {
    const [step, ...others] = this.state.steps;
    return others.length === 0 && (step === undefined || step.symbols[0] === this.vocabulary.endSymbol);
  }

  /** A copy that goes its own way from here; both share what was computed. */
  fork(): StatementMask {
    const copy = new StatementMask(this.vocabulary, this.tokenizer, this.maxTokens, this.state);
    copy.#used = this.#used;
    copy.#forced = this.#forced?.slice();
    return copy;
  }

  /** One bit for each token, least significant first. Not to be written to. Never empty before the end token. */
  allowed(): Uint32Array {
    this.#forceIfShort();
    const next = this.#forced?.at(-1);
    if (next === undefined) return this.vocabulary.maskOf(this.state);
    const mask = new Uint32Array(Math.ceil(this.vocabulary.size / 32));
    mask[next >>> 5]! |= 1 << (next & 31);
    return mask;
  }

  /** @throws GrammarError `not_allowed` when the mask has ruled the token out */
  advance(token: number): void {
    let state: State | undefined = this.state;
    for (const symbol of Array.from(this.vocabulary.symbolsOf(token))) state = state?.after(symbol);
    if (state === undefined || (this.#forced !== undefined && this.#forced.at(-1) !== token)) {
      throw new GrammarError('not_allowed', `the token ${token} cannot stand here`);
    }
    // At the only end of a text the next choice begins: one state for all ways to it.
    while (state.children.size === 0 && state.end !== undefined) state = state.end.next.start;
    this.state = state;
    this.#used++;
    this.#forced?.pop();
  }

  #forceIfShort(): void {
    const room = this.maxTokens - this.#used;
    // No way out of a statement is longer than this, short of absurd numbers of placeholders.
    if (this.#forced !== undefined || room > FAR_FROM_SHORT) return;
    const rest = this.tokenizer.encode(wayOut(this.state));
    if (rest.length + 1 + RESERVE >= room) this.#forced = [...rest, this.tokenizer.endId].reverse();
  }
}

const FAR_FROM_SHORT = 400;
/** By how many tokens one token can lengthen the way out: it may name a table that several joins have to reach. */
const RESERVE = 48;
