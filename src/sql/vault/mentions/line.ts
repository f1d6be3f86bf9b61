import type { QuestionToken } from '../lexer.js';
import { nounOf, systemParts } from '../nouns.js';
import type { Match } from '../types.js';
import type { SchemaKnowledge } from '../schema-knowledge.js';
import { ANNOUNCERS } from './cue-words.js';
import { isMedicalTerm, SHORTEST_MISSPELLED, withoutPossessive, WORD } from './word-class.js';

/** What a token of the question is, once values with a form of their own are found. */
export type Part =
  /** A word that nothing explains. */
  | 'open'
  /** A word of English or of the schema. */
  | 'word'
  /** Digits, or digits with letters, that stay in the question. */
  | 'digits'
  /** An amount that a recogniser found. */
  | 'amount'
  /** Any other value, found already. */
  | 'taken';

/** A word of the question that was read as another one. */
export interface Misspelled {
  start: number;
  end: number;
  meant: string;
  /** Only its case was odd: that needs no note. */
  isCase?: boolean | undefined;
}

/** A question as words, for the search for unquoted values. */
export class Line {
  readonly parts: Part[] = [];
  readonly bits: number[] = [];
  /** The match that covers a token. */
  readonly #cover: (Match | undefined)[] = [];
  readonly #taken: Match[] = [];
  /** Matches that became part of another. */
  #dropped: Set<Match> | undefined;
  readonly misspelled: Misspelled[] = [];
  #titleCase: boolean | undefined;

  constructor(
    readonly text: string,
    readonly tokens: readonly QuestionToken[],
    private readonly found: readonly Match[],
    readonly knowledge: SchemaKnowledge,
  ) {
    let next = 0;
    let hasOpen = false;
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      while (next < found.length && found[next]!.end <= token.start) next++;
      const match = next < found.length ? found[next] : undefined;
      let part: Part;
      let bits = 0;
      if (match !== undefined && match.start < token.end) {
        this.#cover.push(match);
        // Of two numbers written as one (`in their 70s`) no name takes the first alone.
        const follows = found[next + 1];
        const isPair = follows !== undefined && follows.start === follows.end && follows.start === match.end;
        part = match.prefix === 'NUM' && !isPair ? 'amount' : 'taken';
      } else {
        this.#cover.push(undefined);
        if (token.kind === 'quote') part = 'word';
        else if (token.kind !== 'word') part = this.#partOfDigits(token);
        else {
          bits = knowledge.bitsOfToken(token);
          if (i > 0 && token.chunk === tokens[i - 1]!.chunk && this.#extendsSystem(i)) bits |= WORD.general;
          part = bits === 0 ? 'open' : 'word';
        }
      }
      this.bits.push(bits);
      this.parts.push(part);
      hasOpen ||= part === 'open';
    }
    if (hasOpen) {
      this.#openWholeChunks();
      this.#correctWords();
    }
  }

  /** `referral/premature`: words joined by a slash are one if one of them is open. */
  #openWholeChunks(): void {
    for (let i = 1; i < this.tokens.length; i++) {
      const chunk = this.tokens[i]!.chunk;
      if (chunk === this.tokens[i] || chunk !== this.tokens[i - 1]!.chunk) continue;
      if (this.text[this.tokens[i]!.start - 1] !== '/') continue;
      const [before, own] = [this.parts[i - 1], this.parts[i]];
      if (own === 'open' && before === 'word') this.parts[i - 1] = 'open';
      if (before === 'open' && own === 'word') this.parts[i] = 'open';
    }
  }

  /** A misspelled word of the question is none of its values, unless it stands beside one: `steven sepulveda`. */
  #correctWords(): void {
    const { parts } = this;
    let wasOpen = false;
    for (let i = 0; i < parts.length; i++) {
      const isOpen = parts[i] === 'open' && !this.#isCode(i);
      if (isOpen && !wasOpen) this.#correct(i, parts[i + 1] === 'open' && !this.#isCode(i + 1));
      wasOpen = isOpen;
    }
  }

  /** Whether a coded value stands there: `male` in `male pateints` begins no name. */
  #isCode(i: number): boolean {
    return this.has(i, WORD.code) || this.knowledge.codes.longest(i, this) !== undefined;
  }

  /** @param isBefore whether an open word follows: only a word that announces it may then be misspelled (`recieved aspirin`) */
  #correct(i: number, isBefore: boolean): void {
    const { word } = this.tokens[i]!;
    if (word.length < SHORTEST_MISSPELLED) return;
    const meant = this.knowledge.misspelled(word);
    if (meant === undefined || this.isCapital(i) || this.#isAnnounced(i, meant) || isMedicalTerm(word, meant))
      return;
    if (isBefore && !ANNOUNCERS.has(meant)) return;
    this.parts[i] = 'word';
    this.bits[i] = this.knowledge.bitsOf(meant);
    const { start, end } = this.tokens[i]!;
    this.misspelled.push({ start, end, meant });
  }

  /** Whether a word that announces a value stands before token `i`: what follows is a value, however it is spelled. */
  #isAnnounced(i: number, meant: string): boolean {
    let at = i - 1;
    // `on averrage`
    if (this.word(at) === 'on' && (this.knowledge.bitsOf(meant) & (WORD.construct | WORD.time)) !== 0)
      return false;
    while (at > i - 3 && /^(?:an?|the|any|some)$/.test(this.word(at))) at--;
    if (at < 0 || !ANNOUNCERS.has(this.word(at)) || !this.isSpaced(at)) return false;
    // `with patinet id`: the value comes later.
    return !(this.isSpaced(i) && this.has(i + 1, WORD.schema | WORD.head));
  }

  /** The `CT` of `SNOMED-CT`, whose chunk is that of the word before. */
  #extendsSystem(i: number): boolean {
    const parts = systemParts(nounOf(this.word(i - 1))?.kind ?? '');
    return parts?.has(this.tokens[i]!.word) ?? false;
  }

  /** Terms with digits (`HbA1c`) are names; ordinals and lone digits are not. */
  #partOfDigits(token: QuestionToken): Part {
    if (token.kind === 'number' || /^\d/.test(token.word)) return 'digits';
    if (this.knowledge.bitsOf(token.word) !== 0) return 'word';
    return 'open';
  }

  word(i: number): string {
    return this.tokens[i]?.word ?? '';
  }

  /** A word that may be part of what people call a coded value, without a possessive's ending. */
  codeWord(i: number): string | undefined {
    const part = this.parts[i];
    if (part !== 'open' && part !== 'word') return undefined;
    const { kind, word } = this.tokens[i]!;
    if (kind === 'quote') return undefined;
    return withoutPossessive(word);
  }

  coverOf(i: number): Match | undefined {
    return this.#cover[i];
  }

  has(i: number, bit: number): boolean {
    return ((this.bits[i] ?? 0) & bit) !== 0;
  }

  isBoundary(i: number): boolean {
    return this.parts[i] === 'word' && this.has(i, WORD.boundary);
  }

  /** Whether only these signs and blanks stand between token `i` and the one after it. */
  isJoined(i: number, signs: RegExp): boolean {
    const after = this.tokens[i + 1];
    return i >= 0 && after !== undefined && signs.test(this.text.slice(this.tokens[i]!.end, after.start));
  }

  /** Whether one blank stands between token `i` and the one after it. */
  isSpaced(i: number): boolean {
    return this.#signAfter(i) === BLANK;
  }

  /** Whether one hyphen stands between token `i` and the one after it. */
  isHyphened(i: number): boolean {
    return this.#signAfter(i) === HYPHEN;
  }

  /** Whether one blank or hyphen stands between token `i` and the one after it. */
  isBeside(i: number): boolean {
    const sign = this.#signAfter(i);
    return sign === BLANK || sign === HYPHEN;
  }

  /** The code of the only character between token `i` and the one after it; undefined if there is not exactly one. */
  #signAfter(i: number): number | undefined {
    if (i < 0 || i + 1 >= this.tokens.length) return undefined;
    const { end } = this.tokens[i]!;
    return this.tokens[i + 1]!.start === end + 1 ? this.text.charCodeAt(end) : undefined;
  }

  /** Whether a token begins with a capital in a sentence that uses them as English does. */
  isCapital(i: number): boolean {
    const token = this.tokens[i];
    if (token === undefined || token.kind === 'number') return false;
    const first = this.text.charCodeAt(token.start);
    if (first < 0x41 || first > 0x5a || i === 0 || this.#beginsSentence(token)) return false;
    return !this.#isTitleCase();
  }

  #beginsSentence({ start }: QuestionToken): boolean {
    let at = start - 1;
    while (at >= start - 3 && isBlank(this.text, at)) at--;
    return at >= start - 3 && at >= 0 && '.?!:'.includes(this.text[at]!);
  }

  /** Whether a token begins with a capital of any script, whatever the sentence does. */
  startsWithCapital(i: number): boolean {
    const token = this.tokens[i];
    return (
      token !== undefined && token.kind === 'word' && /^\p{Lu}/u.test(this.text.slice(token.start, token.end))
    );
  }

  /** Whether a token is written as a name: nothing explains it, or a capital and small letters follow (`Medication`, not `ICU`). */
  isName(i: number): boolean {
    if (!this.isCapital(i) || this.has(i, WORD.function)) return false;
    const { start } = this.tokens[i]!;
    return (
      this.parts[i] === 'open' ||
      (this.parts[i] === 'word' && /^[A-Z][a-z]/.test(this.text.slice(start, start + 2)))
    );
  }

  /** Whether most long words begin with a capital: then a capital means nothing. */
  #isTitleCase(): boolean {
    if (this.#titleCase === undefined) {
      let long = 0;
      let capital = 0;
      for (const { kind, start, end } of this.tokens) {
        if (kind !== 'word' || end - start < 4) continue;
        long++;
        if (this.text[start]! >= 'A' && this.text[start]! <= 'Z') capital++;
      }
      this.#titleCase = long >= 4 && capital > 0.8 * long;
    }
    return this.#titleCase;
  }

  /** Makes words of the question, and digits, parts of a name. */
  open(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (this.parts[i] === 'taken') continue;
      this.parts[i] = 'open';
      this.bits[i] = 0;
    }
  }

  /** Makes an open word one of the question: no name begins with it or reaches over it. */
  close(i: number): void {
    this.parts[i] = 'word';
    this.bits[i] = WORD.function | WORD.boundary;
  }

  /** Whether what token `i` names has what the next word says: `Lindholm's visits`, but not `Crohn's and gout`. */
  #owns(i: number): boolean {
    const isLast = i + 1 === this.tokens.length || !this.isSpaced(i);
    return (
      !isLast &&
      !this.has(i + 1, WORD.function) &&
      !(this.parts[i + 1] === 'taken' && this.#cover[i + 1]?.prefix === 'DATE')
    );
  }

  /** Takes out `text[start, end)`; matches inside it become part of the new one. */
  take(from: number, to: number, match: Match): void {
    for (let i = from; i < to; i++) {
      const cover = this.#cover[i];
      if (cover !== undefined) (this.#dropped ??= new Set()).add(cover);
      this.#cover[i] = match;
      this.parts[i] = 'taken';
    }
    this.#taken.push(match);
  }

  matches(): Match[] {
    const dropped = this.#dropped;
    const all = [...this.found, ...this.#taken];
    const kept = dropped === undefined ? all : all.filter((match) => !dropped.has(match));
    return this.#taken.length === 0 ? kept : kept.sort((a, b) => a.start - b.start);
  }

  /**
   * The characters of tokens `from` to `to`, with signs that belong to them: a closing bracket that was opened inside, a
   * sign of percent, a leading point. Without a possessive's ending.
   */
  rangeOf(from: number, to: number): { start: number; end: number } {
    const { text, tokens } = this;
    let start = tokens[from]!.start;
    let end = tokens[to - 1]!.end;
    while (start > 0 && '.*#'.includes(text[start - 1]!) && (start === 1 || text[start - 2] === ' ')) start--;
    if (text[start - 1] === '(' && /\)/.test(text.slice(end, end + 1)) && from + 1 < to) start--;
    const possessive = /['’]s$/.exec(text.slice(start, end));
    if (possessive !== null && this.#owns(to - 1)) return { start, end: end - possessive[0].length };
    for (;;) {
      const sign = text[end];
      if (sign === undefined) break;
      const inside = text.slice(start, end);
      if (sign === ')' && count(inside, '(') > count(inside, ')')) end++;
      else if (sign === ']' && count(inside, '[') > count(inside, ']')) end++;
      else if ((sign === '%' || sign === '+') && !/\w/.test(text[end + 1] ?? ' ')) end++;
      else break;
    }
    return { start, end };
  }
}

const BLANK = 0x20;
const HYPHEN = 0x2d;

export function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === BLANK || ((code < BLANK || code > 0x7f) && /\s/.test(text[at]!));
}

function count(text: string, sign: string): number {
  let n = 0;
  for (const character of text) if (character === sign) n++;
  return n;
}
