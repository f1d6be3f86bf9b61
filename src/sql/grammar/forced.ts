import { pieceEnd } from '../../data/tokenizer/scan.js';
import { FIRST_SPECIAL, type State } from './choice.js';
import type { Vocabulary } from './vocabulary.js';

/** Bounds the work for a text that is forced for long: the rest is found at the next call. */
const MAX_SYMBOLS = 200;

/**
 * The tokens that a statement has to go on with: where the grammar leaves one text, the model need not be asked. They are
 * spelled as a training record spells them, and end before the piece of text that a choice may still lengthen.
 *
 * @param written the statement's tokens so far
 * @returns none where the model has a choice, or has spelled the last word in its own way
 */
export function forcedTokens(written: readonly number[], state: State, vocabulary: Vocabulary): number[] {
  const symbols = forcedSymbols(state);
  if (symbols.length === 0) return [];
  const open = openTail(written, vocabulary);
  const forced: number[] = [];
  let bytes = open.flatMap((token) => Array.from(vocabulary.symbolsOf(token)));
  let spelled = open;
  for (let at = 0; at <= symbols.length; at++) {
    const symbol = symbols[at];
    if (symbol !== undefined && symbol < FIRST_SPECIAL) {
      bytes.push(symbol);
      continue;
    }
    const ids = vocabulary.encode(symbol === undefined ? wholePieces(bytes) : Uint8Array.from(bytes));
    if (ids.length < spelled.length || spelled.some((token, i) => ids[i] !== token)) return forced;
    forced.push(...ids.slice(spelled.length));
    if (symbol === undefined) return forced;
    forced.push(symbol - FIRST_SPECIAL);
    [bytes, spelled] = [[], []];
  }
  return forced;
}

/** The symbols that come next whatever is chosen later. */
function forcedSymbols(start: State): number[] {
  const symbols: number[] = [];
  let state: State = start;
  while (symbols.length < MAX_SYMBOLS) {
    const { children, end } = state;
    if (children.size === 0 && end !== undefined) {
      state = end.next.start;
      continue;
    }
    if (children.size !== 1 || end !== undefined) break;
    const [[symbol, next]] = children as unknown as [[number, State]];
    symbols.push(symbol);
    state = next;
  }
  return symbols;
}

/** The tokens after the last special one. */
function openTail(written: readonly number[], vocabulary: Vocabulary): number[] {
  const last = written.findLastIndex((token) => vocabulary.isSpecial(token));
  return written.slice(last + 1);
}

/** Without the last piece, which more text may lengthen. */
function wholePieces(bytes: readonly number[]): Uint8Array {
  const text = Uint8Array.from(bytes);
  let start = 0;
  while (start < text.length) {
    const end = pieceEnd(text, start, text.length);
    if (end === text.length) break;
    start = end;
  }
  return text.subarray(0, start);
}
