import type { QuestionToken } from '../lexer.js';
import { nounOf, systemParts } from '../nouns.js';
import type { Match } from '../types.js';
import type { SchemaKnowledge } from '../schema-knowledge.js';
import { ANNOUNCERS } from './cue-words.js';
import { isMedicalTerm, WORD } from './word-class.js';

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
  readonly parts: Part[];
  readonly bits: number[];
  /** The match that covers a token. */
  readonly #cover: (Match | undefined)[];
  readonly #found: Match[];
  readonly #dropped = new Set<Match>();
  readonly misspelled: Misspelled[] = [];
  #titleCase: boolean | undefined;

  constructor(
    readonly text: string,
    readonly tokens: readonly QuestionToken[],
    matches: readonly Match[],
    readonly knowledge: SchemaKnowledge,
  ) {
    this.#found = [...matches];
    this.parts = new Array<Part>(tokens.length);
    this.bits = new Array<number>(tokens.length);
    this.#cover = new Array<Match | undefined>(tokens.length);
    let next = 0;
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      while (next < matches.length && matches[next]!.end <= token.start) next++;
      const match = matches[next];
      const isCovered = match !== undefined && match.start < token.end;
      this.bits[i] = 0;
      if (isCovered) {
        this.#cover[i] = match;
        // Of two numbers written as one (`in their 70s`) no name takes the first alone.
        const follows = matches[next + 1];
        const isPair = follows !== undefined && follows.start === follows.end && follows.start === match.end;
        this.parts[i] = match.prefix === 'NUM' && !isPair ? 'amount' : 'taken';
      } else if (token.kind === 'quote') this.parts[i] = 'word';
      else if (token.kind !== 'word') this.parts[i] = this.#partOfDigits(token);
      else {
        const bits = knowledge.bitsOf(token.word) | (this.#extendsSystem(i) ? WORD.general : 0);
        this.bits[i] = bits;
        this.parts[i] = bits === 0 ? 'open' : 'word';
      }
    }
    if (this.parts.includes('open')) {
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
    const open = this.parts.map((part) => part === 'open');
    for (let i = 0; i < open.length; i++) {
      if (open[i] && !open[i - 1]) this.#correct(i, open[i + 1] ?? false);
    }
  }

  /** @param isBefore whether an open word follows: only a word that announces it may then be misspelled (`recieved aspirin`) */
  #correct(i: number, isBefore: boolean): void {
    const { word } = this.tokens[i]!;
    if (word.length < 6) return;
    const meant = this.knowledge.misspelled(word);
    if (meant === undefined || this.isCapital(i) || this.#isAnnounced(i) || isMedicalTerm(word, meant))
      return;
    if (isBefore && !ANNOUNCERS.has(meant)) return;
    this.parts[i] = 'word';
    this.bits[i] = this.knowledge.bitsOf(meant);
    const { start, end } = this.tokens[i]!;
    this.misspelled.push({ start, end, meant });
  }

  /** Whether a word that announces a value stands before token `i`: what follows is a value, however it is spelled. */
  #isAnnounced(i: number): boolean {
    let at = i - 1;
    while (at > i - 3 && /^(?:an?|the|any|some)$/.test(this.word(at))) at--;
    if (at < 0 || !ANNOUNCERS.has(this.word(at)) || !this.isJoined(at, /^ $/)) return false;
    // `with patinet id`: the value comes later.
    return !(this.isJoined(i, /^ $/) && this.has(i + 1, WORD.schema | WORD.head));
  }

  /** The `CT` of `SNOMED-CT`. */
  #extendsSystem(i: number): boolean {
    if (i === 0 || this.tokens[i]!.chunk !== this.tokens[i - 1]!.chunk) return false;
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

  /** Whether a token begins with a capital in a sentence that uses them as English does. */
  isCapital(i: number): boolean {
    const token = this.tokens[i];
    if (token === undefined || token.kind === 'number') return false;
    const first = this.text[token.start]!;
    if (first < 'A' || first > 'Z') return false;
    if (i === 0 || /[.?!:]\s*$/.test(this.text.slice(Math.max(0, token.start - 3), token.start)))
      return false;
    return !this.#isTitleCase();
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
    const isLast = i + 1 === this.tokens.length || !this.isJoined(i, /^ $/);
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
      if (cover !== undefined) this.#dropped.add(cover);
      this.#cover[i] = match;
      this.parts[i] = 'taken';
    }
    this.#found.push(match);
  }

  matches(): Match[] {
    return this.#found.filter((match) => !this.#dropped.has(match)).sort((a, b) => a.start - b.start);
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

function count(text: string, sign: string): number {
  let n = 0;
  for (const character of text) if (character === sign) n++;
  return n;
}
