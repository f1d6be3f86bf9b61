/**
 * Pre-tokenization without a regular expression: `PRE_TOKEN_PATTERN` as hand-written code, because cutting is most of
 * the work of encoding a corpus. It reads UTF-8. Every non-ASCII character counts as a lower-case letter, so each of
 * its bytes does too, and no character is ever cut in two.
 */
const [LOWER, UPPER, DIGIT, UNDERSCORE, SPACE, PUNCTUATION] = [0, 1, 2, 3, 4, 5];

const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  if (byte >= 128 || /[a-z]/.test(char)) return LOWER;
  if (/[A-Z]/.test(char)) return UPPER;
  if (/[0-9]/.test(char)) return DIGIT;
  if (char === '_') return UNDERSCORE;
  return /[ \t\r\n]/.test(char) ? SPACE : PUNCTUATION;
});
const BLANK = 0x20;

/** The end of the run of `wanted` characters that starts at `at`. */
function runEnd(text: Uint8Array, at: number, end: number, wanted: number): number {
  while (at < end && CLASSES[text[at]!] === wanted) at++;
  return at;
}

/** The end of the piece that begins at `start`, in a section of text that ends at `end`; `start < end`. */
export function pieceEnd(text: Uint8Array, start: number, end: number): number {
  const first = CLASSES[text[start]!]!;
  const isBlank = text[start] === BLANK;
  // A space or an underscore belongs to the word after it; a space also to underscores and punctuation after it.
  let at = start;
  let kind = first;
  if ((isBlank || first === UNDERSCORE) && start + 1 < end) {
    const next = CLASSES[text[start + 1]!]!;
    if (next === LOWER || next === UPPER || (isBlank && (next === UNDERSCORE || next === PUNCTUATION))) {
      at = start + 1;
      kind = next;
    }
  }
  switch (kind) {
    case LOWER:
      return runEnd(text, at + 1, end, LOWER);
    case UPPER: {
      const capitals = runEnd(text, at + 1, end, UPPER);
      if (capitals === end || CLASSES[text[capitals]!] !== LOWER) return capitals;
      // The last capital starts the following word; a single capital starts this one.
      return capitals - at > 1 ? capitals - 1 : runEnd(text, capitals, end, LOWER);
    }
    case DIGIT:
      return start + 1;
    case SPACE: {
      const spaces = runEnd(text, at + 1, end, SPACE);
      // The last space before a word belongs to the word.
      return spaces < end && spaces - start > 1 ? spaces - 1 : spaces;
    }
    default:
      return runEnd(text, at + 1, end, kind);
  }
}

/** Finds special tokens (two or more printable ASCII characters) in texts. If two match at one place, the longer wins. */
export class SpecialFinder {
  /** 1 for bytes that some token begins with. */
  private readonly isFirst = new Uint8Array(256);
  /** Token ids by their first two bytes, longest token first. */
  private readonly byPair = new Map<number, number[]>();
  private readonly spelled: Uint8Array[];

  constructor(tokens: readonly string[]) {
    const encoder = new TextEncoder();
    this.spelled = tokens.map((token) => encoder.encode(token));
    const ids = tokens.map((_, id) => id).sort((a, b) => tokens[b]!.length - tokens[a]!.length);
    for (const id of ids) {
      const [first, second] = this.spelled[id]!;
      this.isFirst[first!] = 1;
      const pair = first! * 256 + second!;
      this.byPair.set(pair, [...(this.byPair.get(pair) ?? []), id]);
    }
  }

  /** The id of the special token at `at` in a text that ends at `end`; -1 if there is none. */
  idAt(text: Uint8Array, at: number, end: number): number {
    if (this.isFirst[text[at]!] === 0 || at + 1 >= end) return -1;
    const ids = this.byPair.get(text[at]! * 256 + text[at + 1]!);
    if (ids === undefined) return -1;
    for (const id of ids) if (this.standsAt(this.spelled[id]!, text, at, end)) return id;
    return -1;
  }

  /** Length of a special token in bytes. */
  lengthOf(id: number): number {
    return this.spelled[id]!.length;
  }

  private standsAt(token: Uint8Array, text: Uint8Array, at: number, end: number): boolean {
    if (at + token.length > end) return false;
    for (let i = 0; i < token.length; i++) if (token[i] !== text[at + i]) return false;
    return true;
  }
}
