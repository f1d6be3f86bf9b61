/**
 * The cuts of pre-tokenization without a regular expression: `PRE_TOKEN_PATTERN` read once by hand, because cutting
 * is most of the work of encoding a corpus. Positions are UTF-16 units; everything from U+0080 on counts as a
 * lower-case letter, hence no surrogate pair is ever cut.
 */
const [LOWER, UPPER, DIGIT, UNDERSCORE, SPACE, PUNCTUATION] = [0, 1, 2, 3, 4, 5];

/** Classes of the ASCII characters. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, unit) => {
  const char = String.fromCharCode(unit);
  if (/[a-z]/.test(char)) return LOWER;
  if (/[A-Z]/.test(char)) return UPPER;
  if (/[0-9]/.test(char)) return DIGIT;
  if (char === '_') return UNDERSCORE;
  return /[ \t\r\n]/.test(char) ? SPACE : PUNCTUATION;
});
const BLANK = 0x20;

function classAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 128 ? CLASSES[unit]! : LOWER;
}

/** Where the run of one class that goes through `at` ends. */
function runEnd(text: string, at: number, end: number, wanted: number): number {
  while (at < end && classAt(text, at) === wanted) at++;
  return at;
}

/** Where the piece ends that begins at `start`, in the section of a text that ends at `end`; `start < end`. */
export function pieceEnd(text: string, start: number, end: number): number {
  const first = classAt(text, start);
  const isBlank = text.charCodeAt(start) === BLANK;
  // A blank or an underscore goes with the word behind it, a blank with underscores and signs as well.
  let at = start;
  let kind = first;
  if ((isBlank || first === UNDERSCORE) && start + 1 < end) {
    const next = classAt(text, start + 1);
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
      if (capitals === end || classAt(text, capitals) !== LOWER) return capitals;
      // The last capital belongs to the word that follows; a single one is the beginning of this word.
      return capitals - at > 1 ? capitals - 1 : runEnd(text, capitals, end, LOWER);
    }
    case DIGIT:
      return start + 1;
    case SPACE: {
      const spaces = runEnd(text, at + 1, end, SPACE);
      // The last space before a word is left to the word.
      return spaces < end && spaces - start > 1 ? spaces - 1 : spaces;
    }
    default:
      return runEnd(text, at + 1, end, kind);
  }
}

/** Finds special tokens (two or more printable ASCII characters each) in texts; of two at one place, the longer. */
export class SpecialFinder {
  /** By the first two characters, the ids of the tokens that begin so, the longest first; 0: there are none. */
  private readonly groupOfPair = new Uint16Array(128 * 128);
  private readonly groups: number[][] = [[]];

  constructor(private readonly tokens: readonly string[]) {
    const ids = tokens.map((_, id) => id).sort((a, b) => tokens[b]!.length - tokens[a]!.length);
    for (const id of ids) {
      const pair = tokens[id]!.charCodeAt(0) * 128 + tokens[id]!.charCodeAt(1);
      if (this.groupOfPair[pair] === 0) this.groupOfPair[pair] = this.groups.push([]) - 1;
      this.groups[this.groupOfPair[pair]!]!.push(id);
    }
  }

  /** Id of the special token that stands at a place; -1 when none does. */
  idAt(text: string, at: number): number {
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    // Past the end a unit is NaN, and no comparison holds.
    if (!(first < 128 && second < 128)) return -1;
    const group = this.groupOfPair[first * 128 + second]!;
    if (group === 0) return -1;
    for (const id of this.groups[group]!) if (text.startsWith(this.tokens[id]!, at)) return id;
    return -1;
  }
}
