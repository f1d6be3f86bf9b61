import type { Tokenizer } from '../../data/tokenizer/tokenizer.js';
import { FIRST_SPECIAL, type State } from './choice.js';
import { GrammarError } from './errors.js';

const ROOT = 0;
/** The most texts whose lengths are remembered. */
const MEMORY = 1 << 15;
const decoder = new TextDecoder();

/** All tokens as a trie over the grammar's symbols. Build it once per tokenizer. */
export class Vocabulary {
  readonly size: number;
  readonly endSymbol: number;
  readonly #stride: number;
  /** Child of a node by `node * stride + symbol`. */
  readonly #children = new Map<number, number>();
  /** Token that ends at a node, or -1. */
  readonly #tokens: number[] = [-1];
  /** The children of a node: bit 0 if one is a word symbol, bit 1 if one is any other symbol. */
  readonly #onward: number[] = [0];
  readonly #lengths = new Map<string, number>();

  /** @throws GrammarError `no-token` if the tokenizer has no end token */
  constructor(private readonly tokenizer: Tokenizer) {
    this.size = tokenizer.vocabSize;
    this.#stride = FIRST_SPECIAL + this.size;
    this.endSymbol = FIRST_SPECIAL + tokenizer.endId;
    const special = new Set(tokenizer.specialTokens.values());
    for (let token = 0; token < this.size; token++) {
      this.#add(special.has(token) ? [FIRST_SPECIAL + token] : tokenizer.bytesOf(token), token);
    }
  }

  #add(symbols: ArrayLike<number>, token: number): void {
    let node = ROOT;
    for (let i = 0; i < symbols.length; i++) {
      const symbol = symbols[i]!;
      const key = node * this.#stride + symbol;
      let child = this.#children.get(key);
      if (child === undefined) {
        child = this.#tokens.length;
        this.#tokens.push(-1);
        this.#onward.push(0);
        this.#children.set(key, child);
        this.#onward[node] = this.#onward[node]! | (isWordSymbol(symbol) ? 1 : 2);
      }
      node = child;
    }
    this.#tokens[node] = token;
  }

  /** The symbol of a special token. @throws GrammarError `no-token` if the tokenizer does not know it */
  specialSymbol(name: string): number {
    const id = this.tokenizer.specialTokens.get(name);
    if (id === undefined) throw new GrammarError('no-token', `the tokenizer has no token ${name}`);
    return FIRST_SPECIAL + id;
  }

  /** The tokens of a statement's last part, with the end token. */
  tokensOf(text: string): number[] {
    return [...this.tokenizer.encode(text), this.tokenizer.endId];
  }

  /** How many tokens a text has. */
  tokensIn(text: string): number {
    let length = this.#lengths.get(text);
    if (length === undefined) {
      if (this.#lengths.size >= MEMORY) this.#lengths.clear();
      this.#lengths.set(text, (length = this.tokenizer.encode(text).length));
    }
    return length;
  }

  /** The symbols that a token stands for. */
  symbolsOf(token: number): ArrayLike<number> {
    return this.isSpecial(token) ? [FIRST_SPECIAL + token] : this.tokenizer.bytesOf(token);
  }

  isSpecial(token: number): boolean {
    return token < this.tokenizer.specialTokens.size;
  }

  /** The tokens of a text without special tokens, in UTF-8. */
  encode(bytes: Uint8Array): number[] {
    return [...this.tokenizer.encode(decoder.decode(bytes))];
  }

  /** The tokens that the grammar allows in the state: one bit each, least significant first. */
  maskOf(state: State): Uint32Array {
    if (state.mask === undefined) {
      state.mask = new Uint32Array(Math.ceil(this.size / 32));
      this.#fill(state.mask, ROOT, state, 3);
    }
    return state.mask;
  }

  /** @param onward the kinds of symbol that may follow: a word symbol never continues a complete word */
  #fill(mask: Uint32Array, node: number, state: State, onward: number): void {
    for (const [symbol, next] of state.children) this.#follow(mask, node, symbol, next);
    if ((this.#onward[node]! & onward) === 0) return;
    const end = state.end;
    if (end === undefined) return;
    for (const [symbol, next] of end.next.start.children) {
      if (!state.children.has(symbol)) this.#follow(mask, node, symbol, next);
    }
  }

  #follow(mask: Uint32Array, node: number, symbol: number, next: State): void {
    const child = this.#children.get(node * this.#stride + symbol);
    if (child === undefined) return;
    const token = this.#tokens[child]!;
    if (token >= 0) mask[token >>> 5]! |= 1 << (token & 31);
    if (this.#onward[child] !== 0) this.#fill(mask, child, next, isWordSymbol(symbol) ? 2 : 3);
  }
}

/** ASCII letters, digits and `_`: the characters of keywords, and of names without brackets. */
function isWordSymbol(symbol: number): boolean {
  return (
    (symbol >= 97 && symbol <= 122) ||
    (symbol >= 65 && symbol <= 90) ||
    (symbol >= 48 && symbol <= 57) ||
    symbol === 95
  );
}
